"""A link that could not be looked at."""

from collections.abc import Iterator

from pvd_mailer.check.asked import asked
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers, Fault

__all__ = ["RULE"]

_FAULTS = {
    Fault.TIMEOUT: N_("no answer in time: {url}"),
    Fault.BROKEN: N_("the connection broke: {url}"),
    Fault.NOT_ASKED: N_("there was no time left to ask: {url}"),
}
_GONE = (404, 410)
_GOOD = range(200, 300)


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        status = one.answer.status
        if one.answer.fault in _FAULTS:
            yield Found(_(_FAULTS[one.answer.fault]).format(url=one.url[:100]), one.at)
        elif status is not None and status not in _GOOD and status not in _GONE:
            message = _("the server answers {status}, and shows us no page: {url}")
            yield Found(message.format(status=status, url=one.url[:100]), one.at)


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles](https://ville.example.org/guide)."\n'
_URL = "https://ville.example.org/guide"

RULE = Rule(
    id="unanswered-link",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A link that could not be looked at"),
    about=N_(
        "With `--online`: the server takes too long, is out of order, wants a password, or lets no program in (401, 403, 429, 500 and "
        "the like). That need not be a fault; a person has to look. Nothing is tried to pass for a person."
    ),
    hint=N_("Open it in a browser, in a private window, as a reader would."),
    failing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(403, final=_URL)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(fault=Fault.TIMEOUT)})),
    ),
    passing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(204, final=_URL)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(404, final=_URL)})),
    ),
    find=_find,
    online=True,
)
