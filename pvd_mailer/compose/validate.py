"""A file's tree -> the model, or the findings of what the model refuses; and what the model alone cannot see."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pvd_mailer.compose.finding import block_around, make_finding
from pvd_mailer.compose.model_errors import findings_of_model_errors
from pvd_mailer.compose.yaml.parsed_file import ParsedFile
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, SequenceNode, find_node, to_python
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import BlockBase
from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.schedule import Scheduled
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["block_nodes", "duplicate_ids", "skipped_hours", "validate"]

_ModelT = TypeVar("_ModelT", bound=BaseModel)

_SHORT = 40
"""Characters: a text that is longer is a sentence, which nothing takes for a number."""
# What YAML 1.1 takes for something else than text, by first character.
_RESOLVERS: dict[str, list[tuple[str, Any]]] = yaml.SafeLoader.yaml_implicit_resolvers


def validate(model: type[_ModelT], root: Node, file: ParsedFile, *others: ParsedFile) -> _ModelT | None:
    """`root` as a `model`; None where it is none, and why is then among the findings of `file`.

    `others` are further files that values of `root` come from.
    """
    lines = {source.display_path: source.lines for source in (*others, file)}
    try:
        validated = model.model_validate(to_python(root))
    except ValidationError as exc:
        repaired_lines = {finding.location.line for finding in file.findings if finding.rule.startswith("yaml-")}
        # What a mended line then does to the model says nothing about what the editor meant.
        file.findings += [
            finding
            for finding in findings_of_model_errors(exc.errors(include_url=False), model, root, lines)
            if finding.location.file != file.display_path or finding.location.line not in repaired_lines
        ]
        return None
    file.findings += _ambiguous_scalars(validated, root, root, lines)
    return validated


def _ambiguous_scalars(model: Any, node: Node, root: Node, lines: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Advice on texts without quotes that a YAML 1.1 reader takes for something else (`no`, `13:30`, `022`).

    `lines` are those of each file.
    """
    if isinstance(model, BaseModel) and isinstance(node, MappingNode):
        for key, value in node.items.items():
            yield from _ambiguous_scalars(getattr(model, key, None), value, root, lines)
    elif isinstance(model, dict) and isinstance(node, MappingNode):
        for key, value in node.items.items():
            if isinstance(model.get(key), BaseModel):  # what else stands in groups is a choice, such as `off`
                yield from _ambiguous_scalars(model[key], value, root, lines)
    elif isinstance(model, tuple) and isinstance(node, SequenceNode):
        for submodel, item in zip(model, node.items, strict=False):
            yield from _ambiguous_scalars(submodel, item, root, lines)
    elif isinstance(model, str | Prose) and isinstance(node, ScalarNode):
        other_value = _yaml_1_1_value(node)
        if other_value is not None:
            yield make_finding(
                "yaml-ambiguous",
                node.file,
                node.line,
                node.column,
                severity=Severity.ADVICE,
                block=block_around(root, node.line),
                lines=lines.get(node.file, ()),
                found=node.text,
                reading=str(other_value).lower(),
            )


def _yaml_1_1_value(node: ScalarNode) -> float | None:
    """The number or flag that a YAML 1.1 reader makes of a text without quotes, where it reads otherwise."""
    if node.style is not None or len(node.text) >= _SHORT:
        return None
    if not any(pattern.match(node.text) for _tag, pattern in _RESOLVERS.get(node.text[:1], ())):
        return None
    try:
        value = yaml.safe_load(node.text)
    except (yaml.YAMLError, ValueError):
        return None
    return value if isinstance(value, bool | int | float) and str(value) != node.text else None


def block_nodes(root: Node) -> Iterator[MappingNode]:
    """The nodes of the blocks, as far as they are groups of keys."""
    blocks, reached = find_node(root, ("blocks",))
    if reached and isinstance(blocks, SequenceNode):
        yield from (block for block in blocks.items if isinstance(block, MappingNode))


def duplicate_ids(root: Node, file: ParsedFile) -> Iterator[Finding]:
    """The findings of blocks whose id another block above has already."""
    first_lines: dict[str, int] = {}
    for block in block_nodes(root):
        id_node = block.items.get("id")
        if not isinstance(id_node, ScalarNode) or not id_node.text:
            continue
        name = id_node.text
        if name in first_lines:
            yield file.finding_at(id_node, "double-id", block=name, found=name[:60], first=first_lines[name])
        first_lines.setdefault(name, id_node.line + 1)


def skipped_hours(issue: Issue, zone: str, root: Node, file: ParsedFile) -> Iterator[Finding]:
    """The findings of hours that the publication's zone skips; the model knows only the zones that the issue names."""
    for block, key_path, scheduled in _scheduled(issue):
        if not scheduled.zone:
            for key, hour in scheduled.skipped_hours(zone):
                node, _reached = find_node(root, (*key_path, key))
                yield file.finding_at(node, "skipped-hour", block=block.id, found=hour)


def _scheduled(issue: Issue) -> Iterator[tuple[BlockBase, KeyPath, Scheduled]]:
    """All that takes place: its block, the way to it, itself."""
    for index, block in enumerate(issue.blocks):
        yield from ((block, path, scheduled) for path, scheduled in parts_of(block, Scheduled, ("blocks", index)))
