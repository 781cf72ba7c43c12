"""A link that no page answers."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import LinkFault

__all__ = ["RULE"]

_GONE = frozenset({404, 410})
_FAULTS = {
    LinkFault.NO_HOST: N_("there is no such host: {url}"),
    LinkFault.PRIVATE: N_("this leads into a private network, where no reader gets: {url}"),
    LinkFault.REFUSED: N_("nobody answers at this address: {url}"),
    LinkFault.LOOP: N_("this address leads on and on, and never to a page: {url}"),
    LinkFault.SCHEME: N_("this address leads on to what is no page of the web: {url}"),
}


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.status in _GONE:
            if located.is_picture:
                message = _("this picture is not there (the server says {status}): {url}")
            else:
                message = _("this page is not there (the server says {status}): {url}")
            yield Violation(message.format(status=located.response.status, url=located.url[:100]), located.location)
        elif located.response.fault in _FAULTS:
            yield Violation(_(_FAULTS[located.response.fault]).format(url=located.url[:100]), located.location)


RULE = Rule(
    id="dead-link",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("A link to a page that is not there"),
    description=N_(
        "With `--online`, each link and each hosted picture is really asked for: a few hosts at once, one request at a time to "
        "each, HEAD before GET, and good answers are kept for a day. Told as dead is what certainly is: 404 and 410, a host that "
        "does not exist or does not listen, redirects without an end, and an address that leads into a private network, which "
        "is refused wherever it comes from."
    ),
    hint=N_("Open it in a browser, find where the page has gone, and write that address."),
    check=_check,
    online=True,
)
