"""A link to a page that takes its time."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

SLOW_SECONDS = 6.0
"""In seconds, redirects included: by then half of the readers have gone."""


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.is_good and located.response.seconds > SLOW_SECONDS:
            message = _("this page took {n} seconds to answer: {url}")
            yield Violation(message.format(n=round(located.response.seconds), url=located.url[:100]), located.location)


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
    check=_check,
    online=True,
)
