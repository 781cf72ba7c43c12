"""premailer, imported without its HTTP client and kept from validating: neither does anything for a letter."""

import importlib
import sys
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["Premailer"]


class _PostponedRequests(ModuleType):
    """`requests` as long as nobody uses it: the first to ask it for something gets it from the real module.

    premailer imports it for sheets that it would fetch, which it may not here, and it takes longer to load than
    premailer itself. `importlib.util.LazyLoader` is no way: the next `import` of the name already loads it.
    """

    def __getattr__(self, name: str) -> Any:
        self.make_way()
        return getattr(importlib.import_module(self.__name__), name)

    def make_way(self) -> None:
        """Let the next who imports the name get the real module."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]


if TYPE_CHECKING:
    from premailer import Premailer
else:
    _requests = _PostponedRequests("requests")
    sys.modules.setdefault("requests", _requests)
    try:
        from premailer import Premailer, merge_style
    finally:
        _requests.make_way()

    # Of the style attributes that MJML wrote, premailer has each declaration validated, whatever it is told. cssutils
    # then compiles the grammar of every property, only to log what it finds: a declaration stays, valid or not.
    _pairs = partial(merge_style.csstext_to_pairs, validate=False)
    _pairs._lock = merge_style.csstext_to_pairs._lock  # noqa: SLF001 - the function looks for its lock under its own name
    merge_style.csstext_to_pairs = _pairs
