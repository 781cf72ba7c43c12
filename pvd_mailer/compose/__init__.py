"""Composing: an issue's file and its publication's -> the model, and next month's file from this month's.

It hands on a `LoadedIssue`: the issue, the settings, the pictures, where each value stands in its file, and a finding
for all that is wrong, at once and each with its place. It must never know what a letter looks like, who gets it, or a
database.
"""

from pvd_mailer.compose.load import LoadedIssue, load_issue, load_publication, parse_issue
from pvd_mailer.compose.messages import FILE_RULES
from pvd_mailer.compose.write import save_if_unchanged

__all__ = ["FILE_RULES", "LoadedIssue", "load_issue", "load_publication", "parse_issue", "save_if_unchanged"]
