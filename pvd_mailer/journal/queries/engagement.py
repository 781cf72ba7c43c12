"""What readers did with the letter: complained, left, came back at once. Counted, never listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, select

from pvd_mailer.database.schema import events, recipients
from pvd_mailer.database.states import EventKind
from pvd_mailer.journal.queries.event_query import EventQuery

__all__ = ["FeedbackQuery"]

_UNSUBSCRIBE_KINDS = (EventKind.UNSUBSCRIBED, EventKind.RESUBSCRIBED)


@dataclass(frozen=True, slots=True)
class FeedbackQuery(EventQuery):
    """Asks what readers did."""

    def complaints(self) -> int:
        """How many readers called it spam."""
        return self.count(self._complaints())

    def unsubscribes(self) -> tuple[int, int]:
        """How many readers left by it and stayed away, and how many took it back."""
        latest = self._unsubscribes()
        rows = self.connection.execute(select(latest.c.kind, func.count()).group_by(latest.c.kind))
        counts = {kind: count for kind, count in rows}  # noqa: C416 - rows are no pairs for mypy
        return counts.get(str(EventKind.UNSUBSCRIBED), 0), counts.get(str(EventKind.RESUBSCRIBED), 0)

    def by_hour(self, start: datetime, max_hours: int) -> Iterator[tuple[EventKind, int, int]]:
        """When readers complained and left: which of the two, full hours since `start`, how many."""
        unsubscribes = self._unsubscribes()
        for kind, base, condition in (
            (EventKind.COMPLAINED, self._complaints(), literal(value=True)),
            (EventKind.UNSUBSCRIBED, unsubscribes, unsubscribes.c.kind == str(EventKind.UNSUBSCRIBED)),
        ):
            hour = self.hour(base.c.at, start, max_hours)
            for hour_count, count in self.connection.execute(
                select(hour, func.count()).where(condition).group_by(hour)
            ):
                yield kind, int(hour_count), count

    def by_domain(self) -> Iterator[tuple[EventKind, str, int]]:
        """How many complained or left by it at which domain; to be held against what `domains` lets be named."""
        domain = self.domain()
        unsubscribes = self._unsubscribes()
        for kind, base, condition in (
            (EventKind.COMPLAINED, self._complaints(), literal(value=True)),
            (EventKind.UNSUBSCRIBED, unsubscribes, unsubscribes.c.kind == str(EventKind.UNSUBSCRIBED)),
        ):
            is_recipient = and_(
                recipients.c.dispatch_id == base.c.dispatch_id, recipients.c.position == base.c.position
            )
            rows = self.connection.execute(
                select(domain, func.count())
                .select_from(base.join(recipients, is_recipient))
                .where(condition)
                .group_by(domain),
                execution_options={"yield_per": 1000},
            )
            for name, count in rows:
                yield kind, name, count

    def sources(self) -> list[str]:
        """Who told of it: sendgrid, sync, maildir, site, office."""
        return list(
            self.connection.scalars(
                select(events.c.source).where(*self.event_conditions()).distinct().order_by("source")
            )
        )

    def _complaints(self) -> Subquery:
        """Each reader who complained, and when first."""
        return (
            select(events.c.dispatch_id, events.c.position, func.min(events.c.at, type_=events.c.at.type).label("at"))
            .where(*self.event_conditions(), events.c.kind == str(EventKind.COMPLAINED))
            .group_by(events.c.dispatch_id, events.c.position, self._reader_key())
            .subquery()
        )

    def _unsubscribes(self) -> Subquery:
        """Each reader who left by the letter, or took that back: what they did last, and when."""
        ordered = (
            select(
                events.c.dispatch_id,
                events.c.position,
                events.c.kind,
                events.c.at,
                func.row_number()
                .over(
                    partition_by=(events.c.dispatch_id, events.c.position, self._reader_key()),
                    # At the same moment, taking it back came second: there was something to take back.
                    order_by=(events.c.at.desc(), case((events.c.kind == str(EventKind.RESUBSCRIBED), 0), else_=1)),
                )
                .label("nth"),
            )
            .where(*self.event_conditions(), events.c.kind.in_([str(kind) for kind in _UNSUBSCRIBE_KINDS]))
            .subquery()
        )
        return select(ordered).where(ordered.c.nth == 1).subquery()

    @staticmethod
    def _reader_key() -> ColumnElement[str]:
        """Tells readers apart where an event does not say at which place of the dispatch they are."""
        return case((events.c.position.is_(None), func.coalesce(events.c.subscriber_ref, events.c.key)), else_="")
