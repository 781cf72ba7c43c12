"""A finding about a file: the words of its rule, its place as an editor counts, and the block that it is in."""

from collections.abc import Sequence
from typing import Any

from pvd_mailer.compose.messages import message_and_hint
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, SequenceNode, find_node
from pvd_mailer.findings import Finding, Location, Severity
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["block_around", "block_at", "block_id", "make_finding"]


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
    location = Location(file, None if line is None else line + 1, None if column is None else column + 1)
    return Finding(rule, severity, message, hint, location, block, excerpt)


def block_id(block: Node) -> str | None:
    """The `id` of the block that `block` is the node of; None where it has none."""
    id_node = block.items.get("id") if isinstance(block, MappingNode) else None
    return id_node.text if isinstance(id_node, ScalarNode) and id_node.text else None


def block_at(root: Node, key_path: KeyPath) -> str | None:
    """The id of the block that the value at `key_path` is in."""
    if len(key_path) < 2 or key_path[0] != "blocks":  # noqa: PLR2004 - ("blocks", index)
        return None
    block, reached = find_node(root, key_path[:2])
    return block_id(block) if reached else None


def block_around(root: Node, line: int) -> str | None:
    """The id of the block that `line` (from 0) is in."""
    blocks, reached = find_node(root, ("blocks",))
    if not reached or not isinstance(blocks, SequenceNode):
        return None
    before = [block for block in blocks.items if block.line <= line]
    return block_id(before[-1]) if before else None
