"""The subscribers in the database: who they are, and who a filter finds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import histories, subscribers, tags
from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.subscribers.filters import EVERYBODY, AudienceFilter, filter_condition

__all__ = [
    "HistoryEntry",
    "LegalProof",
    "Subscriber",
    "address_keys_of",
    "all_tag_keys",
    "count_by_state",
    "count_suppressed",
    "find_subscriber",
    "find_subscriber_by_ref",
    "matching_subscribers",
    "read_history",
    "subscriber_pages",
    "tags_of",
]

PAGE_SIZE = 5000
MAX_DISPLAY_NAME_LENGTH = 100
"""Characters of a name that a letter's header carries."""
SUBSCRIBED = (SubscriberState.SUBSCRIBED,)


@dataclass(frozen=True, slots=True)
class LegalProof:
    """Why somebody may be written to, and how that can be shown."""

    basis: LegalBasis
    at: datetime
    """When consent was given, or the person was informed."""
    source: str
    """Where from: a file, a form, a person."""
    wording: str = ""
    """What the person was told."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a person's history."""

    at: datetime
    what: str
    """`imported`, `added`, `signed-up`, `updated`, `resubscribed`, or the state that the person was put into."""
    source: str
    detail: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One person."""

    id: int
    ref: str
    """Opaque; what a signed link carries."""
    address_key: str
    """The canonical address."""
    address: str
    """As it was written."""
    first_name: str
    last_name: str
    state: SubscriberState
    proof: LegalProof
    created_at: datetime
    changed_at: datetime
    last_contact_at: datetime

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(f"{self.first_name} {self.last_name}".split())[:MAX_DISPLAY_NAME_LENGTH]


def _subscriber(row: "Row[tuple[object, ...]]") -> Subscriber:
    return Subscriber(
        row.id,
        row.ref,
        row.address_key,
        row.address,
        row.first_name,
        row.last_name,
        SubscriberState(row.state),
        LegalProof(LegalBasis(row.basis), row.proof_at, row.proof_source, row.proof_wording),
        row.created_at,
        row.changed_at,
        row.last_contact_at,
    )


def find_subscriber(connection: Connection, address_key: str) -> Subscriber | None:
    """The subscriber with that canonical address (`address.canonical`), whatever the state."""
    row = connection.execute(select(subscribers).where(subscribers.c.address_key == address_key)).first()
    return _subscriber(row) if row else None


def find_subscriber_by_ref(connection: Connection, ref: str) -> Subscriber | None:
    """The subscriber whom a signed link names, whatever the state; None once forgotten."""
    row = connection.execute(select(subscribers).where(subscribers.c.ref == ref)).first()
    return _subscriber(row) if row else None


def address_keys_of(connection: Connection, refs: Sequence[str]) -> dict[str, str]:
    """The canonical addresses of at most CHUNK references, as far as they are known."""
    rows = connection.execute(select(subscribers.c.ref, subscribers.c.address_key).where(subscribers.c.ref.in_(refs)))
    return {row.ref: row.address_key for row in rows}


def subscriber_pages(
    connection: Connection, audience: AudienceFilter = EVERYBODY, states: Sequence[SubscriberState] = SUBSCRIBED
) -> Iterator[list[Subscriber]]:
    """As `matching_subscribers`, in lists of at most PAGE."""
    query = select(subscribers).where(subscribers.c.state.in_(states), filter_condition(audience))
    query = query.order_by(subscribers.c.id).limit(PAGE_SIZE)
    last_id = 0
    while page := [_subscriber(row) for row in connection.execute(query.where(subscribers.c.id > last_id))]:
        yield page
        last_id = page[-1].id


def matching_subscribers(
    connection: Connection, audience: AudienceFilter = EVERYBODY, states: Sequence[SubscriberState] = SUBSCRIBED
) -> Iterator[Subscriber]:
    """The subscribers in one of `states` that `audience` finds, in the order in which they came.

    They are read page by page: a hundred thousand need the memory of five thousand.
    """
    for page in subscriber_pages(connection, audience, states):
        yield from page


def count_by_state(connection: Connection, audience: AudienceFilter = EVERYBODY) -> Counter[SubscriberState]:
    """How many of those that `audience` finds are in each state."""
    query = select(subscribers.c.state, func.count()).where(filter_condition(audience)).group_by(subscribers.c.state)
    return Counter({SubscriberState(state): count for state, count in connection.execute(query)})


def count_suppressed(connection: Connection, audience: AudienceFilter) -> Counter[SubscriberState]:
    """How many `audience` finds that may not be written to, by their state."""
    by_state = count_by_state(connection, audience)
    del by_state[SubscriberState.SUBSCRIBED]
    return by_state


def read_history(connection: Connection, subscriber_id: int) -> list[HistoryEntry]:
    """What happened to the subscriber with that id, oldest first."""
    columns = (histories.c.at, histories.c.what, histories.c.source, histories.c.detail)
    query = select(*columns).where(histories.c.subscriber_id == subscriber_id).order_by(histories.c.id)
    return [HistoryEntry(*row) for row in connection.execute(query)]


def all_tag_keys(connection: Connection) -> tuple[str, ...]:
    """The keys of all tags that anybody has."""
    return tuple(connection.scalars(select(tags.c.key).distinct().order_by(tags.c.key)))


def tags_of(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    """The tags of the subscribers with these `ids`: id -> key -> values as they were written."""
    result: dict[int, dict[str, tuple[str, ...]]] = {subscriber_id: {} for subscriber_id in ids}
    for chunk in chunked(ids, MAX_IN_VALUES):
        query = (
            select(tags.c.subscriber_id, tags.c.key, tags.c.value)
            .where(tags.c.subscriber_id.in_(chunk))
            .order_by(tags.c.subscriber_id, tags.c.key, tags.c.value_key)
        )
        for subscriber_id, key, value in connection.execute(query):
            result[subscriber_id][key] = (*result[subscriber_id].get(key, ()), value)
    return result
