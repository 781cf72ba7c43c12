"""What tells the name of a person from another word."""

import re
from functools import cache

from pvd_mailer.check.text.word_lists import word_list

__all__ = ["NAME_KEYS", "TITLE_BEFORE_NAME", "first_names"]

NAME_KEYS = ("author", "credit", "signature")
"""The keys of values that are names."""
TITLE_BEFORE_NAME = re.compile(
    r"\b(?:MM?\.|M(?:me|lle)s?\.?|Mes?|[DP]r\.?|Mrs?\.?|Ms\.?)[\s\u00a0\u202f](?:[\w.’'-]{1,30}[\s\u00a0\u202f]){0,3}$"
)
"""What ends where the name of somebody with a title begins: `M. `, `Mme Anne `."""


@cache
def first_names() -> frozenset[str]:
    """The commonest ones of France, in small letters."""
    return frozenset(word_list("first-names"))
