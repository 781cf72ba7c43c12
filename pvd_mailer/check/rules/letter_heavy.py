"""A letter that mail programs would cut."""

from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _, number
from pvd_mailer.letter.weight import LIMIT, html_weight

__all__ = ["RULE"]

CUT = 102_000
"""Where Gmail cuts, in bytes: what it then hides is the end, with the way out."""


def _find(subject: Subject) -> Iterator[Found]:
    size = html_weight(subject.letter, subject.longest)
    if size <= LIMIT:
        return
    values = {"size": number(round(size / 1000)), "limit": LIMIT // 1000, "cut": CUT // 1000}
    if size > CUT:
        message = _("the letter's HTML weighs {size} KB: beyond {cut} KB Gmail cuts it, and hides the way out")
    else:
        message = _("the letter's HTML weighs {size} KB; beyond {limit} KB some mail programs cut it")
    yield Found(message.format(**values))


_LONG = "".join(
    f'- id: a-{number}\n  type: article\n  title: "Les halles"\n  body: "{"Un toit assez long. " * 200}"\n'
    for number in range(25)
)

RULE = Rule(
    id="letter-heavy",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A letter that is too heavy"),
    about=N_(
        "Gmail shows the first 102 KB of a letter's HTML and puts the rest behind a link, the way to unsubscribe included; on "
        "the way providers add some. So the letter is weighed with the longest link that a reader can get, and 90 KB are the "
        "limit. Pictures do not count; texts and blocks do, about 4 KB for an article with its picture."
    ),
    hint=N_("Shorten texts, or move some blocks to a page and link to it."),
    failing=(Example(html=f"<p>{'Un toit. ' * 11_000}</p>"), Example(blocks=_LONG)),
    passing=(Example(html=f"<p>{'Un toit. ' * 5_000}</p>"),),
    find=_find,
)
