"""What mail that comes back means for a subscriber: who is written to no more, and why.

Of what different events say, the gravest counts, in whatever order they come: a complaint, a wish to leave, an address
that does not exist, and last a number of issues that did not arrive. The last one alone is taken back, where a delivery
turns up that had not been told of.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, select, update

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import histories, subscribers
from pvd_mailer.database.states import SubscriberState

__all__ = [
    "SOFT_BOUNCES",
    "SubscriberSummary",
    "Suppression",
    "apply_soft_bounces",
    "apply_suppressions",
    "find_summaries",
]

_OWN_WISH_LINES = ("signed-up", "resubscribed")
"""Lines in the history that a person wrote who wants the letter."""
SOFT_BOUNCES = "soft-bounces"
"""The source of a line in the history: so many issues in a row did not arrive."""


SUPPRESSION_ORDER = (
    SubscriberState.PENDING,
    SubscriberState.SUBSCRIBED,
    SubscriberState.BOUNCED,
    SubscriberState.UNSUBSCRIBED,
    SubscriberState.COMPLAINED,
)
"""Somebody moves up, and never down but by their own sign-up; `state_changes.change_state` keeps to the same."""
MIN_NAME_WORD_LENGTH = 3
"""Letters; a shorter one would be taken out of words that name nobody."""


@dataclass(frozen=True, slots=True)
class SubscriberSummary:
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
class Suppression:
    """That somebody is to be written to no more.

    Attributes:
        source: Who says so; with `reason`, the line in the person's history.
    """

    subscriber: SubscriberSummary
    state: SubscriberState
    source: str
    reason: str


def find_summaries(connection: Connection, refs: Collection[str], keys: Collection[str]) -> list[SubscriberSummary]:
    """The subscribers with these references or canonical addresses."""
    rows: dict[int, Any] = {}
    for column, values in (("ref", sorted(refs)), ("address_key", sorted(keys))):
        for chunk in chunked(values, MAX_IN_VALUES):
            rows.update((row[0], row) for row in connection.execute(_summaries_by(column), {"values": chunk}).all())
    signed_up_at = _last_sign_ups(connection, rows)
    return [
        SubscriberSummary(
            subscriber_id,
            ref,
            address_key,
            SubscriberState(state),
            signed_up_at.get(subscriber_id),
            tuple(word for word in f"{first_name} {last_name}".split() if len(word) >= MIN_NAME_WORD_LENGTH),
        )
        for subscriber_id, ref, address_key, state, first_name, last_name in rows.values()
    ]


@cache
def _summaries_by(column: str) -> Select[Any]:
    """Built once a column: a call of a provider often tells of one person, and building took longer than asking."""
    return select(
        subscribers.c.id,
        subscribers.c.ref,
        subscribers.c.address_key,
        subscribers.c.state,
        subscribers.c.first_name,
        subscribers.c.last_name,
    ).where(subscribers.c[column].in_(bindparam("values", expanding=True)))


def _last_sign_ups(connection: Connection, ids: Iterable[int]) -> dict[int, datetime]:
    latest: dict[int, datetime] = {}
    ordered = sorted(ids)
    for chunk in chunked(ordered, MAX_IN_VALUES):
        rows = connection.execute(_sign_ups(), {"subscriber_ids": chunk}).all()
        latest.update((subscriber_id, at) for subscriber_id, at in rows)
    return latest


@cache
def _sign_ups() -> Select[Any]:
    return (
        select(histories.c.subscriber_id, func.max(histories.c.at, type_=histories.c.at.type))
        .where(
            histories.c.subscriber_id.in_(bindparam("subscriber_ids", expanding=True)),
            histories.c.what.in_(_OWN_WISH_LINES),
        )
        .group_by(histories.c.subscriber_id)
    )


def apply_suppressions(
    connection: Connection, suppressions: Iterable[Suppression], now: datetime
) -> Counter[SubscriberState]:
    """Put people into the states that `suppressions` name, where they are not in a graver one; how many by state."""
    changed: Counter[SubscriberState] = Counter()
    by_state: dict[SubscriberState, dict[int, Suppression]] = {}
    for suppression in suppressions:
        by_state.setdefault(suppression.state, {}).setdefault(suppression.subscriber.id, suppression)
    for state in (SubscriberState.BOUNCED, SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED):
        by_id = by_state.get(state, {})
        if not by_id:
            continue
        changed_ids = _change_states(connection, by_id, SUPPRESSION_ORDER[: SUPPRESSION_ORDER.index(state)], state, now)
        noted_ids = set(changed_ids)
        if state is SubscriberState.BOUNCED:
            # Counted out before: from now on there is a firmer reason, which no late delivery takes back.
            noted_ids |= _soft_bounced(connection, set(by_id) - changed_ids)
        _write_history(
            connection,
            {subscriber_id: (by_id[subscriber_id].source, by_id[subscriber_id].reason) for subscriber_id in noted_ids},
            state,
            now,
        )
        changed[state] += len(changed_ids)
    return +changed


def apply_soft_bounces(
    connection: Connection, missed: Mapping[int, int], limit: int, now: datetime
) -> Counter[SubscriberState]:
    """Judge people by how many issues in a row did not reach them; how many by the state that they were put into.

    Args:
        connection: The transaction.
        missed: Subscriber's id -> issues in a row.
        limit: From so many on, somebody is written to no more.
        now: When.
    """
    over_limit = {subscriber_id for subscriber_id, count in missed.items() if count >= limit}
    bounced = _change_states(connection, over_limit, (SubscriberState.SUBSCRIBED,), SubscriberState.BOUNCED, now)
    _write_history(
        connection,
        {subscriber_id: (SOFT_BOUNCES, str(missed[subscriber_id])) for subscriber_id in bounced},
        SubscriberState.BOUNCED,
        now,
    )
    below_limit = _soft_bounced(connection, set(missed) - over_limit)
    restored = _change_states(connection, below_limit, (SubscriberState.BOUNCED,), SubscriberState.SUBSCRIBED, now)
    _write_history(
        connection,
        {subscriber_id: (SOFT_BOUNCES, str(missed[subscriber_id])) for subscriber_id in restored},
        SubscriberState.SUBSCRIBED,
        now,
    )
    return +Counter({SubscriberState.BOUNCED: len(bounced), SubscriberState.SUBSCRIBED: len(restored)})


def _soft_bounced(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those of `ids` who are out for nothing but a count."""
    counted: set[int] = set()
    ordered = sorted(ids)
    for chunk in chunked(ordered, MAX_IN_VALUES):
        last_bounces = (
            select(func.max(histories.c.id))
            .where(histories.c.subscriber_id.in_(chunk), histories.c.what == SubscriberState.BOUNCED)
            .group_by(histories.c.subscriber_id)
        )
        counted.update(
            connection.execute(
                select(subscribers.c.id)
                .join(histories, histories.c.subscriber_id == subscribers.c.id)
                .where(subscribers.c.state == SubscriberState.BOUNCED)
                .where(histories.c.id.in_(last_bounces), histories.c.source == SOFT_BOUNCES)
            ).scalars()
        )
    return counted


def _change_states(
    connection: Connection,
    ids: Iterable[int],
    before: Sequence[SubscriberState],
    after: SubscriberState,
    now: datetime,
) -> set[int]:
    changed_ids: set[int] = set()
    ordered = sorted(ids)
    for chunk in chunked(ordered, MAX_IN_VALUES):
        changed_ids.update(
            connection.execute(
                update(subscribers)
                .where(subscribers.c.id.in_(chunk), subscribers.c.state.in_(before))
                .values(state=after, changed_at=now)
                .returning(subscribers.c.id)
            ).scalars()
        )
    return changed_ids


def _write_history(
    connection: Connection, reasons: Mapping[int, tuple[str, str]], state: SubscriberState, now: datetime
) -> None:
    history_rows = [
        {"subscriber_id": subscriber_id, "at": now, "what": str(state), "source": source, "detail": detail}
        for subscriber_id, (source, detail) in sorted(reasons.items())
    ]
    if history_rows:
        connection.execute(insert(histories), history_rows)
