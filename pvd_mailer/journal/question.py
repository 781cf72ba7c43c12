"""What the questions about events have in common: which events, at which domain, in which hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Subquery, case, cast, extract, func, select

from pvd_mailer.database.schema import events, recipients

__all__ = ["Question"]

_HOUR = 3600
_SEND = "send"


@dataclass(frozen=True, slots=True)
class Question:
    """Asks about some dispatches, taken together.

    Attributes:
        connection: A transaction that reads; all answers out of one agree.
        dispatch_ids: Those asked about.
        until: Leave aside what happened later; None for all that is known.
    """

    connection: Connection
    dispatch_ids: Sequence[str]
    until: datetime | None = None

    def events_asked(self) -> list[ColumnElement[bool]]:
        """Which events are asked about: not what the send itself was answered, which is in the recipients' states."""
        wanted: list[ColumnElement[bool]] = [events.c.dispatch_id.in_(self.dispatch_ids), events.c.source != _SEND]
        return wanted if self.until is None else [*wanted, events.c.at <= self.until]

    def domain(self) -> ColumnElement[str]:
        """Of an address; of somebody forgotten, what stands there now, which is each one's own."""
        find = func.strpos if self._is_postgresql else func.instr
        return func.substr(recipients.c.address_key, find(recipients.c.address_key, "@") + 1)

    def hour(self, at: ColumnElement[Any], start: datetime, most: int) -> ColumnElement[int]:
        """Full hours from `start`, to the second, to `at`, within 0 and `most`."""
        began = int(start.timestamp())
        passed: ColumnElement[Any]
        if self._is_postgresql:
            passed = cast(func.floor((extract("epoch", at) - began) / _HOUR), Integer)
        else:
            # Without its fraction, which SQLite would round up.
            seconds = cast(func.strftime("%s", func.substr(at, 1, 19)), Integer)
            passed = (seconds - began) // _HOUR
        latest = start + timedelta(hours=most)
        return case((at < start, 0), (at >= latest, most), else_=passed)

    def count(self, base: Subquery) -> int:
        """How many rows `base` has."""
        return self.connection.scalar(select(func.count()).select_from(base)) or 0

    @property
    def _is_postgresql(self) -> bool:
        return self.connection.dialect.name == "postgresql"
