"""YAML stops at its first fault. To tell all of them at once, the line at fault is mended in memory and read again.

Nothing is written: the mended text serves only to look further. What the mend was is the hint that the editor gets.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from pvd_mailer.compose.yaml.tree import Node, ParseError, TruncatedScalar, parse_yaml

__all__ = ["ParsedYaml", "YamlFault", "parse_with_recovery"]

_MAX_REPAIRS = 60
_ENTRY = re.compile(r"^(?P<lead>\s*(?:-\s+)*(?:[A-Za-z_][\w-]*:\s+)?)(?P<value>\S.*?)\s*$")
_QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^']|'')*'""")
_YAML_INDICATORS = ("*", "&", "@", "`", "%", "!", "[", "]", "{", "}", "|", ">", '"', "'", ",", "?", "- ")


@dataclass(frozen=True, slots=True)
class YamlFault:
    """A fault of the YAML: its rule, its place from 0, and values for its wording."""

    rule: str
    line: int
    column: int
    context: dict[str, Any]


@dataclass(slots=True)
class ParsedYaml:
    """What reading a file gave: a tree if there is one, and every fault."""

    root: Node | None = None
    faults: list[YamlFault] = field(default_factory=list)
    truncated: list[TruncatedScalar] = field(default_factory=list)


def parse_with_recovery(text: str, file: str) -> ParsedYaml:
    """Read `text`; where it cannot be read, note why, mend that line and read on."""
    parsed = ParsedYaml()
    repaired_lines: set[int] = set()
    while True:
        try:
            parsed.root, truncated = parse_yaml(text, file)
        except ParseError as exc:
            lines = text.split("\n")
            fault, line, replacement = _diagnose(exc, lines)
            if line not in repaired_lines:
                parsed.faults.append(fault)
            elif not parsed.faults:
                parsed.faults.append(fault)
                return parsed
            if replacement is None or line in repaired_lines or len(repaired_lines) >= _MAX_REPAIRS:
                return parsed
            repaired_lines.add(line)
            lines[line] = replacement
            text = "\n".join(lines)
        else:
            parsed.truncated = [
                truncated_scalar for truncated_scalar in truncated if truncated_scalar.node.line not in repaired_lines
            ]
            return parsed


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line_of_open_quote(line_number: int, lines: list[str]) -> int:
    """Line `line_number`, or the one above it whose quote was never closed and ended at the quote of this one."""
    entry_here = _ENTRY.match(lines[line_number]) if line_number < len(lines) else None
    if entry_here and _QUOTED.fullmatch(entry_here["value"]):
        for line_above in range(line_number - 1, -1, -1):
            entry = _ENTRY.match(lines[line_above])
            if entry and entry["value"][0] in "\"'" and not _QUOTED.fullmatch(entry["value"]):
                return line_above if entry["value"][0] not in entry["value"][1:] else line_number
    return line_number


_Diagnosis = tuple[YamlFault, int, str | None]
"""What the fault is, the line it is in (from 0), and that line mended; None where there is no safe guess."""


def _diagnose(error: ParseError, lines: list[str]) -> _Diagnosis:
    line_number = min(error.line, len(lines) - 1)
    if error.line > line_number:  # the parser ends a last line that does not end
        error = ParseError(error.rule, line_number, len(lines[line_number]), **error.context)
    undiagnosed = (YamlFault(error.rule, error.line, error.column, error.context), line_number, None)
    if error.rule not in ("yaml-syntax", "yaml-alias", "yaml-tag"):
        return undiagnosed
    diagnoses = (_known_fault(error, lines[line], line) for line in _suspect_lines(error, line_number, lines))
    return next((diagnosis for diagnosis in diagnoses if diagnosis), undiagnosed)


def _suspect_lines(error: ParseError, line_number: int, lines: list[str]) -> list[int]:
    """The lines that may be at fault, the likeliest first: where the parser stopped, and where it had begun."""
    context_line = error.context.get("since")
    suspects = [line_number] + ([context_line] if isinstance(context_line, int) and context_line != line_number else [])
    if "quoted scalar" in str(error.context.get("context", "")) and isinstance(context_line, int):
        suspects.reverse()
    return [line for line in (_line_of_open_quote(suspect, lines) for suspect in suspects) if line < len(lines)]


def _known_fault(error: ParseError, line: str, line_number: int) -> _Diagnosis | None:
    """The fault that `line` has, if it is one of the known ones."""
    if re.match(r"[ ]*(?:-[ ]+)*-?\t", line):
        return YamlFault("yaml-tab", line_number, line.index("\t"), {}), line_number, line.replace("\t", "  ")
    entry = _ENTRY.match(line)
    if not entry or line.lstrip().startswith("#"):
        return None
    lead, value, column = entry["lead"], entry["value"], entry.start("value")
    if error.rule != "yaml-syntax" and column != error.column:
        return None  # an alias or a tag inside the value or in a key: quotes around the whole would not mend it
    rule = _rule_of_value(value, lead, str(error.context.get("problem", "")))
    if rule is None:
        return None
    replacement = _quoted(_inside_quotes(value) if rule == "yaml-quote" else value)
    context = {"found": value[:60], "wanted": replacement[:80], "character": value[0]}
    return YamlFault(rule, line_number, column, context), line_number, lead + replacement


def _rule_of_value(value: str, lead: str, problem: str) -> str | None:
    """What is wrong with a value without quotes, or with the wrong ones, after `lead`; `problem` is libyaml's word."""
    if value[0] in "\"'":
        return "yaml-quote"
    if value[0] in "*&" and not value[1:2].isspace():
        return "yaml-star"
    if "mapping values" in problem and re.search(r":(\s|$)", value):
        return "yaml-colon"
    if value.startswith(_YAML_INDICATORS):
        return "yaml-indicator"
    return "yaml-colon" if re.search(r":\s", value) and lead.strip().endswith(":") else None


def _inside_quotes(value: str) -> str:
    """A text with a quote in the middle of what was meant as one: the outer pair is the editor's."""
    inner = value[1:-1] if len(value) > 1 and value[-1] == value[0] else value[1:]
    return inner.replace('\\"', '"')
