"""What changes the state of a subscriber who is there. Each change leaves a line in the person's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, update

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import histories, subscribers
from pvd_mailer.database.states import SubscriberState

__all__ = [
    "STATES_BEFORE",
    "UnsubscribedSubscriber",
    "add_history_entry",
    "change_state",
    "may_change_state",
    "resubscribe",
    "suppress_subscribers",
    "unsubscribe_address",
    "unsubscribe_refs",
]

STATES_BEFORE = {
    # Which states a change may start from: who left of their own will is not made a mere bounce afterwards.
    SubscriberState.UNSUBSCRIBED: (SubscriberState.SUBSCRIBED, SubscriberState.PENDING, SubscriberState.BOUNCED),
    SubscriberState.BOUNCED: (SubscriberState.PENDING, SubscriberState.SUBSCRIBED),
    SubscriberState.COMPLAINED: tuple(other for other in SubscriberState if other is not SubscriberState.COMPLAINED),
}


@dataclass(frozen=True, slots=True)
class UnsubscribedSubscriber:
    """Somebody who has just left."""

    ref: str
    address_key: str
    previous_state: SubscriberState
    """Where they stood before."""


def change_state(
    connection: Connection, address_key: str, state: SubscriberState, now: datetime, source: str, detail: str = ""
) -> bool:
    """Note that somebody left, bounced or complained; `source` and `detail` go into the history.

    Returns:
        Whether anything changed: who complained stays so, and who left is not made a bounce.

    Raises:
        ValueError: `state` is one that nobody can be put into, such as subscribed.
    """
    if state not in STATES_BEFORE:
        raise ValueError(state)
    subscriber_id = connection.execute(
        update(subscribers)
        .where(subscribers.c.address_key == address_key, subscribers.c.state.in_(STATES_BEFORE[state]))
        .values(state=state, changed_at=now)
        .returning(subscribers.c.id)
    ).scalar()
    if subscriber_id is None:
        return False
    add_history_entry(connection, subscriber_id, now, str(state), source, detail)
    return True


def may_change_state(current: SubscriberState, new: SubscriberState) -> bool:
    """Whether somebody who stands there can be put into that state by others than themselves."""
    return current in STATES_BEFORE.get(new, ())


def suppress_subscribers(
    connection: Connection, people: Sequence[tuple[int, SubscriberState, str]], now: datetime, source: str
) -> None:
    """Put subscribers into states of which `may_change_state` holds: id, state, and the detail in the history."""
    for page in chunked(people, MAX_IN_VALUES):
        for state in {state for _id, state, _detail in page}:
            ids = [subscriber_id for subscriber_id, new_state, _detail in page if new_state is state]
            change = update(subscribers).where(subscribers.c.id.in_(ids), subscribers.c.state.in_(STATES_BEFORE[state]))
            connection.execute(change.values(state=state, changed_at=now))
        lines = [
            {"subscriber_id": subscriber_id, "at": now, "what": str(state), "source": source, "detail": detail}
            for subscriber_id, state, detail in page
        ]
        connection.execute(insert(histories), lines)


def unsubscribe_address(connection: Connection, address_key: str, now: datetime, source: str, detail: str = "") -> bool:
    """Let somebody go. False where they had left already, or are not there: nothing more is to be done."""
    return change_state(connection, address_key, SubscriberState.UNSUBSCRIBED, now, source, detail)


def unsubscribe_refs(
    connection: Connection, refs: Sequence[str], now: datetime, source: str
) -> list[UnsubscribedSubscriber]:
    """Unsubscribe many people at once, as `unsubscribe_address` does each; without those who had left already.

    At most MAX_IN_VALUES of them: it is one statement for each state that one may leave.
    """
    unsubscribed: list[UnsubscribedSubscriber] = []
    history_rows: list[dict[str, object]] = []
    for previous_state in STATES_BEFORE[SubscriberState.UNSUBSCRIBED]:
        remaining = (
            [ref for ref in refs if not any(subscriber.ref == ref for subscriber in unsubscribed)]
            if unsubscribed
            else refs
        )
        if not remaining:
            break
        changed = connection.execute(
            update(subscribers)
            .where(subscribers.c.ref.in_(remaining), subscribers.c.state == previous_state)
            .values(state=SubscriberState.UNSUBSCRIBED, changed_at=now)
            .returning(subscribers.c.id, subscribers.c.ref, subscribers.c.address_key)
        ).all()
        unsubscribed += [UnsubscribedSubscriber(ref, key, previous_state) for _id, ref, key in changed]
        what = str(SubscriberState.UNSUBSCRIBED)
        history_rows += [{"subscriber_id": row[0], "at": now, "what": what, "source": source} for row in changed]
    if history_rows:
        connection.execute(insert(histories), history_rows)
    return unsubscribed


def resubscribe(connection: Connection, ref: str, unsubscribed_at: datetime, now: datetime, source: str) -> bool:
    """Bring somebody back who left at that very moment, with the basis and the proof that they had.

    Returns:
        Whether anything changed: who has complained, bounced or come back since stays where they are.
    """
    subscriber_id = connection.execute(
        update(subscribers)
        .where(
            subscribers.c.ref == ref,
            subscribers.c.state == SubscriberState.UNSUBSCRIBED,
            subscribers.c.changed_at == unsubscribed_at,
        )
        .values(state=SubscriberState.SUBSCRIBED, changed_at=now)
        .returning(subscribers.c.id)
    ).scalar()
    if subscriber_id is None:
        return False
    add_history_entry(connection, subscriber_id, now, "resubscribed", source)
    return True


def add_history_entry(
    connection: Connection, subscriber_id: int, now: datetime, what: str, source: str, detail: str = ""
) -> None:
    """Write a line into the history of the subscriber with that id."""
    connection.execute(
        insert(histories), {"subscriber_id": subscriber_id, "at": now, "what": what, "source": source, "detail": detail}
    )
