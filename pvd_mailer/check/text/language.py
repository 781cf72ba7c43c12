"""Which words of a letter are in the other language than the letter."""

import re

from pvd_mailer.check.text.word_lists import word_list

__all__ = ["OTHER_LANGUAGE", "is_foreign_aside", "is_foreign_text"]

OTHER_LANGUAGE = {"fr": "en", "en": "fr"}
# Words that every sentence of a language has, and that the other one does not know.
_COMMON_WORDS = {lang: frozenset(word_list(f"common-words-{lang}")) for lang in OTHER_LANGUAGE}
_WORD = re.compile(r"[^\W\d_]+")
_MIN_WORDS = 8
"""Words of a passage: fewer may be a title, a name or a slogan."""
_MIN_FOREIGN_SHARE, _MAX_NATIVE_SHARE = 0.3, 0.06


def is_foreign_text(text: str, lang: str) -> bool:
    """Whether a whole passage of a letter in `lang` is certainly in the other language."""
    words = _WORD.findall(text)
    if len(words) < _MIN_WORDS or _is_titles(words):
        return False
    foreign, native = _shares(words, lang)
    return foreign >= _MIN_FOREIGN_SHARE and native <= _MAX_NATIVE_SHARE


def is_foreign_aside(text: str, lang: str) -> bool:
    """Whether words that stand out in italics are in the other language: *What’s next?*."""
    words = _WORD.findall(text)
    if len(words) < 2:  # noqa: PLR2004 - one word may be of both
        return False
    foreign, native = _shares(words, lang)
    return foreign >= _MIN_FOREIGN_SHARE and native == 0


def _shares(words: list[str], lang: str) -> tuple[float, float]:
    """How many of `words` every text of the other language has, and how many every text of `lang`."""
    folded = [word.casefold() for word in words]
    own_words, other_words = _COMMON_WORDS[lang], _COMMON_WORDS[OTHER_LANGUAGE[lang]]
    return sum(word in other_words for word in folded) / len(folded), sum(word in own_words for word in folded) / len(
        folded
    )


def _is_titles(words: list[str]) -> bool:
    """Whether most words have a capital: titles of books and films stay what they are."""
    return 2 * sum(word[0].isupper() for word in words) >= len(words)
