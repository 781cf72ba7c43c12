"""When something takes place: data, so that no letter can name a weekday that its date does not have."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import model_validator

from pvd_mailer.issue.base import OptionalDateOrDateTime, Zone, model_error

__all__ = ["Scheduled", "TimeRange", "is_in_dst_gap"]


def is_in_dst_gap(moment: datetime, zone: str) -> bool:
    """Whether no clock of `zone` ever shows `moment`: an hour of a spring night does not exist."""
    aware = moment.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(ZoneInfo("UTC")).astimezone(aware.tzinfo).replace(tzinfo=None) != moment


class TimeRange:
    """A stretch of time on the wall of a zone.

    Attributes:
        start: First day, or first day and hour.
        end: Last day, or last day and hour; of the same kind as `start`. None where only the start is known.
        zone: The zone whose wall clock is meant.
    """

    __slots__ = ("end", "start", "zone")

    def __init__(self, start: date | datetime, end: date | datetime | None, zone: str) -> None:
        self.start = start
        self.end = end
        self.zone = zone

    @property
    def first_day(self) -> date:
        """The day it starts."""
        return self.start.date() if isinstance(self.start, datetime) else self.start

    @property
    def last_day(self) -> date:
        """The day it ends; the first one where no end is known."""
        end = self.start if self.end is None else self.end
        return end.date() if isinstance(end, datetime) else end


class Scheduled:
    """Mixin of a model with `start`, `end` and `zone`; the zone defaults to the publication's."""

    if TYPE_CHECKING:
        # Declared by the models themselves, in the order in which an editor writes them.
        start: OptionalDateOrDateTime
        end: OptionalDateOrDateTime
        zone: Zone | None

    @model_validator(mode="after")
    def _check_order(self) -> "Scheduled":
        start, end = self.start, self.end
        if start is None:
            if end is not None:
                raise model_error("end-without-start", field="end")
            return self
        for key, hour in self.skipped_hours(self.zone) if self.zone else ():
            raise model_error("skipped-hour", field=key, found=hour)
        if end is None:
            return self
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise model_error("mixed-moments", field="end")
        if end <= start if isinstance(start, datetime) else end < start:
            raise model_error("end-before-start", field="end")
        if end - start > timedelta(days=366):
            raise model_error("too-long-event", field="end")
        return self

    def skipped_hours(self, default_zone: str) -> Iterator[tuple[str, str]]:
        """Which of `start` and `end` no clock of the zone ever shows, and the hour that was written."""
        zone = self.zone or default_zone
        for key, moment in (("start", self.start), ("end", self.end)):
            if isinstance(moment, datetime) and is_in_dst_gap(moment, zone):
                yield key, moment.strftime("%H:%M")

    def time_range(self, default_zone: str) -> TimeRange | None:
        """What the letter says of it; None where no date is given."""
        if self.start is None:
            return None
        return TimeRange(self.start, self.end, self.zone or default_zone)
