"""A link whose page is gone, and whose site shows its first page instead."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import is_home_page, located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if (
            located.response.is_good
            and not located.is_picture
            and is_home_page(located.response.final, located.response.title)
            and not is_home_page(located.url)
        ):
            message = _("the page is gone: {url} leads to the first page of {home}")
            yield Violation(message.format(url=located.url[:100], home=located.response.final[:60]), located.location)


RULE = Rule(
    id="redirected-home",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A link that ends on a home page"),
    description=N_(
        "With `--online`: many sites lead whoever asks for a page that is gone to their first page. The server says that all is "
        "well, and the reader stands in front of the door and looks for the guide. Links that ask for a first page are left "
        "alone, and redirects to any other page."
    ),
    hint=N_("Look for the page on that site, and write its new address."),
    check=_check,
    online=True,
)
