"""A page that says that it is not there, while its server says that all is well."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_NOT_FOUND_TITLE = re.compile(
    r"(?i)(?:erreur|error|http|code|status)\s*:?\s*404\b|(?<![\d.])404(?![\d.])(?!\s+(?!not\b|error\b|erreur\b|page\b|introuvable\b)(?-i:[a-zà-ÿ]{2}))|(?:page|contenu|document|ressource)s?\s(?:est\s)?(?:introuvable|non\strouvée?|inexistante?|supprimée?)"
    r"|(?:page|content|document|file)\s(?:was\s|is\s|could\s|can\s?)?(?:not|no\slonger)\s?(?:be\s)?(?:found|available|exists?)"
    r"|n[’']existe\s(?:pas|plus)|^(?:erreur|error|not\sfound|introuvable)$|page\s(?:does\snot|doesn[’']t)\sexist"
)


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.is_good and _NOT_FOUND_TITLE.search(located.response.title):
            message = _("the page calls itself “{title}”: {url}")
            yield Violation(message.format(title=located.response.title[:80], url=located.url[:100]), located.location)


RULE = Rule(
    id="soft-404",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A page that says it is not there"),
    description=N_(
        "With `--online`: some sites show “Page introuvable” and tell programs that it is a page like any other. It is known by its "
        "title alone, since a page about lost pages is rare, and a list of words in a text is not."
    ),
    hint=N_("Open it, look for the page on that site, and write its new address."),
    check=_check,
    online=True,
)
