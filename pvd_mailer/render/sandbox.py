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
from pvd_mailer.render.cost import charge, charge_each, known_templates, template_cost, value_cost
from pvd_mailer.render.limits import BINARY_OPERATIONS, charge_arguments, limit_value, limited_filter
from pvd_mailer.render.metering import METER_FILTERS, meter
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
    listed = next((_READABLE_NAMES[base] for base in value_type.__mro__ if base in _READABLE_NAMES), None)
    if listed is not None:
        return name in listed
    return issubclass(value_type, _FREELY_READABLE) or _is_field_or_property(value_type, name)


def _is_field_or_property(value_type: type, name: str) -> bool:
    """Whether `name` is one of a model or dataclass of ours: a method of it is not."""
    field_names: Iterable[str]
    if issubclass(value_type, BaseModel) and not hasattr(BaseModel, name):
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
        self.filters |= METER_FILTERS
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
        if type(obj) is _TemplateFunction:  # it goes through none of its arguments, and takes no context
            charge(1)
            for name in ("_loop_vars", "_block_vars"):  # what Jinja2 puts in for what takes it
                options.pop(name, None)
            return limit_value(obj.function(*arguments, **options))
        if not self.is_safe_callable(obj):
            if isinstance(obj, Undefined):
                return obj()  # which says what is missing
            name = getattr(obj, "__name__", None) or type(obj).__name__
            raise SecurityError(_("a template may not call {name}").format(name=name))
        if isinstance(obj, Macro):
            charge(1)  # it pays inside
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

    def _load_template(self, name: str, globals: Any) -> Template:  # noqa: A002 - as Jinja2 has it
        """The template `name`: on the disk it is looked for once a rendering, and not at each block that it draws."""
        templates = known_templates()
        if name not in templates:
            templates[name] = super()._load_template(name, globals)
        return templates[name]

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
        """The code of a template, in which all is counted and weighed that it does."""
        is_trusted = filename is not None and Path(filename).is_relative_to(builtin_templates())
        meter(source, is_trusted=is_trusted)
        source.set_environment(self)
        return super()._generate(source, name, filename, *arguments, **options)
