"""What mail that comes back means for a subscriber: who is written to no more, and why.

Of what different events say, the gravest counts, in whatever order they come: a complaint, a wish to leave, an address
that does not exist, and last a number of issues that did not arrive. The last one alone is taken back, where a delivery
turns up that had not been told of.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from pvd_mailer.audience.subscribers import CHUNK
from pvd_mailer.database.schema import histories, subscribers
from pvd_mailer.database.states import SubscriberState

__all__ = ["COUNTED", "Known", "Verdict", "count_against", "known", "suppress"]

_OWN_WISH = ("signed-up", "resubscribed")
"""Lines in the history that a person wrote who wants the letter."""
COUNTED = "soft-bounces"
"""The source of a line in the history: so many issues in a row did not arrive."""


LADDER = (
    SubscriberState.PENDING,
    SubscriberState.SUBSCRIBED,
    SubscriberState.BOUNCED,
    SubscriberState.UNSUBSCRIBED,
    SubscriberState.COMPLAINED,
)
"""Somebody moves up, and never down but by their own sign-up; `changes.change_state` keeps to the same."""
SHORTEST_NAME = 3
"""Letters; a shorter one would be taken out of words that name nobody."""


@dataclass(frozen=True, slots=True)
class Known:
    """A subscriber, as far as an event has to know them."""

    id: int
    ref: str
    address_key: str
    state: SubscriberState
    signed_up_at: datetime | None
    """When they last signed up, or took back that they had left: what happened before does not count against them."""
    names: tuple[str, ...] = ()
    """The words of their name: no far side's words are kept with them."""

    @property
    def domain(self) -> str:
        """Of the address."""
        return self.address_key.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Verdict:
    """That somebody is to be written to no more.

    Attributes:
        source: Who says so; with `reason`, the line in the person's history.
    """

    one: Known
    state: SubscriberState
    source: str
    reason: str


def known(connection: Connection, refs: Collection[str], keys: Collection[str]) -> list[Known]:
    """The subscribers with these references or canonical addresses."""
    rows: dict[int, Any] = {}
    for column, wanted in ((subscribers.c.ref, sorted(refs)), (subscribers.c.address_key, sorted(keys))):
        for start in range(0, len(wanted), CHUNK):
            found = connection.execute(
                select(
                    subscribers.c.id,
                    subscribers.c.ref,
                    subscribers.c.address_key,
                    subscribers.c.state,
                    subscribers.c.first_name,
                    subscribers.c.last_name,
                ).where(column.in_(wanted[start : start + CHUNK]))
            )
            rows.update((row.id, row) for row in found)
    since = _signed_up(connection, rows)
    return [
        Known(
            one,
            row.ref,
            row.address_key,
            SubscriberState(row.state),
            since.get(one),
            tuple(word for word in f"{row.first_name} {row.last_name}".split() if len(word) >= SHORTEST_NAME),
        )
        for one, row in rows.items()
    ]


def _signed_up(connection: Connection, ids: Iterable[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        rows = connection.execute(
            select(histories.c.subscriber_id, func.max(histories.c.at, type_=histories.c.at.type))
            .where(histories.c.subscriber_id.in_(ordered[start : start + CHUNK]), histories.c.what.in_(_OWN_WISH))
            .group_by(histories.c.subscriber_id)
        )
        found.update((one, at) for one, at in rows)
    return found


def suppress(connection: Connection, verdicts: Iterable[Verdict], now: datetime) -> Counter[SubscriberState]:
    """Put people into the states that `verdicts` name, where they are not in a graver one; how many by state."""
    changed: Counter[SubscriberState] = Counter()
    by_state: dict[SubscriberState, dict[int, Verdict]] = {}
    for one in verdicts:
        by_state.setdefault(one.state, {}).setdefault(one.one.id, one)
    for state in (SubscriberState.BOUNCED, SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED):
        wanted = by_state.get(state, {})
        if not wanted:
            continue
        moved = _move(connection, wanted, LADDER[: LADDER.index(state)], state, now)
        told = set(moved)
        if state is SubscriberState.BOUNCED:
            # Counted out before: from now on there is a firmer reason, which no late delivery takes back.
            told |= _counted(connection, set(wanted) - moved)
        _note(connection, {one: (wanted[one].source, wanted[one].reason) for one in told}, state, now)
        changed[state] += len(moved)
    return +changed


def count_against(
    connection: Connection, missed: Mapping[int, int], most: int, now: datetime
) -> Counter[SubscriberState]:
    """Judge people by how many issues in a row did not reach them; how many by the state that they were put into.

    Args:
        connection: The transaction.
        missed: Subscriber's id -> issues in a row.
        most: From so many on, somebody is written to no more.
        now: When.
    """
    out = {one for one, count in missed.items() if count >= most}
    moved = _move(connection, out, (SubscriberState.SUBSCRIBED,), SubscriberState.BOUNCED, now)
    _note(connection, {one: (COUNTED, str(missed[one])) for one in moved}, SubscriberState.BOUNCED, now)
    back = _counted(connection, set(missed) - out)
    returned = _move(connection, back, (SubscriberState.BOUNCED,), SubscriberState.SUBSCRIBED, now)
    _note(connection, {one: (COUNTED, str(missed[one])) for one in returned}, SubscriberState.SUBSCRIBED, now)
    return +Counter({SubscriberState.BOUNCED: len(moved), SubscriberState.SUBSCRIBED: len(returned)})


def _counted(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of `ids` who are out for nothing but a count."""
    found: set[int] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        part = ordered[start : start + CHUNK]
        last = (
            select(func.max(histories.c.id))
            .where(histories.c.subscriber_id.in_(part), histories.c.what == SubscriberState.BOUNCED)
            .group_by(histories.c.subscriber_id)
        )
        found.update(
            connection.execute(
                select(subscribers.c.id)
                .join(histories, histories.c.subscriber_id == subscribers.c.id)
                .where(subscribers.c.state == SubscriberState.BOUNCED)
                .where(histories.c.id.in_(last), histories.c.source == COUNTED)
            ).scalars()
        )
    return found


def _move(
    connection: Connection,
    ids: Iterable[int],
    before: Sequence[SubscriberState],
    after: SubscriberState,
    now: datetime,
) -> set[int]:
    moved: set[int] = set()
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        moved.update(
            connection.execute(
                update(subscribers)
                .where(subscribers.c.id.in_(ordered[start : start + CHUNK]), subscribers.c.state.in_(before))
                .values(state=after, changed_at=now)
                .returning(subscribers.c.id)
            ).scalars()
        )
    return moved


def _note(connection: Connection, said: Mapping[int, tuple[str, str]], state: SubscriberState, now: datetime) -> None:
    lines = [
        {"subscriber_id": one, "at": now, "what": str(state), "source": source, "detail": detail}
        for one, (source, detail) in sorted(said.items())
    ]
    if lines:
        connection.execute(insert(histories), lines)
