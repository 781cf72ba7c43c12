"""The bytes of a YAML file -> a tree of nodes that know where they stand, or the place where reading stopped.

The tree is built from the parser's events, one by one: depth and size are bounded before anything is nested,
and scalars stay text, since YAML 1.1 and 1.2 disagree on what `13:30`, `022` and `no` are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pvd_mailer.i18n import format_number

__all__ = [
    "MAX_FILE_BYTES",
    "MappingNode",
    "Node",
    "ParseError",
    "ScalarNode",
    "SequenceNode",
    "TruncatedScalar",
    "decode_utf8",
    "merge",
    "parse_yaml",
    "to_python",
]

MAX_FILE_BYTES = 500_000
_MAX_DEPTH = 16
_MAX_NODES = 20_000

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ParseError(Exception):
    """The file cannot be read from some place on.

    Attributes:
        rule: What is wrong, a key of `compose.messages`.
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
class ScalarNode(Node):
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
class SequenceNode(Node):
    """A list."""

    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class MappingNode(Node):
    """Keys and values, in the file's order."""

    items: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, ScalarNode] = field(default_factory=dict)
    duplicate_keys: list[tuple[ScalarNode, ScalarNode]] = field(default_factory=list)
    """Keys met again: the second one and the first."""


@dataclass(frozen=True, slots=True)
class TruncatedScalar:
    """A plain text that ` #` ended."""

    node: ScalarNode
    comment: str


def decode_utf8(raw: bytes) -> str:
    """The text of a UTF-8 file, with or without a byte order mark.

    Raises:
        Unreadable: too large, another encoding, or not a text at all.
    """
    if len(raw) > MAX_FILE_BYTES:
        raise ParseError(
            "file-too-large", size=format_number(len(raw) // 1000), limit=format_number(MAX_FILE_BYTES // 1000)
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError("file-utf16")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        before = raw[: exc.start]
        line = before.count(b"\n")
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace"))
        if b"\0" in raw or sum(byte < 9 for byte in raw[:4096]) > 0:  # noqa: PLR2004 - below TAB no text has anything
            raise ParseError("file-binary", line, column, found=f"0x{raw[exc.start]:02X}") from None
        raise ParseError("file-encoding", line, column, found=f"0x{raw[exc.start]:02X}") from None
    # What YAML calls not printable; libyaml would stop at it with an offset that helps nobody.
    unprintable = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if unprintable:
        line = text.count("\n", 0, unprintable.start())
        column = unprintable.start() - (text.rfind("\n", 0, unprintable.start()) + 1)
        rule = "file-binary" if unprintable[0] == "\0" else "control-character"
        raise ParseError(rule, line, column, found=f"U+{ord(unprintable[0]):04X}")
    # PyYAML takes NEL, LS and PS for line ends, and an editor's window does not: lines would be miscounted.
    return re.sub("[\x85\u2028\u2029]", " ", text)


def _events(text: str) -> Iterator[Any]:
    loader = _Loader(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def parse_yaml(text: str, file: str) -> tuple[Node, list[TruncatedScalar]]:
    """The tree of `text`, and the places where ` #` seems to have cut a text.

    Raises:
        Unreadable: the text is not YAML, or uses what an issue has no need of (anchors, tags, several documents).
    """
    builder = _TreeBuilder(file, text.split("\n"))
    try:
        for event in _events(text):
            builder.add_event(event)
    except yaml.MarkedYAMLError as exc:
        raise _syntax_error(exc) from None
    except yaml.YAMLError as exc:
        raise ParseError("yaml-syntax", problem=str(exc), context="", since=None) from None
    if builder.root is None:
        raise ParseError("file-empty")
    return builder.root, builder.truncated


def _syntax_error(exc: yaml.MarkedYAMLError) -> ParseError:
    """Where libyaml stopped, its words, and (`since`) the line from 0 on which what it was reading began."""
    mark = exc.problem_mark or exc.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    since = exc.context_mark.line if exc.context_mark else None
    return ParseError("yaml-syntax", line, column, problem=exc.problem or "", context=exc.context or "", since=since)


class _TreeBuilder:
    """Takes events, keeps a stack of open collections."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines
        self.root: Node | None = None
        self.truncated: list[TruncatedScalar] = []
        self._stack: list[tuple[MappingNode | SequenceNode, ScalarNode | None]] = []
        self._node_count = 0
        self._document_count = 0

    def add_event(self, event: Any) -> None:
        # By the very class: PyYAML has no others, and a letter has some seven hundred of these.
        kind = type(event)
        if kind is yaml.ScalarEvent:
            mark, end = event.start_mark, event.end_mark or event.start_mark
            line, column = (mark.line, mark.column) if mark else (0, 0)
            last_line, last_column = (end.line, end.column) if end else (line, column)
            self._count_node(event, line, column)
            scalar = ScalarNode(self.file, line, column, event.value, event.style or None, last_line, last_column)
            if self._attach(scalar) and scalar.style is None:
                self._note_truncation(scalar)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._stack.pop()
        elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.AliasEvent, yaml.DocumentStartEvent):
            mark = event.start_mark
            self._open(event, kind, *((mark.line, mark.column) if mark else (0, 0)))

    def _open(self, event: Any, kind: type, line: int, column: int) -> None:
        if kind is yaml.DocumentStartEvent:
            self._document_count += 1
            if self._document_count > 1:
                raise ParseError("yaml-documents", line, column)
            return
        if kind is yaml.AliasEvent:
            raise ParseError("yaml-alias", line, column, found=f"*{event.anchor}")
        self._count_node(event, line, column)
        node: MappingNode | SequenceNode
        node = (MappingNode if kind is yaml.MappingStartEvent else SequenceNode)(self.file, line, column)
        if not self._attach(node):
            raise ParseError("yaml-key", line, column)
        if len(self._stack) >= _MAX_DEPTH:
            raise ParseError("yaml-too-deep", line, column, limit=_MAX_DEPTH)
        self._stack.append((node, None))

    def _count_node(self, event: Any, line: int, column: int) -> None:
        """Refuse what an issue has no need of, and one value too many."""
        if event.anchor:
            raise ParseError("yaml-alias", line, column, found=f"&{event.anchor}")
        if event.tag not in (None, "!"):
            raise ParseError("yaml-tag", line, column, found=event.tag)
        self._node_count += 1
        if self._node_count > _MAX_NODES:
            raise ParseError("yaml-too-many", line, column, limit=_MAX_NODES)

    def _attach(self, node: Node) -> bool:
        """Put `node` where it belongs; False where it is a key (or would be one)."""
        if not self._stack:
            self.root = node
            return True
        parent, key = self._stack[-1]
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
            return True
        if key is None:
            if isinstance(node, ScalarNode):
                self._stack[-1] = (parent, node)
            return False
        if key.text in parent.items:
            parent.duplicate_keys.append((key, parent.keys[key.text]))
        else:
            parent.items[key.text] = node
            parent.keys[key.text] = key
        self._stack[-1] = (parent, None)
        return True

    def _note_truncation(self, scalar: ScalarNode) -> None:
        rest = self.lines[scalar.end_line][scalar.end_column :]
        comment = rest.strip()
        if rest[:1] in (" ", "\t") and comment.startswith("#"):
            self.truncated.append(TruncatedScalar(scalar, comment))


def to_python(node: Node) -> Any:
    """`node` as dicts, lists, texts and None, without places."""
    if isinstance(node, MappingNode):
        return {key: to_python(value) for key, value in node.items.items()}
    if isinstance(node, SequenceNode):
        return [to_python(value) for value in node.items]
    assert isinstance(node, ScalarNode)  # noqa: S101 - the three kinds of node are all there are
    return node.value


def merge(base: Node, override: Node) -> Node:
    """`base` with what `override` says instead: mappings key by key, anything else whole."""
    if not (isinstance(base, MappingNode) and isinstance(override, MappingNode)):
        return override
    result = MappingNode(base.file, base.line, base.column, dict(base.items), dict(base.keys))
    for key, value in override.items.items():
        result.items[key] = merge(base.items[key], value) if key in base.items else value
        result.keys[key] = override.keys[key]
    return result


def find_node(node: Node, key_path: tuple[str | int, ...]) -> tuple[Node, bool]:
    """The node at `key_path`, or the nearest one above it; and whether it was all the way."""
    for step in key_path:
        if isinstance(node, MappingNode) and isinstance(step, str) and step in node.items:  # noqa: SIM114 - two kinds
            node = node.items[step]
        elif isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.items):
            node = node.items[step]
        else:
            return node, False
    return node, True
