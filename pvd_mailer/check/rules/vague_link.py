"""A link whose words say nothing of where it leads."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.links import comparable_words
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE", "says_nothing"]

# Hyphens are read as spaces: “cliquez-ici”.
_VAGUE = re.compile(
    r"""
      (?:en\s)?cliqu(?:e[rz]?|ant)(?:\s(?:ici(?:\sm[êe]me)?|l[àa]|sur\s(?:ce|le)\slien))?(?:\spour\s(?:en\s)?(?:savoir|lire|voir)\s(?:plus|\+|davantage))?
    | clic\s(?:ici|l[àa])
    | (?:c'est\s)?(?:par\s)?(?:ici|l[àa])|ci\s(?:dessous|dessus|joint|contre)
    | (?:pour\s)?en\s(?:savoir|lire|voir)\s?(?:plus|\+|davantage)
    | (?:lire|voir)(?:\s(?:plus|\+|la\ssuite|davantage|l'article|la\spage|le\ssite|ici))?|(?:la\s)?suite|lire\sla\ssuite
    | plus\s(?:d'?\s?)?(?:infos?|informations?|d[ée]tails?)|(?:plus|\+)\s?(?:d'\s?)?(?:infos?|informations?)|infos?|d[ée]tails?
    | (?:(?:sur|via|par|suivez)\s)?(?:ce|le|un|voici\sle)\slien(?:\sici)?|lien(?:\sici)?|(?:sur\s)?cette\spage|cet\sarticle|ce\sdocument|le\sdocument
    | (?:sur\s)?(?:le\ssite|site)(?:\s(?:internet|web))?|page|(?:à\s)?(?:cette|l')\s?adresse
    | (?:je\s)?d[ée]couvr(?:ir|e|ez)|t[ée]l[ée]charger|consulter|acc[ée]der(?:\sau\ssite)?|ouvrir|voir\splus|j'y\svais|go|ok
    | click(?:\shere)?|here|(?:read|learn|see|find\sout|view|discover)(?:\smore)?|more(?:\s(?:info|information|details))?
    | (?:this\s|the\s)?(?:link|page|article|document|site|website)|details|continue(?:\sreading)?|download|open
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(r"(?i)(?:https?://|www\.)\S+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/\S*")


def says_nothing(words: str) -> bool:
    """Whether the words of a link say nothing of where it leads."""
    if words.strip() and not re.search(r"[\w+]", words):
        return True  # an arrow, or a finger that points
    return _VAGUE.fullmatch(comparable_words(words).replace("-", " ").strip()) is not None


def _fault_of(words: str) -> str | None:
    if _ADDRESS.fullmatch(words.strip()):
        return _("the words of this link are an address, which is read out letter by letter")
    if says_nothing(words):
        return _("“{words}” does not say where this link leads").format(words=words.strip())
    return None


def _check(context: CheckContext) -> Iterator[Violation]:
    reported = set()
    for link in context.links:
        fault = _fault_of(link.words)
        reported.add(comparable_words(link.words))
        if fault:
            yield Violation(fault, link.words_location)
    for element in context.tree.iter("a"):
        words = " ".join("".join(element.itertext()).split())
        if element.get("href") and comparable_words(words) not in reported and not element.get("aria-label"):
            fault = _fault_of(words)
            if fault:
                reported.add(comparable_words(words))
                yield Violation(fault, LetterElement(element))


RULE = Rule(
    id="vague-link",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A link that does not say where it leads"),
    description=N_(
        "“Cliquez ici”, “en savoir plus”, “ici”, “this page”, or a bare address. Many who read with a screen reader go from "
        "link to link, and hear nothing but these words, five times over; and whoever skims the letter sees only what is "
        "coloured. One of the eleven faults that the Email Markup Consortium counts."
    ),
    hint=N_("Say what is behind it: “Lire le baromètre”, “le guide des halles”."),
    check=_check,
)
