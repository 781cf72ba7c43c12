"""What a person reads on the terminal: findings as a modern compiler prints them, and failures."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _, ngettext

__all__ = ["as_json", "failure", "findings", "mended", "note"]

WIDTH = 100
"""Of what is quoted from a file, in characters: what fits a terminal."""
ALIKE = 3
"""How many findings of a rule that mends are shown in full; the others get a line together."""
MANY = 12
LEAD = 40
"""How much of a long line is shown before the place."""


def failure(message: str, hint: str) -> None:
    """Say what went wrong, and what to do, on standard error."""
    click.echo(click.style(_("Stopped: "), fg="red", bold=True) + message, err=True)
    if hint:
        click.echo("  " + click.style("→ ", fg="cyan") + hint, err=True)


def as_json(found: Sequence[Finding], fixed: Sequence[Finding] | None = None, *, unchecked: Sequence[str] = ()) -> str:
    """The documented JSON of findings, of those that were `fixed`, and of the rules that could not look."""
    said: dict[str, Any] = {"findings": [one.as_json() for one in found], "unchecked": list(unchecked)}
    if fixed is not None:
        said["fixed"] = [one.as_json() for one in fixed]
    return json.dumps(said, ensure_ascii=False, indent=2)


def findings(found: Sequence[Finding], issue: str | None = None) -> None:
    """Print `found`, one paragraph each, those that are waived on a line each, and a line that counts them.

    `issue` is what the command was called with, for the one that mends.
    """
    told = [one for one in found if one.waived is None]
    alike = Counter(one.rule for one in told if one.fix is not None)
    seen: Counter[str] = Counter()
    for one in told:
        seen[one.rule] += one.fix is not None
        # What one command mends need not be read one by one.
        if one.fix is None or seen[one.rule] <= ALIKE or alike[one.rule] <= ALIKE + 1:
            _finding(one)
        elif seen[one.rule] == alike[one.rule]:
            _more(one.rule, [other for other in told if other.rule == one.rule and other.fix is not None][ALIKE:])
    _waived([one for one in found if one.waived is not None])
    _again([one for one in told if one.severity is Severity.BLOCKING], len(told))
    parts = _counts(found)
    if parts:
        click.echo(", ".join(parts), err=True)
    mendable = sum(one.fix is not None for one in told)
    if mendable and issue is not None:
        words = ngettext("{n} of them can be mended by itself:", "{n} of them can be mended by themselves:", mendable)
        command = click.style(f"pvd-mailer check {issue} --fix", bold=True)
        click.echo(f"{words.format(n=mendable)} {command}", err=True)


def note(message: str, hint: str) -> None:
    """Say something about the command itself, on standard error."""
    click.echo(click.style(f"{message}\n  → {hint}", dim=True), err=True)


def mended(fixed: Sequence[Finding], file: str, *, blocked: bool = False) -> None:
    """Say what was mended in `file`; `blocked` where its faults keep it from being read as an issue."""
    if not fixed and blocked:
        click.echo(_("Nothing was mended in {file}. Correct the blocking faults first.").format(file=file), err=True)
        return
    if not fixed:
        click.echo(_("Nothing in {file} could be mended by itself.").format(file=file), err=True)
        return
    words = ngettext("{n} fault mended in {file}:", "{n} faults mended in {file}:", len(fixed))
    click.echo(words.format(n=len(fixed), file=file), err=True)
    rules = dict.fromkeys(one.rule for one in fixed)
    for rule in rules:
        click.echo(f"  {sum(one.rule == rule for one in fixed):4} {rule}", err=True)
    click.echo(err=True)


def _counts(found: Sequence[Finding]) -> list[str]:
    blocking = sum(one.severity is Severity.BLOCKING and one.waived is None for one in found)
    advice = sum(one.severity is Severity.ADVICE and one.waived is None for one in found)
    waived = sum(one.waived is not None for one in found)
    parts = []
    if blocking:
        parts.append(ngettext("{n} blocking fault", "{n} blocking faults", blocking).format(n=blocking))
    if advice:
        parts.append(ngettext("{n} piece of advice", "{n} pieces of advice", advice).format(n=advice))
    if waived:
        parts.append(ngettext("{n} waived", "{n} waived", waived).format(n=waived))
    return parts


def _place(one: Finding) -> str:
    return ":".join(str(part) for part in (one.place.file, one.place.line, one.place.column) if part is not None)


def _waived(found: Sequence[Finding]) -> None:
    if not found:
        return
    click.echo(click.style(_("Waived:"), bold=True), err=True)
    for one in found:
        name = click.style(f"[{one.rule}]", dim=True)
        reason = _("reason: {reason}").format(reason=one.waived)
        click.echo(f"  {name} {_place(one)} {one.message}\n      {reason}", err=True)
    click.echo(err=True)


def _again(blocking: Sequence[Finding], among: int) -> None:
    """A line for each of the `blocking` ones, where they stand among many others and have gone up the screen."""
    if not blocking or among <= MANY or len(blocking) == among:
        return
    click.echo(click.style(_("What blocks:"), fg="red", bold=True), err=True)
    for one in blocking:
        click.echo("  " + click.style(_place(one), bold=True) + " " + one.message, err=True)
    click.echo(err=True)


def _colour(severity: Severity) -> str:
    return "red" if severity is Severity.BLOCKING else "yellow"


def _label(severity: Severity) -> str:
    words = _("blocking") if severity is Severity.BLOCKING else _("advice")
    return click.style(words, fg=_colour(severity), bold=True)


def _finding(one: Finding) -> None:
    block = _(" in block “{block}”").format(block=one.block) if one.block else ""
    click.echo(
        _label(one.severity) + click.style(f" [{one.rule}] ", dim=True) + click.style(_place(one), bold=True) + block,
        err=True,
    )
    if one.excerpt is not None and one.excerpt.strip():
        _excerpt(one, _colour(one.severity))
    click.echo("  " + one.message, err=True)
    if one.hint:
        click.echo("  " + click.style("→ ", fg="cyan") + one.hint, err=True)
    click.echo(err=True)


def _more(rule: str, found: Sequence[Finding]) -> None:
    """A line for what is like what was shown."""
    lines = list(dict.fromkeys(str(one.place.line) for one in found))
    words = ngettext("and {n} more, in line {lines}", "and {n} more, in lines {lines}", len(found))
    said = words.format(n=len(found), lines=", ".join(lines[:MANY]) + ("…" if len(lines) > MANY else ""))
    click.echo(_label(found[0].severity) + click.style(f" [{rule}] ", dim=True) + said, err=True)
    click.echo(err=True)


def _excerpt(one: Finding, colour: str) -> None:
    """The line, and marks under what the finding is about; or the words of the letter, which have no line."""
    text = (one.excerpt or "").replace("\t", " ").rstrip()
    column = one.place.column
    if column is None and one.place.line is not None:
        where = _("letter")
        click.echo(click.style(f"  {where} │ ", dim=True) + _cut(text, 0, WIDTH), err=True)
        return
    number = str(one.place.line or "")
    start = (column or 1) - LEAD if (column or 1) > WIDTH - 10 else 0
    shown = _cut(text, start, start + WIDTH)
    click.echo(click.style(f"  {number} │ ", dim=True) + shown, err=True)
    if column is None:
        return
    before = " " * (len(number) + 5 + column - 1 - start)
    width = max(1, min(one.place.length or 1, len(shown) - (column - 1 - start)))
    click.echo(before + click.style("▲" * width, fg=colour), err=True)


def _cut(text: str, start: int, end: int) -> str:
    """That part of `text`, with an ellipsis in place of a character where something was cut."""
    shown = text[start:end]
    if start and shown:
        shown = "…" + shown[1:]
    return shown[:-1] + "…" if end < len(text) else shown
