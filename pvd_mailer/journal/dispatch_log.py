"""The log of a dispatch: what was done with it, when and by whom; no address is in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from pvd_mailer.database.schema import log

__all__ = ["LogEntry", "read_log", "write_log"]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A line of a dispatch's log; it holds no address."""

    at: datetime
    what: str
    by: str
    detail: str


def read_log(connection: Connection, dispatch_id: str) -> list[LogEntry]:
    """The log of a dispatch, the oldest line first."""
    rows = connection.execute(
        select(log.c.at, log.c.what, log.c.by, log.c.detail).where(log.c.dispatch_id == dispatch_id).order_by(log.c.id)
    )
    return [LogEntry(*row) for row in rows]


def write_log(
    connection: Connection, dispatch_id: str, at: datetime, what: str, *, by: str = "", detail: str = ""
) -> None:
    """Add a line to a dispatch's log."""
    connection.execute(insert(log).values(dispatch_id=dispatch_id, at=at, what=what, by=by, detail=detail))
