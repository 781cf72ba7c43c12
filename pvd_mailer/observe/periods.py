"""What happened when, since the start: by the hour for three days, by the day for a month, and what came later."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pvd_mailer.database.states import EventKind
from pvd_mailer.journal.fates import Fate

__all__ = ["LAST_HOUR", "Period", "periods"]

HOURLY = 72
DAY = 24
LAST_HOUR = 31 * DAY
"""From here on, all is one period."""
RETURNED = (Fate.BOUNCED, Fate.BLOCKED, Fate.DROPPED)


@dataclass(frozen=True, slots=True)
class Period:
    """What happened from `start` until `end`; each recipient counts once, when the last word on them fell.

    Attributes:
        hour: Full hours from the beginning of the send to `start`.
        end: None for the last period, which has no end.
    """

    hour: int
    start: datetime
    end: datetime | None
    delivered: int
    returned: int
    """Bounced, blocked or dropped."""
    complaints: int
    unsubscribes: int

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {
            "from": self.start.isoformat(),
            "to": self.end.isoformat() if self.end else None,
            "delivered": self.delivered,
            "returned": self.returned,
            "complaints": self.complaints,
            "unsubscribes": self.unsubscribes,
        }


def periods(
    began: datetime, fates: Iterable[tuple[Fate, int, int]], reactions: Iterable[tuple[EventKind, int, int]]
) -> tuple[Period, ...]:
    """The periods since `began`, up to the last in which anything happened; quiet ones between are there too."""
    counts: Counter[tuple[str, int]] = Counter()
    for fate, hour, count in fates:
        if fate is Fate.DELIVERED:
            counts["delivered", _first(hour)] += count
        elif fate in RETURNED:
            counts["returned", _first(hour)] += count
    for kind, hour, count in reactions:
        counts["complaints" if kind is EventKind.COMPLAINED else "unsubscribes", _first(hour)] += count
    last = max((hour for _what, hour in counts), default=-1)
    starts = [hour for hour in (*range(HOURLY), *range(HOURLY, LAST_HOUR + 1, DAY)) if hour <= last]
    return tuple(
        Period(
            hour,
            began + timedelta(hours=hour),
            None if hour == LAST_HOUR else began + timedelta(hours=hour + (1 if hour < HOURLY else DAY)),
            *(counts[what, hour] for what in ("delivered", "returned", "complaints", "unsubscribes")),
        )
        for hour in starts
    )


def _first(hour: int) -> int:
    """The first hour of the period that `hour` is in."""
    return hour if hour < HOURLY else hour - hour % DAY
