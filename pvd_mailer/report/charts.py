"""The report's plots as coordinates: what is drawn where. The template writes them as SVG, beside their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from pvd_mailer.journal.queries.delivery_status import DeliveryStatus
from pvd_mailer.report.model import (
    GMAIL_COMPLAINT_LIMIT,
    GMAIL_COMPLAINT_TARGET,
    DomainOutcome,
    IssueReport,
    OutcomeCounts,
)
from pvd_mailer.report.numbers import format_limit, format_number, format_percent
from pvd_mailer.report.periods import HOURLY_UNTIL, Period

__all__ = [
    "CHART_WIDTH",
    "Bar",
    "BarChart",
    "BarSegment",
    "ColumnChart",
    "GuideLine",
    "columns",
    "domains",
    "parts",
    "rates",
]

CHART_WIDTH = 440
_TOP = 16
_LEFT = 56
_RIGHT = 8
_HEIGHT = 150
_ROW_HEIGHT = 44
_MIN_SIZE = 1.5
_LABEL_WIDTH = 60
"""How wide a limit's words are."""
_NICE = (1, 2, 2.5, 5, 10)
"""A scale ends at one of these, times a power of ten."""
_GAP = 0.15
"""Of a column's width."""

_TONES = {
    DeliveryStatus.DELIVERED: "good",
    DeliveryStatus.BOUNCED: "bad",
    DeliveryStatus.BLOCKED: "bad",
    DeliveryStatus.DROPPED: "bad",
    DeliveryStatus.DEFERRED: "open",
    DeliveryStatus.PROCESSED: "open",
    DeliveryStatus.SILENT: "silent",
}


@dataclass(frozen=True, slots=True)
class BarSegment:
    """A piece of a bar, drawn in a tone (a class of the page's style)."""

    x: float
    width: float
    tone: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of text, and a bar below it."""

    y: float
    label: str
    value: str
    parts: tuple[BarSegment, ...]


@dataclass(frozen=True, slots=True)
class GuideLine:
    """A line with a word: a step of a scale, or a limit."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Horizontal bars; `marks` are limits that cross them all."""

    height: float
    bars: tuple[Bar, ...]
    marks: tuple[GuideLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Columns over time: x, width, the top of each, and where the second part of it begins."""

    height: float
    bottom: float
    left: float
    right: float
    columns: tuple[tuple[float, float, float, float], ...]
    steps: tuple[GuideLine, ...]
    hours: tuple[GuideLine, ...]


def parts(outcome: OutcomeCounts, width: float = CHART_WIDTH) -> tuple[BarSegment, ...]:
    """The fates of the accepted as one bar: delivered, come back, still open, not heard of."""
    totals = dict.fromkeys(("good", "bad", "open", "silent"), 0)
    for status, tone in _TONES.items():
        totals[tone] += outcome.fates[status]
    segments = []
    x = 0.0
    for tone, count in totals.items():
        if count:
            wide = max(count / outcome.accepted * width, _MIN_SIZE)
            segments.append(BarSegment(round(min(x, width - wide), 2), round(wide, 2), tone))
            x += wide
    return tuple(segments)


def domains(listed: Sequence[DomainOutcome], others: str) -> BarChart:
    """A bar for each domain, as long as it has recipients, in its fates."""
    most = max((domain.outcome.accepted for domain in listed), default=0)
    bars = []
    for index, domain in enumerate(domain for domain in listed if domain.outcome.accepted):
        length = max(domain.outcome.accepted / most * CHART_WIDTH, 4)
        share = format_percent(domain.outcome.fates[DeliveryStatus.DELIVERED], domain.outcome.accepted)
        value = f"{format_number(domain.outcome.accepted)} · {share}"
        bars.append(Bar(index * _ROW_HEIGHT, _shortened(domain.name or others), value, parts(domain.outcome, length)))
    return BarChart(len(bars) * _ROW_HEIGHT, tuple(bars))


def _shortened(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"  # noqa: PLR2004 - what fits beside the numbers


def rates(report: IssueReport, rate: str, names: Sequence[str]) -> BarChart:
    """One rate of this issue and of the earlier ones: `returned`, `complaints` or `unsubscribes`."""
    outcomes = [report.outcome, *(peer.outcome for peer in report.peers)]
    shares = [_share(outcome, rate) for outcome in outcomes]
    largest = max(part / max(total, 1) for part, total in shares)
    limits = (
        (
            (GMAIL_COMPLAINT_TARGET, format_limit(GMAIL_COMPLAINT_TARGET)),
            (GMAIL_COMPLAINT_LIMIT, format_limit(GMAIL_COMPLAINT_LIMIT)),
        )
        if rate == "complaints"
        else ()
    )
    most = _round_up(max([largest, *(share for share, _text in limits)])) or 1
    bars = [
        Bar(
            index * _ROW_HEIGHT,
            name,
            f"{format_percent(part, total)} ({format_number(part)})",
            (
                BarSegment(
                    0, max(part / max(total, 1) / most * CHART_WIDTH, _MIN_SIZE), "here" if index == 0 else "there"
                ),
            )
            if part
            else (),
        )
        for index, (name, (part, total)) in enumerate(zip(names, shares, strict=True))
    ]
    marks = [GuideLine(round(share / most * CHART_WIDTH, 2), text) for share, text in limits]
    if len(marks) > 1 and marks[1].at - marks[0].at < _LABEL_WIDTH:  # their words would lie on each other
        marks = [GuideLine(marks[0].at, ""), GuideLine(marks[1].at, " – ".join(mark.text for mark in marks))]
    return BarChart(len(bars) * _ROW_HEIGHT, tuple(bars), tuple(marks))


def _share(outcome: OutcomeCounts, rate: str) -> tuple[int, int]:
    if rate == "returned":
        return outcome.returned, outcome.accepted
    return (outcome.complaints if rate == "complaints" else outcome.unsubscribes), outcome.kept


def _round_up(value: float) -> float:
    """The next round number from `value` up."""
    if value <= 0:
        return 0
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 <= value:
        power *= 10
    return next(step * power for step in _NICE if step * power >= value)


def _steps(most: int) -> range:
    """Whole numbers from nothing to `most`, the same way apart: as few as will do."""
    return range(0, most + 1, next((most // by for by in (2, 5) if most % by == 0), most))


def columns(listed: Sequence[Period]) -> ColumnChart:
    """Delivered and come back, period by period; where it took longer than three days, those are drawn as one scale."""
    most = int(_round_up(max(max((period.delivered + period.returned for period in listed), default=1), 1))) or 1
    span = max(listed[-1].hour + (1 if listed[-1].hour < HOURLY_UNTIL else 24), 12) if listed else 12
    right = CHART_WIDTH - _RIGHT
    bottom = _TOP + _HEIGHT
    hour_width = (right - _LEFT) / span
    drawn = []
    for period in listed:
        if not period.delivered + period.returned:
            continue
        height = max((period.delivered + period.returned) / most * _HEIGHT, _MIN_SIZE)
        returned_height = max(period.returned / most * _HEIGHT, _MIN_SIZE) if period.returned else 0
        hours_long = 1 if period.hour < HOURLY_UNTIL else 24
        x = _LEFT + period.hour * hour_width
        drawn.append(
            (
                round(x + hour_width * _GAP, 2),
                round(hour_width * hours_long * (1 - _GAP), 2),
                round(bottom - height, 2),
                round(returned_height, 2),
            )
        )
    steps = tuple(GuideLine(bottom - _HEIGHT * part / most, format_number(part)) for part in _steps(most))
    label_step = next(candidate for candidate in (1, 2, 3, 6, 12, 24, 48, 96, 168, 336) if span / candidate <= 8)  # noqa: PLR2004 - fits
    hours = tuple(GuideLine(round(_LEFT + hour * hour_width, 2), str(hour)) for hour in range(0, span + 1, label_step))
    return ColumnChart(bottom + 40, bottom, _LEFT, right, tuple(drawn), steps, hours)
