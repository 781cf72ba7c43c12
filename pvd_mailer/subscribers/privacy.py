"""A person's rights: to know what is held, and to be forgotten. And when to forget without being asked."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from pvd_mailer.database.schema import batches, dispatches, events, oppositions, recipients, requests, subscribers
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.mutations import lock_subscribers
from pvd_mailer.subscribers.queries import read_history, tags_of

__all__ = [
    "Erasure",
    "ExpiredSubscriber",
    "build_access_report",
    "erase_expired_from_tables",
    "erase_from_tables",
    "expired_subscribers",
]

_ROWS_AT_ONCE = 900
_SUPPRESSED_STATES = (SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.COMPLAINED)
_OPPOSED_STATES = (SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED)


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased."""

    subscribers: int
    recipients: int
    """Rows of the journal that hold nobody's address any more; they still count in the accounts."""
    is_wal_truncated: bool
    """Whether the bytes are gone from the database's file as well; on a server that is for its own housekeeping."""


@dataclass(frozen=True, slots=True)
class ExpiredSubscriber:
    """Somebody whose data has been kept long enough."""

    address_key: str
    address: str
    state: SubscriberState
    since: datetime
    """The last contact, or when the person left."""


def build_access_report(connection: Connection, address_key: str, keys: KeyRing) -> dict[str, Any]:
    """Everything that is held on the person with that canonical address, ready for JSON; times are in UTC."""
    row = connection.execute(select(subscribers).where(subscribers.c.address_key == address_key)).mappings().first()
    has_own_state = recipients.c.state.is_not(
        None
    )  # else a reason of the batch would be told of somebody it is not about
    letters = connection.execute(
        select(
            dispatches.c.id,
            dispatches.c.publication,
            dispatches.c.number,
            dispatches.c.approved_at,
            recipients.c.address,
            recipients.c.name,
            func.coalesce(recipients.c.state, batches.c.state).label("state"),
            case((has_own_state, recipients.c.cause), else_=batches.c.cause).label("cause"),
            case((has_own_state, recipients.c.reason), else_=batches.c.reason).label("reason"),
            func.coalesce(recipients.c.settled_at, batches.c.settled_at, type_=recipients.c.settled_at.type).label(
                "at"
            ),
        )
        .select_from(recipients.join(dispatches).outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.address_key == address_key)
        .order_by(dispatches.c.approved_at, dispatches.c.id)
    ).mappings()
    own_events = connection.execute(
        select(
            events.c.at,
            events.c.kind,
            events.c.source,
            events.c.dispatch_id.label("dispatch"),
            events.c.status,
            events.c.reason,
        )
        .where(or_(*_events_about(connection, address_key)))
        .order_by(events.c.at, events.c.id)
    ).mappings()
    own_requests = connection.execute(
        select(*(column for column in requests.c if column.name not in {"id", "ref"}))
        .where(requests.c.address_key == address_key)
        .order_by(requests.c.id)
    ).mappings()
    opposed_at = connection.scalar(
        select(oppositions.c.at).where(oppositions.c.digest == keys.opposition_digest(address_key))
    )
    return {
        "address": address_key,
        "subscriber": _json_row(row) if row else None,
        "tags": tags_of(connection, [row["id"]])[row["id"]] if row else {},
        "history": [_json_row(asdict(row_data)) for row_data in read_history(connection, row["id"])] if row else [],
        "letters": [
            {"dispatch": row_data["id"], **{name: value for name, value in _json_row(row_data).items() if name != "id"}}
            for row_data in letters
        ],
        "events": [_json_row(row_data) for row_data in own_events],
        "requests": [_json_row(row_data) for row_data in own_requests],
        "opposed_since": opposed_at.isoformat() if opposed_at else None,
    }


def _events_about(connection: Connection, address_key: str) -> list[ColumnElement[bool]]:
    """What finds a person's events: the reference, and the places in dispatches; to ask before anything is erased."""
    refs = set(
        connection.scalars(
            select(recipients.c.subscriber_ref)
            .where(recipients.c.address_key == address_key, recipients.c.subscriber_ref.is_not(None))
            .union(select(subscribers.c.ref).where(subscribers.c.address_key == address_key))
        )
    )
    own_position = select(recipients.c.position).where(
        recipients.c.address_key == address_key,
        recipients.c.dispatch_id == events.c.dispatch_id,
        recipients.c.position == events.c.position,
    )
    return [events.c.subscriber_ref.in_(refs), own_position.exists()]


def _json_row(row: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def erase_from_tables(connection: Connection, address_key: str, keys: KeyRing, now: datetime) -> tuple[int, int]:
    """Erase the person with that canonical address everywhere; a keyed hash stays, so that no import adds them again.

    Rows of the journal stay, so that its accounts still add up, and say nothing of the person. Who was about to be
    written to no longer is: nobody is in the table of subscribers under what stands there now.

    Returns:
        How many subscribers and how many recipients were erased.
    """
    lock_subscribers(connection)
    counts = _erase(connection, address_key, keys)
    _add_opposition(connection, address_key, keys, now, "forgotten")
    return counts


def _erase(connection: Connection, address_key: str, keys: KeyRing) -> tuple[int, int]:
    _erase_events(connection, address_key, keys.trace(address_key))
    connection.execute(delete(requests).where(requests.c.address_key == address_key))
    subscriber_count = connection.execute(delete(subscribers).where(subscribers.c.address_key == address_key)).rowcount
    placeholder = literal("forgotten:") + recipients.c.dispatch_id + "." + cast(recipients.c.position, String)
    recipient_count = connection.execute(
        update(recipients)
        .where(recipients.c.address_key == address_key)
        .values(address_key=placeholder, address="", name="", subscriber_ref=None)
    ).rowcount
    return subscriber_count, recipient_count


def _erase_events(connection: Connection, address_key: str, trace: str) -> None:
    """What happened still counts, and says nothing of the person: neither who, nor where, nor in what words.

    Args:
        connection: The transaction.
        address_key: The person.
        trace: `KeyRing.trace`, which is in the key of an event that named no recipient of ours.
    """
    anonymous_key = case(
        (events.c.key.contains(trace), literal("forgotten:") + cast(events.c.id, String)), else_=events.c.key
    )
    for is_about in _events_about(connection, address_key):
        connection.execute(
            update(events)
            .where(is_about)
            .values(subscriber_ref=None, domain="", reason="", status="", key=anonymous_key)
        )


def _add_opposition(connection: Connection, address_key: str, keys: KeyRing, now: datetime, reason: str) -> None:
    digest = keys.opposition_digest(address_key)
    if connection.scalar(select(oppositions.c.digest).where(oppositions.c.digest == digest)) is None:
        connection.execute(insert(oppositions), {"digest": digest, "at": now, "reason": reason})


def expired_subscribers(connection: Connection, now: datetime, years: int) -> Iterator[ExpiredSubscriber]:
    """Who has had no contact for `years` years, and who left longer ago than that."""
    before = _years_before(now, years)
    is_suppressed = subscribers.c.state.in_(_SUPPRESSED_STATES)
    query = (
        select(subscribers)
        .where(
            or_(
                and_(is_suppressed, subscribers.c.changed_at < before, subscribers.c.last_contact_at < before),
                and_(~is_suppressed, subscribers.c.last_contact_at < before),
            )
        )
        .order_by(subscribers.c.id)
        .limit(_ROWS_AT_ONCE)
    )
    last_id = 0
    while page := connection.execute(query.where(subscribers.c.id > last_id)).all():
        for row in page:
            state = SubscriberState(row.state)
            since = row.changed_at if state in _SUPPRESSED_STATES else row.last_contact_at
            yield ExpiredSubscriber(row.address_key, row.address, state, since)
        last_id = page[-1].id


def erase_expired_from_tables(
    connection: Connection, keys: KeyRing, now: datetime, years: int
) -> list[ExpiredSubscriber]:
    """Erase `expired_subscribers`; who had left of their own will stays opposed."""
    lock_subscribers(connection)
    expired_people = list(expired_subscribers(connection, now, years))
    for person in expired_people:
        _erase(connection, person.address_key, keys)
        if person.state in _OPPOSED_STATES:
            _add_opposition(connection, person.address_key, keys, now, "retention")
    return expired_people


def _years_before(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # 29 February
        return now.replace(year=now.year - years, day=28)
