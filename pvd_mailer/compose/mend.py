"""YAML stops at its first fault. To tell all of them at once, the line at fault is mended in memory and read again.

Nothing is written: the mended text serves only to look further. What the mend was is the hint that the editor gets.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from pvd_mailer.compose.source import Cut, Node, Unreadable, parse

__all__ = ["Reading", "Trap", "read"]

MAX_MENDS = 60
_ENTRY = re.compile(r"^(?P<lead>\s*(?:-\s+)*(?:[A-Za-z_][\w-]*:\s+)?)(?P<value>\S.*?)\s*$")
_QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'(?:[^']|'')*'""")
_INDICATORS = ("*", "&", "@", "`", "%", "!", "[", "]", "{", "}", "|", ">", '"', "'", ",", "?", "- ")


@dataclass(frozen=True, slots=True)
class Trap:
    """A fault of the YAML: its rule, its place from 0, and values for its wording."""

    rule: str
    line: int
    column: int
    context: dict[str, Any]


@dataclass(slots=True)
class Reading:
    """What reading a file gave: a tree if there is one, and every trap."""

    root: Node | None = None
    traps: list[Trap] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


def read(text: str, file: str) -> Reading:
    """Read `text`; where it cannot be read, note why, mend that line and read on."""
    reading = Reading()
    mended: set[int] = set()
    while True:
        try:
            reading.root, cuts = parse(text, file)
        except Unreadable as stop:
            lines = text.split("\n")
            trap, line, replacement = _diagnose(stop, lines)
            if line not in mended:
                reading.traps.append(trap)
            elif not reading.traps:
                reading.traps.append(trap)
                return reading
            if replacement is None or line in mended or len(mended) >= MAX_MENDS:
                return reading
            mended.add(line)
            lines[line] = replacement
            text = "\n".join(lines)
        else:
            reading.cuts = [cut for cut in cuts if cut.node.line not in mended]
            return reading


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _opening(number: int, lines: list[str]) -> int:
    """Line `number`, or the one above it whose quote was never closed and ended at the quote of this one."""
    here = _ENTRY.match(lines[number]) if number < len(lines) else None
    if here and _QUOTED.fullmatch(here["value"]):
        for above in range(number - 1, -1, -1):
            entry = _ENTRY.match(lines[above])
            if entry and entry["value"][0] in "\"'" and not _QUOTED.fullmatch(entry["value"]):
                return above if entry["value"][0] not in entry["value"][1:] else number
    return number


Diagnosis = tuple[Trap, int, str | None]
"""What the fault is, the line it is in (from 0), and that line mended; None where there is no safe guess."""


def _diagnose(stop: Unreadable, lines: list[str]) -> Diagnosis:
    number = min(stop.line, len(lines) - 1)
    if stop.line > number:  # the parser ends a last line that does not end
        stop = Unreadable(stop.rule, number, len(lines[number]), **stop.context)
    unknown = (Trap(stop.rule, stop.line, stop.column, stop.context), number, None)
    if stop.rule not in ("yaml-syntax", "yaml-alias", "yaml-tag"):
        return unknown
    found = (_look(stop, lines[line], line) for line in _suspects(stop, number, lines))
    return next((one for one in found if one), unknown)


def _suspects(stop: Unreadable, number: int, lines: list[str]) -> list[int]:
    """The lines that may be at fault, the likeliest first: where the parser stopped, and where it had begun."""
    since = stop.context.get("since")
    suspects = [number] + ([since] if isinstance(since, int) and since != number else [])
    if "quoted scalar" in str(stop.context.get("context", "")) and isinstance(since, int):
        suspects.reverse()
    return [line for line in (_opening(suspect, lines) for suspect in suspects) if line < len(lines)]


def _look(stop: Unreadable, line: str, number: int) -> Diagnosis | None:
    """The trap that `line` has fallen into, if it is one of the known ones."""
    if re.match(r"[ ]*(?:-[ ]+)*-?\t", line):
        return Trap("yaml-tab", number, line.index("\t"), {}), number, line.replace("\t", "  ")
    entry = _ENTRY.match(line)
    if not entry or line.lstrip().startswith("#"):
        return None
    lead, value, column = entry["lead"], entry["value"], entry.start("value")
    if stop.rule != "yaml-syntax" and column != stop.column:
        return None  # an alias or a tag inside the value or in a key: quotes around the whole would not mend it
    # A quote in the middle of what was meant as one text: take the outer pair as the editor's.
    if value[0] in "\"'":
        inner = value[1:-1] if len(value) > 1 and value[-1] == value[0] else value[1:]
        wanted = _quoted(inner.replace('\\"', '"'))
        return Trap("yaml-quote", number, column, {"found": value[:60], "wanted": wanted[:80]}), number, lead + wanted
    wanted = _quoted(value)
    context = {"found": value[:60], "wanted": wanted[:80], "character": value[0]}
    rule = None
    if value[0] in "*&" and not value[1:2].isspace():
        rule = "yaml-star"
    elif "mapping values" in str(stop.context.get("problem", "")) and re.search(r":(\s|$)", value):
        rule = "yaml-colon"
    elif value.startswith(_INDICATORS):
        rule = "yaml-indicator"
    elif re.search(r":\s", value) and lead.strip().endswith(":"):
        rule = "yaml-colon"
    return (Trap(rule, number, column, context), number, lead + wanted) if rule else None
