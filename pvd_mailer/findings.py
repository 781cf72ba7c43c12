"""What is said about an issue: one shape for faults of reading, of the model, of the render and of the proofreader."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Fix", "Location", "Severity", "Splice", "has_blocking"]


class Severity(StrEnum):
    """How much a finding weighs."""

    BLOCKING = "blocking"
    """The letter cannot leave like this."""
    ADVICE = "advice"
    """The letter can leave; it would be better otherwise."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a finding is, as an editor counts: lines and columns from 1.

    `length` is how many characters of the line it is about, where that is known.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """A piece of a file's text, by offsets, and what to write in its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the file that mends a finding and leaves its sense alone; all of its splices or none."""

    splices: tuple[Splice, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at, already in the reader's language."""

    rule: str
    """Stable identifier such as `yaml-colon`, for waivers and documentation."""
    severity: Severity
    message: str
    """What was found, and what was expected."""
    hint: str
    """What to do."""
    location: Location = Location()
    block: str | None = None
    """The `id` of the block it is in, if it is in one."""
    excerpt: str | None = None
    """The line of the file, or the words of the letter where they are in no file."""
    fix: Fix | None = None
    """What `check --fix` would do about it."""
    waived: str | None = None
    """Why an editor let it be, where one did; it then stands in nobody's way."""

    def as_json(self) -> dict[str, str | int | bool | None]:
        """The documented JSON object, keys in their documented order."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "message": self.message,
            "hint": self.hint,
            "file": self.location.file,
            "line": self.location.line,
            "column": self.location.column,
            "length": self.location.length,
            "block": self.block,
            "excerpt": self.excerpt,
            "fixable": self.fix is not None,
            "waived": self.waived,
        }


def has_blocking(findings: Iterable[Finding]) -> bool:
    """Whether one of `findings` stops the letter."""
    return any(finding.severity is Severity.BLOCKING and finding.waived is None for finding in findings)
