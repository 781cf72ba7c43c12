"""A link without any words."""

from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.sheets import Mode
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.words import name_of
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    looks = subject.looks(Mode.LIGHT)
    for link in subject.tree.iter("a", "area"):
        look = looks.get(link)
        if not link.get("href") or look is None or not look.seen or link.get("aria-hidden") == "true":
            continue
        name = (link.get("alt") or "").strip() if link.tag == "area" else name_of(link)
        if name:
            continue
        if any(True for _image in link.iter("img")):
            yield Found(_("this link is a picture without a description: nobody hears where it leads"), InLetter(link))
        else:
            yield Found(_("this link has no words: nobody sees or hears it"), InLetter(link))


RULE = Rule(
    id="link-text",
    severity=Severity.BLOCKING,
    group=Group.ACCESSIBILITY,
    title=N_("A link without words"),
    about=N_(
        "A link around a picture has the picture's description for its words; where the picture is `decorative`, there are none, and "
        "a screen reader spells the address out. An empty link in a template can be reached with the keyboard and not be "
        "seen. 72 % of all newsletters have one."
    ),
    hint=N_("Describe the picture in `alt`, by where its link leads; or take the link out."),
    failing=(
        Example(
            blocks="- id: a\n  type: image\n  image:\n    file: halle.png\n    decorative: true\n  link: https://ville.example.org/halles\n",
            pictures={"halle.png": "red.png"},
        ),
        Example(html='<p lang="fr" dir="ltr"><a href="https://ville.example.org/"> </a></p>'),
        Example(
            html='<p lang="fr" dir="ltr"><a href="https://ville.example.org/"><span aria-hidden="true">→</span></a></p>'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: image\n  image:\n    file: halle.png\n    alt: "La halle : lire son histoire"\n  link: https://ville.example.org/halles\n',
            pictures={"halle.png": "red.png"},
        ),
        Example(html='<p lang="fr" dir="ltr"><a href="https://ville.example.org/" aria-label="La ville">→</a></p>'),
    ),
    find=_find,
)
