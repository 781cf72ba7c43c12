"""What a template may do: read what it is given, call what it is given, and end.

Whoever can write a workspace can write its templates, and a workspace is cloned, mailed and unpacked. In plain Jinja2 a
template reaches Python's builtins by `''.__class__`, and is then the program, with its keys. Here Jinja2's sandbox
stands in front, and behind it lists of what may be read and called, instead of what may not.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path
from types import BuiltinMethodType, MethodType
from typing import Any, Final
from weakref import WeakKeyDictionary

from jinja2 import Template, nodes
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import BlockReference, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace
from pydantic import BaseModel

from pvd_mailer.i18n import _
from pvd_mailer.render.cost import (
    BINARY_OPERATIONS,
    character_cost,
    charge,
    charge_arguments,
    charge_each,
    charged_value,
    limit_value,
    limited_filter,
    node_cost,
    template_cost,
    value_cost,
)
from pvd_mailer.workspace import builtin_templates

__all__ = ["Sandbox", "wrap_functions"]


@dataclass(frozen=True, slots=True)
class _TemplateFunction:
    """A function of ours that a template may call; nothing of it can be read."""

    function: Callable[..., Any]

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """What the function says."""
        return self.function(*arguments, **options)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DATE_NAMES: Final = _words(
    "date day days fold hour isocalendar isoformat isoweekday microsecond minute month second seconds strftime time"
    " timetuple total_seconds tzname utcoffset weekday year"
)
_READABLE_NAMES: Final[dict[type, frozenset[str]]] = {
    str: _words(
        "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace"
        " istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip split"
        " splitlines startswith strip striptags swapcase title unescape upper"
    ),
    list: _words("index count"),
    tuple: _words("index count"),
    range: _words("index count"),
    dict: _words("items keys values get"),
    date: _DATE_NAMES,
    datetime: _DATE_NAMES,
    time: _DATE_NAMES,
    timedelta: _DATE_NAMES,
    LoopContext: _words(
        "index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed"
    ),
    Macro: _words("name arguments catch_kwargs catch_varargs caller"),
    Cycler: _words("next reset current"),
    BlockReference: _words("super"),
}
"""Type -> what may be read of its values. Of our own models and dataclasses: fields and properties, and no method."""
_FREELY_READABLE: Final = (Namespace, TemplateModule, TemplateReference, Undefined)
"""What holds nothing but names that templates themselves have set."""
_CALLABLE: Final = (_TemplateFunction, Macro, BlockReference, LoopContext, Joiner)
_ALLOWED_FILTERS: Final = _words(
    "abs batch capitalize count d default dictsort e escape first float forceescape format groupby indent int items"
    " join last length list lower map max min reject rejectattr replace reverse round safe select selectattr slice sort"
    " string striptags sum title tojson trim truncate unique upper urlencode wordcount wordwrap xmlattr"
)
"""Jinja2's, without `attr`, which reads what is refused, `random`, which gives other bytes each time, and `center`."""
_ALLOWED_GLOBALS: Final = _words("range dict namespace cycler joiner _")


def wrap_functions(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` for a template: what is a function among them may be called."""
    return {name: _TemplateFunction(value) if callable(value) else value for name, value in values.items()}


@lru_cache(maxsize=4096)
def _is_readable(value_type: type, name: str) -> bool:
    """Whether a template may read `name` of a value of `value_type`."""
    if name.startswith("_"):
        return False
    if issubclass(value_type, Enum) and name in {"name", "value"}:
        return True
    for base in value_type.__mro__:
        if base in _READABLE_NAMES:
            return name in _READABLE_NAMES[base]
    if issubclass(value_type, _FREELY_READABLE):
        return True
    field_names: Iterable[str] = ()
    if issubclass(value_type, BaseModel):
        if hasattr(BaseModel, name):
            return False
        field_names = value_type.model_fields
    elif is_dataclass(value_type) and not issubclass(value_type, _TemplateFunction):
        field_names = value_type.__dataclass_fields__
    else:
        return False
    return name in field_names or isinstance(getattr(value_type, name, None), property | cached_property)


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment whose templates may do what is listed in this module, and nothing else."""

    intercepted_binops = frozenset(BINARY_OPERATIONS)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.filters = {
            name: limited_filter(name, function) for name, function in self.filters.items() if name in _ALLOWED_FILTERS
        }
        # with a blank: no template can write these names
        self.filters |= {" counted": charge_each, " bounded": limit_value, " charged": charged_value}
        self.globals = {name: function for name, function in self.globals.items() if name in _ALLOWED_GLOBALS}
        self._template_costs: WeakKeyDictionary[Template, int] = WeakKeyDictionary()
        tests: dict[str, Any] = dict(self.tests)
        self.tests = {name: limited_filter(name, test) for name, test in tests.items()}

    @cached_property
    def _global_ids(self) -> frozenset[int]:
        """The functions that every template is given; asked for when the first one is filled, and all are there."""
        return frozenset(id(function) for function in self.globals.values())

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read `attr` of `obj`."""
        del value
        kind: Any = type(obj)  # mypy takes no class for hashable
        return _is_readable(kind, attr)

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether a template may call `obj`."""
        if isinstance(obj, _CALLABLE) or id(obj) in self._global_ids:
            return True
        if isinstance(obj, MethodType | BuiltinMethodType):
            kind: Any = type(obj.__self__)
            return _is_readable(kind, obj.__name__)
        return False

    def wrap_str_format(self, value: Any) -> None:
        """`str.format` has a language of its own; there is a filter `format`."""
        del value

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """What stands for something that may not be read: whatever is done with it fails."""
        description = _("a text") if isinstance(obj, str) else type(obj).__name__
        message = _("a template may not read “{name}” of {kind}").format(name=attribute, kind=description)
        return self.undefined(message, name=attribute, obj=obj, exc=SecurityError)

    def call(self, context: Any, obj: Any, /, *arguments: Any, **options: Any) -> Any:
        """Call `obj` for a template."""
        if not self.is_safe_callable(obj):
            if isinstance(obj, Undefined):
                return obj()  # which says what is missing
            name = getattr(obj, "__name__", None) or type(obj).__name__
            raise SecurityError(_("a template may not call {name}").format(name=name))
        if isinstance(
            obj, Macro | _TemplateFunction
        ):  # a macro pays inside; our functions go through none of their arguments
            charge(1)
        elif isinstance(obj, LoopContext):  # a loop that is `recursive`
            charge(1)
            arguments = (charge_each(arguments[0], 1), *arguments[1:]) if arguments else ()
        else:
            charge(1 + value_cost(getattr(obj, "__self__", None)))
            charge_arguments(arguments, options)
        return limit_value(context.call(obj, *arguments, **options))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate for a template."""
        del context
        return limit_value(BINARY_OPERATIONS[operator](left, right))

    def get_template(self, name: Any, *arguments: Any, **options: Any) -> Template:
        """The template `name`; each time that it is asked for costs what it is long."""
        template = super().get_template(name, *arguments, **options)
        if template not in self._template_costs:
            self._template_costs[template] = (
                template_cost(Path(template.filename).stat().st_size) if template.filename else 0
            )
        charge(self._template_costs[template])
        return template

    def compile(self, source: Any, name: Any = None, *arguments: Any, **options: Any) -> Any:
        """The code of a template.

        Raises:
            TemplateSyntaxError: it is none, or brackets stand in brackets beyond what Python reads.
        """
        try:
            return super().compile(source, name, *arguments, **options)
        except (RecursionError, MemoryError, SyntaxError) as exc:
            raise TemplateSyntaxError(_("it is nested too deeply"), 1, name) from exc

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, *arguments: Any, **options: Any
    ) -> str:
        """Have all counted that a template does over again, and all weighed that it puts together or goes through.

        A built-in template is counted alone: what others hand it was weighed where they made it, and what comes of it
        is weighed where they call it.
        """
        all_nodes = list(source.find_all(nodes.Node))
        costs = [
            (candidate, _body_cost(candidate))
            for candidate in all_nodes
            if isinstance(candidate, nodes.For | nodes.Macro | nodes.CallBlock)
        ]
        if filename is None or not Path(filename).is_relative_to(builtin_templates()):
            for node in all_nodes:
                _limit_inputs(node)
        for node, cost in costs:
            if isinstance(node, nodes.For):
                node.iter = _filter_call(" counted", node.iter, nodes.Const(1 + cost))
            else:
                charge_call = _filter_call(" charged", nodes.Const(None, lineno=node.lineno), nodes.Const(cost))
                node.body = [nodes.ExprStmt(charge_call, lineno=node.lineno), *node.body]
        source.set_environment(self)
        return super()._generate(source, name, filename, *arguments, **options)


def _body_cost(node: nodes.Node) -> int:
    """In steps, what it costs to go once through the inside of `node`."""
    length, node_count = 0, 0
    for inner in node.find_all(nodes.Node):
        node_count += 1
        length += len(inner.data) if isinstance(inner, nodes.TemplateData) else 0
    return character_cost(length) + node_cost(node_count)


def _limit_inputs(node: nodes.Node) -> None:
    """Have weighed what `node` is given to print, to join, to compare or to look up, and what is made in it."""
    if isinstance(node, nodes.Output | nodes.Concat):
        node.nodes = [_limited(child) for child in node.nodes]
    elif isinstance(node, nodes.Compare | nodes.Operand):
        node.expr = _limited(node.expr)
    elif isinstance(node, nodes.Pair):
        node.key = _limited(node.key)
    elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
        node.arg = _limited(node.arg)
    for name, value in list(node.iter_fields()):
        if isinstance(value, list):
            setattr(node, name, [_limited(item) if _creates_value(item) else item for item in value])
        elif _creates_value(value):
            setattr(node, name, _limited(value))


def _creates_value(node: Any) -> bool:
    """Whether a new list, mapping or part of a text comes of `node`."""
    if isinstance(node, nodes.Getitem):
        return isinstance(node.arg, nodes.Slice)
    return isinstance(node, nodes.List | nodes.Dict | nodes.Concat) or (
        isinstance(node, nodes.Tuple) and node.ctx == "load"
    )


def _limited(node: Any) -> Any:
    if isinstance(node, nodes.TemplateData | nodes.Const):
        return node
    return _filter_call(" bounded", node)


def _filter_call(name: str, value: nodes.Node, *arguments: nodes.Expr) -> nodes.Filter:
    """`value | name(arguments)`."""
    call = nodes.Filter(value, name, list(arguments), [], None, None)
    call.set_lineno(value.lineno, override=True)
    return call
