"""A link to a site whose certificate browsers refuse."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import LinkFault

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.fault is LinkFault.CERTIFICATE:
            yield Violation(
                _("this site's certificate is not valid: {url}").format(url=located.url[:100]), located.location
            )


RULE = Rule(
    id="bad-certificate",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("A site that browsers warn of"),
    description=N_(
        "With `--online`: the certificate has run out, is for another name, or signed by nobody known. A reader's browser shows a red "
        "page that speaks of an attack, and your name stands on the letter that led there."
    ),
    hint=N_("Tell the site's owner; until it is mended, take the link out or link to another page."),
    check=_check,
    online=True,
)
