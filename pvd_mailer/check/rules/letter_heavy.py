"""A letter that mail programs would cut."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _, format_number
from pvd_mailer.letter.size import MAX_HTML_BYTES, html_size

__all__ = ["RULE"]

_GMAIL_LIMIT = 102_000
"""Where Gmail cuts, in bytes: what it then hides is the end, with the way out."""


def _check(context: CheckContext) -> Iterator[Violation]:
    size = html_size(context.letter, context.longest_values)
    if size <= MAX_HTML_BYTES:
        return
    values = {"size": format_number(round(size / 1000)), "limit": MAX_HTML_BYTES // 1000, "cut": _GMAIL_LIMIT // 1000}
    if size > _GMAIL_LIMIT:
        message = _("the letter's HTML weighs {size} KB: beyond {cut} KB Gmail cuts it, and hides the way out")
    else:
        message = _("the letter's HTML weighs {size} KB; beyond {limit} KB some mail programs cut it")
    yield Violation(message.format(**values))


RULE = Rule(
    id="letter-heavy",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A letter that is too heavy"),
    description=N_(
        "Gmail shows the first 102 KB of a letter's HTML and puts the rest behind a link, the way to unsubscribe included; on "
        "the way providers add some. So the letter is weighed with the longest link that a reader can get, and 90 KB are the "
        "limit. Pictures do not count; texts and blocks do, about 4 KB for an article with its picture."
    ),
    hint=N_("Shorten texts, or move some blocks to a page and link to it."),
    check=_check,
)
