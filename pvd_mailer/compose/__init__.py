"""Composing: reads and validates an issue's file, and starts next month's."""

from pvd_mailer.compose.load import LoadedIssue, load_issue, load_publication, parse_issue
from pvd_mailer.compose.saving import save_if_unchanged
from pvd_mailer.compose.wording import FILE_RULES

__all__ = ["FILE_RULES", "LoadedIssue", "load_issue", "load_publication", "parse_issue", "save_if_unchanged"]
