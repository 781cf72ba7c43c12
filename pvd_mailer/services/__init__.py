"""The stages in their order, and nothing else: compose -> render -> check -> approve -> send."""

from pvd_mailer.services.context import AppContext
from pvd_mailer.services.proofs import (
    CheckedLetter,
    check_issue,
    fix_issue,
    is_readable,
    render_and_check,
    skipped_checks,
)

__all__ = [
    "AppContext",
    "CheckedLetter",
    "check_issue",
    "fix_issue",
    "is_readable",
    "render_and_check",
    "skipped_checks",
]
