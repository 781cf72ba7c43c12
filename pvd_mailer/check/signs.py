"""Blanks and signs that the rules of typography share."""

import unicodedata
from collections.abc import Iterator

from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Passage

__all__ = ["BLANK", "NARROW", "NBSP", "bare", "english", "french", "shown"]

NBSP = "\u00a0"
"""No-break space: before `:` and units, inside « »."""
NARROW = "\u202f"
"""Narrow no-break space: before `;`, `!` and `?`, between thousands."""
BLANK = " \t\u00a0\u202f\u2009"
"""The inside of a class of blanks that an editor may have typed."""

_CONTEXT = 24


def french(subject: Subject) -> Iterator[Passage]:
    """The texts of a letter in French, without those that are in another language."""
    if subject.lang == "fr":
        yield from (passage for passage in subject.passages if not passage.is_foreign)


def english(subject: Subject) -> Iterator[Passage]:
    """The texts of a letter in English, without those that are in another language."""
    if subject.lang == "en":
        yield from (passage for passage in subject.passages if not passage.is_foreign)


def bare(text: str) -> str:
    """`text` in small letters without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))


def shown(text: str, start: int, end: int) -> str:
    """The words around a sign, for a message: from a blank to a blank, at most so many characters on either side."""
    before = text[max(0, start - _CONTEXT) : start].rsplit(" ", 1)[-1]
    after = text[end : end + _CONTEXT].split(" ", 1)[0]
    return f"{before}{text[start:end]}{after}".strip()
