"""The two files that a letter's words stand in, and which of them a setting stands in."""

from dataclasses import dataclass

from pvd_mailer.issue.source_map import KeyPath, SourceMap

__all__ = ["CheckedFiles"]


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """The issue's file and the publication's.

    Attributes:
        issue: The issue's.
        settings: The publication's; None where it cannot be told.
        has_override: Whether the issue says settings of its own.
    """

    issue: SourceMap
    settings: SourceMap | None = None
    has_override: bool = False

    def of_setting(self, path: KeyPath) -> tuple[SourceMap, KeyPath]:
        """Where the setting at `path` is written, and the way to it there: an issue may override it."""
        overridden = ("override", *path)
        if self.settings is None or (self.has_override and overridden in self.issue.spans):
            return self.issue, overridden
        return self.settings, path
