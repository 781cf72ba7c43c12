"""Blanks and signs that the rules of typography share."""

import unicodedata

__all__ = ["BLANKS", "NARROW_NBSP", "NBSP", "fold_case", "fold_case_and_accents", "surrounding_word"]

NBSP = "\u00a0"
"""No-break space: before `:` and units, inside « »."""
NARROW_NBSP = "\u202f"
"""Narrow no-break space: before `;`, `!` and `?`, between thousands."""
BLANKS = " \t\u00a0\u202f\u2009"
"""The inside of a class of blanks that an editor may have typed."""

_MAX_SURROUNDING = 24


def fold_case(text: str) -> str:
    """`text` in small letters, with every sign that a pattern without case takes for a letter as that letter."""
    return text.replace("\u0130", "i").replace("\u0131", "i").casefold()


def fold_case_and_accents(text: str) -> str:
    """`text` in small letters without accents."""
    return "".join(
        character for character in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(character)
    )


def surrounding_word(text: str, start: int, end: int) -> str:
    """The words around a sign, for a message: from a blank to a blank, at most so many characters on either side."""
    before = text[max(0, start - _MAX_SURROUNDING) : start].rsplit(" ", 1)[-1]
    after = text[end : end + _MAX_SURROUNDING].split(" ", 1)[0]
    return f"{before}{text[start:end]}{after}".strip()
