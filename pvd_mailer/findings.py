"""What is said about an issue: one shape for faults of reading, of the model, of the render and of the checks."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "Place", "Severity", "is_blocked"]


class Severity(StrEnum):
    """How much a finding weighs."""

    BLOCKING = "blocking"
    """The letter cannot leave like this."""
    ADVICE = "advice"
    """The letter can leave; it would be better otherwise."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is, as an editor counts: lines and columns from 1."""

    file: str | None = None
    line: int | None = None
    column: int | None = None


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
    place: Place = Place()
    block: str | None = None
    """The `id` of the block it is in, if it is in one."""
    excerpt: str | None = None
    """The line of the file, for people; not part of the JSON."""

    def as_json(self) -> dict[str, str | int | None]:
        """The documented JSON object, keys in their documented order."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "message": self.message,
            "hint": self.hint,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "block": self.block,
        }


def is_blocked(findings: list[Finding]) -> bool:
    """Whether one of `findings` stops the letter."""
    return any(finding.severity is Severity.BLOCKING for finding in findings)
