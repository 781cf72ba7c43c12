"""Composing: reads and validates an issue's file, and starts next month's."""

from pvd_mailer.compose.load import LoadedIssue, load_issue, load_publication, parse_issue
from pvd_mailer.compose.messages import FILE_RULES
from pvd_mailer.compose.write import save_if_unchanged

__all__ = ["FILE_RULES", "LoadedIssue", "load_issue", "load_publication", "parse_issue", "save_if_unchanged"]
