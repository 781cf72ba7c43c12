"""What the questions about events have in common: which events, at which domain, in which hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Subquery, case, cast, extract, func, select

from pvd_mailer.database.schema import events, recipients

__all__ = ["EventQuery"]

_HOUR = 3600
_SEND = "send"


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Asks about some dispatches, taken together.

    Attributes:
        connection: A transaction that reads; all answers out of one agree.
        dispatch_ids: Those asked about.
        until: Leave aside what happened later; None for all that is known.
    """

    connection: Connection
    dispatch_ids: Sequence[str]
    until: datetime | None = None

    def event_conditions(self) -> list[ColumnElement[bool]]:
        """Which events are asked about: not what the send itself was answered, which is in the recipients' states."""
        conditions: list[ColumnElement[bool]] = [events.c.dispatch_id.in_(self.dispatch_ids), events.c.source != _SEND]
        return conditions if self.until is None else [*conditions, events.c.at <= self.until]

    def domain(self) -> ColumnElement[str]:
        """Of an address; of somebody forgotten, what stands there now, which is each one's own."""
        find = func.strpos if self._is_postgresql else func.instr
        return func.substr(recipients.c.address_key, find(recipients.c.address_key, "@") + 1)

    def hour(self, at: ColumnElement[Any], start: datetime, max_hours: int) -> ColumnElement[int]:
        """Full hours from `start`, to the second, to `at`, within 0 and `max_hours`."""
        start_seconds = int(start.timestamp())
        hours: ColumnElement[Any]
        if self._is_postgresql:
            hours = cast(func.floor((extract("epoch", at) - start_seconds) / _HOUR), Integer)
        else:
            # Without its fraction, which SQLite would round up.
            seconds = cast(func.strftime("%s", func.substr(at, 1, 19)), Integer)
            hours = (seconds - start_seconds) // _HOUR
        latest = start + timedelta(hours=max_hours)
        return case((at < start, 0), (at >= latest, max_hours), else_=hours)

    def count(self, base: Subquery) -> int:
        """How many rows `base` has."""
        return self.connection.scalar(select(func.count()).select_from(base)) or 0

    @property
    def _is_postgresql(self) -> bool:
        return self.connection.dialect.name == "postgresql"
