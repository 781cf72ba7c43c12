"""The report's plots as coordinates: what is drawn where. The template writes them as SVG, beside their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from pvd_mailer.journal.fates import Fate
from pvd_mailer.observe.figures import limit, number, percent
from pvd_mailer.observe.periods import HOURLY, Period
from pvd_mailer.observe.report import GMAIL_REFUSES, GMAIL_WANTS, Domain, Outcome, Report

__all__ = ["WIDTH", "Bar", "Columns", "Mark", "Part", "Rows", "columns", "domains", "parts", "rates"]

WIDTH = 440
_TOP = 16
_LEFT = 56
_RIGHT = 8
_HEIGHT = 150
_ROW = 44
_THIN = 1.5
_WORD = 60
"""How wide a limit's words are."""
_NICE = (1, 2, 2.5, 5, 10)
"""A scale ends at one of these, times a power of ten."""
_GAP = 0.15
"""Of a column's width."""

_TONES = {
    Fate.DELIVERED: "good",
    Fate.BOUNCED: "bad",
    Fate.BLOCKED: "bad",
    Fate.DROPPED: "bad",
    Fate.DEFERRED: "open",
    Fate.PROCESSED: "open",
    Fate.SILENT: "silent",
}


@dataclass(frozen=True, slots=True)
class Part:
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
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line with a word: a step of a scale, or a limit."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Horizontal bars; `marks` are limits that cross them all."""

    height: float
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns over time: x, width, the top of each, and where the second part of it begins."""

    height: float
    bottom: float
    left: float
    right: float
    columns: tuple[tuple[float, float, float, float], ...]
    steps: tuple[Mark, ...]
    hours: tuple[Mark, ...]


def parts(outcome: Outcome, width: float = WIDTH) -> tuple[Part, ...]:
    """The fates of the accepted as one bar: delivered, come back, still open, not heard of."""
    totals = dict.fromkeys(("good", "bad", "open", "silent"), 0)
    for fate, tone in _TONES.items():
        totals[tone] += outcome.fates[fate]
    found = []
    x = 0.0
    for tone, count in totals.items():
        if count:
            wide = max(count / outcome.accepted * width, _THIN)
            found.append(Part(round(min(x, width - wide), 2), round(wide, 2), tone))
            x += wide
    return tuple(found)


def domains(listed: Sequence[Domain], others: str) -> Rows:
    """A bar for each domain, as long as it has recipients, in its fates."""
    most = max((one.outcome.accepted for one in listed), default=0)
    bars = []
    for index, one in enumerate(one for one in listed if one.outcome.accepted):
        wide = max(one.outcome.accepted / most * WIDTH, 4)
        value = f"{number(one.outcome.accepted)} · {percent(one.outcome.fates[Fate.DELIVERED], one.outcome.accepted)}"
        bars.append(Bar(index * _ROW, _cut(one.name or others), value, parts(one.outcome, wide)))
    return Rows(len(bars) * _ROW, tuple(bars))


def _cut(name: str) -> str:
    return name if len(name) <= 32 else name[:31] + "…"  # noqa: PLR2004 - what fits beside the numbers


def rates(report: Report, what: str, names: Sequence[str]) -> Rows:
    """One rate of this issue and of the earlier ones: `returned`, `complaints` or `unsubscribes`."""
    outcomes = [report.outcome, *(peer.outcome for peer in report.peers)]
    shares = [_share(one, what) for one in outcomes]
    whole = max(part / max(of, 1) for part, of in shares)
    limits = ((GMAIL_WANTS, limit(GMAIL_WANTS)), (GMAIL_REFUSES, limit(GMAIL_REFUSES))) if what == "complaints" else ()
    most = _nice(max([whole, *(at for at, _text in limits)])) or 1
    bars = [
        Bar(
            index * _ROW,
            name,
            f"{percent(part, of)} ({number(part)})",
            (Part(0, max(part / max(of, 1) / most * WIDTH, _THIN), "here" if index == 0 else "there"),) if part else (),
        )
        for index, (name, (part, of)) in enumerate(zip(names, shares, strict=True))
    ]
    marks = [Mark(round(at / most * WIDTH, 2), text) for at, text in limits]
    if len(marks) > 1 and marks[1].at - marks[0].at < _WORD:  # their words would lie on each other
        marks = [Mark(marks[0].at, ""), Mark(marks[1].at, " – ".join(mark.text for mark in marks))]
    return Rows(len(bars) * _ROW, tuple(bars), tuple(marks))


def _share(one: Outcome, what: str) -> tuple[int, int]:
    if what == "returned":
        return one.returned, one.accepted
    return (one.complaints if what == "complaints" else one.unsubscribes), one.kept


def _nice(value: float) -> float:
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


def columns(listed: Sequence[Period]) -> Columns:
    """Delivered and come back, period by period; where it took longer than three days, those are drawn as one scale."""
    most = int(_nice(max(max((one.delivered + one.returned for one in listed), default=1), 1))) or 1
    span = max(listed[-1].hour + (1 if listed[-1].hour < HOURLY else 24), 12) if listed else 12
    right = WIDTH - _RIGHT
    bottom = _TOP + _HEIGHT
    each = (right - _LEFT) / span
    drawn = []
    for one in listed:
        if not one.delivered + one.returned:
            continue
        high = max((one.delivered + one.returned) / most * _HEIGHT, _THIN)
        back = max(one.returned / most * _HEIGHT, _THIN) if one.returned else 0
        long = 1 if one.hour < HOURLY else 24
        x = _LEFT + one.hour * each
        drawn.append(
            (round(x + each * _GAP, 2), round(each * long * (1 - _GAP), 2), round(bottom - high, 2), round(back, 2))
        )
    steps = tuple(Mark(bottom - _HEIGHT * part / most, number(part)) for part in _steps(most))
    every = next(one for one in (1, 2, 3, 6, 12, 24, 48, 96, 168, 336) if span / one <= 8)  # noqa: PLR2004 - fits
    hours = tuple(Mark(round(_LEFT + hour * each, 2), str(hour)) for hour in range(0, span + 1, every))
    return Columns(bottom + 40, bottom, _LEFT, right, tuple(drawn), steps, hours)
