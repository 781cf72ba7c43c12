"""Puts into a template's syntax tree what counts its steps and weighs its values, before code is made of it."""

from collections.abc import Callable
from typing import Any, Final

from jinja2 import nodes

from pvd_mailer.render.cost import character_cost, charge_each, charged_value, node_cost
from pvd_mailer.render.limits import limit_value

__all__ = ["METER_FILTERS", "meter"]

_COUNTED, _CHARGED, _BOUNDED = " counted", " charged", " bounded"
METER_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    _COUNTED: charge_each,
    _CHARGED: charged_value,
    _BOUNDED: limit_value,
}
"""The filters that metered templates call. Their names begin with a blank: no template can write them itself."""


def meter(source: nodes.Template, *, is_trusted: bool) -> None:
    """Have all counted that `source` does over again, and all weighed that it puts together or goes through.

    A template that is trusted, a built-in one, is counted alone: what others hand it was weighed where they made it,
    and what comes of it is weighed where they call it.
    """
    all_nodes = list(source.find_all(nodes.Node))
    repeated = [node for node in all_nodes if isinstance(node, nodes.For | nodes.Macro | nodes.CallBlock)]
    costs = [_body_cost(node) for node in repeated]  # before anything is put in
    if not is_trusted:
        for node in all_nodes:
            _limit_inputs(node)
            _limit_created(node)
    for node, cost in zip(repeated, costs, strict=True):
        _charge_body(node, cost)


def _charge_body(node: nodes.For | nodes.Macro | nodes.CallBlock, cost: int) -> None:
    """Have `cost` steps charged for each turn of a loop, or for each call."""
    if isinstance(node, nodes.For):
        node.iter = _filter_call(_COUNTED, node.iter, nodes.Const(1 + cost))
    else:
        charge_call = _filter_call(_CHARGED, nodes.Const(None, lineno=node.lineno), nodes.Const(cost))
        node.body = [nodes.ExprStmt(charge_call, lineno=node.lineno), *node.body]


def _body_cost(node: nodes.Node) -> int:
    """In steps, what it costs to go once through the inside of `node`."""
    length, node_count = 0, 0
    for inner in node.find_all(nodes.Node):
        node_count += 1
        length += len(inner.data) if isinstance(inner, nodes.TemplateData) else 0
    return character_cost(length) + node_cost(node_count)


def _limit_inputs(node: nodes.Node) -> None:
    """Have weighed what `node` is given to print, to join, to compare or to look up."""
    if isinstance(node, nodes.Output | nodes.Concat):
        node.nodes = [_limited(child) for child in node.nodes]
    elif isinstance(node, nodes.Compare | nodes.Operand):
        node.expr = _limited(node.expr)
    elif isinstance(node, nodes.Pair):
        node.key = _limited(node.key)
    elif isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Slice):
        node.arg = _limited(node.arg)


def _limit_created(node: nodes.Node) -> None:
    """Have weighed the lists, mappings and parts of texts that are made inside `node`."""
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
    return _filter_call(_BOUNDED, node)


def _filter_call(name: str, value: nodes.Node, *arguments: nodes.Expr) -> nodes.Filter:
    """`value | name(arguments)`."""
    call = nodes.Filter(value, name, list(arguments), [], None, None)
    call.set_lineno(value.lineno, override=True)
    return call
