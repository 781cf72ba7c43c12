"""Makes the report of an issue, out of one state of the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pvd_mailer.database import Connection
from pvd_mailer.database.states import DispatchState, EventKind
from pvd_mailer.journal import Dispatch, DispatchTotals, count_recipients, dispatches
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus, DeliveryStatusQuery
from pvd_mailer.journal.queries.engagement import FeedbackQuery
from pvd_mailer.journal.queries.event_query import EventQuery
from pvd_mailer.report.bounce_reasons import group_reasons
from pvd_mailer.report.model import MIN_DOMAIN_RECIPIENTS, DomainOutcome, IssueReport, OutcomeCounts, PreviousIssue
from pvd_mailer.report.periods import LAST_HOUR, build_periods

__all__ = ["ReportView", "build_report"]

_MAX_DOMAINS = 15
_MAX_PREVIOUS_ISSUES = 5
_FINAL_AFTER = timedelta(days=31)
"""After this, earlier issues are counted to the end and not at the same age."""
_BEGUN_STATES = (DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED, DispatchState.CANCELLED)


@dataclass(frozen=True, slots=True)
class ReportView:
    """An issue at one moment.

    Attributes:
        sends: Its dispatches with their accounts, the newest first; rehearsals and void approvals too.
        report: None where no send of it is, or will be, a real one.
    """

    sends: tuple[tuple[Dispatch, DispatchTotals], ...]
    report: IssueReport | None


def build_report(connection: Connection, number: int, now: datetime) -> ReportView:
    """The issue with that number, as of one moment: in one transaction.

    Raises:
        DatabaseError: the database cannot be read.
    """
    sends = tuple(
        (dispatch, count_recipients(connection, dispatch.id))
        for dispatch in dispatches.dispatches_of_issue(connection, number)
    )
    real = [
        dispatch
        for dispatch, _account in sends
        if not dispatch.approval.rehearsal and dispatch.state is not DispatchState.VOID
    ]
    if not real:
        return ReportView(sends, None)
    begun = dispatches.dispatches_in_state(connection, _BEGUN_STATES)
    return ReportView(sends, _report(EventQuery(connection, [dispatch.id for dispatch in real]), real, begun, now))


def _report(
    query: EventQuery, dispatches_of_issue: Sequence[Dispatch], begun: Sequence[Dispatch], now: datetime
) -> IssueReport:
    statuses, feedback = _queries(query)
    began = min((dispatch.started_at for dispatch in dispatches_of_issue if dispatch.started_at), default=None)
    outcome = _outcome(query)
    age = now - began if began and timedelta(0) <= now - began < _FINAL_AFTER else None
    return IssueReport(
        number=dispatches_of_issue[0].number,
        publication=dispatches_of_issue[0].publication,
        zone=dispatches_of_issue[0].approval.zone,
        dispatches=tuple(query.dispatch_ids),
        made_at=now,
        started_at=began,
        states=statuses.states(),
        outcome=outcome,
        reasons=group_reasons(statuses.reasons()),
        domains=_domains(statuses, feedback, outcome),
        periods=build_periods(began, statuses.by_hour(began, LAST_HOUR), feedback.by_hour(began, LAST_HOUR))
        if began
        else (),
        sources=tuple(feedback.sources()),
        aside=statuses.unmatched_count(),
        peers=_previous_issues(query, dispatches_of_issue[0], begun, began, age) if began else (),
        peers_age=age,
    )


def _queries(query: EventQuery) -> tuple[DeliveryStatusQuery, FeedbackQuery]:
    arguments = (query.connection, query.dispatch_ids, query.until)
    return DeliveryStatusQuery(*arguments), FeedbackQuery(*arguments)


def _outcome(query: EventQuery) -> OutcomeCounts:
    statuses, feedback = _queries(query)
    unsubscribes, undone = feedback.unsubscribes()
    return OutcomeCounts(statuses.totals(), feedback.complaints(), unsubscribes, undone)


def _domains(statuses: DeliveryStatusQuery, feedback: FeedbackQuery, total: OutcomeCounts) -> tuple[DomainOutcome, ...]:
    """The domains that may be named, and the others in one; they add up to the whole."""
    counts_by_domain = dict(statuses.by_domain(MIN_DOMAIN_RECIPIENTS, _MAX_DOMAINS))
    feedback_counts: Counter[tuple[EventKind, str]] = Counter()
    for kind, name, count in feedback.by_domain():
        if name in counts_by_domain:
            feedback_counts[kind, name] += count
    listed = [
        DomainOutcome(
            name,
            OutcomeCounts(
                counts, feedback_counts[EventKind.COMPLAINED, name], feedback_counts[EventKind.UNSUBSCRIBED, name], 0
            ),
        )
        for name, counts in counts_by_domain.items()
    ]
    rest = OutcomeCounts(
        Counter(
            {
                status: total.fates[status] - sum(counts[status] for counts in counts_by_domain.values())
                for status in DeliveryStatus
            }
        ),
        total.complaints - sum(domain.outcome.complaints for domain in listed),
        total.unsubscribes - sum(domain.outcome.unsubscribes for domain in listed),
        0,
    )
    others = [DomainOutcome(None, rest)] if rest.accepted or rest.complaints or rest.unsubscribes else []
    return (*listed, *others)


def _previous_issues(
    query: EventQuery, current: Dispatch, begun: Sequence[Dispatch], began: datetime, age: timedelta | None
) -> tuple[PreviousIssue, ...]:
    """The last issues of the same publication that began before this one, each as it stood at the same age."""
    starts: dict[int, datetime] = {}
    ids: dict[int, list[str]] = {}
    for dispatch in begun:
        is_other = dispatch.publication == current.publication and dispatch.number != current.number
        if (
            is_other and not dispatch.approval.rehearsal and dispatch.started_at
        ):  # else it was called off before it began
            starts[dispatch.number] = min(starts.get(dispatch.number, dispatch.started_at), dispatch.started_at)
            ids.setdefault(dispatch.number, []).append(dispatch.id)
    earlier = sorted(
        (number for number in starts if starts[number] < began), key=lambda issue: starts[issue], reverse=True
    )
    previous = []
    for number in earlier[:_MAX_PREVIOUS_ISSUES]:
        until = starts[number] + age if age is not None else None
        previous.append(
            PreviousIssue(number, starts[number], _outcome(EventQuery(query.connection, ids[number], until)))
        )
    return tuple(previous)
