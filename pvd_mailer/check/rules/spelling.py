"""Words that are in no dictionary."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.language import OTHER_LANGUAGE
from pvd_mailer.check.text.passages import FILLER, Passage
from pvd_mailer.check.text.spelling import SpellChecker, missing_dictionary_notice, spell_checker
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_WORD = re.compile(r"(?<![\w\ufffc&@#/.-])[^\W\d_]+(?:[’'-][^\W\d_]+)*(?![\w\ufffc@/&]|[.-]\w)")
_ELIDED = re.compile(r"(?i)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|entr)[’']")
_OPENING = ".!?…:»«“–\n"
# `maire(sse)s`, `chef(fe)`, `tou·te·s`: both forms of a word in one are in no dictionary.
_INCLUSIVE = re.compile(r"(?<!\w)\w{2,40}(?:\(\w{1,5}\)\w{0,2}|(?:[·•]\w{1,6}){1,3})(?!\w)")
_SKIPPED_KEYS = ("author", "credit", "signature", "place")
_MAX_SUGGESTIONS = 20
"""How many suggestions one look may ask for: a text in another language would ask for thousands."""
_MIN_LIKENESS = 0.8
"""How alike a capitalised word has to be to one in a dictionary: else it is a name that nobody can know."""


@dataclass
class _SpellingRun:
    """One look through an issue: its dictionary, its own words, and how many suggestions may still be asked for."""

    dictionary: SpellChecker
    own_words: set[str]
    suggestions_left: int = _MAX_SUGGESTIONS

    def suggestions(self, word: str) -> tuple[str, ...]:
        """Words that may have been meant; none once so many were asked for, since each takes its time."""
        self.suggestions_left -= 1
        return self.dictionary.suggestions(word) if self.suggestions_left >= 0 else ()

    def is_own(self, word: str) -> bool:
        return not self.own_words.isdisjoint((word.casefold(), word.casefold().removesuffix("s")))

    def is_right(self, word: str, *, opens_sentence: bool) -> bool:
        """Whether `word` is one, or a name; `opens_sentence` where it begins a sentence."""
        if self.dictionary.knows(word) or self.dictionary.knows(word.replace("’", "'")):
            return True
        stem = _ELIDED.sub("", word, count=1)
        if self.is_own(stem) or (stem != word and self.dictionary.knows(stem)):
            return True
        parts = [part for part in stem.split("-") if part]
        if len(parts) > 1:
            # Guipry-Messac: a name, at the beginning of a sentence too.
            is_name = all(part[0].isupper() for part in parts)
            return is_name or all(self.is_right(part, opens_sentence=opens_sentence) for part in parts)
        if not stem[:1].isupper():
            return False
        # A capital inside a sentence is a name's; at its beginning the word may be any.
        if not opens_sentence or self.dictionary.knows(stem.lower()):
            return True
        return not any(_is_alike(suggestion, stem.lower()) for suggestion in self.suggestions(stem.lower())[:1])


def _is_alike(suggestion: str, word: str) -> bool:
    return (
        suggestion.islower()
        and abs(len(suggestion) - len(word)) <= 1
        and SequenceMatcher(None, suggestion, word).ratio() >= _MIN_LIKENESS
    )


def _is_available(context: CheckContext) -> bool:
    return missing_dictionary_notice(context.lang) is None


def _check(context: CheckContext) -> Iterator[Violation]:
    dictionary = spell_checker(context.lang)
    if dictionary is None:
        return
    # Of a name of several words, each word.
    own_words = {
        part for name in context.dictionary_words for part in (name.casefold(), *re.split(r"[\s’'-]+", name.casefold()))
    }
    run = _SpellingRun(dictionary, own_words)
    reported: set[str] = set()
    for passage in context.passages:
        if passage.key in _SKIPPED_KEYS or passage.is_foreign:
            continue
        for match in _unknown_words(passage, run):
            word = match[0]
            if word in reported:
                continue
            reported.add(word)
            suggestions = run.suggestions(word)
            hint = _("If it is right, write it in words.txt, beside publication.yaml.")
            if suggestions:
                perhaps = _("Perhaps: {words}.").format(words=", ".join(suggestions))
                hint = f"{perhaps} {hint}"
            yield Violation(
                _("“{found}” is in no dictionary").format(found=word), TextSpan(passage, *match.span()), hint
            )


def _unknown_words(passage: Passage, run: _SpellingRun) -> Iterator["re.Match[str]"]:
    """The words that are not right; several in a row that the other language has are a quotation: Small is beautiful."""
    row: list[re.Match[str]] = []
    text = _INCLUSIVE.sub(lambda match: FILLER * len(match[0]), passage.plain)
    for match in _WORD.finditer(text):
        word = match[0]
        if not _is_word(word) or run.is_right(word, opens_sentence=_opens_sentence(passage.plain, match.start())):
            yield from _unless_quoted(row, passage.lang)
            row = []
        else:
            row.append(match)
    yield from _unless_quoted(row, passage.lang)


def _unless_quoted(row: list["re.Match[str]"], lang: str) -> list["re.Match[str]"]:
    other_checker = spell_checker(OTHER_LANGUAGE[lang]) if len(row) > 1 else None
    quoted = other_checker is not None and all(other_checker.knows(match[0].replace("’", "'")) for match in row)
    return [] if quoted else row


def _opens_sentence(text: str, offset: int) -> bool:
    """Whether a sentence begins at `offset`."""
    while offset and text[offset - 1].isspace() and text[offset - 1] != "\n":
        offset -= 1
    return offset == 0 or text[offset - 1] in _OPENING


def _is_word(word: str) -> bool:
    """Whether a dictionary can know it: no acronym, and no name with capitals inside."""
    return not any(character.isupper() for part in re.split("[’'-]", word) for character in part[1:])


RULE = Rule(
    id="spelling",
    severity=Severity.ADVICE,
    group=Group.SPELLING,
    title=N_("A word that is in no dictionary"),
    description=N_(
        "Every word is looked up in Hunspell's dictionaries, the ones that LibreOffice and Firefox use: French, or British and "
        "American English, as the letter is written. A word is told once. Names (a capital inside a sentence), acronyms, "
        "addresses and hashtags are left alone, and so is what stands in `words.txt`. Hunspell is an extra: "
        "`pip install 'pvd-mailer[spelling]'`; without it `check` says that it did not look."
    ),
    hint=N_("Correct it, or write it in words.txt, beside publication.yaml, if it is right."),
    check=_check,
    is_available=_is_available,
)
