"""Words that are in no dictionary."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from pvd_mailer.check.dictionaries import Speller, speller
from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_WORD = re.compile(r"(?<![\w\ufffc&@#/.-])[^\W\d_]+(?:[’'-][^\W\d_]+)*(?![\w\ufffc@/&]|[.-]\w)")
_ELIDED = re.compile(r"(?i)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|entr)[’']")
_OPENS = re.compile(r"(?:^|[.!?…:»\n]\s*|[«“–]\s*)$")
_SKIPPED = ("author", "credit", "signature", "place")
NEAR = 0.8
"""How alike a capitalised word has to be to one in a dictionary: else it is a name that nobody can know."""


def _find(subject: Subject) -> Iterator[Found]:
    dictionary = speller(subject.lang)
    if dictionary is None:
        return
    # Of a name of several words, each word; and plurals of all.
    own = {part for name in subject.names for part in (name.casefold(), *re.split(r"[\s’'-]+", name.casefold()))}
    told: set[str] = set()
    for passage in subject.passages:
        if passage.key in _SKIPPED:
            continue
        for match in _WORD.finditer(passage.plain):
            word = match[0]
            if word in told or _is_own(word, own) or not _is_word(word):
                continue
            opens = bool(_OPENS.search(passage.plain[: match.start()]))
            if _is_right(dictionary, word, own, opens=opens):
                continue
            told.add(word)
            meant = dictionary.suggestions(word)
            hint = _("Perhaps: {words}.").format(words=", ".join(meant)) if meant else None
            message = _("“{found}” is in no dictionary").format(found=word)
            general = _("If it is right, write it in words.txt, beside publication.yaml.")
            yield Found(message, InText(passage, *match.span()), f"{hint} {general}" if hint else general)


def _is_word(word: str) -> bool:
    """Whether a dictionary can know it: no acronym, and no name with capitals inside."""
    return not any(sign.isupper() for part in re.split("[’'-]", word) for sign in part[1:])


def _is_own(word: str, own: set[str]) -> bool:
    return not own.isdisjoint((word.casefold(), word.casefold().removesuffix("s")))


def _is_right(dictionary: Speller, word: str, own: set[str], *, opens: bool) -> bool:
    if dictionary.knows(word) or dictionary.knows(word.replace("’", "'")):
        return True
    bare = _ELIDED.sub("", word, count=1)
    if bare != word and (_is_own(bare, own) or dictionary.knows(bare)):
        return True
    if "-" in bare and all(part[:1].isupper() for part in bare.split("-")):
        return True  # Guipry-Messac: a name, at the beginning of a sentence too
    if "-" in bare:
        return all(
            _is_own(part, own) or _is_right(dictionary, part, own, opens=opens) for part in bare.split("-") if part
        )
    if not bare[:1].isupper():
        return False
    # A capital inside a sentence is a name's; at its beginning the word may be any.
    if not opens or dictionary.knows(bare.lower()):
        return True
    near = dictionary.suggestions(bare.lower())
    return not any(
        one.islower() and SequenceMatcher(None, one, bare.lower()).ratio() >= NEAR and abs(len(one) - len(bare)) <= 1
        for one in near[:1]
    )


RULE = Rule(
    id="spelling",
    severity=Severity.ADVICE,
    group=Group.SPELLING,
    title=N_("A word that is in no dictionary"),
    about=N_(
        "Every word is looked up in Hunspell's dictionaries, the ones that LibreOffice and Firefox use: French, or British and "
        "American English, as the letter is written. A word is told once. Names (a capital inside a sentence), acronyms, "
        "addresses and hashtags are left alone, and so is what stands in `words.txt`. The dictionaries are an extra: "
        "`pip install 'pvd-mailer[spelling]'`; without them `check` says that it did not look."
    ),
    hint=N_("Correct it, or write it in words.txt, beside publication.yaml, if it is right."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Le marché couvet"\n  body: |\n    Les vileles et l’ouvertture. Baromettre !\n'
        ),
        Example(
            head={"lang": "en", "subject": '"The market opens"', "preheader": '"A new hall."'},
            blocks='- id: a\n  type: article\n  title: "Hals"\n  body: "A markett."\n',
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "À Épône, la projetothèque"\n  body: |\n    Aujourd’hui, l’ADRC et Mme Teinturier '
            "donnent-elles rendez-vous au centre-bourg ? Guipry-Messac y va : https://exampel.example/vilele #Vilele\n",
            words="projetothèque\n",
        ),
        Example(
            head={"lang": "en", "subject": '"The market opens"', "preheader": '"A new hall."'},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "The colour, the color, and O’Brien’s market-hall."\n',
        ),
    ),
    find=_find,
)
