"""What a template costs: turns, calls and characters are counted, so that none runs for ever or fills the memory.

Jinja2's own sandbox bounds `range` alone. A fault here is a `SecurityError`, which the engine tells as a finding.
A value costs what it would be long if it were written out: a list that holds one text many times is as dear as all of
them. Whatever is printed of it, compared or put together afterwards is then paid for.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache, wraps
from itertools import islice
from typing import Any, Final

from jinja2 import pass_context
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined
from jinja2.utils import Cycler, Namespace
from markupsafe import Markup
from pydantic import BaseModel

from pvd_mailer.i18n import _

__all__ = [
    "LARGEST",
    "OPERATIONS",
    "bounded",
    "bounded_filter",
    "characters",
    "charged",
    "counted",
    "measured",
    "pay",
    "pay_arguments",
    "price",
    "reading",
    "work",
]

LARGEST: Final = 100_000
"""Bytes of a template. The largest of the built-in ones has 3,600; to read one of 100,000 may take some seconds."""
_MOST_STEPS: Final = 200_000
"""Turns of loops, calls, and characters in hundreds. Issue 22, the longest letter yet, takes 18,000."""
_READING: Final = 50
"""Times that a template's characters cost what they cost in a text: it is read, and made into code."""
_MOST_TEXT: Final = 300_000
"""Characters that one value may have; Gmail cuts a letter at 102,400."""
_MOST_ITEMS: Final = 20_000
_MOST_BITS: Final = 4096
_MOST_NUMBER: Final = 10_000
"""What a filter may be given for a width or a count."""
_NODES: Final = 50
"""Nodes of a template's syntax tree that cost as much as one turn of a loop."""
_UNIT: Final = 100
"""Characters that cost as much as one turn of a loop."""
_GROWING: Final = frozenset({"batch", "indent", "join", "replace", "slice", "wordwrap"})
"""Filters whose result may be as long as the value times an argument."""
_WIDE: Final = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:[0-9]{4}|\*|[0-9]*\.(?:[0-9]{4}|\*))")
"""In a format string: a width or a precision of four digits, or one that is given apart."""


_TEXTS: Final = frozenset({str, Markup})
_SMALL: Final = frozenset({bool, float, type(None)})
"""Types whose values cost nothing to go through."""


@dataclass(slots=True)
class _Purse:
    """What one rendering may still spend.

    Attributes:
        left: In steps.
        known: By identity, a model or dataclass of ours with its price: none of them changes while a letter is made,
            and templates hand the same block on again and again.
    """

    left: int = _MOST_STEPS
    known: dict[int, tuple[Any, int]] = field(default_factory=dict)


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


def work(nodes: int) -> int:
    """In steps, what it costs to go once through `nodes` of a template's syntax tree."""
    return nodes // _NODES


@pass_context
def charged(context: Any, value: Any, cost: int) -> Any:
    """`value`, which costs `cost` steps; with the context, so that Jinja2 does not work it out once and for all."""
    del context
    pay(cost)
    return value


def reading(size: int) -> int:
    """In steps, what a template of `size` bytes costs."""
    return 1 + _READING * characters(size)


def counted(values: Iterable[Any], cost: int) -> Iterator[Any]:
    """`values`, each of which costs `cost` steps."""
    for one in values:
        pay(cost)
        yield one


def price(value: Any) -> int:
    """In steps, what it costs to go through `value` once, with all that it holds; at most one more than there are.

    What is held twice counts twice, as it is written twice.
    """
    kind: Any = type(value)
    if kind in _TEXTS:
        return characters(len(value))
    if kind is int or kind in _SMALL:
        return 0
    if _is_ours(kind):
        known = _purse.get().known
        if id(value) not in known:
            known[id(value)] = (value, _weight(_held(value)))
        return known[id(value)][1]
    return _weight([value])


def _weight(waiting: Collection[Any]) -> int:
    total, waiting = 0, list(waiting)
    while waiting and total <= _MOST_STEPS:
        one = waiting.pop()
        kind: Any = type(one)
        if kind in _TEXTS:
            total += characters(len(one))
        elif kind is int or kind in _SMALL or isinstance(one, Undefined):
            continue
        elif isinstance(one, str):
            total += characters(len(one))
        elif _is_ours(kind):
            total += 1 + price(one)
        else:
            held = _held(one)
            total += len(held)
            waiting.extend(held)
    return min(total, _MOST_STEPS + 1)


@lru_cache(maxsize=512)
def _is_ours(kind: Any) -> bool:
    """Whether values of `kind` are models or dataclasses, which hold few others, and none that holds them."""
    return issubclass(kind, BaseModel) or is_dataclass(kind)


def _held(value: Any) -> Collection[Any]:
    """What is written with `value` where it is written out."""
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, Collection):
        return value
    if isinstance(value, BaseModel):
        return list(vars(value).values())
    if isinstance(value, Namespace):
        return list(value._Namespace__attrs.values())  # noqa: SLF001 - Jinja2 has no other door to them
    if isinstance(value, TemplateModule):
        return list(value._body_stream)  # noqa: SLF001 - what it is printed as
    if isinstance(value, Cycler):
        return value.items
    if is_dataclass(value):
        return [getattr(value, one.name) for one in fields(value)]
    return ()


def bounded(value: Any) -> Any:
    """`value`, unless it is larger than anything in a letter; its length is paid for.

    Of an iterator a list is made: nothing is known of what it would go on to give.
    """
    if value is None:
        return None
    is_text = isinstance(value, str)
    if not is_text and isinstance(value, Iterator) and not isinstance(value, LoopContext):
        value = list(islice(value, _MOST_ITEMS + 1))
    if is_text:
        if len(value) > _MOST_TEXT:
            raise SecurityError(_("it makes a text of more than {most} characters").format(most=_MOST_TEXT))
    elif isinstance(value, int):
        if value.bit_length() > _MOST_BITS:
            raise _too_large()
    elif isinstance(value, Sized) and not isinstance(value, Undefined) and len(value) > _MOST_ITEMS:
        raise SecurityError(_("it makes a list of more than {most} items").format(most=_MOST_ITEMS))
    pay(price(value))
    return value


def pay_arguments(arguments: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Pay for going through what a function is given; a text with `%` may be filled in with the rest.

    Raises:
        SecurityError: it costs more than is left, or what comes of it could be too long.
    """
    if arguments or options:
        pay(sum(map(price, arguments)) + sum(map(price, options.values())))
    if arguments and isinstance(arguments[0], str):
        _check_filling(arguments[0], (arguments[1:], options))


def _check_filling(text: str, values: Any) -> None:
    """Refuse a format string whose result could fill the memory."""
    if _WIDE.search(text) or text.count("%") * price(values) > characters(10 * _MOST_TEXT):
        raise _too_large()


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
        if type(value) not in _TEXTS and isinstance(value, Iterator) and not isinstance(value, LoopContext):
            value = bounded(value)
            arguments = (*arguments[:skipped], value, *others)
        others += options.values()
        pay(1 + price(value) + (sum(map(price, others)) if others else 0))
        if any(isinstance(one, int) and abs(one) > _MOST_NUMBER for one in others):
            raise _too_large()
        if name == "format":
            _check_filling(str(value), others)
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


def _divided(left: Any, right: Any) -> Any:
    if any(isinstance(one, int) and one.bit_length() > _MOST_BITS for one in (left, right)):
        raise _too_large()
    return left // right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > _MOST_BITS:
        raise _too_large()
    return left**right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        _check_filling(left, right)
    elif any(isinstance(one, int) and one.bit_length() > _MOST_BITS for one in (left, right)):
        raise _too_large()
    return left % right


OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": _plus,
    "*": _times,
    "//": _divided,
    "**": _power,
    "%": _modulo,
}
"""Sign of Jinja2 -> what it does here."""
