"""A link without encryption to a site that has it."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if not located.url.lower().startswith("http://") or not located.response.is_good:
            continue
        if located.response.secure or located.response.final.lower().startswith("https://"):
            yield Violation(
                _("this site answers over https as well: {url}").format(url=located.url[:100]), located.location
            )


RULE = Rule(
    id="https-answers",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("http where https answers"),
    description=N_(
        "With `--online`: the link begins with http://, and the same page answers over https://, by itself or by a redirect. Over http, "
        "whoever runs the network that a reader sits in sees what is read, and can change it. A site without https is left alone."
    ),
    hint=N_("Write https:// at the beginning of the address."),
    check=_check,
    online=True,
)
