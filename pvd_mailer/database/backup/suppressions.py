"""Who left after a backup was made stays away when it is restored, as far as the replaced database knows of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pvd_mailer.database.schema import events, histories, oppositions, subscribers
from pvd_mailer.database.states import EventKind, SubscriberState

__all__ = [
    "KnownSuppressions",
    "delete_unknown_unsubscribes",
    "keep_suppressed",
    "read_suppressions",
    "unknown_unsubscribes",
    "write_unknown_unsubscribes",
]

_UNKNOWN = "unknown"
"""`events.reason` of a departure of somebody whom the database does not know."""

_ROWS_AT_ONCE = 5000
_SUPPRESSED_STATES = (SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.COMPLAINED)
_ACTIVE_STATES = (SubscriberState.SUBSCRIBED, SubscriberState.PENDING)


@dataclass(frozen=True, slots=True)
class KnownSuppressions:
    """Those of the replaced database who are not to be written to.

    Attributes:
        states: Canonical address -> state.
        oppositions: The rows of the opposition list.
        unknown_refs: When somebody wanted to leave whom it did not know, by the reference in their link.
    """

    states: dict[str, str]
    oppositions: list[dict[str, Any]]
    unknown_refs: dict[str, datetime] = field(default_factory=dict)


def write_unknown_unsubscribes(connection: Connection, refs: Mapping[str, datetime], source: str) -> int:
    """Write down that people wanted to leave whom this database does not know, once each; how many were new.

    Their links are ours. So they were forgotten, or this is not the database that their letters were sent from.
    """
    insert_event = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(events)
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
    statement = insert_event.values(rows).on_conflict_do_nothing(index_elements=[events.c.key]).returning(events.c.key)
    return len(connection.execute(statement).all())


def unknown_unsubscribes(connection: Connection) -> dict[str, datetime]:
    """When somebody wanted to leave whom the database did not know then, by reference."""
    rows = connection.execute(
        select(events.c.subscriber_ref, events.c.at).where(
            events.c.kind == str(EventKind.UNSUBSCRIBED),
            events.c.reason == _UNKNOWN,
            events.c.subscriber_ref.is_not(None),
        )
    )
    return {row.subscriber_ref: row.at for row in rows}


def delete_unknown_unsubscribes(connection: Connection, refs: Iterable[str]) -> None:
    """They were let go elsewhere."""
    statement = delete(events).where(events.c.subscriber_ref == bindparam("ref"), events.c.reason == _UNKNOWN)
    ref_rows = [{"ref": ref} for ref in refs]
    if ref_rows:
        connection.execute(statement, ref_rows)


def read_suppressions(connection: Connection) -> KnownSuppressions:
    """Read them, whatever the database's revision: these columns are there since their table is."""
    suppressed_states = [str(suppressed) for suppressed in _SUPPRESSED_STATES]
    rows = connection.execute(
        select(subscribers.c.address_key, subscribers.c.state).where(subscribers.c.state.in_(suppressed_states))
    )
    columns = (oppositions.c.digest, oppositions.c.at, oppositions.c.reason)
    return KnownSuppressions(
        {key: state for key, state in rows},  # noqa: C416 - dict() of rows is not understood by mypy
        [dict(row) for row in connection.execute(select(*columns)).mappings()],
        unknown_unsubscribes(connection) if inspect(connection).has_table(events.name) else {},
    )


def keep_suppressed(
    connection: Connection, suppressions: KnownSuppressions, digest: Callable[[str], str] | None, now: datetime
) -> tuple[int, int]:
    """Take those who left out of the restored subscribers: how many had left, and how many had been forgotten.

    Args:
        connection: The transaction of the restore.
        suppressions: What the replaced database knew.
        digest: What the opposition list keeps of a canonical address; None where the lists have different keys.
        now: When.
    """
    new_oppositions = _new_oppositions(connection, suppressions) if digest else []
    states, erased, found_refs = _find_suppressed(connection, suppressions, _is_opposed(new_oppositions, digest))
    if new_oppositions:
        connection.execute(insert(oppositions), new_oppositions)
    still_unknown = {ref: at for ref, at in suppressions.unknown_refs.items() if ref not in found_refs}
    write_unknown_unsubscribes(connection, still_unknown, "site")
    _change_states(connection, states | dict.fromkeys(erased, str(SubscriberState.UNSUBSCRIBED)), now)
    return len(states), len(erased)


def _new_oppositions(connection: Connection, suppressions: KnownSuppressions) -> list[dict[str, Any]]:
    """Those of the replaced database that the backup does not have: people who were forgotten since."""
    known = set(connection.execute(select(oppositions.c.digest)).scalars())
    return [row for row in suppressions.oppositions if row["digest"] not in known]


def _is_opposed(rows: Sequence[Mapping[str, Any]], digest: Callable[[str], str] | None) -> Callable[[str], bool]:
    """Says of a canonical address whether one of `rows` is about it."""
    digests = {row["digest"] for row in rows}
    if digest is None or not digests:
        return lambda _address_key: False
    return lambda address_key: digest(address_key) in digests


def _find_suppressed(
    connection: Connection, suppressions: KnownSuppressions, is_opposed: Callable[[str], bool]
) -> tuple[dict[int, str], list[int], set[str]]:
    """Who is active in the backup and is not to be written to.

    Returns:
        The state of each who left, by id; the ids of those who were forgotten; and the references of those who left
        by a link that the replaced database did not know, and whom the backup knows.
    """
    active = select(subscribers.c.id, subscribers.c.address_key, subscribers.c.ref).where(
        subscribers.c.state.in_([str(state) for state in _ACTIVE_STATES])
    )
    states: dict[int, str] = {}
    erased: list[int] = []
    found_refs: set[str] = set()
    # A few at a time: a million people are more than a machine may have room for.
    for subscriber_id, address_key, ref in connection.execute(active.execution_options(yield_per=_ROWS_AT_ONCE)):
        if ref in suppressions.unknown_refs:
            found_refs.add(ref)
            states[subscriber_id] = str(SubscriberState.UNSUBSCRIBED)
        elif address_key in suppressions.states:
            states[subscriber_id] = suppressions.states[address_key]
        elif is_opposed(address_key):
            erased.append(subscriber_id)
    return states, erased, found_refs


def _change_states(connection: Connection, states: Mapping[int, str], now: datetime) -> None:
    """Put subscribers into the states given by id, with a line in the history of each."""
    if not states:
        return
    change = update(subscribers).where(subscribers.c.id == bindparam("subscriber_id"))
    connection.execute(
        change.values(state=bindparam("new_state"), changed_at=bindparam("now")),
        [{"subscriber_id": subscriber_id, "new_state": state, "now": now} for subscriber_id, state in states.items()],
    )
    connection.execute(
        insert(histories),
        [
            {"subscriber_id": subscriber_id, "at": now, "what": state, "source": "restore"}
            for subscriber_id, state in states.items()
        ],
    )
