"""From faults of reading and of the model to findings: places in the file, words in the interface's language."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import yaml
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from pvd_mailer.compose.mend import Trap
from pvd_mailer.compose.source import Cut, Mapping, Node, Scalar, find
from pvd_mailer.compose.source import Sequence as NodeList
from pvd_mailer.compose.wording import MARKDOWN_NAMES, rule_of, word
from pvd_mailer.findings import Finding, Place, Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.blocks import BLOCKS, BlockBase, block_type
from pvd_mailer.issue.prose import Prose

__all__ = ["finding", "of_ambiguity", "of_cut", "of_doubles", "of_model", "of_trap"]

Path = tuple[str | int, ...]

# A value that is no sentence (a type, an id, a date, a zone, an address) or none at all.
_BARE = re.compile(r"[a-z0-9_.:/?&=#@+-]*|[A-Z][A-Za-z]+/[A-Za-z_/]+|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")

# What YAML 1.1 takes for something else than text, by first character.
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers


def finding(
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
    message, hint = word(rule, context)
    excerpt = lines[line][: 200 + (column or 0)] if line is not None and line < len(lines) else None
    place = Place(file, None if line is None else line + 1, None if column is None else column + 1)
    return Finding(rule, severity, message, hint, place, block, excerpt)


def of_trap(trap: Trap, file: str, root: Node | None, lines: Sequence[str]) -> Finding:
    """The finding of a fault of the YAML."""
    context = dict(trap.context)
    if trap.rule == "yaml-syntax":
        problem = str(context["problem"])
        context["problem"] = _(_YAML_PROBLEMS[problem]) if problem in _YAML_PROBLEMS else problem
    block = _block_around(root, trap.line) if root else None
    return finding(trap.rule, file, trap.line, trap.column, block=block, lines=lines, **context)


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


def of_cut(cut: Cut, root: Node, lines: Sequence[str]) -> Finding | None:
    """The finding of a text that ` #` ended; None where it is plainly a remark after a value."""
    hashtag = bool(re.match(r"#\S", cut.lost))
    if not hashtag and _BARE.fullmatch(cut.node.text):
        return None
    return finding(
        "yaml-cut" if hashtag else "yaml-comment",
        cut.node.file,
        cut.node.end_line,
        cut.node.end_column,
        severity=Severity.BLOCKING if hashtag else Severity.ADVICE,
        block=_block_around(root, cut.node.line),
        lines=lines,
        found=cut.node.text[-40:],
        lost=cut.lost[:60],
    )


def of_doubles(node: Node, root: Node, lines: Sequence[str]) -> Iterable[Finding]:
    """The findings of keys that stand twice in one mapping, anywhere under `node`."""
    if isinstance(node, Mapping):
        for second, first in node.doubled:
            yield finding(
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
            yield from of_doubles(value, root, lines)
    elif isinstance(node, NodeList):
        for item in node.items:
            yield from of_doubles(item, root, lines)


def of_ambiguity(model: Any, node: Node, root: Node, lines: Sequence[str]) -> Iterable[Finding]:
    """Advice on texts without quotes that a YAML 1.1 reader takes for something else (`no`, `13:30`, `022`)."""
    if isinstance(model, BaseModel) and isinstance(node, Mapping):
        for key, value in node.items.items():
            yield from of_ambiguity(getattr(model, key, None), value, root, lines)
    elif isinstance(model, tuple) and isinstance(node, NodeList):
        for part, item in zip(model, node.items, strict=False):
            yield from of_ambiguity(part, item, root, lines)
    elif isinstance(model, str | Prose) and isinstance(node, Scalar) and node.style is None and len(node.text) < 40:  # noqa: PLR2004 - longer is prose
        if not any(pattern.match(node.text) for _tag, pattern in _RESOLVERS.get(node.text[:1], ())):
            return
        try:
            reading = yaml.safe_load(node.text)
        except (yaml.YAMLError, ValueError):
            return
        if isinstance(reading, bool | int | float) and str(reading) != node.text:
            yield finding(
                "yaml-ambiguous",
                node.file,
                node.line,
                node.column,
                severity=Severity.ADVICE,
                block=_block_around(root, node.line),
                lines=lines,
                found=node.text,
                reading=str(reading).lower(),
            )


def of_model(
    errors: Iterable[ErrorDetails], model: type[BaseModel], root: Node, lines: dict[str, Sequence[str]]
) -> Iterable[Finding]:
    """The findings of what pydantic and `model` refused, each at its place under `root`."""
    for error in errors:
        path = _path(error["loc"])
        node, reached = find(root, path)
        if error["type"] == "too_short" and isinstance(node, NodeList) and node.items:
            continue  # pydantic counts the items that passed; those that did not have findings of their own
        for one in _each(error):
            yield _one(one, path, node, reached=reached, model=model, root=root, lines=lines)


def _each(error: ErrorDetails) -> Iterable[ErrorDetails]:
    """`error`, and the further ones that a rich text reports with its first."""
    context = dict(error.get("ctx") or {})
    others = context.pop("others", ())
    yield {**error, "ctx": context}
    for rule, found, line in others:
        yield {**error, "type": rule, "ctx": {"found": found, "line": line}}


def _path(loc: tuple[int | str, ...]) -> Path:
    """Pydantic's location without the tag that it inserts after an item of a discriminated union."""
    if len(loc) > 2 and loc[0] == "blocks":  # noqa: PLR2004 - ("blocks", index, tag)
        return (loc[0], loc[1], *loc[3:])
    return loc


def _one(
    error: ErrorDetails,
    path: Path,
    node: Node,
    *,
    reached: bool,
    model: type[BaseModel],
    root: Node,
    lines: dict[str, Sequence[str]],
) -> Finding:
    rule = rule_of(error)
    context: dict[str, Any] = dict(error.get("ctx") or {})
    field = context.pop("field", None)
    if field is not None:
        node, reached = find(root, (*path, field))
        path = (*path, field)
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if (
        reached
        and isinstance(node, Scalar)
        and not (node.value or "").strip()
        and rule not in ("unknown-key", "missing", "override-checks")
    ):
        rule = "empty"
    if rule == "too-many" and isinstance(node, Scalar):
        rule = "too-long"  # pydantic has one name for lists and, after another validator, for texts
    if rule == "unknown-type" and isinstance(node, Mapping):
        kind = node.items["type"]
        if isinstance(kind, Scalar) and kind.value is None:
            rule = "no-type"
        else:
            node = kind
    if rule == "markdown":
        context["what"] = _(MARKDOWN_NAMES.get(str(context["found"]), str(context["found"])))
    line, column = _position(node, path, rule, context, root, lines.get(node.file, ()))
    context.setdefault("found", _show(node))
    context.setdefault("key", key)
    _explain(rule, context, node)
    if rule == "unknown-key":
        parent, _found = find(root, path[:-1])
        names = list(getattr(_model_at(model, path[:-1], root), "model_fields", ()))
        present = parent.items if isinstance(parent, Mapping) else {}
        context["expected"] = ", ".join(name for name in names if name not in present) or "–"
        context["suggestion"] = _suggest(key, names)
    return finding(
        rule, node.file, line, column, block=_block_at(root, path), lines=lines.get(node.file, ()), **context
    )


def _position(
    node: Node, path: Path, rule: str, context: dict[str, Any], root: Node, lines: Sequence[str]
) -> tuple[int, int]:
    if rule in ("unknown-key", "override-checks"):
        parent, _found = find(root, path[:-1])
        if isinstance(parent, Mapping) and path[-1] in parent.keys:
            key = parent.keys[str(path[-1])]
            return key.line, key.column
    inside = context.pop("line", None)
    if inside is not None and isinstance(node, Scalar) and node.style in ("|", ">"):
        line = node.line + 1 + inside
        written = lines[line] if line < len(lines) else ""
        found = "" if rule == "markdown" else str(context.get("found", ""))
        # What was found is part of the line, or the line's first word has to do.
        column = written.find(found) if found and found in written else len(written) - len(written.lstrip())
        return line, column
    return node.line, node.column


def _show(node: Node) -> str:
    if isinstance(node, Mapping):
        return _("a group of keys")
    if isinstance(node, NodeList):
        return _("a list")
    text = node.text if isinstance(node, Scalar) else ""
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - what fits a line


def _explain(rule: str, context: dict[str, Any], node: Node) -> None:
    """Add what the wording of `rule` wants and pydantic has under other names."""
    context["suggestion"] = ""
    if rule in ("unknown-type", "no-type", "not-among"):
        names = re.findall(r"'([^']*)'", str(context.get("expected_tags") or context.get("expected") or ""))
        names = names or [block_type(block) for block in BLOCKS]
        context["expected"] = ", ".join(names)
        found = str(context.get("tag", context["found"]))
        context["found"] = found[:60]
        context["suggestion"] = _suggest(found, names)
    elif rule in ("too-short", "too-many"):
        context["actual"] = len(node.items) if isinstance(node, NodeList) else context.get("actual_length")
        context["minimum"], context["maximum"] = context.get("min_length"), context.get("max_length")
    elif rule == "too-long":
        context["actual"] = len(node.text) if isinstance(node, Scalar) else "…"
        context["maximum"] = context.get("max_length")
    elif rule == "out-of-range":
        limit = context.get("le", context.get("ge"))
        context["expected"] = f"≤ {limit}" if "le" in context else f"≥ {limit}"
    elif rule == "not-a-slug":
        context["wanted"] = _slugged(str(context["found"]))


def _slugged(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "block-1"


def _suggest(found: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(found, names, n=1)
    return _(" (did you mean “{name}”?)").format(name=close[0]) if close else ""


def _model_at(model: Any, path: Path, root: Node) -> Any:
    """The model class that `path` leads to, from the annotations; a block's is told by its `type`."""
    for depth, step in enumerate(path):
        if isinstance(step, str):
            field = getattr(model, "model_fields", {}).get(step)
            model = field.annotation if field else None
            continue
        classes = list(_classes(model))
        if len(classes) > 1:
            item, _reached = find(root, path[: depth + 1])
            kind = item.items.get("type") if isinstance(item, Mapping) else None
            named = kind.text if isinstance(kind, Scalar) else ""
            classes = [one for one in classes if issubclass(one, BlockBase) and block_type(one) == named]
        model = classes[0] if classes else None
    return next(iter(_classes(model)), None)


def _classes(annotation: Any) -> Iterable[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _classes(part)


def _block_at(root: Node, path: Path) -> str | None:
    if len(path) < 2 or path[0] != "blocks":  # noqa: PLR2004 - ("blocks", index)
        return None
    block, reached = find(root, path[:2])
    return _id(block) if reached else None


def _id(block: Node) -> str | None:
    name = block.items.get("id") if isinstance(block, Mapping) else None
    return name.text if isinstance(name, Scalar) and name.text else None


def _block_around(root: Node, line: int) -> str | None:
    """The id of the block that `line` is in."""
    blocks, reached = find(root, ("blocks",))
    if not reached or not isinstance(blocks, NodeList):
        return None
    before = [block for block in blocks.items if block.line <= line]
    return _id(before[-1]) if before else None
