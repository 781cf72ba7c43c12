"""One file as read: its tree, where its values stand, and what is wrong with its YAML."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pvd_mailer.compose.finding import block_around, make_finding
from pvd_mailer.compose.messages import OUTSIDE_WORKSPACE
from pvd_mailer.compose.yaml.recovery import YamlFault, parse_with_recovery
from pvd_mailer.compose.yaml.source_map import build_source_map
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ParseError, SequenceNode, TruncatedScalar, decode_utf8
from pvd_mailer.errors import os_error_reason
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import N_, _, language
from pvd_mailer.issue.source_map import SourceMap
from pvd_mailer.workspace import Workspace

__all__ = ["ParsedFile", "parse_file", "read_file"]

_WHOLE: int = 64 * 1024 * 1024
_BEGINNING: int = 1024 * 1024
"""Bytes: of a file that is larger than `_WHOLE` so much is read, which is enough to say that it is too large."""

# A value that is no sentence (a type, an id, a date, a zone, an address) or none at all.
_BARE_VALUE = re.compile(r"[a-z0-9_.:/?&=#@+-]*|[A-Z][A-Za-z]+/[A-Za-z_/]+|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")

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


@dataclass(slots=True)
class ParsedFile:
    """One file as read, with what is to be said of it.

    Attributes:
        display_path: Its path, as a person reads it.
        root: None where it cannot be read.
        lines: Its text.
        findings: Those of the file itself; whoever reads on in it adds theirs.
        source_map: None where it cannot be read.
    """

    display_path: str
    root: Node | None = None
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    source_map: SourceMap | None = None

    def finding_at(self, node: Node, rule: str, *, block: str | None = None, **context: Any) -> Finding:
        """A finding of `rule` where `node` begins."""
        return make_finding(rule, node.file, node.line, node.column, block=block, lines=self.lines, **context)


def read_file(path: Path, workspace: Workspace) -> ParsedFile:
    """Read and parse `path`; whatever is wrong with it is among the findings."""
    display_path = workspace.display_path(path)
    if path.exists() and not path.is_file():  # a folder, or a pipe that would keep us waiting
        return _unreadable(display_path, _("it is not a file"))
    if workspace.leads_outside(path, path.parent):
        return _unreadable(display_path, _(OUTSIDE_WORKSPACE))
    try:
        raw = path.read_bytes() if path.stat().st_size <= _WHOLE else path.open("rb").read(_BEGINNING)
    except FileNotFoundError:
        return ParsedFile(display_path, findings=[make_finding("file-missing", display_path, found=path.name)])
    except OSError as exc:
        return _unreadable(display_path, os_error_reason(exc))
    return parse_file(raw, display_path)


def _unreadable(display_path: str, problem: str) -> ParsedFile:
    return ParsedFile(display_path, findings=[make_finding("file-unreadable", display_path, found=problem)])


def parse_file(raw: bytes, display_path: str) -> ParsedFile:
    """Parse `raw` as the file that is shown as `display_path`; what is wrong with it is among the findings."""
    parsed = _parse_cached(raw, display_path, language())
    return replace(parsed, findings=list(parsed.findings))


@lru_cache(maxsize=8)  # a publication's file seldom changes; the language is that of the findings
def _parse_cached(raw: bytes, display_path: str, _lang: str) -> ParsedFile:
    try:
        text = decode_utf8(raw).replace("\r\n", "\n").replace("\r", "\n")
    except ParseError as exc:
        finding = make_finding(exc.rule, display_path, exc.line, exc.column, **exc.context)
        return ParsedFile(display_path, findings=[finding])
    lines = text.split("\n")
    parsed = parse_with_recovery(text, display_path)
    root = parsed.root
    findings = [_fault_finding(fault, display_path, root, lines) for fault in parsed.faults]
    if root is None:
        return ParsedFile(display_path, None, lines, findings)
    for truncated in parsed.truncated:
        findings += _truncation_findings(truncated, root, lines)
    findings += _duplicate_key_findings(root, root, lines)
    return ParsedFile(display_path, root, lines, findings, build_source_map(display_path, raw, text, root))


def _fault_finding(fault: YamlFault, file: str, root: Node | None, lines: Sequence[str]) -> Finding:
    context = dict(fault.context)
    if fault.rule == "yaml-syntax":
        problem = str(context["problem"])
        context["problem"] = _(_YAML_PROBLEMS[problem]) if problem in _YAML_PROBLEMS else problem
    block = block_around(root, fault.line) if root else None
    return make_finding(fault.rule, file, fault.line, fault.column, block=block, lines=lines, **context)


def _truncation_findings(truncated: TruncatedScalar, root: Node, lines: Sequence[str]) -> Iterator[Finding]:
    """The finding of a text that ` #` ended; none where it is plainly a remark after a value."""
    node = truncated.node
    is_hashtag = bool(re.match(r"#\S", truncated.comment))
    if is_hashtag or not _BARE_VALUE.fullmatch(node.text):
        yield make_finding(
            "yaml-cut" if is_hashtag else "yaml-comment",
            node.file,
            node.end_line,
            node.end_column,
            severity=Severity.BLOCKING if is_hashtag else Severity.ADVICE,
            block=block_around(root, node.line),
            lines=lines,
            found=node.text[-40:],
            lost=truncated.comment[:60],
        )


def _duplicate_key_findings(node: Node, root: Node, lines: Sequence[str]) -> Iterator[Finding]:
    """The findings of keys that stand twice in one mapping, anywhere under `node`."""
    if isinstance(node, MappingNode):
        for second, first in node.duplicate_keys:
            yield make_finding(
                "yaml-double-key",
                node.file,
                second.line,
                second.column,
                block=block_around(root, second.line),
                lines=lines,
                found=second.text[:60],
                first=first.line + 1,
            )
        for value in node.items.values():
            yield from _duplicate_key_findings(value, root, lines)
    elif isinstance(node, SequenceNode):
        for item in node.items:
            yield from _duplicate_key_findings(item, root, lines)
