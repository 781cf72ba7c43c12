"""A link whose page is gone, and whose site shows its first page instead."""

from collections.abc import Iterator

from pvd_mailer.check.asked import asked, is_home
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answer, Answers

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    for one in asked(subject):
        if (
            one.answer.is_good
            and not one.picture
            and is_home(one.answer.final, one.answer.title)
            and not is_home(one.url)
        ):
            message = _("the page is gone: {url} leads to the first page of {home}")
            yield Found(message.format(url=one.url[:100], home=one.answer.final[:60]), one.at)


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  body: "Lire [le guide des halles](https://ville.example.org/guide)."\n'
_URL = "https://ville.example.org/guide"

RULE = Rule(
    id="redirected-home",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A link that ends on a home page"),
    about=N_(
        "With `--online`: many sites lead whoever asks for a page that is gone to their first page. The server says that all is "
        "well, and the reader stands in front of the door and looks for the guide. Links that ask for a first page are left "
        "alone, and redirects to any other page."
    ),
    hint=N_("Look for the page on that site, and write its new address."),
    failing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final="https://ville.example.org/")})),
        *(
            Example(
                blocks=_BLOCK,
                online=Answers({_URL: Answer(200, final=f"https://ville.example.org{path}", title="Accueil - Ville")}),
            )
            for path in ("/accueil/", "/fr/accueil", "/?p=1", "/index.php?option=404", "/fr-FR/", "/Home.aspx")
        ),
    ),
    passing=(
        Example(blocks=_BLOCK, online=Answers({_URL: Answer(200, final="https://ville.example.org/guides/halles")})),
        Example(
            blocks=_BLOCK,
            online=Answers({_URL: Answer(200, final="https://ville.example.org/index.php?id=12", title="Le guide")}),
        ),
        Example(
            blocks=_BLOCK, online=Answers({_URL: Answer(200, final="https://ville.example.org/accueil-petite-enfance")})
        ),
        Example(
            blocks=_BLOCK.replace("/guide", ""),
            online=Answers({"https://ville.example.org": Answer(200, final="https://www.ville.example.org/fr/")}),
        ),
    ),
    find=_find,
    online=True,
)
