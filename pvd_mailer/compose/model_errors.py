"""What pydantic and the model refused -> findings, each at its place in the file and in words that an editor knows.

An error is located first (`_locate`), then put into words: `_DETAILS` has, by rule, what the message of that rule says
besides the value and its key.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pvd_mailer.compose.finding import block_at, make_finding
from pvd_mailer.compose.messages import MARKDOWN_NAMES, MESSAGES
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, SequenceNode, find_node
from pvd_mailer.findings import Finding
from pvd_mailer.i18n import _
from pvd_mailer.issue.blocks import BLOCKS, BlockBase, block_type
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["findings_of_model_errors", "suggestion"]

_RULES = {
    "missing": "missing",
    "extra_forbidden": "unknown-key",
    "union_tag_invalid": "unknown-type",
    "union_tag_not_found": "no-type",
    "model_type": "not-a-group",
    "model_attributes_type": "not-a-group",
    "dict_type": "not-a-group",
    "dict_attributes_type": "not-a-group",
    "tuple_type": "not-a-list",
    "list_type": "not-a-list",
    "string_type": "not-a-text",
    "string_too_long": "too-long",
    "string_pattern_mismatch": "bad-file-name",
    "too_short": "too-short",
    "too_long": "too-many",
    "literal_error": "not-among",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "int_type": "not-a-number",
    "float_type": "not-a-figure",
    "bool_type": "not-a-flag",
    "date_type": "not-a-date",
    "is_instance_of": "not-a-moment",
}
"""Type of pydantic's errors -> rule; the model's own errors have the rule as their type."""
_ABOUT_KEYS = frozenset({"missing", "override-checks", "unknown-key"})
"""Rules that are about a key, so that an empty value is not what is wrong."""
_AT_KEYS = frozenset({"override-checks", "unknown-key"})
"""Rules that are told where the key stands."""


@dataclass(frozen=True, slots=True)
class _ModelError:
    """One error of the model, and where it is.

    Attributes:
        rule: A key of `MESSAGES`.
        context: What pydantic or the model says of it.
        key_path: The way to the value, to the field that the error names.
        node: The value, or the nearest node above it where there is none.
        model: The class that the whole file is read as.
        root: The whole file.
        is_about_key: Whether it is told where the key stands, and not its value.
    """

    rule: str
    context: dict[str, Any]
    key_path: KeyPath
    node: Node
    model: type[BaseModel]
    root: Node
    is_about_key: bool = False

    @property
    def key(self) -> str:
        """The last key on the way to the value."""
        return next((step for step in reversed(self.key_path) if isinstance(step, str)), "")

    @property
    def value(self) -> str:
        """What was found, in a line's words."""
        return str(self.context.get("found", _describe(self.node)))

    @property
    def parent(self) -> Node:
        """The node around the value."""
        return find_node(self.root, self.key_path[:-1])[0]


def findings_of_model_errors(
    errors: Iterable[ErrorDetails], model: type[BaseModel], root: Node, lines: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    """The findings of what pydantic and `model` refused, each at its place under `root`; `lines` by file."""
    for error in errors:
        key_path = _key_path(error["loc"])
        node, _reached = find_node(root, key_path)
        if error["type"] == "too_short" and isinstance(node, SequenceNode) and node.items:
            continue  # pydantic counts the items that passed; those that did not have findings of their own
        for single_error in _split_error(error):
            yield _finding(_locate(single_error, key_path, model, root), lines)


def _key_path(location: tuple[int | str, ...]) -> KeyPath:
    """Pydantic's location without the tag that it inserts after an item of a discriminated union."""
    if len(location) > 2 and location[0] == "blocks":  # noqa: PLR2004 - ("blocks", index, tag)
        return (location[0], location[1], *location[3:])
    return location


def _split_error(error: ErrorDetails) -> Iterator[ErrorDetails]:
    """`error`, and the further ones that are reported with it: a part of the model raises once for all."""
    context = dict(error.get("ctx") or {})
    further_errors = context.pop("others", ())
    yield {**error, "ctx": context}
    for rule, further_context in further_errors:
        yield {**error, "type": rule, "ctx": further_context}


def _locate(error: ErrorDetails, key_path: KeyPath, model: type[BaseModel], root: Node) -> _ModelError:
    context = dict(error.get("ctx") or {})
    field = context.pop("field", None)
    if field is not None:
        key_path = (*key_path, *((field,) if isinstance(field, str) else field))
    is_about_key = key_path[-1:] == ("[key]",)  # pydantic's word for a name that the editor chose
    if is_about_key:
        key_path = key_path[:-1]
        context["found"] = str(key_path[-1])[:60]
    node, reached = find_node(root, key_path)
    rule = _rule(error["type"], node, reached=reached)
    if rule == "unknown-type" and isinstance(node, MappingNode):
        node = node.items["type"]  # the type itself is what is wrong
    return _ModelError(rule, context, key_path, node, model, root, is_about_key or rule in _AT_KEYS)


def _rule(error_type: str, node: Node, *, reached: bool) -> str:
    rule = error_type if error_type in MESSAGES else _RULES.get(error_type, "bad-value")
    if reached and _is_blank(node) and rule not in _ABOUT_KEYS:
        return "empty"
    if rule == "too-many" and isinstance(node, ScalarNode):
        return "too-long"  # pydantic has one name for lists and, after another validator, for texts
    if rule == "unknown-type" and isinstance(node, MappingNode) and _is_null(node.items["type"]):
        return "no-type"
    return rule


def _is_blank(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not (node.value or "").strip()


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value is None


def _finding(error: _ModelError, lines: Mapping[str, Sequence[str]]) -> Finding:
    file_lines = lines.get(error.node.file, ())
    line, column = _position(error, file_lines)
    details = _DETAILS.get(error.rule)
    context = {"found": error.value, "key": error.key, **error.context, "suggestion": ""}
    context |= details(error) if details else {}
    context.pop("line", None)
    return make_finding(
        error.rule,
        error.node.file,
        line,
        column,
        block=block_at(error.root, error.key_path),
        lines=file_lines,
        **context,
    )


def _position(error: _ModelError, lines: Sequence[str]) -> tuple[int, int]:
    """Line and column, from 0: of the key where the rule is about a key, of the line inside a block of text."""
    node, parent = error.node, error.parent
    if error.is_about_key and isinstance(parent, MappingNode):
        key_node = parent.keys.get(str(error.key_path[-1]))
        if key_node is not None:
            return key_node.line, key_node.column
    line_inside = error.context.get("line")
    if line_inside is not None and isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return _position_inside(error, node.line + 1 + line_inside, lines)
    return node.line, node.column


def _position_inside(error: _ModelError, line: int, lines: Sequence[str]) -> tuple[int, int]:
    written = lines[line] if line < len(lines) else ""
    value = "" if error.rule == "markdown" else str(error.context.get("found", ""))
    # What was found is part of the line, or the line's first word has to do.
    return line, written.find(value) if value and value in written else len(written) - len(written.lstrip())


def _describe(node: Node) -> str:
    if isinstance(node, MappingNode):
        return _("a group of keys")
    if isinstance(node, SequenceNode):
        return _("a list")
    text = node.text if isinstance(node, ScalarNode) else ""
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - what fits a line


def _choices(error: _ModelError) -> dict[str, Any]:
    listed = str(error.context.get("expected_tags") or error.context.get("expected") or "")
    choices = re.findall(r"'([^']*)'", listed) or [block_type(block) for block in BLOCKS]
    value = str(error.context.get("tag", error.value))
    return {"expected": ", ".join(choices), "found": value[:60], "suggestion": suggestion(value, choices)}


def _item_count(error: _ModelError) -> dict[str, Any]:
    node, context = error.node, error.context
    return {
        "actual": len(node.items) if isinstance(node, MappingNode | SequenceNode) else context.get("actual_length"),
        "minimum": context.get("min_length"),
        "maximum": context.get("max_length"),
    }


def _text_length(error: _ModelError) -> dict[str, Any]:
    actual = len(error.node.text) if isinstance(error.node, ScalarNode) else "…"
    return {"actual": actual, "maximum": error.context.get("max_length")}


def _range(error: _ModelError) -> dict[str, Any]:
    context = error.context
    return {"expected": f"≤ {context['le']}" if "le" in context else f"≥ {context.get('ge')}"}


def _slug(error: _ModelError) -> dict[str, Any]:
    ascii_text = unicodedata.normalize("NFKD", error.value).encode("ascii", "ignore").decode().lower()
    return {"wanted": re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or "block-1"}


def _figure(error: _ModelError) -> dict[str, Any]:
    return {"wanted": error.context.get("wanted", "12.5")}


def _markup(error: _ModelError) -> dict[str, Any]:
    return {"what": _(MARKDOWN_NAMES.get(error.value, error.value))}


def _expected_keys(error: _ModelError) -> dict[str, Any]:
    names = list(getattr(_model_class_at(error.model, error.key_path[:-1], error.root), "model_fields", ()))
    present = error.parent.items if isinstance(error.parent, MappingNode) else {}
    return {
        "expected": ", ".join(name for name in names if name not in present) or "–",
        "suggestion": suggestion(error.key, names),
    }


_DETAILS: dict[str, Callable[[_ModelError], dict[str, Any]]] = {
    "markdown": _markup,
    "no-type": _choices,
    "not-a-figure": _figure,
    "not-a-slug": _slug,
    "not-among": _choices,
    "out-of-range": _range,
    "too-long": _text_length,
    "too-many": _item_count,
    "too-short": _item_count,
    "unknown-key": _expected_keys,
    "unknown-type": _choices,
}
"""Rule -> what its message says besides `found` and `key`."""


def suggestion(value: str, choices: Sequence[str]) -> str:
    """The words that offer the choice nearest to `value`; empty where none is near."""
    close = difflib.get_close_matches(value, choices, n=1)
    return _(" (did you mean “{name}”?)").format(name=close[0]) if close else ""


def _model_class_at(model: Any, key_path: KeyPath, root: Node) -> Any:
    """The model class that `key_path` leads to, by the annotations; a block's is told by its `type`."""
    for depth, step in enumerate(key_path):
        named_class = _class_by_name(model)
        if isinstance(step, str) and named_class is not None:
            model = named_class
        elif isinstance(step, str):
            field = getattr(model, "model_fields", {}).get(step)
            model = field.annotation if field else None
        else:
            model = _item_class(model, find_node(root, key_path[: depth + 1])[0])
    return next(_model_classes(model), None)


def _class_by_name(annotation: Any) -> Any:
    """What the values are of a group whose names the editor chooses; None where the model names the keys."""
    return get_args(annotation)[1] if get_origin(annotation) is dict else None


def _item_class(annotation: Any, item: Node) -> Any:
    """The class of an item of a list that is annotated so."""
    classes = list(_model_classes(annotation))
    if len(classes) > 1:
        type_node = item.items.get("type") if isinstance(item, MappingNode) else None
        type_name = type_node.text if isinstance(type_node, ScalarNode) else ""
        classes = [cls for cls in classes if issubclass(cls, BlockBase) and block_type(cls) == type_name]
    return classes[0] if classes else None


def _model_classes(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _model_classes(part)
