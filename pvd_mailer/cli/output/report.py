"""The report of an issue on a terminal: 80 columns, a number at the beginning of each line, a small bar at its end."""

import textwrap
from collections.abc import Sequence

import click

from pvd_mailer.cli.output.dispatch import local_time
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus
from pvd_mailer.report import labels
from pvd_mailer.report.model import MIN_DOMAIN_RECIPIENTS, ComplaintLevel, IssueReport
from pvd_mailer.report.numbers import format_duration, format_number, format_percent, text_bar
from pvd_mailer.report.periods import Period

__all__ = ["print_report"]

_WIDTH = 80
_BAR = 16
_MAX_PERIODS = 24
_COLOURS = {
    DeliveryStatus.DELIVERED: "green",
    DeliveryStatus.BOUNCED: "red",
    DeliveryStatus.BLOCKED: "red",
    DeliveryStatus.DROPPED: "red",
}


def print_report(report: IssueReport) -> None:
    """Print all of it but the accounts of the dispatches."""
    _print_delivery(report)
    _print_feedback(report)
    _print_reasons(report)
    _print_periods(report)
    _print_domains(report)
    _print_previous_issues(report)
    click.echo()
    for limit in labels.caveats(report.outcome):
        _print_note(limit)


def _print_title(title: str, detail: str = "") -> None:
    click.echo()
    click.echo(click.style(title, bold=True) + (f" – {detail}" if detail else ""))


def _print_note(text: str) -> None:
    lines = textwrap.wrap(text, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    click.echo("\n".join(f"  {line}" for line in lines))


def _print_delivery(report: IssueReport) -> None:
    outcome = report.outcome
    since = ""
    if report.started_at:
        age = format_duration(report.made_at - report.started_at)
        since = _("{age} after the start").format(age=age)
    _print_title(_("What became of the letter"), since)
    for status in DeliveryStatus:
        count = outcome.fates[status]
        if count or status is DeliveryStatus.DELIVERED:
            drawn_bar = text_bar(count, outcome.accepted, _BAR)
            share, label = format_percent(count, outcome.accepted), labels.delivery_status_label(status)
            line = f"  {format_number(count):>8} {share:>8}  {label:<43} "
            line = line if drawn_bar else line.rstrip()
            click.echo(click.style(line, fg=_COLOURS.get(status)) + drawn_bar)
    if report.sources:
        source_names = ", ".join(labels.event_source_label(name) for name in report.sources)
        _print_note(_("Heard from: {sources}.").format(sources=source_names))
    else:
        _print_note(_("Nothing was heard of this issue: no webhook and no `sync` has told of it yet."))
    if report.aside:
        text = ngettext(
            "{n} thing was told of nobody who counts as accepted, and is not in these numbers.",
            "{n} things were told of nobody who counts as accepted, and are not in these numbers.",
            report.aside,
        )
        _print_note(text.format(n=format_number(report.aside)))


def _print_feedback(report: IssueReport) -> None:
    outcome = report.outcome
    _print_title(_("Readers"))
    undone = ""
    if outcome.undone:
        text = ngettext("{n} more took it back", "{n} more took it back", outcome.undone)
        undone = f" ({text.format(n=format_number(outcome.undone))})"
    for count, label in ((outcome.complaints, _("complaints")), (outcome.unsubscribes, _("unsubscriptions") + undone)):
        click.echo(f"  {format_number(count):>8} {format_percent(count, outcome.kept):>8}  {label}")
    if outcome.level in {ComplaintLevel.HIGH, ComplaintLevel.TOO_HIGH}:
        click.echo(click.style("! ", fg="red" if outcome.level is ComplaintLevel.TOO_HIGH else "yellow"), nl=False)
        lines = textwrap.wrap(labels.complaint_sentence(outcome), _WIDTH - 2, break_on_hyphens=False)
        click.echo("\n  ".join(lines))
    else:
        _print_note(labels.complaint_sentence(outcome))


def _print_reasons(report: IssueReport) -> None:
    if not report.reasons:
        return
    _print_title(_("Why messages came back or wait"))
    for reason in report.reasons:
        explanation = labels.enhanced_status_label(reason.status)
        parts = [f"{labels.delivery_status_label(reason.fate, short=True):<11}", f"{reason.status:<6}", explanation]
        click.echo(f"  {format_number(reason.count):>8}  " + "  ".join(part for part in parts if part).rstrip())
        for text, _count in reason.words[:1]:
            quoted = _("“{words}”").format(words=text)
            click.echo(click.style(" " * 25 + _clip(quoted, _WIDTH - 25), dim=True))


def _print_periods(report: IssueReport) -> None:
    periods = [period for period in report.periods if any(_period_counts(period))]
    if not periods:
        return
    _print_title(_("Over time"), _("hours of {zone}").format(zone=report.zone))
    _print_headings(18, [_("delivered"), _("came back"), _("complaints"), _("left")])
    most_delivered = max(period.delivered for period in periods)
    for period in periods[:_MAX_PERIODS]:
        cells = _count_cells(_period_counts(period))
        drawn_bar = text_bar(period.delivered, most_delivered, _BAR)
        click.echo(f"  {local_time(period.start, report.zone):<16}{cells}  {drawn_bar}".rstrip())
    if len(periods) > _MAX_PERIODS:
        rest = len(periods) - _MAX_PERIODS
        text = ngettext(
            "{n} more line: --format html or csv has them all.",
            "{n} more lines: --format html or csv has them all.",
            rest,
        )
        _print_note(text.format(n=rest))


def _print_domains(report: IssueReport) -> None:
    if not report.outcome.accepted or not report.domains:
        return
    _print_title(
        _("By domain"), _("those with fewer than {n} recipients are not named").format(n=MIN_DOMAIN_RECIPIENTS)
    )
    _print_headings(25, [_("messages"), _("delivered"), _("came back"), _("complaints"), _("left")])
    for domain in report.domains:
        outcome = domain.outcome
        delivery = (outcome.accepted, outcome.fates[DeliveryStatus.DELIVERED], outcome.returned)
        cells = _count_cells((*delivery, outcome.complaints, outcome.unsubscribes))
        click.echo(f"  {_clip(domain.name or _('other domains'), 22):<23}{cells}")


def _print_previous_issues(report: IssueReport) -> None:
    if not report.peers:
        return
    if report.peers_age is not None:
        age_note = _("each {age} after its start").format(age=format_duration(report.peers_age))
    else:
        age_note = _("each as it stands now")
    _print_title(_("Against the last issues"), age_note)
    _print_headings(25, [_("messages"), _("delivered"), _("came back"), _("complaints"), _("left")])
    rows = [(report.number, report.outcome), *((peer.number, peer.outcome) for peer in report.peers)]
    for index, (issue, outcome) in enumerate(rows):
        name = _("issue {number}").format(number=issue)
        shares = (
            format_percent(outcome.fates[DeliveryStatus.DELIVERED], outcome.accepted)
            if outcome.tells_delivery
            else "–",
            format_percent(outcome.returned, outcome.accepted),
            format_percent(outcome.complaints, outcome.kept),
            format_percent(outcome.unsubscribes, outcome.kept),
        )
        cells = "".join(f"{cell:>11}" for cell in (format_number(outcome.accepted), *shares))
        click.echo(click.style(f"  {name:<23}{cells}", bold=index == 0))


def _period_counts(period: Period) -> tuple[int, ...]:
    return (period.delivered, period.returned, period.complaints, period.unsubscribes)


def _count_cells(counts: Sequence[int]) -> str:
    """`counts` as the cells of a table; a dash says more plainly than a 0 that there is nothing."""
    return "".join(f"{format_number(count) if count else '–':>11}" for count in counts)


def _print_headings(indent: int, names: Sequence[str]) -> None:
    click.echo(click.style(" " * indent + "".join(f"{_clip(name, 10):>11}" for name in names), dim=True))


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
