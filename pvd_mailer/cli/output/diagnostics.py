"""What a person reads on the terminal: findings as a modern compiler prints them, and failures."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _, ngettext

__all__ = ["findings_json", "print_failure", "print_findings", "print_fixed", "print_note"]

_EXCERPT_WIDTH = 100
"""Of what is quoted from a file, in characters: what fits a terminal."""
_MAX_ALIKE = 3
"""How many findings of a rule that mends are shown in full; the others get a line together."""
_MANY = 12
_LEAD = 40
"""How much of a long line is shown before the place."""


def print_failure(message: str, hint: str) -> None:
    """Say what went wrong, and what to do, on standard error."""
    click.echo(click.style(_("Stopped: "), fg="red", bold=True) + message, err=True)
    if hint:
        click.echo("  " + click.style("→ ", fg="cyan") + hint, err=True)


def findings_json(
    findings: Sequence[Finding], fixed: Sequence[Finding] | None = None, *, unchecked: Sequence[str] = ()
) -> str:
    """The documented JSON of findings, of those that were `fixed`, and of the rules that could not look."""
    content: dict[str, Any] = {"findings": [finding.as_json() for finding in findings], "unchecked": list(unchecked)}
    if fixed is not None:
        content["fixed"] = [finding.as_json() for finding in fixed]
    return json.dumps(content, ensure_ascii=False, indent=2)


def print_findings(findings: Sequence[Finding], issue: str | None = None) -> None:
    """Print `findings`, one paragraph each, those that are waived on a line each, and a line that counts them.

    `issue` is what the command was called with, for the one that mends.
    """
    standing = [finding for finding in findings if finding.waived is None]
    _print_standing(standing)
    _print_waived([finding for finding in findings if finding.waived is not None])
    _repeat_blocking([finding for finding in standing if finding.severity is Severity.BLOCKING], len(standing))
    counts = _count_texts(findings)
    if counts:
        click.echo(", ".join(counts), err=True)
    if issue is not None:
        _print_fix_command(sum(finding.fix is not None for finding in standing), issue)


def _print_standing(findings: Sequence[Finding]) -> None:
    """Each in full, but for those that one command mends: of a rule's many like them, the first few are enough."""
    fixable = [finding for finding in findings if finding.fix is not None]
    totals = Counter(finding.rule for finding in fixable)
    seen: Counter[str] = Counter()
    for finding in findings:
        if finding.fix is None:
            _print_finding(finding)
            continue
        rule = finding.rule
        seen[rule] += 1
        # One more than are shown in full takes no more room than the line that would count it.
        if seen[rule] <= _MAX_ALIKE or totals[rule] <= _MAX_ALIKE + 1:
            _print_finding(finding)
        elif seen[rule] == totals[rule]:
            _print_similar(rule, [similar for similar in fixable if similar.rule == rule][_MAX_ALIKE:])


def _print_fix_command(fixable: int, issue: str) -> None:
    if fixable:
        text = ngettext("{n} of them can be mended by itself:", "{n} of them can be mended by themselves:", fixable)
        command = click.style(f"pvd-mailer check {issue} --fix", bold=True)
        click.echo(f"{text.format(n=fixable)} {command}", err=True)


def print_note(message: str, hint: str) -> None:
    """Say something about the command itself, on standard error."""
    click.echo(click.style(f"{message}\n  → {hint}", dim=True), err=True)


def print_fixed(fixed: Sequence[Finding], file: str, *, blocked: bool = False) -> None:
    """Say what was mended in `file`; `blocked` where its faults keep it from being read as an issue."""
    if not fixed and blocked:
        click.echo(_("Nothing was mended in {file}. Correct the blocking faults first.").format(file=file), err=True)
        return
    if not fixed:
        click.echo(_("Nothing in {file} could be mended by itself.").format(file=file), err=True)
        return
    text = ngettext("{n} fault mended in {file}:", "{n} faults mended in {file}:", len(fixed))
    click.echo(text.format(n=len(fixed), file=file), err=True)
    rules = dict.fromkeys(finding.rule for finding in fixed)
    for rule in rules:
        click.echo(f"  {sum(finding.rule == rule for finding in fixed):4} {rule}", err=True)
    click.echo(err=True)


def _count_texts(findings: Sequence[Finding]) -> list[str]:
    blocking = sum(finding.severity is Severity.BLOCKING and finding.waived is None for finding in findings)
    advice = sum(finding.severity is Severity.ADVICE and finding.waived is None for finding in findings)
    waived = sum(finding.waived is not None for finding in findings)
    texts = []
    if blocking:
        texts.append(ngettext("{n} blocking fault", "{n} blocking faults", blocking).format(n=blocking))
    if advice:
        texts.append(ngettext("{n} piece of advice", "{n} pieces of advice", advice).format(n=advice))
    if waived:
        texts.append(ngettext("{n} waived", "{n} waived", waived).format(n=waived))
    return texts


def _location_text(finding: Finding) -> str:
    return ":".join(
        str(part)
        for part in (finding.location.file, finding.location.line, finding.location.column)
        if part is not None
    )


def _print_waived(waived: Sequence[Finding]) -> None:
    if not waived:
        return
    click.echo(click.style(_("Waived:"), bold=True), err=True)
    for finding in waived:
        name = click.style(f"[{finding.rule}]", dim=True)
        reason = _("reason: {reason}").format(reason=finding.waived)
        click.echo(f"  {name} {_location_text(finding)} {finding.message}\n      {reason}", err=True)
    click.echo(err=True)


def _repeat_blocking(blocking: Sequence[Finding], total: int) -> None:
    """A line for each of the `blocking` ones, where they stand among many others and have gone up the screen."""
    if not blocking or total <= _MANY or len(blocking) == total:
        return
    click.echo(click.style(_("What blocks:"), fg="red", bold=True), err=True)
    for finding in blocking:
        click.echo("  " + click.style(_location_text(finding), bold=True) + " " + finding.message, err=True)
    click.echo(err=True)


def _colour(severity: Severity) -> str:
    return "red" if severity is Severity.BLOCKING else "yellow"


def _label(severity: Severity) -> str:
    text = _("blocking") if severity is Severity.BLOCKING else _("advice")
    return click.style(text, fg=_colour(severity), bold=True)


def _print_finding(finding: Finding) -> None:
    block = _(" in block “{block}”").format(block=finding.block) if finding.block else ""
    click.echo(
        _label(finding.severity)
        + click.style(f" [{finding.rule}] ", dim=True)
        + click.style(_location_text(finding), bold=True)
        + block,
        err=True,
    )
    if finding.excerpt is not None and finding.excerpt.strip():
        _print_excerpt(finding, _colour(finding.severity))
    click.echo("  " + finding.message, err=True)
    if finding.hint:
        click.echo("  " + click.style("→ ", fg="cyan") + finding.hint, err=True)
    click.echo(err=True)


def _print_similar(rule: str, findings: Sequence[Finding]) -> None:
    """A line for what is like what was shown."""
    lines = list(dict.fromkeys(str(finding.location.line) for finding in findings))
    text = ngettext("and {n} more, in line {lines}", "and {n} more, in lines {lines}", len(findings))
    message = text.format(n=len(findings), lines=", ".join(lines[:_MANY]) + ("…" if len(lines) > _MANY else ""))
    click.echo(_label(findings[0].severity) + click.style(f" [{rule}] ", dim=True) + message, err=True)
    click.echo(err=True)


def _print_excerpt(finding: Finding, colour: str) -> None:
    """The line, and marks under what the finding is about; or the words of the letter, which have no line."""
    text = (finding.excerpt or "").replace("\t", " ").rstrip()
    column = finding.location.column
    if column is None and finding.location.line is not None:
        label = _("letter")
        click.echo(click.style(f"  {label} │ ", dim=True) + _clip(text, 0, _EXCERPT_WIDTH), err=True)
        return
    number = str(finding.location.line or "")
    start = (column or 1) - _LEAD if (column or 1) > _EXCERPT_WIDTH - 10 else 0
    visible = _clip(text, start, start + _EXCERPT_WIDTH)
    click.echo(click.style(f"  {number} │ ", dim=True) + visible, err=True)
    if column is None:
        return
    margin = " " * (len(number) + 5 + column - 1 - start)
    width = max(1, min(finding.location.length or 1, len(visible) - (column - 1 - start)))
    click.echo(margin + click.style("▲" * width, fg=colour), err=True)


def _clip(text: str, start: int, end: int) -> str:
    """That part of `text`, with an ellipsis in place of a character where something was cut."""
    visible = text[start:end]
    if start and visible:
        visible = "…" + visible[1:]
    return visible[:-1] + "…" if end < len(text) else visible
