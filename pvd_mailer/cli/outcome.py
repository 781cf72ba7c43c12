"""The report of an issue on a terminal: 80 columns, a number at the beginning of each line, a small bar at its end."""

import textwrap
from collections.abc import Sequence

import click

from pvd_mailer.cli.account import moment
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal.fates import Fate
from pvd_mailer.observe import wording
from pvd_mailer.observe.figures import bar, duration, number, percent
from pvd_mailer.observe.report import LEAST, Level, Report

__all__ = ["print_report"]

WIDTH = 80
_BAR = 16
_MOST_PERIODS = 24
_COLOURS = {Fate.DELIVERED: "green", Fate.BOUNCED: "red", Fate.BLOCKED: "red", Fate.DROPPED: "red"}


def print_report(report: Report) -> None:
    """Print all of it but the accounts of the dispatches."""
    _fates(report)
    _readers(report)
    _reasons(report)
    _periods(report)
    _domains(report)
    _peers(report)
    click.echo()
    for said in wording.limits(report.outcome):
        _note(said)


def _title(words: str, more: str = "") -> None:
    click.echo()
    click.echo(click.style(words, bold=True) + (f" – {more}" if more else ""))


def _note(words: str) -> None:
    lines = textwrap.wrap(words, WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    click.echo("\n".join(f"  {line}" for line in lines))


def _fates(report: Report) -> None:
    outcome = report.outcome
    since = ""
    if report.started_at:
        age = duration(report.made_at - report.started_at)
        since = _("{age} after the start").format(age=age)
    _title(_("What became of the letter"), since)
    for fate in Fate:
        count = outcome.fates[fate]
        if count or fate is Fate.DELIVERED:
            drawn = bar(count, outcome.accepted, _BAR)
            line = f"  {number(count):>8} {percent(count, outcome.accepted):>8}  {wording.fate(fate):<43} "
            line = line if drawn else line.rstrip()
            click.echo(click.style(line, fg=_COLOURS.get(fate)) + drawn)
    if report.sources:
        heard = ", ".join(wording.source(name) for name in report.sources)
        _note(_("Heard from: {sources}.").format(sources=heard))
    else:
        _note(_("Nothing was heard of this issue: no webhook and no `sync` has told of it yet."))
    if report.aside:
        said = ngettext(
            "{n} thing was told of nobody who counts as accepted, and is not in these numbers.",
            "{n} things were told of nobody who counts as accepted, and are not in these numbers.",
            report.aside,
        )
        _note(said.format(n=number(report.aside)))


def _readers(report: Report) -> None:
    outcome = report.outcome
    _title(_("Readers"))
    undone = ""
    if outcome.undone:
        said = ngettext("{n} more took it back", "{n} more took it back", outcome.undone)
        undone = f" ({said.format(n=number(outcome.undone))})"
    for count, words in ((outcome.complaints, _("complaints")), (outcome.unsubscribes, _("unsubscriptions") + undone)):
        click.echo(f"  {number(count):>8} {percent(count, outcome.kept):>8}  {words}")
    if outcome.level in {Level.HIGH, Level.TOO_HIGH}:
        click.echo(click.style("! ", fg="red" if outcome.level is Level.TOO_HIGH else "yellow"), nl=False)
        lines = textwrap.wrap(wording.complaints(outcome), WIDTH - 2, break_on_hyphens=False)
        click.echo("\n  ".join(lines))
    else:
        _note(wording.complaints(outcome))


def _reasons(report: Report) -> None:
    if not report.reasons:
        return
    _title(_("Why messages came back or wait"))
    for one in report.reasons:
        why = wording.status(one.status)
        parts = [f"{wording.fate(one.fate, short=True):<11}", f"{one.status:<6}", why]
        click.echo(f"  {number(one.count):>8}  " + "  ".join(part for part in parts if part).rstrip())
        for text, _count in one.words[:1]:
            quoted = _("“{words}”").format(words=text)
            click.echo(click.style(" " * 25 + _cut(quoted, WIDTH - 25), dim=True))


def _periods(report: Report) -> None:
    told = [one for one in report.periods if one.delivered or one.returned or one.complaints or one.unsubscribes]
    if not told:
        return
    _title(_("Over time"), _("hours of {zone}").format(zone=report.zone))
    _heads(18, [_("delivered"), _("came back"), _("complaints"), _("left")])
    most = max(one.delivered for one in told)
    for one in told[:_MOST_PERIODS]:
        counts = (one.delivered, one.returned, one.complaints, one.unsubscribes)
        cells = "".join(f"{number(count) if count else '–':>11}" for count in counts)
        click.echo(f"  {moment(one.start, report.zone):<16}{cells}  {bar(one.delivered, most, _BAR)}".rstrip())
    if len(told) > _MOST_PERIODS:
        rest = len(told) - _MOST_PERIODS
        said = ngettext(
            "{n} more line: --format html or csv has them all.",
            "{n} more lines: --format html or csv has them all.",
            rest,
        )
        _note(said.format(n=rest))


def _domains(report: Report) -> None:
    if not report.outcome.accepted or not report.domains:
        return
    _title(_("By domain"), _("those with fewer than {n} recipients are not named").format(n=LEAST))
    _heads(25, [_("messages"), _("delivered"), _("came back"), _("complaints"), _("left")])
    for one in report.domains:
        outcome = one.outcome
        counts = (outcome.accepted, outcome.fates[Fate.DELIVERED], outcome.returned)
        readers = (outcome.complaints, outcome.unsubscribes)
        cells = "".join(f"{number(count) if count else '–':>11}" for count in (*counts, *readers))
        click.echo(f"  {_cut(one.name or _('other domains'), 22):<23}{cells}")


def _peers(report: Report) -> None:
    if not report.peers:
        return
    if report.peers_age is not None:
        at = _("each {age} after its start").format(age=duration(report.peers_age))
    else:
        at = _("each as it stands now")
    _title(_("Against the last issues"), at)
    _heads(25, [_("messages"), _("delivered"), _("came back"), _("complaints"), _("left")])
    rows = [(report.number, report.outcome), *((peer.number, peer.outcome) for peer in report.peers)]
    for index, (issue, outcome) in enumerate(rows):
        name = _("issue {number}").format(number=issue)
        shares = (
            percent(outcome.fates[Fate.DELIVERED], outcome.accepted) if outcome.tells_delivery else "–",
            percent(outcome.returned, outcome.accepted),
            percent(outcome.complaints, outcome.kept),
            percent(outcome.unsubscribes, outcome.kept),
        )
        cells = "".join(f"{cell:>11}" for cell in (number(outcome.accepted), *shares))
        click.echo(click.style(f"  {name:<23}{cells}", bold=index == 0))


def _heads(first: int, names: Sequence[str]) -> None:
    click.echo(click.style(" " * first + "".join(f"{_cut(name, 10):>11}" for name in names), dim=True))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
