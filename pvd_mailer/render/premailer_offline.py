"""premailer, imported without its HTTP client, which does nothing for a letter."""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["Premailer", "csstext_to_pairs", "get_or_create_head"]


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
    from premailer.merge_style import csstext_to_pairs
    from premailer.premailer import get_or_create_head
else:
    _requests = _PostponedRequests("requests")
    sys.modules.setdefault("requests", _requests)
    try:
        from premailer import Premailer
        from premailer.merge_style import csstext_to_pairs
        from premailer.premailer import get_or_create_head
    finally:
        _requests.make_way()
