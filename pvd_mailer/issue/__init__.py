"""The issue: the structured content of one month."""

from pvd_mailer.issue.issue import Issue
from pvd_mailer.issue.publication import Publication

__all__ = ["Issue", "Publication"]
