"""Who left after a backup was made stays away when it is restored, as far as the replaced database knows of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from pvd_mailer.database.schema import histories, oppositions, subscribers
from pvd_mailer.database.states import SubscriberState

__all__ = ["Leavers", "keep_away", "who_left"]

_GONE = (SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.COMPLAINED)
_HERE = (SubscriberState.SUBSCRIBED, SubscriberState.PENDING)


@dataclass(frozen=True, slots=True)
class Leavers:
    """Those of the replaced database who are not to be written to.

    Attributes:
        states: Canonical address -> state.
        opposed: The rows of the opposition list.
    """

    states: dict[str, str]
    opposed: list[dict[str, Any]]


def who_left(connection: Connection) -> Leavers:
    """Read them, whatever the database's revision: these columns are there since the first one."""
    gone = [str(one) for one in _GONE]
    rows = connection.execute(
        select(subscribers.c.address_key, subscribers.c.state).where(subscribers.c.state.in_(gone))
    )
    columns = (oppositions.c.digest, oppositions.c.at, oppositions.c.reason)
    return Leavers(
        {key: state for key, state in rows},  # noqa: C416 - dict() of rows is not understood by mypy
        [dict(row) for row in connection.execute(select(*columns)).mappings()],
    )


def keep_away(
    connection: Connection, leavers: Leavers, digest: Callable[[str], str] | None, now: datetime
) -> tuple[int, int]:
    """Take those who left out of the restored subscribers: how many had left, and how many had been forgotten.

    Args:
        connection: The transaction of the restore.
        leavers: What the replaced database knew.
        digest: What the opposition list keeps of a canonical address; None where the lists have different keys.
        now: When.
    """
    here = select(subscribers.c.id, subscribers.c.address_key).where(
        subscribers.c.state.in_([str(one) for one in _HERE])
    )
    known = set(connection.execute(select(oppositions.c.digest)).scalars())
    fresh = [row for row in leavers.opposed if row["digest"] not in known] if digest else []
    forgotten = {row["digest"] for row in fresh}
    left: list[dict[str, object]] = []
    erased: list[dict[str, object]] = []
    for one, key in connection.execute(here).all():
        if key in leavers.states:
            left.append({"one": one, "to": leavers.states[key], "now": now})
        elif digest and forgotten and digest(key) in forgotten:
            erased.append({"one": one, "to": str(SubscriberState.UNSUBSCRIBED), "now": now})
    if fresh:
        connection.execute(insert(oppositions), fresh)
    changed = [*left, *erased]
    if changed:
        statement = update(subscribers).where(subscribers.c.id == bindparam("one"))
        connection.execute(statement.values(state=bindparam("to"), changed_at=bindparam("now")), changed)
        lines = [{"subscriber_id": row["one"], "at": now, "what": row["to"], "source": "restore"} for row in changed]
        connection.execute(insert(histories), lines)
    return len(left), len(erased)
