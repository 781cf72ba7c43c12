"""Sending what was approved: the gate before the start, the run, the record beside the issue."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from pvd_mailer import clock
from pvd_mailer.audience import parse
from pvd_mailer.audience.changes import take_turn
from pvd_mailer.audience.suppression import first_reader, newcomers, suppressed_of
from pvd_mailer.database import DatabaseError
from pvd_mailer.database.lock import SenderBusyError, is_sender_at_work, sender_lock
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Account, Dispatch, account, batches, dispatches, listing, resolution, settlement
from pvd_mailer.letter.mime import build
from pvd_mailer.send.channels import Addressee, Cause, Channel, Consignment
from pvd_mailer.send.courier import sender_from
from pvd_mailer.send.engine import Run, run_dispatch, sealed_letter
from pvd_mailer.send.links import Links
from pvd_mailer.send.record import ForeignSendError, RecordError, UnrecordedError
from pvd_mailer.workflow.approving import changed_since
from pvd_mailer.workflow.office import Office
from pvd_mailer.workflow.recording import guard, guard_issue, keep_record, record_after, recording
from pvd_mailer.workflow.stopped import stopped, unrecorded
from pvd_mailer.workspace import IssueFolder

__all__ = [
    "ApprovalVoidError",
    "DryRun",
    "LateError",
    "cancel",
    "choose",
    "dry_run",
    "due",
    "notice_lost",
    "pause",
    "resolve",
    "retry_refused",
    "schedule",
    "send",
]

LATEST_START = timedelta(hours=6)
BY_HAND = "by-hand"
"""Why a dispatch is paused that a person paused; the word is translated where it is shown."""
_OPEN = (DispatchState.RUNNING, DispatchState.PAUSED)


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
        first: The first message, as it would be; None where nobody is pending.
    """

    dispatch: Dispatch
    pending: int
    left_out: list[tuple[str, str]]
    newcomers: int
    first: bytes | None
    changes: list[str]
    """What stands in the way: edits since the approval, or a record of a send that the journal does not know."""


def choose(office: Office, folder: IssueFolder) -> Dispatch:
    """The dispatch that `send` means: one that has begun and is not done, else the approval, else the last one.

    Raises:
        WrongUsageError: the issue was never approved, or two publications have that number.
        ApprovalVoidError: its last approval is void.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
    """
    with office.database.read() as connection:
        found = dispatches.of_issue(connection, folder.number)
    for states in (_OPEN, (DispatchState.APPROVED,), (DispatchState.FINISHED,)):
        if states[0] is DispatchState.FINISHED and found and found[0].state is DispatchState.VOID:
            break  # what was meant is not what was sent before
        fitting = [one for one in found if one.state in states]
        if len({one.publication for one in fitting}) > 1:
            raise WrongUsageError(
                _("issue {number} belongs to more than one publication").format(number=folder.number),
                _("Give each of them numbers of its own."),
            )
        if fitting:
            return fitting[0]
    guard_issue(office, folder)
    raise _not_approved(folder, found)


def _not_approved(folder: IssueFolder, found: list[Dispatch]) -> PvdError:
    hint = _("Look at it, then approve it: pvd-mailer approve {number} --audience all --by NAME")
    hint = hint.format(number=folder.number)
    if any(one.state is DispatchState.VOID for one in found):
        return ApprovalVoidError(_("the approval of issue {number} is void").format(number=folder.number), hint)
    return WrongUsageError(_("issue {number} is not approved").format(number=folder.number), hint)


def _gate(office: Office, dispatch: Dispatch, channel: Channel, *, late: bool) -> None:
    """All that has to hold before the first message of an approval leaves."""
    now = clock.now()
    if dispatch.start_at and now - dispatch.start_at > LATEST_START and not late:
        raise LateError(
            _("the send was set for {moment}, more than 6 hours ago").format(moment=dispatch.start_at.isoformat()),
            _("If the letter is still timely, say so with --late."),
        )
    folder = office.workspace.issue(str(dispatch.number))
    changed = changed_since(office, folder, dispatch, channel.identity)
    if changed:
        with office.database.write() as connection:
            dispatches.void(connection, dispatch.id, "; ".join(changed), now)
        raise ApprovalVoidError(
            _("the approval is void: {changes}").format(changes="; ".join(changed)),
            _("Look at the letter again (`pvd-mailer preview`), then approve it again."),
        )


def send(
    office: Office,
    dispatch: Dispatch,
    channel: Channel,
    *,
    rate: int | None = None,
    late: bool = False,
    watch: Callable[[Run], None] = lambda _run: None,
) -> Run:
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
    with sender_lock(office.database) as lock:
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch.id)  # as it is now that nobody else changes it
        guard(office, dispatch)
        if dispatch.state is DispatchState.APPROVED:
            _gate(office, dispatch, channel, late=late)
        elif channel.identity != dispatch.seal.channel_identity:
            raise WrongUsageError(
                _("the channel is another one: {now} instead of {then}").format(
                    now=channel.identity, then=dispatch.seal.channel_identity
                ),
                _("Set it back; or cancel this dispatch and approve the letter for those who are left."),
            )
        record = recording(office, dispatch)
        pace = rate or office.settings.rate
        has_begun = False

        def recorded(run: Run, calls: int) -> None:
            nonlocal has_begun
            record(run, calls)
            has_begun = True

        try:
            run = run_dispatch(
                office.database, dispatch.id, channel, office.keys, lock, record=recorded, rate=pace, watch=watch
            )
        except BaseException as error:
            if has_begun:  # something may have left
                with suppress(PvdError):  # what ended the run is what has to be told
                    record_after(office, dispatch)
                if isinstance(error, DatabaseError | UnrecordedError):
                    raise stopped(office, dispatch.id, error) from error
            raise
        try:
            record_after(office, dispatch)
        except RecordError as error:
            raise unrecorded(office, dispatch.id, error) from error
        return run


def dry_run(office: Office, dispatch: Dispatch) -> DryRun:
    """What `send` would do, and nothing done."""
    with office.database.read() as connection:
        people = account(connection, dispatch.id)
        now_out = suppressed_of(connection, dispatch.id)
        excluded = listing.people_in(connection, dispatch.id, State.EXCLUDED)
        since = newcomers(connection, parse(dispatch.seal.audience), dispatch.id)
        first = first_reader(connection, dispatch.id)
    pending = people.states[State.PENDING] - len(now_out)
    message = None
    if first:
        position, ref, address, name = first
        links = Links(office.keys, dispatch.seal.public_url)
        one = Addressee(f"{dispatch.id}.{position}", address, name, links.one_click(ref))
        letter = sealed_letter(office.database, dispatch)
        date = clock.now().replace(microsecond=0)
        sender = sender_from(dispatch.seal, dispatch.publication, dispatch.number)
        message = build(letter, Consignment("", letter, sender, date, (one,)).envelope(one))
    changes: list[str] = []
    if dispatch.state is DispatchState.APPROVED:
        folder = office.workspace.issue(str(dispatch.number))
        changes = changed_since(office, folder, dispatch, dispatch.seal.channel_identity)
    try:
        guard(office, dispatch)
    except ForeignSendError as error:
        changes.append(str(error))
    return DryRun(dispatch, pending, [*excluded, *now_out], since, message, changes)


def schedule(office: Office, dispatch: Dispatch, start_at: datetime, *, by: str = "") -> None:
    """Have an approved dispatch begin at `start_at`.

    Raises:
        WrongUsageError: it has begun, or the moment has passed.
        ForeignSendError: as `guard` raises it.
    """
    now = clock.now()
    if start_at <= now:
        raise WrongUsageError(_("that moment has passed"), _("Leave --at out to send now."))
    guard(office, dispatch)
    with office.database.write() as connection:
        if not dispatches.schedule(connection, dispatch.id, start_at, now, by=by):
            raise WrongUsageError(
                _("dispatch {id} has begun already").format(id=dispatch.id),
                _("`pvd-mailer status` shows how far it is."),
            )


def due(office: Office) -> list[Dispatch]:
    """The dispatches whose moment has come, the earliest first: approved ones, and those that were stopped on the way.

    A stopped one is gone on with for 6 hours; after that somebody has to say so (`send`).
    """
    now = clock.now()
    with office.database.read() as connection:
        approved = dispatches.by_state(connection, (DispatchState.APPROVED,))
        begun = dispatches.by_state(connection, (DispatchState.RUNNING,))
    found = [one for one in approved if one.start_at and one.start_at <= now]
    stopped = [one for one in begun if one.start_at and now - one.start_at <= LATEST_START]
    if stopped and not is_sender_at_work(office.database):
        found += stopped
    return sorted(found, key=lambda one: one.start_at or now)


def pause(office: Office, dispatch_id: str) -> bool:
    """Have a running dispatch stop after the calls in flight; False where it is not running."""
    with office.database.write() as connection:
        dispatches.find(connection, dispatch_id)
        return dispatches.pause(connection, dispatch_id, BY_HAND, clock.now())


def cancel(office: Office, dispatch_id: str) -> bool:
    """Call a dispatch off; False where there is nothing to call off.

    Raises:
        ForeignSendError: as `guard` raises it; nothing was changed.
        RecordError: it is done, and the record beside the issue could not be written.
    """
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch_id)
    guard(office, dispatch)
    with office.database.write() as connection:
        done = dispatches.cancel(connection, dispatch_id, clock.now())
    if done and dispatch.started_at:
        keep_record(office, dispatch)
    return done


def retry_refused(office: Office, dispatch: Dispatch) -> int:
    """Make the refused whom another attempt may reach pending again; how many.

    Raises:
        ForeignSendError: as `guard` raises it; nothing was changed.
    """
    with sender_lock(office.database):
        guard(office, dispatch)
        with office.database.write() as connection:
            take_turn(connection)  # an approval at the same moment would take the same people
            return resolution.retry_refused(connection, dispatch, clock.now())


def notice_lost(office: Office) -> None:
    """Call unknown what a sender left in flight, if no sender lives: so nobody takes it for being on its way."""
    if not is_sender_at_work(office.database):
        with office.database.read() as connection:
            flying = batches.are_flying(connection)
        if flying:
            with (
                suppress(SenderBusyError),  # one has begun since
                sender_lock(office.database, patience=0),
                office.database.write() as connection,
            ):
                now = clock.now()
                settlement.settle_all(connection, batches.recover(connection, Cause.KILLED, now), now)


def resolve(
    office: Office,
    dispatch: Dispatch,
    *,
    accepted: bool,
    cause: str | None,
    by: str,
    only: Collection[str] | None = None,
) -> tuple[int, Account]:
    """Settle the unknown as a person says: as having the letter, or to be sent again; how many, and the account.

    Args:
        office: Where.
        dispatch: Whose unknown.
        accepted: They have the letter; else they do not.
        cause: Only those of this cause.
        by: Who says so.
        only: Only those with these canonical addresses.

    Raises:
        WrongUsageError: some were in flight until now, so that nobody can have looked at them.
        ForeignSendError: as `guard` raises it; nothing was changed.
        RecordError: it is done, and the record beside the issue could not be written.
    """
    now = clock.now()
    with sender_lock(office.database):
        guard(office, dispatch)
        with office.database.write() as connection:
            lost = batches.recover(connection, Cause.KILLED, now)[dispatch.id]
            settlement.settle_all(connection, {dispatch.id}, now)
        if lost and not accepted:
            raise WrongUsageError(
                _("a send was stopped with {n} recipients in flight: they are unknown since this moment").format(
                    n=lost
                ),
                _(
                    "Look at `pvd-mailer status {id}` and at the provider's list, then run the same command again."
                ).format(id=dispatch.id),
            )
        with office.database.write() as connection:
            dispatch = dispatches.find(connection, dispatch.id)
            if accepted:
                count = resolution.assume_accepted(connection, dispatch.id, now, by=by, cause=cause, only=only)
            else:
                count = resolution.resend_unknown(connection, dispatch, now, by=by, cause=cause, only=only)
            told = account(connection, dispatch.id)
        if dispatch.started_at:
            record_after(office, dispatch)
    return count, told
