"""A link to a place in a page that the page does not have."""

from collections.abc import Iterator
from urllib.parse import unquote, urldefrag

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.is_good and located.response.anchor is False:
            page, anchor = urldefrag(located.url)
            message = _("the page has no place called “{anchor}”: {url}")
            yield Violation(message.format(anchor=unquote(anchor)[:60], url=page[:100]), located.location)


RULE = Rule(
    id="missing-anchor",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("An anchor that the page does not have"),
    description=N_(
        "With `--online`: a link such as …/guide#halles leads to the beginning of the guide where nothing in it is called “halles”. "
        "Looked for in what the server sends; what a page's own program adds later cannot be seen, so that this is advice. "
        "Fragments that only such a program reads (`#/news`) are left alone."
    ),
    hint=N_("Open the page, and copy the address of the place; or leave the part from # on out."),
    check=_check,
    online=True,
)
