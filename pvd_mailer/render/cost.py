"""What a template costs: turns, calls and characters are counted, so that none runs for ever or fills the memory.

Jinja2's own sandbox bounds `range` alone. A fault here is a `SecurityError`, which the engine tells as a finding.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined

from pvd_mailer.i18n import _

__all__ = ["LARGEST", "OPERATIONS", "bounded", "bounded_filter", "characters", "counted", "measured", "pay", "price"]

LARGEST: Final = 1_000_000
"""Bytes of a template."""
_MOST_STEPS: Final = 50_000
"""Turns of loops, calls, and characters in hundreds. Issue 22, the longest letter yet, takes 1,300."""
_MOST_TEXT: Final = 300_000
"""Characters that one value may have; Gmail cuts a letter at 102,400."""
_MOST_ITEMS: Final = 20_000
_MOST_BITS: Final = 4096
_MOST_NUMBER: Final = 10_000
"""What a filter may be given for a width or a count."""
_UNIT: Final = 100
"""Characters that cost as much as one turn of a loop."""
_GROWING: Final = frozenset({"batch", "indent", "join", "replace", "slice", "wordwrap"})
"""Filters whose result may be as long as the value times an argument."""
_WIDE: Final = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:[0-9]{4}|\*|[0-9]*\.(?:[0-9]{4}|\*))")
"""In a format string: a width or a precision of four digits, or one that is given apart."""


@dataclass(slots=True)
class _Purse:
    """What one rendering may still spend."""

    left: int = _MOST_STEPS


_purse: ContextVar[_Purse] = ContextVar("purse")


@contextmanager
def measured() -> Iterator[None]:
    """A rendering, whose steps are counted from 0; templates are filled inside one."""
    before = _purse.set(_Purse())
    try:
        yield
    finally:
        _purse.reset(before)


def pay(steps: int) -> None:
    """Take `steps` from what this rendering may cost.

    Raises:
        SecurityError: nothing is left.
    """
    purse = _purse.get()
    purse.left -= steps
    if purse.left < 0:
        raise SecurityError(
            _("it does not come to an end: its loops and calls are more than {most} steps").format(most=_MOST_STEPS)
        )


def characters(count: int) -> int:
    """In steps, what `count` characters cost."""
    return count // _UNIT


def counted(values: Iterable[Any], cost: int) -> Iterator[Any]:
    """`values`, each of which costs `cost` steps."""
    for one in values:
        pay(cost)
        yield one


def price(value: Any) -> int:
    """In steps, what it costs to go through `value` once."""
    if isinstance(value, str):
        return characters(len(value))
    return len(value) if isinstance(value, Sized) and not isinstance(value, Undefined) else 0


def bounded(value: Any) -> Any:
    """`value`, unless it is larger than anything in a letter; its length is paid for."""
    cost = price(value)
    if isinstance(value, str):
        if len(value) > _MOST_TEXT:
            raise SecurityError(_("it makes a text of more than {most} characters").format(most=_MOST_TEXT))
    elif cost > _MOST_ITEMS:
        raise SecurityError(_("it makes a list of more than {most} items").format(most=_MOST_ITEMS))
    pay(cost)
    return value


def _too_large() -> SecurityError:
    return SecurityError(_("it counts with a number that is too large"))


def _size(value: Any) -> int:
    if isinstance(value, int):
        return abs(value)
    return len(value) if isinstance(value, Sized) and not isinstance(value, Undefined) else 1


def bounded_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Jinja2's filter `name`, which says no to a number or to a product that would fill the memory."""
    skipped = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def careful(*arguments: Any, **options: Any) -> Any:
        value, *others = arguments[skipped:]
        others += options.values()
        pay(1 + price(value))
        if any(isinstance(one, int) and abs(one) > _MOST_NUMBER for one in others):
            raise _too_large()
        if name == "format" and _WIDE.search(str(value)):
            raise _too_large()
        if name in _GROWING and any((_size(value) + 1) * _size(one) > 10 * _MOST_TEXT for one in others):
            raise _too_large()
        return bounded(function(*arguments, **options))

    return careful


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, Sized) and _size(left) + _size(right) > _MOST_TEXT:
        raise _too_large()
    return left + right


def _times(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > _MOST_BITS:
            raise _too_large()
    elif (isinstance(left, Sized) or isinstance(right, Sized)) and _size(left) * _size(right) > _MOST_TEXT:
        raise _too_large()
    return left * right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > _MOST_BITS:
        raise _too_large()
    return left**right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str) and _WIDE.search(left):
        raise _too_large()
    return left % right


OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {"+": _plus, "*": _times, "**": _power, "%": _modulo}
"""Sign of Jinja2 -> what it does here."""
