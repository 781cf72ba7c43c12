"""What happened when, since the start: by the hour for three days, by the day for a month, and what came later."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pvd_mailer.database.states import EventKind
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus

__all__ = ["LAST_HOUR", "Period", "build_periods"]

HOURLY_UNTIL = 72
_HOURS_PER_DAY = 24
LAST_HOUR = 31 * _HOURS_PER_DAY
"""From here on, all is one period."""
RETURNED_STATUSES = (DeliveryStatus.BOUNCED, DeliveryStatus.BLOCKED, DeliveryStatus.DROPPED)


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


def build_periods(
    began: datetime,
    status_rows: Iterable[tuple[DeliveryStatus, int, int]],
    feedback_rows: Iterable[tuple[EventKind, int, int]],
) -> tuple[Period, ...]:
    """The periods since `began`, up to the last in which anything happened; quiet ones between are there too."""
    counts: Counter[tuple[str, int]] = Counter()
    for status, hour, count in status_rows:
        if status is DeliveryStatus.DELIVERED:
            counts["delivered", _period_start(hour)] += count
        elif status in RETURNED_STATUSES:
            counts["returned", _period_start(hour)] += count
    for kind, hour, count in feedback_rows:
        counts["complaints" if kind is EventKind.COMPLAINED else "unsubscribes", _period_start(hour)] += count
    last = max((hour for _column, hour in counts), default=-1)
    starts = [
        hour for hour in (*range(HOURLY_UNTIL), *range(HOURLY_UNTIL, LAST_HOUR + 1, _HOURS_PER_DAY)) if hour <= last
    ]
    return tuple(
        Period(
            hour,
            began + timedelta(hours=hour),
            None
            if hour == LAST_HOUR
            else began + timedelta(hours=hour + (1 if hour < HOURLY_UNTIL else _HOURS_PER_DAY)),
            *(counts[column, hour] for column in ("delivered", "returned", "complaints", "unsubscribes")),
        )
        for hour in starts
    )


def _period_start(hour: int) -> int:
    """The first hour of the period that `hour` is in."""
    return hour if hour < HOURLY_UNTIL else hour - hour % _HOURS_PER_DAY
