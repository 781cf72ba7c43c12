"""Tags: what is known of a subscriber beside the name, under keys that the editors choose.

Spelling does not tell two tags apart: `Cheffe de projet`, `cheffe-de-projet` and `CHEFFE DE PROJET` are one.
"""

import re
import unicodedata
from functools import lru_cache

__all__ = ["VALUE_SEPARATOR", "tag_key", "value_key"]

VALUE_SEPARATOR = "|"
"""Between several values in one cell."""
_BLANKS = re.compile(r"[\s\-_/'’‘ʼ·\u2010-\u2015\u2212]+")
_DROPPED = re.compile('["“”„«»\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
_SYNONYMS = {
    "fonction": "role",
    "fonctions": "role",
    "poste": "role",
    "roles": "role",
    "dep": "department",
    "dept": "department",
    "dpt": "department",
    "departement": "department",
    "departements": "department",
    "code-departement": "department",
    "regions": "region",
}


def _fold(text: str) -> str:
    lower = unicodedata.normalize("NFKD", _DROPPED.sub("", text)).casefold()
    decomposed = unicodedata.normalize("NFKD", lower)  # once more: lower case brings marks of its own
    unaccented = "".join(character for character in decomposed if not unicodedata.combining(character)).translate(
        _LIGATURES
    )
    return _BLANKS.sub("-", unicodedata.normalize("NFC", unaccented)).strip("-")


@lru_cache(4096)
def tag_key(name: str) -> str:
    """The key that `name` stands for: folded, and the known French names under their English one (rôle -> role)."""
    folded = _fold(name).replace(":", "-").strip("-")
    return _SYNONYMS.get(folded, folded)


@lru_cache(4096)
def value_key(key: str, value: str) -> str:
    """The form under which filters compare `value`; spreadsheets lose the 0 of department 01, so it is put back."""
    folded = _fold(value)
    return f"0{folded}" if key == "department" and len(folded) == 1 and folded.isdigit() else folded
