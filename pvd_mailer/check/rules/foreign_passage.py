"""A whole passage in the other language."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

# Words that every sentence of a language has, and that the other one does not know.
_COMMON = {
    "fr": frozenset(
        [
            "le",
            "la",
            "les",
            "un",
            "une",
            "des",
            "du",
            "de",
            "et",
            "est",
            "sont",
            "dans",
            "pour",
            "que",
            "qui",
            "ce",
            "cette",
            "ces",
            "sur",
            "avec",
            "par",
            "au",
            "aux",
            "il",
            "elle",
            "nous",
            "vous",
            "ils",
            "elles",
            "ne",
            "pas",
            "plus",
            "se",
            "sa",
            "son",
            "ses",
            "leur",
            "leurs",
            "mais",
            "ou",
            "où",
            "être",
            "avoir",
            "fait",
            "tout",
            "tous",
            "notre",
            "votre",
            "à",
            "été",
        ]
    ),
    "en": frozenset(
        [
            "the",
            "of",
            "and",
            "to",
            "is",
            "are",
            "in",
            "for",
            "that",
            "this",
            "with",
            "by",
            "at",
            "be",
            "was",
            "were",
            "has",
            "have",
            "from",
            "it",
            "he",
            "she",
            "they",
            "we",
            "you",
            "their",
            "our",
            "your",
            "an",
            "as",
            "which",
            "what",
            "who",
            "will",
            "can",
            "not",
            "but",
            "or",
            "if",
            "been",
            "more",
            "all",
            "would",
            "there",
            "when",
            "about",
            "into",
        ]
    ),
}
_OTHER = {"fr": "en", "en": "fr"}
_MESSAGES = {
    "fr": N_("this passage is in French, and will be read out in the voice of the letter's own language"),
    "en": N_("this passage is in English, and will be read out in the voice of the letter's own language"),
}
_WORD = re.compile(r"[^\W\d_]+")
ENOUGH = 8
"""Words: fewer may be a title, a name or a slogan."""
SHARE, STRAY = 0.3, 0.06


def _find(subject: Subject) -> Iterator[Found]:
    own, other = _COMMON[subject.lang], _COMMON[_OTHER[subject.lang]]
    for passage in subject.passages:
        written = _WORD.findall(passage.plain)
        words = [word.casefold() for word in written]
        if len(words) < ENOUGH or _is_titles(written):
            continue
        foreign = sum(word in other for word in words) / len(words)
        native = sum(word in own for word in words) / len(words)
        if foreign >= SHARE and native <= STRAY:
            yield Found(_(_MESSAGES[_OTHER[subject.lang]]), InText(passage, 0, len(passage.text)))


def _is_titles(words: list[str]) -> bool:
    """Whether most words have a capital: titles of books and films stay what they are."""
    return 2 * sum(word[0].isupper() for word in words) >= len(words)


RULE = Rule(
    id="foreign-passage",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A passage in another language"),
    about=N_(
        "A screen reader reads a French letter with French sounds; a quotation in English then cannot be understood (RGAA 8.7). An "
        "issue has no way yet to say that one passage is in another language, so that you are told only where a whole "
        "paragraph is certainly English in a French letter, or the other way round. Names, titles and slogans are left alone."
    ),
    hint=N_("Give it in the letter's language, and link to the original; or waive this, if readers are to hear it so."),
    failing=(
        Example(
            blocks='- id: a\n  type: quote\n  body: "The market hall is the heart of the town, and it will be open to all of you."\n  author: "Jane Doe"\n'
        ),
        Example(
            head={"lang": "en"},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "La halle est le cœur de la ville, et elle sera ouverte à tous dans un an."\n',
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "The Market Hall of the Year"\n  body: |\n    Le prix « The Market Hall of the Year » est décerné à la halle de la ville.\n\n    Time to Change, Back to the Future, The Rise of the Planet of the Apes.\n'
        ),
        Example(
            head={"lang": "en", "subject": '"The hall opens"', "preheader": '"And a guide."'},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "The hall is the pride of Ville-la-Grande and of the Maison de la Radio et de la Musique."\n',
        ),
    ),
    find=_find,
)
