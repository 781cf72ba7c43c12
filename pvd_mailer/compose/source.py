"""The bytes of a YAML file -> a tree of nodes that know where they stand, or the place where reading stopped.

The tree is built from the parser's events, one by one: depth and size are bounded before anything is nested,
and scalars stay text, since YAML 1.1 and 1.2 disagree on what `13:30`, `022` and `no` are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pvd_mailer.i18n import number

__all__ = [
    "MAX_BYTES",
    "Cut",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Unreadable",
    "decode",
    "merge",
    "parse",
    "plain",
]

MAX_BYTES = 500_000
MAX_DEPTH = 16
MAX_NODES = 20_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):  # noqa: N818 - a place in a file rather than a failure of the program
    """The file cannot be read from some place on.

    Attributes:
        rule: What is wrong, a key of `compose.wording`.
        line: 0-based.
        column: 0-based.
        context: Values for the wording.
    """

    def __init__(self, rule: str, line: int = 0, column: int = 0, **context: Any) -> None:
        super().__init__(rule)
        self.rule = rule
        self.line = line
        self.column = column
        self.context = context


@dataclass(slots=True)
class Node:
    """A value and where it starts; line and column from 0, `file` as it is shown to a person."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class Scalar(Node):
    """A text; `style` is YAML's: None for plain, a quote, `|` or `>`."""

    text: str
    style: str | None
    end_line: int
    end_column: int

    @property
    def value(self) -> str | None:
        """The text, or None for nothing at all."""
        if self.style is None and self.text in ("", "~", "null", "Null", "NULL"):
            return None
        return self.text


@dataclass(slots=True)
class Sequence(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping(Node):
    """Keys and values, in the file's order."""

    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)
    doubled: list[tuple[Scalar, Scalar]] = field(default_factory=list)
    """Keys met again: the second one and the first."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A plain text that ` #` ended."""

    node: Scalar
    lost: str


def decode(raw: bytes) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises:
        Unreadable: too large, another encoding, or not a text at all.
    """
    if len(raw) > MAX_BYTES:
        raise Unreadable("file-too-large", size=number(len(raw) // 1000), limit=number(MAX_BYTES // 1000))
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("file-utf16")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n")
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace"))
        if b"\0" in raw or sum(byte < 9 for byte in raw[:4096]) > 0:  # noqa: PLR2004 - below TAB no text has anything
            raise Unreadable("file-binary", line, column, found=f"0x{raw[error.start]:02X}") from None
        raise Unreadable("file-encoding", line, column, found=f"0x{raw[error.start]:02X}") from None
    # What YAML calls not printable; libyaml would stop at it with an offset that helps nobody.
    bad = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if bad:
        line = text.count("\n", 0, bad.start())
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1)
        rule = "file-binary" if bad[0] == "\0" else "control-character"
        raise Unreadable(rule, line, column, found=f"U+{ord(bad[0]):04X}")
    # PyYAML takes NEL, LS and PS for line ends, and an editor's window does not: lines would be miscounted.
    return re.sub("[\x85\u2028\u2029]", " ", text)


def _events(text: str) -> Iterator[Any]:
    loader = _Loader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def parse(text: str, file: str) -> tuple[Node, list[Cut]]:
    """The tree of `text`, and the places where ` #` seems to have cut a text.

    Raises:
        Unreadable: the text is not YAML, or uses what an issue has no need of (anchors, tags, several documents).
    """
    builder = _Builder(file, text.split("\n"))
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Unreadable(
            "yaml-syntax",
            mark.line if mark else 0,
            mark.column if mark else 0,
            problem=error.problem or "",
            context=error.context or "",
            since=error.context_mark.line if error.context_mark else None,
        ) from None
    except yaml.YAMLError as error:
        raise Unreadable("yaml-syntax", problem=str(error), context="", since=None) from None
    if builder.root is None:
        raise Unreadable("file-empty")
    return builder.root, builder.cuts


class _Builder:
    """Takes events, keeps a stack of open collections."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines
        self.root: Node | None = None
        self.cuts: list[Cut] = []
        self._stack: list[tuple[Mapping | Sequence, Scalar | None]] = []
        self._count = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        mark = event.start_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise Unreadable("yaml-documents", line, column)
        elif isinstance(event, yaml.AliasEvent):
            raise Unreadable("yaml-alias", line, column, found=f"*{event.anchor}")
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.anchor:
                raise Unreadable("yaml-alias", line, column, found=f"&{event.anchor}")
            if event.tag not in (None, "!"):
                raise Unreadable("yaml-tag", line, column, found=event.tag)
            self._count += 1
            if self._count > MAX_NODES:
                raise Unreadable("yaml-too-many", line, column, limit=MAX_NODES)
            self._open(event, line, column)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()

    def _open(self, event: Any, line: int, column: int) -> None:
        if isinstance(event, yaml.ScalarEvent):
            end = event.end_mark or event.start_mark
            last = (end.line, end.column) if end else (line, column)
            scalar = Scalar(self.file, line, column, event.value, event.style or None, *last)
            if self._place(scalar) and scalar.style is None:
                self._look_for_cut(scalar)
            return
        node: Mapping | Sequence
        if isinstance(event, yaml.MappingStartEvent):
            node = Mapping(self.file, line, column)
        else:
            node = Sequence(self.file, line, column)
        if not self._place(node):
            raise Unreadable("yaml-key", line, column)
        if len(self._stack) >= MAX_DEPTH:
            raise Unreadable("yaml-too-deep", line, column, limit=MAX_DEPTH)
        self._stack.append((node, None))

    def _place(self, node: Node) -> bool:
        """Put `node` where it belongs; False where it is a key (or would be one)."""
        if not self._stack:
            self.root = node
            return True
        parent, key = self._stack[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return True
        if key is None:
            if isinstance(node, Scalar):
                self._stack[-1] = (parent, node)
            return False
        if key.text in parent.items:
            parent.doubled.append((key, parent.keys[key.text]))
        else:
            parent.items[key.text] = node
            parent.keys[key.text] = key
        self._stack[-1] = (parent, None)
        return True

    def _look_for_cut(self, scalar: Scalar) -> None:
        rest = self.lines[scalar.end_line][scalar.end_column :]
        lost = rest.strip()
        if rest[:1] in (" ", "\t") and lost.startswith("#"):
            self.cuts.append(Cut(scalar, lost))


def plain(node: Node) -> Any:
    """`node` as dicts, lists, texts and None, without places."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items.items()}
    if isinstance(node, Sequence):
        return [plain(value) for value in node.items]
    assert isinstance(node, Scalar)  # noqa: S101 - the three kinds of node are all there are
    return node.value


def merge(base: Node, over: Node) -> Node:
    """`base` with what `over` says instead: mappings key by key, anything else whole."""
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    result = Mapping(base.file, base.line, base.column, dict(base.items), dict(base.keys))
    for key, value in over.items.items():
        result.items[key] = merge(base.items[key], value) if key in base.items else value
        result.keys[key] = over.keys[key]
    return result


def find(node: Node, path: tuple[str | int, ...]) -> tuple[Node, bool]:
    """The node at `path`, or the nearest one above it; and whether it was all the way."""
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str) and step in node.items:  # noqa: SIM114 - two kinds
            node = node.items[step]
        elif isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            return node, False
    return node, True
