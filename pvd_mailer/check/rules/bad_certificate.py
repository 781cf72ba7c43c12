"""A link to a site whose certificate browsers refuse."""

from collections.abc import Iterator

from pvd_mailer.check.asked import asked
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers, Fault

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        if one.answer.fault is Fault.CERTIFICATE:
            yield Found(_("this site's certificate is not valid: {url}").format(url=one.url[:100]), one.at)


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles](https://ville.example.org/guide)."\n'
_URL = "https://ville.example.org/guide"

RULE = Rule(
    id="bad-certificate",
    severity=Severity.BLOCKING,
    group=Group.LINKS,
    title=N_("A site that browsers warn of"),
    about=N_(
        "With `--online`: the certificate has run out, is for another name, or signed by nobody known. A reader's browser shows a red "
        "page that speaks of an attack, and your name stands on the letter that led there."
    ),
    hint=N_("Tell the site's owner; until it is mended, take the link out or link to another page."),
    failing=(Example(blocks=_BLOCK, online=Answers({_URL: Answer(fault=Fault.CERTIFICATE)})),),
    passing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(fault=Fault.TIMEOUT)})),
    ),
    find=_find,
    online=True,
)
