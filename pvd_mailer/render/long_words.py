"""Where a word may be wider than a phone: there `word-break` stays, which MJML writes on every cell.

It does more than break what is too long: a column of a table then takes no heed of its words' widths, and cuts a title
that had room enough.
"""

import re
from functools import lru_cache

__all__ = ["has_long_word", "without_word_break"]

_BREAK = re.compile(r"(^|;)\s*word-break:\s*break-word\s*(?:;|$)")
_WIDEST = 16 * 16
"""Letters times the size of their font in CSS pixels, beyond which a phone of 320 pixels may have no room: a letter is
about half as wide as it is high, and margins and a column beside it leave the word some 130 pixels."""


def without_word_break(style: str) -> str:
    """The style attribute `style` less `word-break:break-word`."""
    return _BREAK.sub(r"\1", style) if "word-break" in style else style


def has_long_word(text: str | None, size: float) -> bool:
    """Whether `text`, in letters of `size` CSS pixels, has a word that a phone may have no room for."""
    return text is not None and len(text) * size > _WIDEST and _long_word(size).search(text) is not None


@lru_cache(maxsize=256)
def _long_word(size: float) -> re.Pattern[str]:
    """Letters between which a browser does not go to a new line: the no-break spaces are such, hyphens are not."""
    return re.compile(rf"[^ \t\n\r\f\u00ad\u200b-]{{{int(_WIDEST / size) + 1},}}")
