"""The nodes of a file -> its manuscript: where every value stands."""

import re
from collections.abc import Iterator

from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, SequenceNode
from pvd_mailer.issue.source_map import KeyPath, SourceMap, ValueSpan

__all__ = ["build_source_map"]


def build_source_map(file: str, raw: bytes, text: str, root: Node) -> SourceMap:
    """The manuscript of `text`, which `root` was read from; `root` must not change after that."""

    def find_spans() -> dict[KeyPath, ValueSpan]:
        starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
        return dict(_value_spans(root, (), starts))

    return SourceMap(file, raw, text, find_spans)


def _value_spans(node: Node, path: KeyPath, starts: list[int]) -> Iterator[tuple[KeyPath, ValueSpan]]:
    start = starts[min(node.line, len(starts) - 1)] + node.column
    if isinstance(node, ScalarNode):
        end = starts[min(node.end_line, len(starts) - 1)] + node.end_column
        yield path, ValueSpan(start, end, node.style, node.text)
        return
    yield path, ValueSpan(start, start)
    if isinstance(node, MappingNode):
        for key, value in node.items.items():
            yield from _value_spans(value, (*path, key), starts)
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.items):
            yield from _value_spans(value, (*path, index), starts)
