"""What became of the accepted: one last word a recipient, from events that came in any order; counted, never listed.

A recipient's last word is the latest by the event's own time. At the same second the worse word is the later one: a
server that bounces a message had taken it before. `processed` says that the provider has it, and yields to any other;
a complaint says that the letter arrived. Nothing here holds an address.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, Subquery, case, cast, func, literal, null, select, union_all

from pvd_mailer.database.schema import batches, events, recipients
from pvd_mailer.database.states import EventKind, RecipientState
from pvd_mailer.journal.queries.event_query import EventQuery
from pvd_mailer.journal.queries.totals import effective_state

__all__ = ["DeliveryStatus", "DeliveryStatusQuery"]


class DeliveryStatus(StrEnum):
    """Where an accepted message stands; every one is in exactly one of these."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    DROPPED = "dropped"
    DEFERRED = "deferred"
    """Not now; the provider goes on trying."""
    PROCESSED = "processed"
    """The provider says that it has it, and has said nothing since."""
    SILENT = "silent"
    """Accepted, and nothing was heard since. It is not called delivered."""


_RANKS = {
    EventKind.PROCESSED: 0,
    EventKind.DEFERRED: 1,
    EventKind.DELIVERED: 2,
    EventKind.COMPLAINED: 2,
    EventKind.BLOCKED: 3,
    EventKind.DROPPED: 4,
    EventKind.BOUNCED: 5,
}
_EVENT_COLUMNS = (events.c.kind, events.c.status, events.c.reason, events.c.at)
_FAILED = (DeliveryStatus.BOUNCED, DeliveryStatus.BLOCKED, DeliveryStatus.DROPPED, DeliveryStatus.DEFERRED)
_NOT_ACCEPTED, _ACCEPTED = 0, 1
"""Numbers, for `max` of a group tells whether one of its rows is an accepted recipient."""
_WITH_BATCH = recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id)


@dataclass(frozen=True, slots=True)
class DeliveryStatusQuery(EventQuery):
    """Asks what became of the messages."""

    def states(self) -> Counter[RecipientState]:
        """How many recipients stand where."""
        rows = self.connection.execute(
            select(effective_state, func.count())
            .select_from(_WITH_BATCH)
            .where(recipients.c.dispatch_id.in_(self.dispatch_ids))
            .group_by(effective_state)
        )
        return Counter({RecipientState(state): count for state, count in rows})

    def totals(self) -> Counter[DeliveryStatus]:
        """How many of the accepted have which status; it adds up to the accepted."""
        base = self._accepted()
        rows = self.connection.execute(select(base.c.delivery_status, func.count()).group_by(base.c.delivery_status))
        return Counter({DeliveryStatus(status): count for status, count in rows})

    def by_domain(self, min_count: int, limit: int) -> list[tuple[str, Counter[DeliveryStatus]]]:
        """The domains with at least `min_count` accepted recipients, the `limit` largest, with the statuses there."""
        base = self._accepted()
        tallies = [func.sum(case((base.c.delivery_status == str(status), 1), else_=0)) for status in DeliveryStatus]
        rows = self.connection.execute(
            select(base.c.domain, *tallies)
            .group_by(base.c.domain)
            .having(func.count() >= min_count)
            .order_by(func.count().desc(), base.c.domain)
            .limit(limit)
        )
        return [(domain, Counter(dict(zip(DeliveryStatus, map(int, counts), strict=True)))) for domain, *counts in rows]

    def reasons(self) -> Iterator[tuple[DeliveryStatus, str, str, int]]:
        """Why messages came back or wait, in maybe many rows.

        Yields:
            Delivery status, code (RFC 3463), the far side's words, and how many.
        """
        base = self._accepted()
        columns = (base.c.delivery_status, base.c.status, base.c.reason)
        rows = self.connection.execute(
            select(*columns, func.count())
            .where(base.c.delivery_status.in_([str(status) for status in _FAILED]))
            .group_by(*columns),
            execution_options={"yield_per": 1000},
        )
        for delivery_status, status, reason, count in rows:
            yield DeliveryStatus(delivery_status), status, reason, count

    def by_hour(self, start: datetime, max_hours: int) -> Iterator[tuple[DeliveryStatus, int, int]]:
        """The latest events by hour: status, full hours since `start` (0 if earlier, at most `max_hours`), how many."""
        base = self._accepted()
        hour = self.hour(base.c.at, start, max_hours)
        rows = self.connection.execute(
            select(base.c.delivery_status, hour, func.count())
            .where(base.c.at.is_not(None))
            .group_by(base.c.delivery_status, hour)
        )
        for status, hour_count, count in rows:
            yield DeliveryStatus(status), int(hour_count), count

    def unmatched_count(self) -> int:
        """How many last words are about nobody who counts as accepted, or do not say about whom."""
        merged = self._recipients_with_events()
        not_accepted = select(merged).where(merged.c.accepted == _NOT_ACCEPTED).subquery()
        unplaced = select(func.count()).where(
            *self.event_conditions(), events.c.position.is_(None), events.c.kind.in_([str(kind) for kind in _RANKS])
        )
        return self.count(not_accepted) + (self.connection.scalar(unplaced) or 0)

    def _latest_events(self) -> Subquery:
        """The last word on each recipient of whom there is any."""
        rank = case({str(kind): rank for kind, rank in _RANKS.items()}, value=events.c.kind)
        ordered = (
            select(
                events.c.dispatch_id,
                events.c.position,
                events.c.kind,
                events.c.status,
                events.c.reason,
                events.c.at,
                func.row_number()
                .over(
                    partition_by=(events.c.dispatch_id, events.c.position),
                    # To the last: two rows that are equal in all of this say the same.
                    order_by=(
                        case((events.c.kind == str(EventKind.PROCESSED), 1), else_=0),
                        events.c.at.desc(),
                        rank.desc(),
                        events.c.status.desc(),
                        events.c.reason.desc(),
                    ),
                )
                .label("nth"),
            )
            .where(
                *self.event_conditions(),
                events.c.position.is_not(None),
                events.c.kind.in_([str(kind) for kind in _RANKS]),
            )
            .subquery()
        )
        return select(ordered).where(ordered.c.nth == 1).subquery()

    def _accepted(self) -> Subquery:
        """Every accepted recipient with domain and status, and why and when of the latest event."""
        merged = self._recipients_with_events()
        accepted = merged.c.accepted == _ACCEPTED
        status = case(
            (merged.c.kind.is_(None), str(DeliveryStatus.SILENT)),
            (merged.c.kind == str(EventKind.COMPLAINED), str(DeliveryStatus.DELIVERED)),
            else_=merged.c.kind,
        )
        columns = (merged.c.domain, status.label("delivery_status"), merged.c.status, merged.c.reason, merged.c.at)
        return select(*columns).where(accepted).subquery()

    def _recipients_with_events(self) -> Subquery:
        """A row for each recipient who is accepted, or of whom there is an event; `accepted` says which of the two.

        Accepted recipients and latest events are put one below the other and grouped: SQLite joins what has no index of
        its own by trying every pair. Of a group, `max` takes the one value that is not NULL.
        """
        union = union_all(self._accepted_rows(), self._event_rows()).subquery()
        event_columns = [
            func.max(union.c[column.name], type_=column.type).label(column.name) for column in _EVENT_COLUMNS
        ]
        accepted = func.max(union.c.accepted).label("accepted")
        return (
            select(accepted, func.max(union.c.domain).label("domain"), *event_columns)
            .group_by(union.c.dispatch_id, union.c.position)
            .subquery()
        )

    def _accepted_rows(self) -> Select[Any]:
        """The accepted recipients, with nothing where an event has its columns."""
        return (
            select(
                recipients.c.dispatch_id,
                recipients.c.position,
                literal(_ACCEPTED).label("accepted"),
                self.domain().label("domain"),
                *(cast(null(), column.type).label(column.name) for column in _EVENT_COLUMNS),
            )
            .select_from(_WITH_BATCH)
            .where(recipients.c.dispatch_id.in_(self.dispatch_ids), effective_state == str(RecipientState.ACCEPTED))
        )

    def _event_rows(self) -> Select[Any]:
        """The latest events, with nothing where a recipient has its columns."""
        latest = self._latest_events()
        return select(
            latest.c.dispatch_id,
            latest.c.position,
            literal(_NOT_ACCEPTED).label("accepted"),
            null().label("domain"),
            *(latest.c[column.name] for column in _EVENT_COLUMNS),
        )
