"""How many issues in a row did not reach somebody: what soft bounces are counted by."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, events, recipients
from pvd_mailer.database.states import EventKind, RecipientState
from pvd_mailer.journal.events import FAILURE_KINDS, RecipientKey, real_dispatch_starts
from pvd_mailer.journal.queries.totals import effective_state

__all__ = ["consecutive_failures"]

_MAY_HAVE_LETTER = (RecipientState.ACCEPTED, RecipientState.UNKNOWN)


class _Outcome(NamedTuple):
    """What became of one issue for one person, by all dispatches of it together."""

    started_at: datetime
    """When the latest of them began."""
    reached: bool
    """Whether it reached them by any."""


def consecutive_failures(connection: Connection, people: Mapping[str, datetime | None]) -> dict[str, int]:
    """How many issues in a row, the newest first, did not reach each of `people` though they were sent to them.

    It is worked out anew from all that is known, so that the order in which events came does not matter. An issue
    reached somebody where a delivery was told, or where the channel took it, or may have, and nothing bad was told.

    Args:
        connection: The transaction.
        people: Canonical address -> since when their mail counts; None for all of it.
    """
    outcomes: dict[str, dict[str, _Outcome]] = {key: {} for key in people}
    starts = real_dispatch_starts(connection)
    kinds_by_recipient = _event_kinds_of(connection, people)
    for key, dispatch_id, position, state in _letters_to(connection, people):
        if dispatch_id not in starts:
            continue
        started_at, issue_key = starts[dispatch_id]
        since = people[key]
        if since is not None and started_at < since:
            continue
        reached = _has_reached(kinds_by_recipient.get(RecipientKey(dispatch_id, position), set()), state)
        if reached is not None:
            of_issue = outcomes[key].get(issue_key, _Outcome(started_at, reached=False))
            outcomes[key][issue_key] = _Outcome(max(started_at, of_issue.started_at), reached or of_issue.reached)
    return {key: _count_latest_failures(by_issue.values()) for key, by_issue in outcomes.items()}


def _has_reached(kinds: Collection[str], state: str | None) -> bool | None:
    """Whether a letter reached its recipient, by its events and the recipient's state; None where it was not sent."""
    if EventKind.DELIVERED in kinds:
        return True
    if any(kind in kinds for kind in FAILURE_KINDS):
        return False
    return True if state in _MAY_HAVE_LETTER else None


def _count_latest_failures(outcomes: Iterable[_Outcome]) -> int:
    """How many of the latest issues failed, up to the first that did not."""
    count = 0
    for outcome in sorted(outcomes, reverse=True):
        if outcome.reached:
            break
        count += 1
    return count


def _letters_to(connection: Connection, people: Collection[str]) -> list[Any]:
    """Address, dispatch, position and state of all letters to `people`."""
    letters: list[Any] = []
    keys = sorted(people)
    for chunk in chunked(keys, MAX_IN_VALUES):
        letters += connection.execute(
            select(recipients.c.address_key, recipients.c.dispatch_id, recipients.c.position, effective_state)
            .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
            .where(recipients.c.address_key.in_(chunk))
        ).all()
    return letters


def _event_kinds_of(connection: Connection, people: Collection[str]) -> dict[RecipientKey, set[str]]:
    """What was told of the letters to `people`."""
    kinds: dict[RecipientKey, set[str]] = defaultdict(set)
    keys = sorted(people)
    for chunk in chunked(keys, MAX_IN_VALUES):
        rows = connection.execute(
            select(events.c.dispatch_id, events.c.position, events.c.kind)
            .select_from(
                recipients.join(
                    events,
                    (events.c.dispatch_id == recipients.c.dispatch_id) & (events.c.position == recipients.c.position),
                )
            )
            .where(recipients.c.address_key.in_(chunk))
        )
        for dispatch_id, position, kind in rows:
            kinds[RecipientKey(dispatch_id, position)].add(kind)
    return kinds
