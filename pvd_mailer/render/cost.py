"""What a template costs: turns, calls and characters are counted in steps, so that none runs for ever.

Jinja2's own sandbox bounds `range` alone. A fault here is a `SecurityError`, which the engine tells as a finding.
A value costs what it would be long if it were written out: a list that holds one text many times is as dear as all of
them. Whatever is printed of it, compared or put together afterwards is then paid for.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import Template, pass_context
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined
from jinja2.utils import Cycler, Namespace
from markupsafe import Markup
from pydantic import BaseModel

from pvd_mailer.i18n import _

__all__ = [
    "MAX_TEMPLATE_BYTES",
    "TEXT_TYPES",
    "character_cost",
    "charge",
    "charge_each",
    "charged_value",
    "known_templates",
    "node_cost",
    "step_budget",
    "template_cost",
    "value_cost",
]

MAX_TEMPLATE_BYTES: Final = 100_000
"""Bytes of a template. The largest of the built-in ones has 3,600; to read one of 100,000 may take some seconds."""
_MAX_STEPS: Final = 200_000
"""Turns of loops, calls, and characters in hundreds. Issue 22, the longest letter yet, takes 18,000."""
_COMPILE_FACTOR: Final = 50
"""Times that a template's characters cost what they cost in a text: it is read, and made into code."""
_NODES_PER_STEP: Final = 50
"""Nodes of a template's syntax tree that cost as much as one turn of a loop."""
_CHARACTERS_PER_STEP: Final = 100
"""Characters that cost as much as one turn of a loop."""

TEXT_TYPES: Final = frozenset({str, Markup})
_FREE_TYPES: Final = frozenset({bool, float, type(None)})
"""Types whose values cost nothing to go through."""


@dataclass(slots=True)
class _Budget:
    """What one rendering may still spend.

    Attributes:
        steps_left: In steps.
        known_costs: By identity, a model or dataclass of ours with its price: none changes while a letter is made,
            and templates hand the same block on again and again.
        templates: By name, those that were looked up: a letter is made of one state of each.
    """

    steps_left: int = _MAX_STEPS
    known_costs: dict[int, tuple[Any, int]] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)


_budget: ContextVar[_Budget] = ContextVar("budget")


def known_templates() -> dict[str, Template]:
    """By name, the templates that this rendering has looked up; whoever looks one up adds it."""
    return _budget.get().templates


@contextmanager
def step_budget() -> Iterator[None]:
    """A rendering, whose steps are counted from 0; templates are filled inside one."""
    token = _budget.set(_Budget())
    try:
        yield
    finally:
        _budget.reset(token)


def charge(steps: int) -> None:
    """Take `steps` from what this rendering may cost.

    Raises:
        SecurityError: nothing is left.
    """
    budget = _budget.get()
    budget.steps_left -= steps
    if budget.steps_left < 0:
        raise SecurityError(
            _("it does not come to an end: its loops and calls are more than {most} steps").format(most=_MAX_STEPS)
        )


def character_cost(count: int) -> int:
    """In steps, what `count` characters cost."""
    return count // _CHARACTERS_PER_STEP


def node_cost(nodes: int) -> int:
    """In steps, what it costs to go once through `nodes` of a template's syntax tree."""
    return nodes // _NODES_PER_STEP


def template_cost(size: int) -> int:
    """In steps, what a template of `size` bytes costs."""
    return 1 + _COMPILE_FACTOR * character_cost(size)


@pass_context
def charged_value(context: Any, value: Any, cost: int) -> Any:
    """`value`, which costs `cost` steps; with the context, so that Jinja2 does not work it out once and for all."""
    del context
    charge(cost)
    return value


def charge_each(values: Iterable[Any], cost: int) -> Iterator[Any]:
    """`values`, each of which costs `cost` steps."""
    for value in values:
        charge(cost)
        yield value


def value_cost(value: Any) -> int:
    """In steps, what it costs to go through `value` once, with all that it holds; at most one more than there are.

    What is held twice counts twice, as it is written twice.
    """
    value_type: Any = type(value)
    if value_type in TEXT_TYPES:
        return character_cost(len(value))
    if value_type is int or value_type in _FREE_TYPES:
        return 0
    if _is_model(value_type):
        known_costs = _budget.get().known_costs
        if id(value) not in known_costs:
            known_costs[id(value)] = (value, _total_cost(_contents(value)))
        return known_costs[id(value)][1]
    return _total_cost([value])


def _total_cost(pending: Collection[Any]) -> int:
    total, pending = 0, list(pending)
    while pending and total <= _MAX_STEPS:
        value = pending.pop()
        value_type: Any = type(value)
        if value_type in TEXT_TYPES:
            total += character_cost(len(value))
        elif value_type is int or value_type in _FREE_TYPES or isinstance(value, Undefined):
            continue
        elif isinstance(value, str):
            total += character_cost(len(value))
        elif _is_model(value_type):
            total += 1 + value_cost(value)
        else:
            contents = _contents(value)
            total += len(contents)
            pending.extend(contents)
    return min(total, _MAX_STEPS + 1)


@lru_cache(maxsize=512)
def _is_model(kind: Any) -> bool:
    """Whether values of `kind` are models or dataclasses, which hold few others, and none that holds them."""
    return issubclass(kind, BaseModel) or is_dataclass(kind)


def _contents(value: Any) -> Collection[Any]:
    """What is written with `value` where it is written out."""
    kind: Any = type(value)
    read = _contents_reader(kind)
    contents: Collection[Any] = read(value) if read else ()
    return contents


def _itself(value: Any) -> Any:
    return value


@lru_cache(maxsize=512)
def _contents_reader(kind: Any) -> Callable[[Any], Collection[Any]] | None:
    """What gives the contents of values of `kind`; None where they have none."""
    readers: tuple[tuple[type, Callable[[Any], Collection[Any]]], ...] = (
        (Mapping, lambda value: [*value.keys(), *value.values()]),
        (Collection, _itself),
        (BaseModel, lambda value: list(vars(value).values())),
        (Namespace, lambda value: list(value._Namespace__attrs.values())),  # noqa: SLF001 - Jinja2 has no other door to them
        (TemplateModule, lambda value: list(value._body_stream)),  # noqa: SLF001 - what it is printed as
        (Cycler, lambda value: value.items),
    )
    for base, read in readers:
        if issubclass(kind, base):
            return read
    if is_dataclass(kind):
        names = [dataclass_field.name for dataclass_field in fields(kind)]
        return lambda value: [getattr(value, name) for name in names]
    return None
