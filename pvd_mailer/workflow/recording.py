"""The record beside an issue, `sent.json`: held against the journal before a change, kept up to date after it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pvd_mailer.database.lock import SenderBusyError, sender_lock
from pvd_mailer.errors import WrongUsageError, reason
from pvd_mailer.journal import Account, Dispatch, account, dispatches
from pvd_mailer.send.engine import Run
from pvd_mailer.send.record import ForeignSendError, RecordError, Sent, UnrecordedError, compare, write_record
from pvd_mailer.workflow.office import Office
from pvd_mailer.workspace import IssueFolder

__all__ = ["guard", "guard_issue", "keep_record", "older", "record_after", "recording", "sent"]


def sent(office: Office, number: int) -> list[Sent]:
    """The dispatches of an issue with their accounts, the newest first."""
    with office.database.read() as connection:
        found = dispatches.of_issue(connection, number)
        return [Sent(one, account(connection, one.id)) for one in found]


def _folder(office: Office, dispatch: Dispatch) -> Path:
    return office.workspace.issue(str(dispatch.number)).path


def guard(office: Office, dispatch: Dispatch) -> None:
    """Hold the record beside the issue against the journal: before anything of the dispatch is changed.

    Where the issue's folder is not there, nothing can leave and no record can be written over.

    Raises:
        ForeignSendError: it tells of more than the journal knows, or cannot be read.
    """
    if dispatch.seal.rehearsal:
        return
    with suppress(WrongUsageError):
        guard_issue(office, office.workspace.issue(str(dispatch.number)))


def guard_issue(office: Office, folder: IssueFolder) -> None:
    """As `guard`, before an approval of the issue in `folder`.

    Raises:
        ForeignSendError: as `guard` raises it.
    """
    compare(folder.path, folder.number, _known(office, folder.number))


def _known(office: Office, number: int) -> list[Dispatch]:
    with office.database.read() as connection:
        return dispatches.of_issue(connection, number)


def older(office: Office) -> list[ForeignSendError]:
    """What is to be said of each issue whose record tells of more than the journal knows."""
    found = []
    for folder in office.workspace.issue_folders():
        try:
            guard_issue(office, folder)
        except ForeignSendError as error:
            found.append(error)
    return found


def record_after(office: Office, dispatch: Dispatch) -> None:
    """Bring the record up to date with what is committed already. Only for who holds the sender's lock.

    Raises:
        RecordError: it cannot be written; what was done is done.
        ForeignSendError: it tells of more than the journal knows; it stays as it is.
    """
    if dispatch.seal.rehearsal:
        return
    try:
        found = sent(office, dispatch.number)
        begun = [one for one in found if one.dispatch.started_at and not one.dispatch.seal.rehearsal]
        if not begun:
            return
        known = [one.dispatch for one in found]
        write_record(_folder(office, dispatch), dispatch.publication, dispatch.number, known, begun)
    except (OSError, WrongUsageError) as error:
        raise RecordError(reason(error) if isinstance(error, OSError) else str(error)) from error


def recording(office: Office, dispatch: Dispatch) -> Callable[[Run, int], None]:
    """What writes the record of a run: that so many calls may have left, and the counts as they are by then."""
    if dispatch.seal.rehearsal:
        return lambda _run, _calls: None
    folder = _folder(office, dispatch)
    others = [one for one in _known(office, dispatch.number) if one.id != dispatch.id]

    def record(run: Run, calls: int) -> None:
        now = replace(run.dispatch, calls=calls)
        sends = [Sent(now, Account(run.account.audience, run.states))]
        try:
            write_record(folder, dispatch.publication, dispatch.number, [now, *others], sends)
        except OSError as error:
            raise UnrecordedError(reason(error)) from error

    return record


def keep_record(office: Office, dispatch: Dispatch) -> None:
    """As `record_after`, if no sender is at work; one that is writes the record itself when it ends."""
    try:
        with sender_lock(office.database, patience=0):
            record_after(office, dispatch)
    except SenderBusyError:
        return
