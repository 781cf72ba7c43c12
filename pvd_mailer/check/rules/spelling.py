"""Words that are in no dictionary."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from pvd_mailer.check.dictionaries import Speller, missing, speller
from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import FILLER, Passage
from pvd_mailer.check.tongues import OTHER
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_WORD = re.compile(r"(?<![\w\ufffc&@#/.-])[^\W\d_]+(?:[’'-][^\W\d_]+)*(?![\w\ufffc@/&]|[.-]\w)")
_ELIDED = re.compile(r"(?i)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|entr)[’']")
_OPENING = ".!?…:»«“–\n"
# `maire(sse)s`, `chef(fe)`, `tou·te·s`: both forms of a word in one are in no dictionary.
_INCLUSIVE = re.compile(r"(?<!\w)\w{2,40}(?:\(\w{1,5}\)\w{0,2}|(?:[·•]\w{1,6}){1,3})(?!\w)")
_SKIPPED = ("author", "credit", "signature", "place")
MOST = 20
"""How many suggestions one look may ask for: a text in another language would ask for thousands."""
NEAR = 0.8
"""How alike a capitalised word has to be to one in a dictionary: else it is a name that nobody can know."""


@dataclass
class _Look:
    """One look through an issue: its dictionary, its own words, and how many suggestions may still be asked for."""

    dictionary: Speller
    own: set[str]
    left: int = MOST

    def suggestions(self, word: str) -> tuple[str, ...]:
        """Words that may have been meant; none once so many were asked for, since each takes its time."""
        self.left -= 1
        return self.dictionary.suggestions(word) if self.left >= 0 else ()

    def is_own(self, word: str) -> bool:
        return not self.own.isdisjoint((word.casefold(), word.casefold().removesuffix("s")))

    def is_right(self, word: str, *, opens: bool) -> bool:
        """Whether `word` is one, or a name; `opens` where it begins a sentence."""
        if self.dictionary.knows(word) or self.dictionary.knows(word.replace("’", "'")):
            return True
        bare = _ELIDED.sub("", word, count=1)
        if self.is_own(bare) or (bare != word and self.dictionary.knows(bare)):
            return True
        parts = [part for part in bare.split("-") if part]
        if len(parts) > 1:
            # Guipry-Messac: a name, at the beginning of a sentence too.
            is_name = all(part[0].isupper() for part in parts)
            return is_name or all(self.is_right(part, opens=opens) for part in parts)
        if not bare[:1].isupper():
            return False
        # A capital inside a sentence is a name's; at its beginning the word may be any.
        if not opens or self.dictionary.knows(bare.lower()):
            return True
        return not any(_is_near(one, bare.lower()) for one in self.suggestions(bare.lower())[:1])


def _is_near(one: str, word: str) -> bool:
    return one.islower() and abs(len(one) - len(word)) <= 1 and SequenceMatcher(None, one, word).ratio() >= NEAR


def _able(subject: Subject) -> bool:
    return missing(subject.lang) is None


def _find(subject: Subject) -> Iterator[Found]:
    dictionary = speller(subject.lang)
    if dictionary is None:
        return
    # Of a name of several words, each word.
    own = {part for name in subject.names for part in (name.casefold(), *re.split(r"[\s’'-]+", name.casefold()))}
    look = _Look(dictionary, own)
    told: set[str] = set()
    for passage in subject.passages:
        if passage.key in _SKIPPED or passage.is_foreign:
            continue
        for match in _unknown(passage, look):
            word = match[0]
            if word in told:
                continue
            told.add(word)
            meant = look.suggestions(word)
            hint = _("If it is right, write it in words.txt, beside publication.yaml.")
            if meant:
                perhaps = _("Perhaps: {words}.").format(words=", ".join(meant))
                hint = f"{perhaps} {hint}"
            yield Found(_("“{found}” is in no dictionary").format(found=word), InText(passage, *match.span()), hint)


def _unknown(passage: Passage, look: _Look) -> Iterator["re.Match[str]"]:
    """The words that are not right; several in a row that the other language has are a quotation: Small is beautiful."""
    row: list[re.Match[str]] = []
    text = _INCLUSIVE.sub(lambda match: FILLER * len(match[0]), passage.plain)
    for match in _WORD.finditer(text):
        word = match[0]
        if not _is_word(word) or look.is_right(word, opens=_opens(passage.plain, match.start())):
            yield from _of_a_row(row, passage.lang)
            row = []
        else:
            row.append(match)
    yield from _of_a_row(row, passage.lang)


def _of_a_row(row: list["re.Match[str]"], lang: str) -> list["re.Match[str]"]:
    other = speller(OTHER[lang]) if len(row) > 1 else None
    quoted = other is not None and all(other.knows(match[0].replace("’", "'")) for match in row)
    return [] if quoted else row


def _opens(text: str, at: int) -> bool:
    """Whether a sentence begins at `at`."""
    while at and text[at - 1].isspace() and text[at - 1] != "\n":
        at -= 1
    return at == 0 or text[at - 1] in _OPENING


def _is_word(word: str) -> bool:
    """Whether a dictionary can know it: no acronym, and no name with capitals inside."""
    return not any(sign.isupper() for part in re.split("[’'-]", word) for sign in part[1:])


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
            blocks='- id: a\n  type: article\n  title: "Petit et beau"\n  body: |\n    Le livre *Small is beautiful*, et Small is beautiful encore. Les maire(sse)s, chef(fe) et tou·te·s.\n'
        ),
        Example(
            head={"lang": "en", "subject": '"The market opens"', "preheader": '"A new hall."'},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "The colour, the color, and O’Brien’s market-hall."\n',
        ),
    ),
    find=_find,
    able=_able,
)
