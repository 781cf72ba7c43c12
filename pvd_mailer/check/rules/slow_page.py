"""A link to a page that takes its time."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Example, Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import LinkResult, OnlineResults

__all__ = ["RULE"]

SLOW_SECONDS = 6.0
"""In seconds, redirects included: by then half of the readers have gone."""


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.is_good and located.response.seconds > SLOW_SECONDS:
            message = _("this page took {n} seconds to answer: {url}")
            yield Violation(message.format(n=round(located.response.seconds), url=located.url[:100]), located.location)


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles](https://ville.example.org/guide)."\n'
_URL = "https://ville.example.org/guide"

RULE = Rule(
    id="slow-page",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A page that is slow to answer"),
    description=N_(
        "With `--online`: more than six seconds until the page is there. A letter sends thousands of people to it within an hour, and "
        "a server that is slow before that will be slower then."
    ),
    hint=N_("Try again later; if it stays slow, tell whoever runs the site that many visitors are coming."),
    failing=(Example(blocks=_BLOCK, online=OnlineResults({_URL: LinkResult(200, final=_URL, seconds=9.4)})),),
    passing=(
        Example(blocks=_BLOCK, online=OnlineResults({_URL: LinkResult(200, final=_URL, seconds=2.1)})),
        Example(blocks=_BLOCK, online=OnlineResults({_URL: LinkResult(404, final=_URL, seconds=9.4)})),
    ),
    check=_check,
    online=True,
)
