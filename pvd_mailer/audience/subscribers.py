"""The subscribers in the database: who they are, and who a filter finds."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from pvd_mailer.audience.filters import EVERYBODY, Filter, condition
from pvd_mailer.database.schema import histories, subscribers, tags
from pvd_mailer.database.states import Basis, SubscriberState

__all__ = [
    "Line",
    "Proof",
    "Subscriber",
    "counts",
    "find",
    "find_by_ref",
    "history",
    "keys_of",
    "left_out",
    "matching",
    "pages",
    "tag_keys",
    "tags_of",
]

PAGE = 5000
MAX_NAME = 100
"""Characters of a name that a letter's header carries."""
CHUNK = 900
"""Values in one IN list: older SQLite takes 999 at most."""
SUBSCRIBED = (SubscriberState.SUBSCRIBED,)


@dataclass(frozen=True, slots=True)
class Proof:
    """Why somebody may be written to, and how that can be shown."""

    basis: Basis
    at: datetime
    """When consent was given, or the person was informed."""
    source: str
    """Where from: a file, a form, a person."""
    wording: str = ""
    """What the person was told."""


@dataclass(frozen=True, slots=True)
class Line:
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
    proof: Proof
    created_at: datetime
    changed_at: datetime
    last_contact_at: datetime

    @property
    def name(self) -> str:
        """First and last name, as far as they are known."""
        return " ".join(f"{self.first_name} {self.last_name}".split())[:MAX_NAME]


def _subscriber(row: "Row[tuple[object, ...]]") -> Subscriber:
    return Subscriber(
        row.id,
        row.ref,
        row.address_key,
        row.address,
        row.first_name,
        row.last_name,
        SubscriberState(row.state),
        Proof(Basis(row.basis), row.proof_at, row.proof_source, row.proof_wording),
        row.created_at,
        row.changed_at,
        row.last_contact_at,
    )


def find(connection: Connection, address_key: str) -> Subscriber | None:
    """The subscriber with that canonical address (`address.canonical`), whatever the state."""
    row = connection.execute(select(subscribers).where(subscribers.c.address_key == address_key)).first()
    return _subscriber(row) if row else None


def find_by_ref(connection: Connection, ref: str) -> Subscriber | None:
    """The subscriber whom a signed link names, whatever the state; None once forgotten."""
    row = connection.execute(select(subscribers).where(subscribers.c.ref == ref)).first()
    return _subscriber(row) if row else None


def keys_of(connection: Connection, refs: Sequence[str]) -> dict[str, str]:
    """The canonical addresses of at most CHUNK references, as far as they are known."""
    rows = connection.execute(select(subscribers.c.ref, subscribers.c.address_key).where(subscribers.c.ref.in_(refs)))
    return {row.ref: row.address_key for row in rows}


def pages(
    connection: Connection, wanted: Filter = EVERYBODY, states: Sequence[SubscriberState] = SUBSCRIBED
) -> Iterator[list[Subscriber]]:
    """As `matching`, in lists of at most PAGE."""
    query = select(subscribers).where(subscribers.c.state.in_(states), condition(wanted))
    query = query.order_by(subscribers.c.id).limit(PAGE)
    last = 0
    while page := [_subscriber(row) for row in connection.execute(query.where(subscribers.c.id > last))]:
        yield page
        last = page[-1].id


def matching(
    connection: Connection, wanted: Filter = EVERYBODY, states: Sequence[SubscriberState] = SUBSCRIBED
) -> Iterator[Subscriber]:
    """The subscribers in one of `states` that `wanted` finds, in the order in which they came.

    They are read page by page: a hundred thousand need the memory of five thousand.
    """
    for page in pages(connection, wanted, states):
        yield from page


def counts(connection: Connection, wanted: Filter = EVERYBODY) -> Counter[SubscriberState]:
    """How many of those that `wanted` finds are in each state."""
    query = select(subscribers.c.state, func.count()).where(condition(wanted)).group_by(subscribers.c.state)
    return Counter({SubscriberState(state): number for state, number in connection.execute(query)})


def left_out(connection: Connection, wanted: Filter) -> Counter[SubscriberState]:
    """How many `wanted` finds that may not be written to, by their state."""
    found = counts(connection, wanted)
    del found[SubscriberState.SUBSCRIBED]
    return found


def history(connection: Connection, one: int) -> list[Line]:
    """What happened to the subscriber with that id, oldest first."""
    columns = (histories.c.at, histories.c.what, histories.c.source, histories.c.detail)
    query = select(*columns).where(histories.c.subscriber_id == one).order_by(histories.c.id)
    return [Line(*row) for row in connection.execute(query)]


def tag_keys(connection: Connection) -> tuple[str, ...]:
    """The keys of all tags that anybody has."""
    return tuple(connection.scalars(select(tags.c.key).distinct().order_by(tags.c.key)))


def tags_of(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, tuple[str, ...]]]:
    """The tags of the subscribers with these `ids`: id -> key -> values as they were written."""
    result: dict[int, dict[str, tuple[str, ...]]] = {one: {} for one in ids}
    for start in range(0, len(ids), CHUNK):
        query = (
            select(tags.c.subscriber_id, tags.c.key, tags.c.value)
            .where(tags.c.subscriber_id.in_(ids[start : start + CHUNK]))
            .order_by(tags.c.subscriber_id, tags.c.key, tags.c.value_key)
        )
        for one, key, value in connection.execute(query):
            result[one][key] = (*result[one].get(key, ()), value)
    return result
