"""Two languages at once: the one the interface speaks, and the one the letter is written in.

English is the source language. `_` translates into the interface's language, which is a context variable so
that a server may answer two people in two languages; templates ask for the letter's own catalogue.
"""

import gettext
import locale
import os
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

__all__ = [
    "LANGUAGES",
    "NN_",
    "N_",
    "_",
    "catalogue",
    "format_number",
    "guess_language",
    "language",
    "ngettext",
    "set_language",
]

GETTEXT_DOMAIN = "pvd_mailer"
LOCALES = Path(__file__).parent / "locales"
LANGUAGES = ("fr", "en")

_language: ContextVar[str] = ContextVar("language", default="en")


@lru_cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """The messages of `lang` ("fr", "fr-FR", "en"); the source's own, in English, where there is no catalogue."""
    return gettext.translation(GETTEXT_DOMAIN, LOCALES, languages=[lang.partition("-")[0]], fallback=True)


def set_language(lang: str) -> None:
    """Make `lang` the interface's language from here on."""
    _language.set(lang)


def language() -> str:
    """The interface's language."""
    return _language.get()


def format_number(value: int) -> str:
    """`value` with its thousands apart, as the interface's language has them."""
    return f"{value:,}".replace(",", "\u202f" if language() == "fr" else ",")


def _(message: str) -> str:
    """`message` in the interface's language."""
    return catalogue(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """`singular` or `plural` in the interface's language, as `format_number` wants it."""
    return catalogue(_language.get()).ngettext(singular, plural, number)


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name, which Babel extracts by
    """Mark `message` for translation where it is defined; it is translated where it is used."""
    return message


def NN_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - as N_, for `ngettext`
    """Mark a singular and its plural for translation where they are defined."""
    return singular, plural


def guess_language() -> str:
    """The language of the locale: gettext's variables in gettext's order, then what the system says."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    try:
        system = locale.getlocale()[0] or ""
    except ValueError:
        system = ""
    return "fr" if system.lower().startswith("fr") else "en"
