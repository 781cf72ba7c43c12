"""Where a rule found something, before anybody asks for a line: in a text, at a value, in a block, in the letter."""

from dataclasses import dataclass

from lxml.etree import _Element

from pvd_mailer.check.text.passages import Passage
from pvd_mailer.issue.source_map import KeyPath, SourceMap

__all__ = [
    "BlockLocation",
    "FileValueSpan",
    "IssueValue",
    "LetterElement",
    "Replacement",
    "SettingsValue",
    "SymbolicLocation",
    "TextSpan",
]


@dataclass(frozen=True, slots=True)
class TextSpan:
    """In a text, by offsets of what readers read; the whole of it where `end` is None."""

    passage: Passage
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class IssueValue:
    """At a value of the issue's file, such as `("blocks", 3, "link", "url")`."""

    path: KeyPath


@dataclass(frozen=True, slots=True)
class FileValueSpan:
    """In a value of a file, by offsets of what YAML reads there: inside of an address, say."""

    source_map: SourceMap
    path: KeyPath
    block_id: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SettingsValue:
    """At a setting of the publication; `block_id` is the block of the issue that draws it, where one does."""

    path: KeyPath
    block_id: str | None = None


@dataclass(frozen=True, slots=True)
class BlockLocation:
    """In a block, by its id: where no closer place is known."""

    block_id: str


@dataclass(frozen=True, slots=True)
class LetterElement:
    """At an element of the letter's HTML; the place is that of the block which it was drawn for."""

    element: _Element


Replacement = tuple[int, int, str]
SymbolicLocation = TextSpan | IssueValue | FileValueSpan | SettingsValue | BlockLocation | LetterElement
