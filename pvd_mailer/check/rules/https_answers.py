"""A link without encryption to a site that has it."""

from collections.abc import Iterator

from pvd_mailer.check.asked import asked
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        if not one.url.lower().startswith("http://") or not one.answer.is_good:
            continue
        if one.answer.secure or one.answer.final.lower().startswith("https://"):
            yield Found(_("this site answers over https as well: {url}").format(url=one.url[:100]), one.at)


_URL = "http://ville.example.org/guide"
_BLOCK = f'- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles]({_URL})."\n'

RULE = Rule(
    id="https-answers",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("http where https answers"),
    about=N_(
        "With `--online`: the link begins with http://, and the same page answers over https://, by itself or by a redirect. Over http, "
        "whoever runs the network that a reader sits in sees what is read, and can change it. A site without https is left alone."
    ),
    hint=N_("Write https:// at the beginning of the address."),
    failing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL, secure=True)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final="https://ville.example.org/guide")})),
    ),
    passing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final=_URL)})),
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(404, final=_URL, secure=True)})),
    ),
    find=_find,
    online=True,
)
