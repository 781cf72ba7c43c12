"""The record beside an issue, `sent.json`: held against the journal before a change, kept up to date after it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pvd_mailer.database.lock import SenderBusyError, sender_lock
from pvd_mailer.errors import WrongUsageError, os_error_reason
from pvd_mailer.journal import Dispatch, DispatchTotals, count_recipients, dispatches
from pvd_mailer.send.runner import SendRun
from pvd_mailer.send.sent_file import (
    ForeignSendError,
    SentDispatch,
    SentFileError,
    SentFileUnwritableError,
    check_sent_file,
    write_sent_file,
)
from pvd_mailer.services.context import AppContext
from pvd_mailer.workspace import IssueFolder

__all__ = [
    "dispatches_with_totals",
    "ensure_issue_sent_file_known",
    "ensure_sent_file_known",
    "foreign_sends",
    "sent_file_writer",
    "update_sent_file",
    "update_sent_file_if_idle",
]


def dispatches_with_totals(context: AppContext, number: int) -> list[SentDispatch]:
    """The dispatches of an issue with their accounts, the newest first."""
    with context.database.read() as connection:
        issue_dispatches = dispatches.dispatches_of_issue(connection, number)
        return [SentDispatch(dispatch, count_recipients(connection, dispatch.id)) for dispatch in issue_dispatches]


def _issue_folder(context: AppContext, dispatch: Dispatch) -> Path:
    return context.workspace.issue(str(dispatch.number)).path


def ensure_sent_file_known(context: AppContext, dispatch: Dispatch) -> None:
    """Hold the record beside the issue against the journal: before anything of the dispatch is changed.

    Where the issue's folder is not there, nothing can leave and no record can be written over.

    Raises:
        ForeignSendError: it tells of more than the journal knows, or cannot be read.
    """
    if dispatch.approval.rehearsal:
        return
    with suppress(WrongUsageError):
        ensure_issue_sent_file_known(context, context.workspace.issue(str(dispatch.number)))


def ensure_issue_sent_file_known(context: AppContext, folder: IssueFolder) -> None:
    """As `ensure_sent_file_known`, before an approval of the issue in `folder`.

    Raises:
        ForeignSendError: as `ensure_sent_file_known` raises it.
    """
    check_sent_file(folder.path, folder.number, _dispatches_of_issue(context, folder.number))


def _dispatches_of_issue(context: AppContext, number: int) -> list[Dispatch]:
    with context.database.read() as connection:
        return dispatches.dispatches_of_issue(connection, number)


def foreign_sends(context: AppContext) -> list[ForeignSendError]:
    """What is to be said of each issue whose record tells of more than the journal knows."""
    errors = []
    for folder in context.workspace.issue_folders():
        try:
            ensure_issue_sent_file_known(context, folder)
        except ForeignSendError as error:
            errors.append(error)
    return errors


def update_sent_file(context: AppContext, dispatch: Dispatch) -> None:
    """Bring the record up to date with what is committed already. Only for who holds the sender's lock.

    Raises:
        SentFileError: it cannot be written; what was done is done.
        ForeignSendError: it tells of more than the journal knows; it stays as it is.
    """
    if dispatch.approval.rehearsal:
        return
    try:
        entries = dispatches_with_totals(context, dispatch.number)
        begun = [entry for entry in entries if entry.dispatch.started_at and not entry.dispatch.approval.rehearsal]
        if not begun:
            return
        known = [entry.dispatch for entry in entries]
        write_sent_file(_issue_folder(context, dispatch), dispatch.publication, dispatch.number, known, begun)
    except (OSError, WrongUsageError) as error:
        raise SentFileError(os_error_reason(error) if isinstance(error, OSError) else str(error)) from error


def sent_file_writer(context: AppContext, dispatch: Dispatch) -> Callable[[SendRun, int], None]:
    """What writes the record of a run: that so many calls may have left, and the counts as they are by then."""
    if dispatch.approval.rehearsal:
        return lambda _run, _calls: None
    folder = _issue_folder(context, dispatch)
    other_dispatches = [other for other in _dispatches_of_issue(context, dispatch.number) if other.id != dispatch.id]

    def record(run: SendRun, calls: int) -> None:
        current = replace(run.dispatch, calls=calls)
        sends = [SentDispatch(current, DispatchTotals(run.initial_totals.audience, run.states))]
        try:
            write_sent_file(folder, dispatch.publication, dispatch.number, [current, *other_dispatches], sends)
        except OSError as error:
            raise SentFileUnwritableError(os_error_reason(error)) from error

    return record


def update_sent_file_if_idle(context: AppContext, dispatch: Dispatch) -> None:
    """As `update_sent_file`, if no sender is at work; one that is writes the record itself when it ends."""
    try:
        with sender_lock(context.database, patience=0):
            update_sent_file(context, dispatch)
    except SenderBusyError:
        return
