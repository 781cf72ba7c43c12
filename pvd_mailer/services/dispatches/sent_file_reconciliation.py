"""Reconciling: the journal takes up what `sent.json` tells of an issue and it does not know. Nothing is sent."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pvd_mailer import clock
from pvd_mailer.database import Connection, Database
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.database.states import DispatchState
from pvd_mailer.i18n import _, language
from pvd_mailer.journal import ApprovalRecord, Dispatch, blob_store, dispatches
from pvd_mailer.journal.reconciliation import missing_dispatches
from pvd_mailer.journal.reconciliation.missing_dispatches import RecordedDispatch
from pvd_mailer.send.sent_file import SentFileEntry, read_sent_file, require_same_issue
from pvd_mailer.services.context import AppContext
from pvd_mailer.workspace import IssueFolder, Workspace

__all__ = ["ReconciliationResult", "reconcile_alone", "reconcile_issue", "reconcile_workspace"]

_UNFINISHED = (DispatchState.RUNNING, DispatchState.PAUSED)


@dataclass(slots=True)
class ReconciliationResult:
    """What became of an issue's dispatches; empty where journal and record agreed.

    Attributes:
        raised: Dispatches of which more may have left than the journal knew: id -> how many people are unknown since.
        adopted: Dispatches that the journal did not know at all, likewise.
        recorded: What the record says of each of these: how many recipients there were, and how many had been accepted
            when it was written.
        voided: The ids of approvals that are void since.
    """

    number: int
    raised: dict[str, int] = field(default_factory=dict)
    adopted: dict[str, int] = field(default_factory=dict)
    recorded: dict[str, tuple[int, int]] = field(default_factory=dict)
    voided: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.raised or self.adopted or self.voided)


def reconcile_alone(context: AppContext, folder: IssueFolder) -> ReconciliationResult:
    """As `reconcile_issue`, while no sender is at work.

    Raises:
        SenderBusyError: one is.
        ForeignSendError: as `reconcile_issue` raises it.
    """
    with sender_lock(context.database):
        return reconcile_issue(context.database, folder)


def reconcile_issue(database: Database, folder: IssueFolder) -> ReconciliationResult:
    """Let the journal know what the record beside an issue tells. Only for who holds the sender's lock.

    Raises:
        ForeignSendError: the record cannot be read, or is another issue's.
    """
    result = ReconciliationResult(folder.number)
    record = read_sent_file(folder.path)
    if record is None:
        return result
    require_same_issue(record, folder.number)
    now = clock.now()
    with database.write() as connection:
        by_id = {dispatch.id: dispatch for dispatch in dispatches.dispatches_of_issue(connection, folder.number)}
        missing = [recorded for recorded in record.entries if recorded.dispatch_id not in by_id]
        for recorded in record.entries:
            dispatch = by_id.get(recorded.dispatch_id)
            # Where a dispatch is missing, the others may have gone on without the journal, too.
            if dispatch and (dispatch.calls < recorded.calls or (missing and dispatch.state in _UNFINISHED)):
                result.raised[dispatch.id] = missing_dispatches.reconcile_calls(
                    connection, dispatch, recorded.calls, now
                )
                result.recorded[dispatch.id] = recorded.counts
        if missing:
            reason = _("the database is an older one than the record of sends")
            recorded_ids = {recorded.dispatch_id for recorded in record.entries}
            result.voided = missing_dispatches.void_approvals(connection, folder.number, recorded_ids, reason, now)
        for recorded in missing:
            lost_dispatch = _lost_dispatch(connection, recorded, by_id.values())
            publication = record.publication or next((dispatch.publication for dispatch in by_id.values()), "")
            result.recorded[recorded.dispatch_id] = recorded.counts
            result.adopted[recorded.dispatch_id] = missing_dispatches.adopt_dispatch(
                connection, lost_dispatch, publication, folder.number, now
            )
    return result


def reconcile_workspace(database: Database, workspace: Workspace) -> list[ReconciliationResult]:
    """As `reconcile_issue`, for every issue of the workspace; those where something changed.

    Raises:
        ForeignSendError: as `reconcile_issue`; the issues before that one are done.
    """
    return [result for folder in workspace.issue_folders() if (result := reconcile_issue(database, folder))]


def _lost_dispatch(connection: Connection, recorded: SentFileEntry, known: Collection[Dispatch]) -> RecordedDispatch:
    begun = dispatches.started_dispatches(connection)
    zone = begun[-1].approval.zone if begun else "UTC"
    entry = recorded.data
    letter = str(entry.get("letter", ""))
    if not blob_store.has_blob(connection, letter):
        letter = blob_store.put_blob(connection, json.dumps(entry, ensure_ascii=False, sort_keys=True).encode())
    seal = ApprovalRecord(
        lang=language(),
        zone=next((dispatch.approval.zone for dispatch in known), zone),
        sender_name="",
        sender_address="",
        reply_to=None,
        list_name="",
        list_id="",
        unsubscribe="",
        public_url=None,
        channel=str(entry.get("channel", ""))[:40],
        channel_identity="",
        rehearsal=False,
        audience="",
        audience_digest=str(entry.get("audience", ""))[:64],
        sources={},
        archive=False,
        from_record=True,
    )
    return RecordedDispatch(
        recorded.dispatch_id,
        recorded.calls,
        letter,
        _parse_moment(entry.get("approved_at")),
        _parse_moment(entry.get("started_at")),
        seal,
    )


def _parse_moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
