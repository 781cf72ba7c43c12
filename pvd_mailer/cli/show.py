"""What a person reads on the terminal: findings as a modern compiler prints them, and failures."""

import json
from collections.abc import Sequence

import click

from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _, ngettext

__all__ = ["as_json", "failure", "findings"]


def failure(message: str, hint: str) -> None:
    """Say what went wrong, and what to do, on standard error."""
    click.echo(click.style(_("Stopped: "), fg="red", bold=True) + message, err=True)
    if hint:
        click.echo("  " + click.style("→ ", fg="cyan") + hint, err=True)


def as_json(found: Sequence[Finding]) -> str:
    """The documented JSON of findings."""
    return json.dumps({"findings": [one.as_json() for one in found]}, ensure_ascii=False, indent=2)


def findings(found: Sequence[Finding]) -> None:
    """Print `found`, one paragraph each, and a line that counts them."""
    for one in found:
        _finding(one)
    blocking = sum(one.severity is Severity.BLOCKING for one in found)
    advice = len(found) - blocking
    parts = []
    if blocking:
        parts.append(ngettext("{n} blocking fault", "{n} blocking faults", blocking).format(n=blocking))
    if advice:
        parts.append(ngettext("{n} piece of advice", "{n} pieces of advice", advice).format(n=advice))
    if parts:
        click.echo(", ".join(parts), err=True)


def _finding(one: Finding) -> None:
    blocking = one.severity is Severity.BLOCKING
    place = ":".join(str(part) for part in (one.place.file, one.place.line, one.place.column) if part is not None)
    label = _("blocking") if blocking else _("advice")
    block = _(" in block “{block}”").format(block=one.block) if one.block else ""
    click.echo(
        click.style(label, fg="red" if blocking else "yellow", bold=True)
        + click.style(f" [{one.rule}] ", dim=True)
        + click.style(place, bold=True)
        + block,
        err=True,
    )
    if one.excerpt is not None and one.excerpt.strip():
        number = str(one.place.line or "")
        text = one.excerpt.replace("\t", " ")
        start = 0
        column = one.place.column or 1
        if column > 90:  # noqa: PLR2004 - what fits a terminal
            start = column - 40
        click.echo(click.style(f"  {number} │ ", dim=True) + text[start : start + 100], err=True)
        click.echo(
            " " * (len(number) + 5 + column - 1 - start) + click.style("▲", fg="red" if blocking else "yellow"),
            err=True,
        )
    click.echo("  " + one.message, err=True)
    click.echo("  " + click.style("→ ", fg="cyan") + one.hint, err=True)
    click.echo(err=True)
