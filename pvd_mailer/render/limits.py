"""How large a value of a template may get: what would fill the memory is refused before it is made.

A fault here is a `SecurityError`, which the engine tells as a finding. What passes is paid for (`cost`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from functools import wraps
from itertools import islice
from typing import Any, Final

from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Undefined

from pvd_mailer.i18n import _
from pvd_mailer.render.cost import TEXT_TYPES, character_cost, charge, value_cost

__all__ = ["BINARY_OPERATIONS", "charge_arguments", "limit_value", "limited_filter"]

_MAX_TEXT: Final = 300_000
"""Characters that one value may have; Gmail cuts a letter at 102,400."""
_MAX_ITEMS: Final = 20_000
_MAX_BITS: Final = 4096
_MAX_ARGUMENT: Final = 10_000
"""What a filter may be given for a width or a count."""
_GROWING_FILTERS: Final = frozenset({"batch", "indent", "join", "replace", "slice", "wordwrap"})
"""Filters whose result may be as long as the value times an argument."""
_WIDE_FORMAT: Final = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:[0-9]{4}|\*|[0-9]*\.(?:[0-9]{4}|\*))")
"""In a format string: a width or a precision of four digits, or one that is given apart."""


def limit_value(value: Any) -> Any:
    """`value`, unless it is larger than anything in a letter; its length is paid for.

    Of an iterator a list is made: nothing is known of what it would go on to give.
    """
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > _MAX_TEXT:
            raise SecurityError(_("it makes a text of more than {most} characters").format(most=_MAX_TEXT))
    elif _is_iterator(value):
        value = _check_size(list(islice(value, _MAX_ITEMS + 1)))
    else:
        value = _check_size(value)
    charge(value_cost(value))
    return value


def _is_iterator(value: Any) -> bool:
    return isinstance(value, Iterator) and not isinstance(value, LoopContext)


def _check_size(value: Any) -> Any:
    """`value`, a number or what holds others, unless it is too large."""
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise _number_too_large()
    elif isinstance(value, Sized) and not isinstance(value, Undefined) and len(value) > _MAX_ITEMS:
        raise SecurityError(_("it makes a list of more than {most} items").format(most=_MAX_ITEMS))
    return value


def charge_arguments(arguments: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Pay for going through what a function is given; a text with `%` may be filled in with the rest.

    Raises:
        SecurityError: it costs more than is left, or what comes of it could be too long.
    """
    if arguments or options:
        charge(sum(map(value_cost, arguments)) + sum(map(value_cost, options.values())))
    if arguments and isinstance(arguments[0], str):
        _check_format(arguments[0], (arguments[1:], options))


def _check_format(text: str, values: Any) -> None:
    """Refuse a format string whose result could fill the memory."""
    if _WIDE_FORMAT.search(text) or text.count("%") * value_cost(values) > character_cost(10 * _MAX_TEXT):
        raise _number_too_large()


def _number_too_large() -> SecurityError:
    return SecurityError(_("it counts with a number that is too large"))


def _magnitude(value: Any) -> int:
    if isinstance(value, int):
        return abs(value)
    return len(value) if isinstance(value, Sized) and not isinstance(value, Undefined) else 1


def limited_filter(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Jinja2's filter `name`, which says no to a number or to a product that would fill the memory."""
    skipped = 1 if hasattr(function, "jinja_pass_arg") else 0

    @wraps(function)
    def careful(*arguments: Any, **options: Any) -> Any:
        value, *other_arguments = arguments[skipped:]
        if type(value) not in TEXT_TYPES and _is_iterator(value):
            value = limit_value(value)
            arguments = (*arguments[:skipped], value, *other_arguments)
        other_arguments += options.values()
        charge(1 + value_cost(value) + (sum(map(value_cost, other_arguments)) if other_arguments else 0))
        _check_filter_call(name, value, other_arguments)
        return limit_value(function(*arguments, **options))

    return careful


def _check_filter_call(name: str, value: Any, arguments: Sequence[Any]) -> None:
    """Refuse a call of filter `name` with a number, or to a result, that would fill the memory."""
    if any(isinstance(argument, int) and abs(argument) > _MAX_ARGUMENT for argument in arguments):
        raise _number_too_large()
    if name == "format":
        _check_format(str(value), arguments)
    if name in _GROWING_FILTERS:
        longest = max(map(_magnitude, arguments), default=0)
        if (_magnitude(value) + 1) * longest > 10 * _MAX_TEXT:
            raise _number_too_large()


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, Sized) and _magnitude(left) + _magnitude(right) > _MAX_TEXT:
        raise _number_too_large()
    return left + right


def _multiply(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > _MAX_BITS:
            raise _number_too_large()
    elif (isinstance(left, Sized) or isinstance(right, Sized)) and _magnitude(left) * _magnitude(right) > _MAX_TEXT:
        raise _number_too_large()
    return left * right


def _floor_divide(left: Any, right: Any) -> Any:
    if any(isinstance(operand, int) and operand.bit_length() > _MAX_BITS for operand in (left, right)):
        raise _number_too_large()
    return left // right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > _MAX_BITS:
        raise _number_too_large()
    return left**right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str):
        _check_format(left, right)
    elif any(isinstance(operand, int) and operand.bit_length() > _MAX_BITS for operand in (left, right)):
        raise _number_too_large()
    return left % right


BINARY_OPERATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": _add,
    "*": _multiply,
    "//": _floor_divide,
    "**": _power,
    "%": _modulo,
}
"""Sign of Jinja2 -> what it does here."""
