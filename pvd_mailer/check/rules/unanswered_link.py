"""A link that could not be looked at."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import LinkFault

__all__ = ["RULE"]

_FAULTS = {
    LinkFault.TIMEOUT: N_("no answer in time: {url}"),
    LinkFault.BROKEN: N_("the connection broke: {url}"),
    LinkFault.NOT_ASKED: N_("there was no time left to ask: {url}"),
}
_GONE = (404, 410)
_GOOD = range(200, 300)


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        status = located.response.status
        if located.response.fault in _FAULTS:
            yield Violation(_(_FAULTS[located.response.fault]).format(url=located.url[:100]), located.location)
        elif status is not None and status not in _GOOD and status not in _GONE:
            message = _("the server answers {status}, and shows us no page: {url}")
            yield Violation(message.format(status=status, url=located.url[:100]), located.location)


RULE = Rule(
    id="unanswered-link",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A link that could not be looked at"),
    description=N_(
        "With `--online`: the server takes too long, is out of order, wants a password, or lets no program in (401, 403, 429, 500 and "
        "the like). That need not be a fault; a person has to look. Nothing is tried to pass for a person."
    ),
    hint=N_("Open it in a browser, in a private window, as a reader would."),
    check=_check,
    online=True,
)
