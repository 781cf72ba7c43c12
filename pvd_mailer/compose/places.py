"""The nodes of a file -> its manuscript: where every value stands."""

import re
from collections.abc import Iterator

from pvd_mailer.compose.source import Mapping, Node, Scalar, Sequence
from pvd_mailer.issue.manuscript import Manuscript, Path, Stand

__all__ = ["manuscript"]


def manuscript(file: str, raw: bytes, text: str, root: Node) -> Manuscript:
    """The manuscript of `text`, which `root` was read from."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    return Manuscript(file, raw, text, dict(_stands(root, (), starts)))


def _stands(node: Node, path: Path, starts: list[int]) -> Iterator[tuple[Path, Stand]]:
    start = starts[min(node.line, len(starts) - 1)] + node.column
    if isinstance(node, Scalar):
        end = starts[min(node.end_line, len(starts) - 1)] + node.end_column
        yield path, Stand(start, end, node.style, node.text)
        return
    yield path, Stand(start, start)
    if isinstance(node, Mapping):
        for key, value in node.items.items():
            yield from _stands(value, (*path, key), starts)
    elif isinstance(node, Sequence):
        for index, value in enumerate(node.items):
            yield from _stands(value, (*path, index), starts)
