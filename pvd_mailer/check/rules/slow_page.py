"""A link to a page that takes its time."""

from collections.abc import Iterator

from pvd_mailer.check.asked import asked
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers

__all__ = ["RULE"]

SLOW = 6.0
"""In seconds, redirects included: by then half of the readers have gone."""


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        if one.answer.is_good and one.answer.seconds > SLOW:
            message = _("this page took {n} seconds to answer: {url}")
            yield Found(message.format(n=round(one.answer.seconds), url=one.url[:100]), one.at)


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles](https://ville.example.org/guide)."\n'
_URL = "https://ville.example.org/guide"

RULE = Rule(
    id="slow-page",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A page that is slow to answer"),
    about=N_(
        "With `--online`: more than six seconds until the page is there. A letter sends thousands of people to it within an hour, and "
        "a server that is slow before that will be slower then."
    ),
    hint=N_("Try again later; if it stays slow, tell whoever runs the site that many visitors are coming."),
    failing=(Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL, seconds=9.4)})),),
    passing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL, seconds=2.1)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(404, final=_URL, seconds=9.4)})),
    ),
    find=_find,
    online=True,
)
