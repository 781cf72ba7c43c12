"""A link to a place in a page that the page does not have."""

from collections.abc import Iterator
from urllib.parse import unquote, urldefrag

from pvd_mailer.check.asked import asked
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        if one.answer.is_good and one.answer.anchor is False:
            page, anchor = urldefrag(one.url)
            message = _("the page has no place called “{anchor}”: {url}")
            yield Found(message.format(anchor=unquote(anchor)[:60], url=page[:100]), one.at)


_URL = "https://ville.example.org/guide#halles"
_BLOCK = (
    f'- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide, chapitre sur les halles]({_URL})."\n'
)

RULE = Rule(
    id="missing-anchor",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("An anchor that the page does not have"),
    about=N_(
        "With `--online`: a link such as …/guide#halles leads to the beginning of the guide where nothing in it is called “halles”. "
        "Looked for in what the server sends; what a page's own program adds later cannot be seen, so that this is advice. "
        "Fragments that only such a program reads (`#/news`) are left alone."
    ),
    hint=N_("Open the page, and copy the address of the place; or leave the part from # on out."),
    failing=(Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL, anchor=False)})),),
    passing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL, anchor=True)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL)})),
    ),
    find=_find,
    online=True,
)
