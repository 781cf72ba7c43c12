"""Who left after a backup was made stays away when it is restored, as far as the replaced database knows of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pvd_mailer.database.schema import events, histories, oppositions, subscribers
from pvd_mailer.database.states import EventKind, SubscriberState

__all__ = ["Leavers", "drop_unknown", "keep_away", "unknown_leavers", "who_left", "write_unknown"]

_UNKNOWN = "unknown"
"""`events.reason` of a departure of somebody whom the database does not know."""

_AT_ONCE = 5000
_GONE = (SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.COMPLAINED)
_HERE = (SubscriberState.SUBSCRIBED, SubscriberState.PENDING)


@dataclass(frozen=True, slots=True)
class Leavers:
    """Those of the replaced database who are not to be written to.

    Attributes:
        states: Canonical address -> state.
        opposed: The rows of the opposition list.
        unknown: When somebody wanted to leave whom it did not know, by the reference in their link.
    """

    states: dict[str, str]
    opposed: list[dict[str, Any]]
    unknown: dict[str, datetime] = field(default_factory=dict)


def write_unknown(connection: Connection, refs: Mapping[str, datetime], source: str) -> int:
    """Write down that people wanted to leave whom this database does not know, once each; how many were new.

    Their links are ours. So they were forgotten, or this is not the database that their letters were sent from.
    """
    into = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(events)
    rows = [
        {
            "source": source,
            "key": f"{source}-{_UNKNOWN}-{ref}",
            "kind": str(EventKind.UNSUBSCRIBED),
            "at": at,
            "received_at": at,
            "subscriber_ref": ref,
            "reason": _UNKNOWN,
        }
        for ref, at in sorted(refs.items())
    ]
    if not rows:
        return 0
    once = into.values(rows).on_conflict_do_nothing(index_elements=[events.c.key]).returning(events.c.key)
    return len(connection.execute(once).all())


def unknown_leavers(connection: Connection) -> dict[str, datetime]:
    """When somebody wanted to leave whom the database did not know then, by reference."""
    rows = connection.execute(
        select(events.c.subscriber_ref, events.c.at).where(
            events.c.kind == str(EventKind.UNSUBSCRIBED),
            events.c.reason == _UNKNOWN,
            events.c.subscriber_ref.is_not(None),
        )
    )
    return {row.subscriber_ref: row.at for row in rows}


def drop_unknown(connection: Connection, refs: Iterable[str]) -> None:
    """They were let go elsewhere."""
    gone = delete(events).where(events.c.subscriber_ref == bindparam("ref"), events.c.reason == _UNKNOWN)
    told = [{"ref": ref} for ref in refs]
    if told:
        connection.execute(gone, told)


def who_left(connection: Connection) -> Leavers:
    """Read them, whatever the database's revision: these columns are there since their table is."""
    gone = [str(one) for one in _GONE]
    rows = connection.execute(
        select(subscribers.c.address_key, subscribers.c.state).where(subscribers.c.state.in_(gone))
    )
    columns = (oppositions.c.digest, oppositions.c.at, oppositions.c.reason)
    return Leavers(
        {key: state for key, state in rows},  # noqa: C416 - dict() of rows is not understood by mypy
        [dict(row) for row in connection.execute(select(*columns)).mappings()],
        unknown_leavers(connection) if inspect(connection).has_table(events.name) else {},
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
    here = select(subscribers.c.id, subscribers.c.address_key, subscribers.c.ref).where(
        subscribers.c.state.in_([str(one) for one in _HERE])
    )
    known = set(connection.execute(select(oppositions.c.digest)).scalars())
    fresh = [row for row in leavers.opposed if row["digest"] not in known] if digest else []
    forgotten = {row["digest"] for row in fresh}
    left: list[dict[str, object]] = []
    erased: list[dict[str, object]] = []
    known_now: set[str] = set()
    # A few at a time: a million people are more than a machine may have room for.
    for one, key, ref in connection.execute(here.execution_options(yield_per=_AT_ONCE)):
        if ref in leavers.unknown:
            known_now.add(ref)
            left.append({"one": one, "to": str(SubscriberState.UNSUBSCRIBED), "now": now})
        elif key in leavers.states:
            left.append({"one": one, "to": leavers.states[key], "now": now})
        elif digest and forgotten and digest(key) in forgotten:
            erased.append({"one": one, "to": str(SubscriberState.UNSUBSCRIBED), "now": now})
    if fresh:
        connection.execute(insert(oppositions), fresh)
    write_unknown(connection, {ref: at for ref, at in leavers.unknown.items() if ref not in known_now}, "site")
    changed = [*left, *erased]
    if changed:
        statement = update(subscribers).where(subscribers.c.id == bindparam("one"))
        connection.execute(statement.values(state=bindparam("to"), changed_at=bindparam("now")), changed)
        lines = [{"subscriber_id": row["one"], "at": now, "what": row["to"], "source": "restore"} for row in changed]
        connection.execute(insert(histories), lines)
    return len(left), len(erased)
