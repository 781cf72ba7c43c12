"""premailer, imported without its HTTP client and kept from validating: neither does anything for a letter."""

import importlib.util
import sys
from functools import partial
from typing import TYPE_CHECKING

__all__ = ["Premailer"]


def _postpone_requests() -> None:
    """Let `requests` load when somebody first uses it, by the standard library's own means for that.

    premailer imports it for pages that it would fetch, which it may not here, and never touches it; it takes longer
    to load than premailer itself. Everybody else finds in `sys.modules` the real module.
    """
    if "requests" in sys.modules or (spec := importlib.util.find_spec("requests")) is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["requests"] = module
    spec.loader.exec_module(module)


_postpone_requests()

if TYPE_CHECKING:
    from premailer import Premailer
else:
    from premailer import Premailer, merge_style

    # Of the style attributes that MJML wrote, premailer has each declaration validated, whatever it is told. cssutils
    # then compiles the grammar of every property, only to log what it finds: a declaration stays, valid or not.
    _pairs = partial(merge_style.csstext_to_pairs, validate=False)
    _pairs._lock = merge_style.csstext_to_pairs._lock  # noqa: SLF001 - the function looks for its lock under its own name
    merge_style.csstext_to_pairs = _pairs
