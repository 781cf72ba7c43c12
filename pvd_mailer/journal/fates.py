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

from sqlalchemy import Subquery, case, cast, func, literal, null, select, union_all

from pvd_mailer.database.schema import batches, events, recipients
from pvd_mailer.database.states import EventKind, State
from pvd_mailer.journal.account import effective
from pvd_mailer.journal.question import Question

__all__ = ["Fate", "Fates"]


class Fate(StrEnum):
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
_OF_A_WORD = (events.c.kind, events.c.status, events.c.reason, events.c.at)
_WITH_BATCH = recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id)


@dataclass(frozen=True, slots=True)
class Fates(Question):
    """Asks what became of the messages."""

    def states(self) -> Counter[State]:
        """How many recipients stand where."""
        rows = self.connection.execute(
            select(effective, func.count())
            .select_from(_WITH_BATCH)
            .where(recipients.c.dispatch_id.in_(self.dispatch_ids))
            .group_by(effective)
        )
        return Counter({State(state): count for state, count in rows})

    def totals(self) -> Counter[Fate]:
        """How many of the accepted met which fate; it adds up to the accepted."""
        base = self._accepted()
        rows = self.connection.execute(select(base.c.fate, func.count()).group_by(base.c.fate))
        return Counter({Fate(fate): count for fate, count in rows})

    def by_domain(self, least: int, most: int) -> list[tuple[str, Counter[Fate]]]:
        """The domains with at least `least` accepted recipients, the `most` largest, with the fates there."""
        base = self._accepted()
        tallies = [func.sum(case((base.c.fate == str(fate), 1), else_=0)) for fate in Fate]
        rows = self.connection.execute(
            select(base.c.domain, *tallies)
            .group_by(base.c.domain)
            .having(func.count() >= least)
            .order_by(func.count().desc(), base.c.domain)
            .limit(most)
        )
        return [(domain, Counter(dict(zip(Fate, map(int, counts), strict=True)))) for domain, *counts in rows]

    def reasons(self) -> Iterator[tuple[Fate, str, str, int]]:
        """Why messages came back or wait: fate, status, the far side's words, how many. They may be many rows."""
        base = self._accepted()
        why = (base.c.fate, base.c.status, base.c.reason)
        wanted = [str(fate) for fate in (Fate.BOUNCED, Fate.BLOCKED, Fate.DROPPED, Fate.DEFERRED)]
        rows = self.connection.execute(
            select(*why, func.count()).where(base.c.fate.in_(wanted)).group_by(*why),
            execution_options={"yield_per": 1000},
        )
        for fate, status, reason, count in rows:
            yield Fate(fate), status, reason, count

    def by_hour(self, start: datetime, most: int) -> Iterator[tuple[Fate, int, int]]:
        """When the last words fell: fate, full hours since `start` (0 for earlier ones, at most `most`), how many."""
        base = self._accepted()
        hour = self.hour(base.c.at, start, most)
        rows = self.connection.execute(
            select(base.c.fate, hour, func.count()).where(base.c.at.is_not(None)).group_by(base.c.fate, hour)
        )
        for fate, when, count in rows:
            yield Fate(fate), int(when), count

    def aside(self) -> int:
        """How many last words are about nobody who counts as accepted, or do not say about whom."""
        strangers = self._side_by_side(takes=0)
        unplaced = select(func.count()).where(
            *self.events_asked(), events.c.position.is_(None), events.c.kind.in_([str(kind) for kind in _RANKS])
        )
        return self.count(strangers) + (self.connection.scalar(unplaced) or 0)

    def _words(self) -> Subquery:
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
                *self.events_asked(), events.c.position.is_not(None), events.c.kind.in_([str(kind) for kind in _RANKS])
            )
            .subquery()
        )
        return select(ordered).where(ordered.c.nth == 1).subquery()

    def _accepted(self) -> Subquery:
        """Every accepted recipient with domain and fate, and why and when of the last word."""
        both = self._side_by_side(takes=1)
        fate = case(
            (both.c.kind.is_(None), str(Fate.SILENT)),
            (both.c.kind == str(EventKind.COMPLAINED), str(Fate.DELIVERED)),
            else_=both.c.kind,
        )
        return select(both.c.domain, fate.label("fate"), both.c.status, both.c.reason, both.c.at).subquery()

    def _side_by_side(self, *, takes: int) -> Subquery:
        """A row for each accepted recipient (`takes` 1), or for each of whom there is a word though not (0).

        Put one below the other and grouped: SQLite joins what has no index of its own by trying every pair.
        """
        word = self._words()
        told = select(
            word.c.dispatch_id,
            word.c.position,
            literal(0).label("mine"),
            null().label("domain"),
            word.c.kind,
            word.c.status,
            word.c.reason,
            word.c.at,
        )
        taken = (
            select(
                recipients.c.dispatch_id,
                recipients.c.position,
                literal(1).label("mine"),
                self.domain().label("domain"),
                *(cast(null(), column.type).label(column.name) for column in _OF_A_WORD),
            )
            .select_from(_WITH_BATCH)
            .where(recipients.c.dispatch_id.in_(self.dispatch_ids), effective == str(State.ACCEPTED))
        )
        both = union_all(taken, told).subquery()
        words = [func.max(both.c[column.name], type_=column.type).label(column.name) for column in _OF_A_WORD]
        return (
            select(func.max(both.c.domain).label("domain"), *words)
            .group_by(both.c.dispatch_id, both.c.position)
            .having(func.max(both.c.mine) == takes)
            .subquery()
        )
