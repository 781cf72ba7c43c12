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
    OPERATIONS,
    bounded,
    bounded_filter,
    characters,
    charged,
    counted,
    pay,
    pay_arguments,
    price,
    reading,
    work,
)
from pvd_mailer.workspace import builtin_templates

__all__ = ["Sandbox", "given"]


@dataclass(frozen=True, slots=True)
class _Given:
    """A function of ours that a template may call; nothing of it can be read."""

    function: Callable[..., Any]

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """What the function says."""
        return self.function(*arguments, **options)


def _names(said: str) -> frozenset[str]:
    return frozenset(said.split())


_MOMENT: Final = _names(
    "date day days fold hour isocalendar isoformat isoweekday microsecond minute month second seconds strftime time"
    " timetuple total_seconds tzname utcoffset weekday year"
)
_READABLE: Final[dict[type, frozenset[str]]] = {
    str: _names(
        "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace"
        " istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex rpartition rsplit rstrip split"
        " splitlines startswith strip striptags swapcase title unescape upper"
    ),
    list: _names("index count"),
    tuple: _names("index count"),
    range: _names("index count"),
    dict: _names("items keys values get"),
    date: _MOMENT,
    datetime: _MOMENT,
    time: _MOMENT,
    timedelta: _MOMENT,
    LoopContext: _names(
        "index index0 revindex revindex0 first last length depth depth0 previtem nextitem cycle changed"
    ),
    Macro: _names("name arguments catch_kwargs catch_varargs caller"),
    Cycler: _names("next reset current"),
    BlockReference: _names("super"),
}
"""Type -> what may be read of its values. Of our own models and dataclasses: fields and properties, and no method."""
_OPEN: Final = (Namespace, TemplateModule, TemplateReference, Undefined)
"""What holds nothing but names that templates themselves have set."""
_CALLABLE: Final = (_Given, Macro, BlockReference, LoopContext, Joiner)
_FILTERS: Final = _names(
    "abs batch capitalize count d default dictsort e escape first float forceescape format groupby indent int items"
    " join last length list lower map max min reject rejectattr replace reverse round safe select selectattr slice sort"
    " string striptags sum title tojson trim truncate unique upper urlencode wordcount wordwrap xmlattr"
)
"""Jinja2's, without `attr`, which reads what is refused, `random`, which gives other bytes each time, and `center`."""
_GLOBALS: Final = _names("range dict namespace cycler joiner _")


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` for a template: what is a function among them may be called."""
    return {name: _Given(value) if callable(value) else value for name, value in values.items()}


@lru_cache(maxsize=4096)
def _may_read(kind: type, name: str) -> bool:
    """Whether a template may read `name` of a value of `kind`."""
    if name.startswith("_"):
        return False
    if issubclass(kind, Enum) and name in {"name", "value"}:
        return True
    for known in kind.__mro__:
        if known in _READABLE:
            return name in _READABLE[known]
    if issubclass(kind, _OPEN):
        return True
    fields: Iterable[str] = ()
    if issubclass(kind, BaseModel):
        if hasattr(BaseModel, name):
            return False
        fields = kind.model_fields
    elif is_dataclass(kind) and not issubclass(kind, _Given):
        fields = kind.__dataclass_fields__
    else:
        return False
    return name in fields or isinstance(getattr(kind, name, None), property | cached_property)


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment whose templates may do what is listed in this module, and nothing else."""

    intercepted_binops = frozenset(OPERATIONS)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.filters = {name: bounded_filter(name, one) for name, one in self.filters.items() if name in _FILTERS}
        # with a blank: no template can write these names
        self.filters |= {" counted": counted, " bounded": bounded, " charged": charged}
        self.globals = {name: one for name, one in self.globals.items() if name in _GLOBALS}
        self._costs: WeakKeyDictionary[Template, int] = WeakKeyDictionary()
        tests: dict[str, Any] = dict(self.tests)
        self.tests = {name: bounded_filter(name, one) for name, one in tests.items()}

    @cached_property
    def _known(self) -> frozenset[int]:
        """The functions that every template is given; asked for when the first one is filled, and all are there."""
        return frozenset(id(one) for one in self.globals.values())

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read `attr` of `obj`."""
        del value
        kind: Any = type(obj)  # mypy takes no class for hashable
        return _may_read(kind, attr)

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether a template may call `obj`."""
        if isinstance(obj, _CALLABLE) or id(obj) in self._known:
            return True
        if isinstance(obj, MethodType | BuiltinMethodType):
            kind: Any = type(obj.__self__)
            return _may_read(kind, obj.__name__)
        return False

    def wrap_str_format(self, value: Any) -> None:
        """`str.format` has a language of its own; there is a filter `format`."""
        del value

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """What stands for something that may not be read: whatever is done with it fails."""
        kind = _("a text") if isinstance(obj, str) else type(obj).__name__
        said = _("a template may not read “{name}” of {kind}").format(name=attribute, kind=kind)
        return self.undefined(said, name=attribute, obj=obj, exc=SecurityError)

    def call(self, context: Any, obj: Any, /, *arguments: Any, **options: Any) -> Any:
        """Call `obj` for a template."""
        if not self.is_safe_callable(obj):
            if isinstance(obj, Undefined):
                return obj()  # which says what is missing
            name = getattr(obj, "__name__", None) or type(obj).__name__
            raise SecurityError(_("a template may not call {name}").format(name=name))
        if isinstance(obj, Macro | _Given):  # a macro pays inside; our functions go through none of their arguments
            pay(1)
        elif isinstance(obj, LoopContext):  # a loop that is `recursive`
            pay(1)
            arguments = (counted(arguments[0], 1), *arguments[1:]) if arguments else ()
        else:
            pay(1 + price(getattr(obj, "__self__", None)))
            pay_arguments(arguments, options)
        return bounded(context.call(obj, *arguments, **options))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate for a template."""
        del context
        return bounded(OPERATIONS[operator](left, right))

    def get_template(self, name: Any, *arguments: Any, **options: Any) -> Template:
        """The template `name`; each time that it is asked for costs what it is long."""
        found = super().get_template(name, *arguments, **options)
        if found not in self._costs:
            self._costs[found] = reading(Path(found.filename).stat().st_size) if found.filename else 0
        pay(self._costs[found])
        return found

    def compile(self, source: Any, name: Any = None, *arguments: Any, **options: Any) -> Any:
        """The code of a template.

        Raises:
            TemplateSyntaxError: it is none, or brackets stand in brackets beyond what Python reads.
        """
        try:
            return super().compile(source, name, *arguments, **options)
        except (RecursionError, MemoryError, SyntaxError) as error:
            raise TemplateSyntaxError(_("it is nested too deeply"), 1, name) from error

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, *arguments: Any, **options: Any
    ) -> str:
        """Have all counted that a template does over again, and all weighed that it puts together or goes through.

        A built-in template is counted alone: what others hand it was weighed where they made it, and what comes of it
        is weighed where they call it.
        """
        found = list(source.find_all(nodes.Node))
        costs = [(one, _cost(one)) for one in found if isinstance(one, nodes.For | nodes.Macro | nodes.CallBlock)]
        if filename is None or not Path(filename).is_relative_to(builtin_templates()):
            for node in found:
                _weigh(node)
        for node, cost in costs:
            if isinstance(node, nodes.For):
                node.iter = _through(" counted", node.iter, nodes.Const(1 + cost))
            else:
                paid = _through(" charged", nodes.Const(None, lineno=node.lineno), nodes.Const(cost))
                node.body = [nodes.ExprStmt(paid, lineno=node.lineno), *node.body]
        source.set_environment(self)
        return super()._generate(source, name, filename, *arguments, **options)


def _cost(node: nodes.Node) -> int:
    """In steps, what it costs to go once through the inside of `node`."""
    length, parts = 0, 0
    for inside in node.find_all(nodes.Node):
        parts += 1
        length += len(inside.data) if isinstance(inside, nodes.TemplateData) else 0
    return characters(length) + work(parts)


def _weigh(node: nodes.Node) -> None:
    """Have weighed what `node` is given to print, to join, to compare or to look up, and what is made in it."""
    if isinstance(node, nodes.Output | nodes.Concat):
        node.nodes = [_weighed(one) for one in node.nodes]
    elif isinstance(node, nodes.Compare | nodes.Operand):
        node.expr = _weighed(node.expr)
    elif isinstance(node, nodes.Pair):
        node.key = _weighed(node.key)
    elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
        node.arg = _weighed(node.arg)
    for name, value in list(node.iter_fields()):
        if isinstance(value, list):
            setattr(node, name, [_weighed(one) if _makes(one) else one for one in value])
        elif _makes(value):
            setattr(node, name, _weighed(value))


def _makes(node: Any) -> bool:
    """Whether a new list, mapping or part of a text comes of `node`."""
    if isinstance(node, nodes.Getitem):
        return isinstance(node.arg, nodes.Slice)
    return isinstance(node, nodes.List | nodes.Dict | nodes.Concat) or (
        isinstance(node, nodes.Tuple) and node.ctx == "load"
    )


def _weighed(node: Any) -> Any:
    if isinstance(node, nodes.TemplateData | nodes.Const):
        return node
    return _through(" bounded", node)


def _through(name: str, value: nodes.Node, *arguments: nodes.Expr) -> nodes.Filter:
    """`value | name(arguments)`."""
    made = nodes.Filter(value, name, list(arguments), [], None, None)
    made.set_lineno(value.lineno, override=True)
    return made
