"""A link to a place in a page that the page does not have."""

from collections.abc import Iterator
from urllib.parse import unquote, urldefrag

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.responses import located_responses
from pvd_mailer.check.rule import Example, Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import LinkResult, OnlineResults

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for located in located_responses(context):
        if located.response.is_good and located.response.anchor is False:
            page, anchor = urldefrag(located.url)
            message = _("the page has no place called “{anchor}”: {url}")
            yield Violation(message.format(anchor=unquote(anchor)[:60], url=page[:100]), located.location)


_URL = "https://ville.example.org/guide#halles"
_BLOCK = (
    f'- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide, chapitre sur les halles]({_URL})."\n'
)

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
    failing=(Example(blocks=_BLOCK, online=OnlineResults({_URL: LinkResult(200, final=_URL, anchor=False)})),),
    passing=(
        Example(blocks=_BLOCK, online=OnlineResults({_URL: LinkResult(200, final=_URL, anchor=True)})),
        Example(blocks=_BLOCK, online=OnlineResults({_URL: LinkResult(200, final=_URL)})),
    ),
    check=_check,
    online=True,
)
