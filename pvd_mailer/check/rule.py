"""What a rule of the proofreader is, and what it gives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from lxml.etree import _Element

from pvd_mailer.check.texts import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_
from pvd_mailer.issue.manuscript import Path
from pvd_mailer.online import Answers

if TYPE_CHECKING:
    from pvd_mailer.check.subject import Subject

__all__ = [
    "GROUPS",
    "Example",
    "Found",
    "Group",
    "InBlock",
    "InFile",
    "InLetter",
    "InSettings",
    "InText",
    "InValue",
    "Rule",
]


class Group(StrEnum):
    """What a rule is about; the order is that of the documentation."""

    FACTS = "facts"
    LINKS = "links"
    IMAGES = "images"
    ACCESSIBILITY = "accessibility"
    CLIENTS = "clients"
    DELIVERY = "delivery"
    TYPOGRAPHY = "typography"
    SPELLING = "spelling"
    READING = "reading"


GROUPS = {
    Group.FACTS: N_("Facts in the text"),
    Group.LINKS: N_("Links"),
    Group.IMAGES: N_("Images"),
    Group.ACCESSIBILITY: N_("Accessibility of the letter"),
    Group.CLIENTS: N_("Mail programs"),
    Group.DELIVERY: N_("Weight and delivery"),
    Group.TYPOGRAPHY: N_("Typography"),
    Group.SPELLING: N_("Spelling"),
    Group.READING: N_("Reading ease"),
}


@dataclass(frozen=True, slots=True)
class InText:
    """In a text of the issue, by offsets of what readers read; the whole of it where `end` is None."""

    passage: Passage
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class InFile:
    """At a value of the issue's file, such as `("blocks", 3, "link", "url")`."""

    path: Path


@dataclass(frozen=True, slots=True)
class InValue:
    """In a value of the issue's file, by offsets of what YAML reads there: inside of an address, say."""

    path: Path
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class InSettings:
    """At a value of the publication's file."""

    path: Path


@dataclass(frozen=True, slots=True)
class InBlock:
    """In a block, by its id: where no closer place is known."""

    block: str


@dataclass(frozen=True, slots=True)
class InLetter:
    """At an element of the letter's HTML; the place is that of the block which it was drawn for."""

    element: _Element


Rewrite = tuple[int, int, str]
Where = InText | InFile | InValue | InSettings | InBlock | InLetter


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that a rule found. Its place is symbolic; `placing` tells lines and columns.

    Attributes:
        message: What was found and what was expected, already through `_()`.
        at: Where; None for the issue as a whole.
        hint: What to do, already through `_()`; the rule's own where None.
        rewrite: What to write instead of the text that `at` (an `InText` or an `InValue`) spans, where that is safe; or
            pieces of its passage, by offsets, and what to write instead of each.
        severity: Instead of the rule's.
    """

    message: str
    at: Where | None = None
    hint: str | None = None
    rewrite: str | tuple[Rewrite, ...] | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An issue in which a rule finds something, or finds nothing: only what differs from a plain, faultless one.

    Attributes:
        blocks: YAML of blocks, as they stand under `blocks:`, without their indentation.
        head: Keys of the issue, in YAML, by name: `{"subject": '"Un sujet"'}`.
        last: YAML of the blocks of the issue before this one; no issue before it where None.
        last_head: Keys of that issue.
        pictures: Pictures beside the issue, by name: the file of `tests/check/pictures/` to take, or one that
            `tests/check/drawn.py` draws.
        settings: Keys of publication.yaml, in YAML, by name.
        html: HTML put at the end of the letter's body: what a publication's own template could have drawn.
        text: Text put at the end of the letter's text part.
        words: Lines of words.txt.
        rewrite: Regular expressions, and what stands in both parts of the letter instead of what they match: what a
            publication's own template could have lost.
        online: What the network answered; None where it was not asked.
    """

    blocks: str = ""
    head: Mapping[str, str] = field(default_factory=dict)
    last: str | None = None
    last_head: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    html: str = ""
    text: str = ""
    words: str = ""
    rewrite: Mapping[str, str] = field(default_factory=dict)
    online: Answers | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the proofreader. `find` is a pure function of its subject.

    Attributes:
        id: Stable; the name of its module with hyphens.
        severity: As it comes; a publication may set another.
        group: What it is about.
        title: What it looks for, in a few words; marked with `N_`, as are `about` and `hint`.
        about: A paragraph of documentation: what it finds, why it matters, what it leaves alone.
        hint: What to do, where a finding has no hint of its own.
        failing: Issues in which it finds something; the first is shown in the documentation.
        passing: Issues in which it finds nothing, and near to the failing ones.
        find: What it finds.
        mends: Whether some of its findings have a `rewrite`. Such a rule reads the issue, never the letter.
        online: Whether it reads what the network answered, and so runs only where somebody asked (`--online`).
        able: Whether it can look at all, where it wants something of the machine; a waiver of it is not idle elsewhere.
    """

    id: str
    severity: Severity
    group: Group
    title: str
    about: str
    hint: str
    failing: tuple[Example, ...]
    passing: tuple[Example, ...]
    find: "Callable[[Subject], Iterator[Found]]"
    mends: bool = False
    online: bool = False
    able: "Callable[[Subject], bool] | None" = None
