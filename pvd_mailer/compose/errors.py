"""From faults of reading and of the model to findings: places in the file, words in the interface's language."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pvd_mailer.compose.messages import MARKDOWN_NAMES, message_and_hint, rule_of_error
from pvd_mailer.compose.yaml_recovery import YamlFault
from pvd_mailer.compose.yaml_tree import MappingNode, Node, ScalarNode, TruncatedScalar, find_node
from pvd_mailer.compose.yaml_tree import SequenceNode as NodeList
from pvd_mailer.findings import Finding, Location, Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.blocks import BLOCKS, BlockBase, block_type
from pvd_mailer.issue.markdown import Prose

__all__ = [
    "finding_of_truncation",
    "finding_of_yaml_fault",
    "findings_of_ambiguous_scalars",
    "findings_of_duplicate_keys",
    "findings_of_model_errors",
    "make_finding",
]

_KeyPath = tuple[str | int, ...]

# A value that is no sentence (a type, an id, a date, a zone, an address) or none at all.
_BARE_VALUE = re.compile(r"[a-z0-9_.:/?&=#@+-]*|[A-Z][A-Za-z]+/[A-Za-z_/]+|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")

# What YAML 1.1 takes for something else than text, by first character.
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers


def make_finding(
    rule: str,
    file: str,
    line: int | None = None,
    column: int | None = None,
    *,
    severity: Severity = Severity.BLOCKING,
    block: str | None = None,
    lines: Sequence[str] = (),
    **context: Any,
) -> Finding:
    """A finding of `rule`; `line` and `column` from 0, `lines` those of the file, for the excerpt."""
    message, hint = message_and_hint(rule, context)
    excerpt = lines[line][: 200 + (column or 0)] if line is not None and line < len(lines) else None
    place = Location(file, None if line is None else line + 1, None if column is None else column + 1)
    return Finding(rule, severity, message, hint, place, block, excerpt)


def finding_of_yaml_fault(fault: YamlFault, file: str, root: Node | None, lines: Sequence[str]) -> Finding:
    """The finding of a fault of the YAML."""
    context = dict(fault.context)
    if fault.rule == "yaml-syntax":
        problem = str(context["problem"])
        context["problem"] = _(_YAML_PROBLEMS[problem]) if problem in _YAML_PROBLEMS else problem
    block = _block_around(root, fault.line) if root else None
    return make_finding(fault.rule, file, fault.line, fault.column, block=block, lines=lines, **context)


# libyaml's words for what has no wording of its own here, said again for who does not know its terms.
_YAML_PROBLEMS = {
    "did not find expected key": N_("a line “key: value” was expected; the indentation may be off"),
    "did not find expected '-' indicator": N_("an item “- …” was expected; the indentation may be off"),
    "could not find expected ':'": N_("a “:” was expected after the key"),
    "found unexpected end of stream": N_("the file ends before a quote or bracket is closed"),
    "did not find expected ',' or ']'": N_("a bracket “[” is not closed"),
    "did not find expected ',' or '}'": N_("a brace “{” is not closed"),
    "did not find expected node content": N_("a value was expected"),
    "mapping values are not allowed in this context": N_("a “:” stands where no key was expected"),
    "mapping keys are not allowed in this context": N_("a key stands where none was expected"),
    "block sequence entries are not allowed in this context": N_("an item “- …” stands where none was expected"),
    "found character that cannot start any token": N_("this sign cannot begin a value without quotes"),
    "found unknown escape character": N_("a “\\” stands between double quotes; double it, or use single quotes"),
    "did not find expected <document start>": N_("text stands where a line “key: value” was expected"),
    "found unexpected document indicator": N_("“---” stands inside a text between quotes"),
}


def finding_of_truncation(truncated: TruncatedScalar, root: Node, lines: Sequence[str]) -> Finding | None:
    """The finding of a text that ` #` ended; None where it is plainly a remark after a value."""
    hashtag = bool(re.match(r"#\S", truncated.comment))
    if not hashtag and _BARE_VALUE.fullmatch(truncated.node.text):
        return None
    return make_finding(
        "yaml-cut" if hashtag else "yaml-comment",
        truncated.node.file,
        truncated.node.end_line,
        truncated.node.end_column,
        severity=Severity.BLOCKING if hashtag else Severity.ADVICE,
        block=_block_around(root, truncated.node.line),
        lines=lines,
        found=truncated.node.text[-40:],
        lost=truncated.comment[:60],
    )


def findings_of_duplicate_keys(node: Node, root: Node, lines: Sequence[str]) -> Iterable[Finding]:
    """The findings of keys that stand twice in one mapping, anywhere under `node`."""
    if isinstance(node, MappingNode):
        for second, first in node.duplicate_keys:
            yield make_finding(
                "yaml-double-key",
                node.file,
                second.line,
                second.column,
                block=_block_around(root, second.line),
                lines=lines,
                found=second.text[:60],
                first=first.line + 1,
            )
        for value in node.items.values():
            yield from findings_of_duplicate_keys(value, root, lines)
    elif isinstance(node, NodeList):
        for item in node.items:
            yield from findings_of_duplicate_keys(item, root, lines)


def findings_of_ambiguous_scalars(model: Any, node: Node, root: Node, lines: Sequence[str]) -> Iterable[Finding]:
    """Advice on texts without quotes that a YAML 1.1 reader takes for something else (`no`, `13:30`, `022`)."""
    if isinstance(model, BaseModel) and isinstance(node, MappingNode):
        for key, value in node.items.items():
            yield from findings_of_ambiguous_scalars(getattr(model, key, None), value, root, lines)
    elif isinstance(model, tuple) and isinstance(node, NodeList):
        for submodel, item in zip(model, node.items, strict=False):
            yield from findings_of_ambiguous_scalars(submodel, item, root, lines)
    elif isinstance(model, str | Prose) and isinstance(node, ScalarNode) and node.style is None and len(node.text) < 40:  # noqa: PLR2004 - longer is prose
        if not any(pattern.match(node.text) for _tag, pattern in _RESOLVERS.get(node.text[:1], ())):
            return
        try:
            yaml_1_1_value = yaml.safe_load(node.text)
        except (yaml.YAMLError, ValueError):
            return
        if isinstance(yaml_1_1_value, bool | int | float) and str(yaml_1_1_value) != node.text:
            yield make_finding(
                "yaml-ambiguous",
                node.file,
                node.line,
                node.column,
                severity=Severity.ADVICE,
                block=_block_around(root, node.line),
                lines=lines,
                found=node.text,
                reading=str(yaml_1_1_value).lower(),
            )


def findings_of_model_errors(
    errors: Iterable[ErrorDetails], model: type[BaseModel], root: Node, lines: dict[str, Sequence[str]]
) -> Iterable[Finding]:
    """The findings of what pydantic and `model` refused, each at its place under `root`."""
    for error in errors:
        key_path = _key_path(error["loc"])
        node, reached = find_node(root, key_path)
        if error["type"] == "too_short" and isinstance(node, NodeList) and node.items:
            continue  # pydantic counts the items that passed; those that did not have findings of their own
        for single_error in _split_error(error):
            yield _model_finding(single_error, key_path, node, reached=reached, model=model, root=root, lines=lines)


def _split_error(error: ErrorDetails) -> Iterable[ErrorDetails]:
    """`error`, and the further ones that a rich text reports with its first."""
    context = dict(error.get("ctx") or {})
    further_errors = context.pop("others", ())
    yield {**error, "ctx": context}
    for rule, value, line in further_errors:
        yield {**error, "type": rule, "ctx": {"found": value, "line": line}}


def _key_path(location: tuple[int | str, ...]) -> _KeyPath:
    """Pydantic's location without the tag that it inserts after an item of a discriminated union."""
    if len(location) > 2 and location[0] == "blocks":  # noqa: PLR2004 - ("blocks", index, tag)
        return (location[0], location[1], *location[3:])
    return location


def _model_finding(
    error: ErrorDetails,
    path: _KeyPath,
    node: Node,
    *,
    reached: bool,
    model: type[BaseModel],
    root: Node,
    lines: dict[str, Sequence[str]],
) -> Finding:
    rule = rule_of_error(error)
    context: dict[str, Any] = dict(error.get("ctx") or {})
    field = context.pop("field", None)
    if field is not None:
        node, reached = find_node(root, (*path, field))
        path = (*path, field)
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if (
        reached
        and isinstance(node, ScalarNode)
        and not (node.value or "").strip()
        and rule not in ("unknown-key", "missing", "override-checks")
    ):
        rule = "empty"
    if rule == "too-many" and isinstance(node, ScalarNode):
        rule = "too-long"  # pydantic has one name for lists and, after another validator, for texts
    if rule == "unknown-type" and isinstance(node, MappingNode):
        type_node = node.items["type"]
        if isinstance(type_node, ScalarNode) and type_node.value is None:
            rule = "no-type"
        else:
            node = type_node
    if rule == "markdown":
        context["what"] = _(MARKDOWN_NAMES.get(str(context["found"]), str(context["found"])))
    line, column = _position(node, path, rule, context, root, lines.get(node.file, ()))
    context.setdefault("found", _describe(node))
    context.setdefault("key", key)
    _complete_context(rule, context, node)
    if rule == "unknown-key":
        parent, _reached = find_node(root, path[:-1])
        names = list(getattr(_model_class_at(model, path[:-1], root), "model_fields", ()))
        present = parent.items if isinstance(parent, MappingNode) else {}
        context["expected"] = ", ".join(name for name in names if name not in present) or "–"
        context["suggestion"] = _suggestion(key, names)
    return make_finding(
        rule, node.file, line, column, block=_block_at(root, path), lines=lines.get(node.file, ()), **context
    )


def _position(
    node: Node, path: _KeyPath, rule: str, context: dict[str, Any], root: Node, lines: Sequence[str]
) -> tuple[int, int]:
    if rule in ("unknown-key", "override-checks"):
        parent, _found = find_node(root, path[:-1])
        if isinstance(parent, MappingNode) and path[-1] in parent.keys:
            key = parent.keys[str(path[-1])]
            return key.line, key.column
    line_inside = context.pop("line", None)
    if line_inside is not None and isinstance(node, ScalarNode) and node.style in ("|", ">"):
        line = node.line + 1 + line_inside
        written = lines[line] if line < len(lines) else ""
        value = "" if rule == "markdown" else str(context.get("found", ""))
        # What was found is part of the line, or the line's first word has to do.
        column = written.find(value) if value and value in written else len(written) - len(written.lstrip())
        return line, column
    return node.line, node.column


def _describe(node: Node) -> str:
    if isinstance(node, MappingNode):
        return _("a group of keys")
    if isinstance(node, NodeList):
        return _("a list")
    text = node.text if isinstance(node, ScalarNode) else ""
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - what fits a line


def _complete_context(rule: str, context: dict[str, Any], node: Node) -> None:
    """Add what the wording of `rule` wants and pydantic has under other names."""
    context["suggestion"] = ""
    if rule in ("unknown-type", "no-type", "not-among"):
        choices = re.findall(r"'([^']*)'", str(context.get("expected_tags") or context.get("expected") or ""))
        choices = choices or [block_type(block) for block in BLOCKS]
        context["expected"] = ", ".join(choices)
        value = str(context.get("tag", context["found"]))
        context["found"] = value[:60]
        context["suggestion"] = _suggestion(value, choices)
    elif rule in ("too-short", "too-many"):
        context["actual"] = len(node.items) if isinstance(node, NodeList) else context.get("actual_length")
        context["minimum"], context["maximum"] = context.get("min_length"), context.get("max_length")
    elif rule == "too-long":
        context["actual"] = len(node.text) if isinstance(node, ScalarNode) else "…"
        context["maximum"] = context.get("max_length")
    elif rule == "out-of-range":
        limit = context.get("le", context.get("ge"))
        context["expected"] = f"≤ {limit}" if "le" in context else f"≥ {limit}"
    elif rule == "not-a-slug":
        context["wanted"] = _slugify(str(context["found"]))


def _slugify(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or "block-1"


def _suggestion(value: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(value, names, n=1)
    return _(" (did you mean “{name}”?)").format(name=close[0]) if close else ""


def _model_class_at(model: Any, path: _KeyPath, root: Node) -> Any:
    """The model class that `path` leads to, from the annotations; a block's is told by its `type`."""
    for depth, key in enumerate(path):
        if isinstance(key, str):
            field = getattr(model, "model_fields", {}).get(key)
            model = field.annotation if field else None
            continue
        classes = list(_model_classes(model))
        if len(classes) > 1:
            item, _reached = find_node(root, path[: depth + 1])
            type_node = item.items.get("type") if isinstance(item, MappingNode) else None
            type_name = type_node.text if isinstance(type_node, ScalarNode) else ""
            classes = [
                block_class
                for block_class in classes
                if issubclass(block_class, BlockBase) and block_type(block_class) == type_name
            ]
        model = classes[0] if classes else None
    return next(iter(_model_classes(model)), None)


def _model_classes(annotation: Any) -> Iterable[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _model_classes(part)


def _block_at(root: Node, path: _KeyPath) -> str | None:
    if len(path) < 2 or path[0] != "blocks":  # noqa: PLR2004 - ("blocks", index)
        return None
    block, reached = find_node(root, path[:2])
    return _block_id(block) if reached else None


def _block_id(block: Node) -> str | None:
    id_node = block.items.get("id") if isinstance(block, MappingNode) else None
    return id_node.text if isinstance(id_node, ScalarNode) and id_node.text else None


def _block_around(root: Node, line: int) -> str | None:
    """The id of the block that `line` is in."""
    blocks, reached = find_node(root, ("blocks",))
    if not reached or not isinstance(blocks, NodeList):
        return None
    before = [block for block in blocks.items if block.line <= line]
    return _block_id(before[-1]) if before else None
