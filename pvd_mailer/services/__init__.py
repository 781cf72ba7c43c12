"""The one layer that opens transactions: each function does one thing for a person, whoever asks for it.

It joins the stages (compose -> render -> check -> approve -> send) with the journal and the subscribers, and hands
results to the command line, the preview and the site. It prints nothing, and knows neither click nor HTTP.
"""

from pvd_mailer.services.context import AppContext
from pvd_mailer.services.proofs import (
    CheckedLetter,
    RenderedIssue,
    check_issue,
    fix_issue,
    is_readable,
    render_and_check,
    render_issue,
    skipped_checks,
)

__all__ = [
    "AppContext",
    "CheckedLetter",
    "RenderedIssue",
    "check_issue",
    "fix_issue",
    "is_readable",
    "render_and_check",
    "render_issue",
    "skipped_checks",
]
