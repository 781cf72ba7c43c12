"""Sending what was approved: the gate before the start, the run, the record beside the issue."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from pvd_mailer import clock
from pvd_mailer.database import DatabaseError
from pvd_mailer.database.lock import SenderBusyError, is_sender_running, sender_lock
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, DispatchTotals, batches, count_recipients, dispatches
from pvd_mailer.journal.queries import recipients
from pvd_mailer.journal.reconciliation import from_events, resolution
from pvd_mailer.letter.mime import build_message
from pvd_mailer.send.batch_sender import sender_identity
from pvd_mailer.send.channels import Channel, FailureCause, Recipient, SendRequest
from pvd_mailer.send.runner import SendRun, load_approved_letter, run_dispatch
from pvd_mailer.send.sent_file import ForeignSendError, SentFileError, SentFileUnwritableError
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks
from pvd_mailer.services.approvals import changes_since_approval
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import (
    ensure_issue_sent_file_known,
    ensure_sent_file_known,
    sent_file_writer,
    update_sent_file,
    update_sent_file_if_idle,
)
from pvd_mailer.services.dispatches.stopped import send_stopped_error, sent_file_not_written_error
from pvd_mailer.subscribers import parse_filter
from pvd_mailer.subscribers.mutations import lock_subscribers
from pvd_mailer.subscribers.suppression import count_newcomers, first_pending_recipient, suppressed_in_dispatch
from pvd_mailer.workspace import IssueFolder

__all__ = [
    "ApprovalVoidError",
    "DryRun",
    "LateError",
    "cancel_dispatch",
    "dry_run",
    "due_dispatches",
    "mark_lost_batches_unknown",
    "pause_dispatch",
    "requeue_refused",
    "resolve_unknown",
    "schedule_dispatch",
    "select_dispatch",
    "send_dispatch",
]

_MAX_START_DELAY = timedelta(hours=6)
_PAUSED_BY_HAND = "by-hand"
"""Why a dispatch is paused that a person paused; the word is translated where it is shown."""
_UNFINISHED = (DispatchState.RUNNING, DispatchState.PAUSED)


class ApprovalVoidError(PvdError):
    """Something changed since the approval; it is void from now on."""

    exit_code = 1


class LateError(PvdError):
    """The moment that was set is too long ago to go on without asking."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a send would do now.

    Attributes:
        pending: How many would get the letter.
        left_out: Address and why, of those who would not.
        newcomers: How many match the audience who came after it was frozen; they are not in it.
        first_message: The first message, as it would be; None where nobody is pending.
    """

    dispatch: Dispatch
    pending: int
    left_out: list[tuple[str, str]]
    newcomers: int
    first_message: bytes | None
    obstacles: list[str]
    """What stands in the way: edits since the approval, or a record of a send that the journal does not know."""


def select_dispatch(context: AppContext, folder: IssueFolder) -> Dispatch:
    """The dispatch to send: one that has begun and is not done, else the approval, else the last one.

    Raises:
        WrongUsageError: the issue was never approved, or two publications have that number.
        ApprovalVoidError: its last approval is void.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
    """
    with context.database.read() as connection:
        issue_dispatches = dispatches.dispatches_of_issue(connection, folder.number)
    for states in (_UNFINISHED, (DispatchState.APPROVED,), (DispatchState.FINISHED,)):
        if states[0] is DispatchState.FINISHED and issue_dispatches and issue_dispatches[0].state is DispatchState.VOID:
            break  # what was meant is not what was sent before
        candidates = [dispatch for dispatch in issue_dispatches if dispatch.state in states]
        if len({dispatch.publication for dispatch in candidates}) > 1:
            raise WrongUsageError(
                _("issue {number} belongs to more than one publication").format(number=folder.number),
                _("Give each of them numbers of its own."),
            )
        if candidates:
            return candidates[0]
    ensure_issue_sent_file_known(context, folder)
    raise _not_approved(folder, issue_dispatches)


def _not_approved(folder: IssueFolder, issue_dispatches: list[Dispatch]) -> PvdError:
    hint = _("Look at it, then approve it: pvd-mailer approve {number} --audience all --by NAME")
    hint = hint.format(number=folder.number)
    if any(dispatch.state is DispatchState.VOID for dispatch in issue_dispatches):
        return ApprovalVoidError(_("the approval of issue {number} is void").format(number=folder.number), hint)
    return WrongUsageError(_("issue {number} is not approved").format(number=folder.number), hint)


def _ensure_sendable(context: AppContext, dispatch: Dispatch, channel: Channel, *, allow_late: bool) -> None:
    """All that has to hold before the first message of an approval leaves."""
    now = clock.now()
    if dispatch.start_at and now - dispatch.start_at > _MAX_START_DELAY and not allow_late:
        raise LateError(
            _("the send was set for {moment}, more than 6 hours ago").format(moment=dispatch.start_at.isoformat()),
            _("If the letter is still timely, say so with --late."),
        )
    folder = context.workspace.issue(str(dispatch.number))
    changes = changes_since_approval(context, folder, dispatch, channel.identity)
    if changes:
        with context.database.write() as connection:
            dispatches.mark_void(connection, dispatch.id, "; ".join(changes), now)
        raise ApprovalVoidError(
            _("the approval is void: {changes}").format(changes="; ".join(changes)),
            _("Look at the letter again (`pvd-mailer preview`), then approve it again."),
        )


def send_dispatch(
    context: AppContext,
    dispatch: Dispatch,
    channel: Channel,
    *,
    rate: int | None = None,
    allow_late: bool = False,
    watch: Callable[[SendRun], None] = lambda _run: None,
) -> SendRun:
    """Send an approved dispatch, or go on with one.

    Raises:
        ApprovalVoidError: something changed before the start.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
        UnrecordedError: the record cannot be written; whatever it does not tell of has not left.
        LateError: the moment that was set is more than 6 hours ago.
        SenderBusyError: another sender is at work.
        StoppedError: the database or the record could not be written on the way.
        TakenOverError: this sender was taken for dead on the way.
    """
    with sender_lock(context.database) as lock:
        with context.database.read() as connection:
            dispatch = dispatches.find_dispatch(connection, dispatch.id)  # as it is now that nobody else changes it
        ensure_sent_file_known(context, dispatch)
        if dispatch.state is DispatchState.APPROVED:
            _ensure_sendable(context, dispatch, channel, allow_late=allow_late)
        elif channel.identity != dispatch.approval.channel_identity:
            raise WrongUsageError(
                _("the channel is another one: {now} instead of {then}").format(
                    now=channel.identity, then=dispatch.approval.channel_identity
                ),
                _("Set it back; or cancel this dispatch and approve the letter for those who are left."),
            )
        write_sent_file = sent_file_writer(context, dispatch)
        pace = rate or context.settings.rate
        has_begun = False

        def recorded(run: SendRun, calls: int) -> None:
            nonlocal has_begun
            write_sent_file(run, calls)
            has_begun = True

        try:
            run = run_dispatch(
                context.database,
                dispatch.id,
                channel,
                context.keys,
                lock,
                record_calls=recorded,
                rate=pace,
                on_progress=watch,
            )
        except BaseException as error:
            if has_begun:  # something may have left
                with suppress(PvdError):  # what ended the run is what has to be told
                    update_sent_file(context, dispatch)
                if isinstance(error, DatabaseError | SentFileUnwritableError):
                    raise send_stopped_error(context, dispatch.id, error) from error
            raise
        try:
            update_sent_file(context, dispatch)
        except SentFileError as error:
            raise sent_file_not_written_error(context, dispatch.id, error) from error
        return run


def dry_run(context: AppContext, dispatch: Dispatch) -> DryRun:
    """What `send_dispatch` would do, and nothing done."""
    with context.database.read() as connection:
        totals = count_recipients(connection, dispatch.id)
        suppressed = suppressed_in_dispatch(connection, dispatch.id)
        excluded = recipients.recipients_in_state(connection, dispatch.id, RecipientState.EXCLUDED)
        newcomer_count = count_newcomers(connection, parse_filter(dispatch.approval.audience), dispatch.id)
        first_subscriber = first_pending_recipient(connection, dispatch.id)
    pending = totals.states[RecipientState.PENDING] - len(suppressed)
    message = None
    if first_subscriber:
        position, ref, address, name = first_subscriber
        links = UnsubscribeLinks(context.keys, dispatch.approval.public_url)
        recipient = Recipient(f"{dispatch.id}.{position}", address, name, links.one_click_url(ref))
        letter = load_approved_letter(context.database, dispatch)
        date = clock.now().replace(microsecond=0)
        sender = sender_identity(dispatch.approval, dispatch.publication, dispatch.number)
        message = build_message(letter, SendRequest("", letter, sender, date, (recipient,)).envelope(recipient))
    obstacles: list[str] = []
    if dispatch.state is DispatchState.APPROVED:
        folder = context.workspace.issue(str(dispatch.number))
        obstacles = changes_since_approval(context, folder, dispatch, dispatch.approval.channel_identity)
    try:
        ensure_sent_file_known(context, dispatch)
    except ForeignSendError as error:
        obstacles.append(str(error))
    return DryRun(dispatch, pending, [*excluded, *suppressed], newcomer_count, message, obstacles)


def schedule_dispatch(context: AppContext, dispatch: Dispatch, start_at: datetime, *, by: str = "") -> None:
    """Have an approved dispatch begin at `start_at`.

    Raises:
        WrongUsageError: it has begun, or the moment has passed.
        ForeignSendError: as `guard` raises it.
    """
    now = clock.now()
    if start_at <= now:
        raise WrongUsageError(_("that moment has passed"), _("Leave --at out to send now."))
    ensure_sent_file_known(context, dispatch)
    with context.database.write() as connection:
        if not dispatches.set_start(connection, dispatch.id, start_at, now, by=by):
            raise WrongUsageError(
                _("dispatch {id} has begun already").format(id=dispatch.id),
                _("`pvd-mailer status` shows how far it is."),
            )


def due_dispatches(context: AppContext) -> list[Dispatch]:
    """The dispatches whose moment has come, the earliest first: approved ones, and those that were stopped on the way.

    A stopped one is gone on with for 6 hours; after that somebody has to say so (`send_dispatch`).
    """
    now = clock.now()
    with context.database.read() as connection:
        approved = dispatches.dispatches_in_state(connection, (DispatchState.APPROVED,))
        running = dispatches.dispatches_in_state(connection, (DispatchState.RUNNING,))
    due = [dispatch for dispatch in approved if dispatch.start_at and dispatch.start_at <= now]
    stopped = [dispatch for dispatch in running if dispatch.start_at and now - dispatch.start_at <= _MAX_START_DELAY]
    if stopped and not is_sender_running(context.database):
        due += stopped
    return sorted(due, key=lambda dispatch: dispatch.start_at or now)


def pause_dispatch(context: AppContext, dispatch_id: str) -> bool:
    """Have a running dispatch stop after the calls in flight; False where it is not running."""
    with context.database.write() as connection:
        dispatches.find_dispatch(connection, dispatch_id)
        return dispatches.mark_paused(connection, dispatch_id, _PAUSED_BY_HAND, clock.now())


def cancel_dispatch(context: AppContext, dispatch_id: str) -> bool:
    """Call a dispatch off; False where there is nothing to call off.

    Raises:
        ForeignSendError: as `guard` raises it; nothing was changed.
        RecordError: it is done, and the record beside the issue could not be written.
    """
    with context.database.read() as connection:
        dispatch = dispatches.find_dispatch(connection, dispatch_id)
    ensure_sent_file_known(context, dispatch)
    with context.database.write() as connection:
        is_cancelled = dispatches.mark_cancelled(connection, dispatch_id, clock.now())
    if is_cancelled and dispatch.started_at:
        update_sent_file_if_idle(context, dispatch)
    return is_cancelled


def requeue_refused(context: AppContext, dispatch: Dispatch) -> int:
    """Make the refused whom another attempt may reach pending again; how many.

    Raises:
        ForeignSendError: as `guard` raises it; nothing was changed.
    """
    with sender_lock(context.database):
        ensure_sent_file_known(context, dispatch)
        with context.database.write() as connection:
            lock_subscribers(connection)  # an approval at the same moment would take the same people
            return resolution.make_refused_pending(connection, dispatch, clock.now())


def mark_lost_batches_unknown(context: AppContext) -> None:
    """Call unknown what a sender left in flight, if no sender lives: so nobody takes it for being on its way."""
    if not is_sender_running(context.database):
        with context.database.read() as connection:
            has_in_flight = batches.has_batch_in_flight(connection)
        if has_in_flight:
            with (
                suppress(SenderBusyError),  # one has begun since
                sender_lock(context.database, patience=0),
                context.database.write() as connection,
            ):
                now = clock.now()
                from_events.reconcile_dispatches(
                    connection, batches.mark_in_flight_unknown(connection, FailureCause.KILLED, now), now
                )


def resolve_unknown(
    context: AppContext,
    dispatch: Dispatch,
    *,
    accepted: bool,
    cause: str | None,
    resolver: str,
    only_addresses: Collection[str] | None = None,
) -> tuple[int, DispatchTotals]:
    """Settle the unknown as a person says: as having the letter, or to be sent again; how many, and the account.

    Args:
        context: Where.
        dispatch: Whose unknown.
        accepted: They have the letter; else they do not.
        cause: Only those of this cause.
        resolver: Who says so.
        only_addresses: Only those with these canonical addresses.

    Raises:
        WrongUsageError: some were in flight until now, so that nobody can have looked at them.
        ForeignSendError: as `guard` raises it; nothing was changed.
        RecordError: it is done, and the record beside the issue could not be written.
    """
    now = clock.now()
    with sender_lock(context.database):
        ensure_sent_file_known(context, dispatch)
        with context.database.write() as connection:
            lost_count = batches.mark_in_flight_unknown(connection, FailureCause.KILLED, now)[dispatch.id]
            from_events.reconcile_dispatches(connection, {dispatch.id}, now)
        if lost_count and not accepted:
            raise WrongUsageError(
                _("a send was stopped with {n} recipients in flight: they are unknown since this moment").format(
                    n=lost_count
                ),
                _(
                    "Look at `pvd-mailer status {id}` and at the provider's list, then run the same command again."
                ).format(id=dispatch.id),
            )
        with context.database.write() as connection:
            dispatch = dispatches.find_dispatch(connection, dispatch.id)
            if accepted:
                count = resolution.mark_unknown_accepted(
                    connection, dispatch.id, now, by=resolver, cause=cause, only=only_addresses
                )
            else:
                count = resolution.make_unknown_pending(
                    connection, dispatch, now, by=resolver, cause=cause, only=only_addresses
                )
            totals = count_recipients(connection, dispatch.id)
        if dispatch.started_at:
            update_sent_file(context, dispatch)
    return count, totals
