"""Which dispatch a command means, and which ones are due."""

from pvd_mailer import clock
from pvd_mailer.database.lock import is_sender_running
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, dispatches
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.preconditions import MAX_START_DELAY, ApprovalVoidError
from pvd_mailer.services.dispatches.sent_file import ensure_issue_sent_file_known
from pvd_mailer.workspace import IssueFolder

__all__ = ["due_dispatches", "select_dispatch"]

_UNFINISHED = (DispatchState.RUNNING, DispatchState.PAUSED)


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


def due_dispatches(context: AppContext) -> list[Dispatch]:
    """The dispatches whose moment has come, the earliest first: approved ones, and those that were stopped on the way.

    A stopped one is gone on with for 6 hours; after that somebody has to say so (`send_dispatch`).
    """
    now = clock.now()
    with context.database.read() as connection:
        approved = dispatches.dispatches_in_state(connection, (DispatchState.APPROVED,))
        running = dispatches.dispatches_in_state(connection, (DispatchState.RUNNING,))
    due = [dispatch for dispatch in approved if dispatch.start_at and dispatch.start_at <= now]
    stopped = [dispatch for dispatch in running if dispatch.start_at and now - dispatch.start_at <= MAX_START_DELAY]
    if stopped and not is_sender_running(context.database):
        due += stopped
    return sorted(due, key=lambda dispatch: dispatch.start_at or now)
