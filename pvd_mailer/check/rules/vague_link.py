"""A link whose words say nothing of where it leads."""

import re
from collections.abc import Iterator

from pvd_mailer.check.links import plainly
from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE", "says_nothing"]

_VAGUE = re.compile(
    r"""
      (?:clique[rz]|cliquer)(?:\s(?:ici|ici\sm[êe]me|l[àa]|sur\sce\slien|sur\sle\slien))?
    | (?:par\s)?ici|l[àa]|ci-(?:dessous|dessus|joint|contre)
    | (?:pour\s)?en\s(?:savoir|lire|voir)\s(?:plus|\+|davantage)
    | (?:lire|voir)(?:\s(?:plus|\+|la\ssuite|davantage|l'article|la\spage|ici))?|(?:la\s)?suite|lire\sla\ssuite
    | plus\s(?:d'?\s?)?(?:infos?|informations?|d[ée]tails?)|(?:plus|\+)\sd'?(?:infos?|informations?)|infos?|d[ée]tails?
    | (?:ce|le|un|voici\sle)\slien|lien|cette\spage|cet\sarticle|ce\sdocument|le\ssite|site|page
    | d[ée]couvrir|t[ée]l[ée]charger|consulter|acc[ée]der|ouvrir|voir\splus|j'y\svais|go|ok
    | click(?:\shere)?|here|(?:read|learn|see|find\sout|view|discover)(?:\smore)?|more(?:\s(?:info|information|details))?
    | (?:this\s|the\s)?(?:link|page|article|document|site|website)|details|continue(?:\sreading)?|download|open
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(r"(?i)(?:https?://|www\.)\S+")


def says_nothing(words: str) -> bool:
    """Whether the words of a link say nothing of where it leads."""
    return _VAGUE.fullmatch(plainly(words)) is not None


def _fault(words: str) -> str | None:
    if _ADDRESS.fullmatch(words.strip()):
        return _("the words of this link are an address, which is read out letter by letter")
    if says_nothing(words):
        return _("“{words}” does not say where this link leads").format(words=words.strip())
    return None


def _find(subject: Subject) -> Iterator[Found]:
    told = set()
    for link in subject.links:
        fault = _fault(link.words)
        told.add(plainly(link.words))
        if fault:
            yield Found(fault, link.said)
    for element in subject.tree.iter("a"):
        words = " ".join("".join(element.itertext()).split())
        if element.get("href") and plainly(words) not in told and not element.get("aria-label"):
            fault = _fault(words)
            if fault:
                told.add(plainly(words))
                yield Found(fault, InLetter(element))


RULE = Rule(
    id="vague-link",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A link that does not say where it leads"),
    about=N_(
        "“Cliquez ici”, “en savoir plus”, “ici”, “this page”, or a bare address. Many who read with a screen reader go from "
        "link to link, and hear nothing but these words, five times over; and whoever skims the letter sees only what is "
        "coloured. One of the eleven faults that the Email Markup Consortium counts."
    ),
    hint=N_("Say what is behind it: “Lire le baromètre”, “le guide des halles”."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Le guide est paru : [cliquez ici](https://ville.example.org/guide).\n  buttons:\n    - label: "En savoir plus"\n      url: https://ville.example.org/halles\n'
        ),
        Example(blocks='- id: a\n  type: article\n  title: "Un"\n  body: "Voir <https://ville.example.org/guide>."\n'),
        Example(
            head={"lang": "en"},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "[Read more](https://town.example.org/halls)"\n',
        ),
        Example(html='<p><a href="https://ville.example.org/b">→ Lire la suite…</a></p>'),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Voir [le guide des halles](https://ville.example.org/guide) ou ville.example.org.\n  buttons:\n    - label: "Lire la suite de l’entretien avec la maire"\n      url: https://ville.example.org/halles\n'
        ),
    ),
    find=_find,
)
