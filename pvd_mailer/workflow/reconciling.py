"""Reconciling: the journal takes up what `sent.json` tells of an issue and it does not know. Nothing is sent."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pvd_mailer import clock
from pvd_mailer.database import Connection, Database
from pvd_mailer.database.states import DispatchState
from pvd_mailer.i18n import _, language
from pvd_mailer.journal import Dispatch, Seal, blobs, dispatches, reconciliation
from pvd_mailer.journal.reconciliation import Elsewhere
from pvd_mailer.send.record import Told, read_record, require_own
from pvd_mailer.workspace import IssueFolder, Workspace

__all__ = ["Reconciled", "reconcile", "reconcile_all"]

_MAY_GO_ON = (DispatchState.RUNNING, DispatchState.PAUSED)


@dataclass(slots=True)
class Reconciled:
    """What became of an issue's dispatches; empty where journal and record agreed.

    Attributes:
        raised: Dispatches of which more may have left than the journal knew: id -> how many people are unknown since.
        taken_up: Dispatches that the journal did not know at all, likewise.
        recorded: What the record says of each of these: how many recipients there were, and how many had been accepted
            when it was written.
        void: The ids of approvals that are void since.
    """

    number: int
    raised: dict[str, int] = field(default_factory=dict)
    taken_up: dict[str, int] = field(default_factory=dict)
    recorded: dict[str, tuple[int, int]] = field(default_factory=dict)
    void: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.raised or self.taken_up or self.void)


def reconcile(database: Database, folder: IssueFolder) -> Reconciled:
    """Let the journal know what the record beside an issue tells. Only for who holds the sender's lock.

    Raises:
        ForeignSendError: the record cannot be read, or is another issue's.
    """
    result = Reconciled(folder.number)
    record = read_record(folder.path)
    if record is None:
        return result
    require_own(record, folder.number)
    now = clock.now()
    with database.write() as connection:
        known = {one.id: one for one in dispatches.of_issue(connection, folder.number)}
        strangers = [one for one in record.dispatches if one.dispatch not in known]
        for told in record.dispatches:
            one = known.get(told.dispatch)
            # Where a dispatch is missing, the others may have gone on without the journal, too.
            if one and (one.calls < told.calls or (strangers and one.state in _MAY_GO_ON)):
                result.raised[one.id] = reconciliation.raise_calls(connection, one, told.calls, now)
                result.recorded[one.id] = told.counts
        if strangers:
            why = _("the database is an older one than the record of sends")
            mine = {one.dispatch for one in record.dispatches}
            result.void = reconciliation.void_approved(connection, folder.number, mine, why, now)
        for told in strangers:
            lost = _elsewhere(connection, told, known.values())
            publication = record.publication or next((one.publication for one in known.values()), "")
            result.recorded[told.dispatch] = told.counts
            result.taken_up[told.dispatch] = reconciliation.take_up(connection, lost, publication, folder.number, now)
    return result


def reconcile_all(database: Database, workspace: Workspace) -> list[Reconciled]:
    """As `reconcile`, for every issue of the workspace; those where something changed.

    Raises:
        ForeignSendError: as `reconcile`; the issues before that one are done.
    """
    return [done for folder in workspace.issue_folders() if (done := reconcile(database, folder))]


def _elsewhere(connection: Connection, told: Told, known: Collection[Dispatch]) -> Elsewhere:
    begun = dispatches.begun(connection)
    zone = begun[-1].seal.zone if begun else "UTC"
    entry = told.entry
    letter = str(entry.get("letter", ""))
    if not blobs.has(connection, letter):
        letter = blobs.put(connection, json.dumps(entry, ensure_ascii=False, sort_keys=True).encode())
    seal = Seal(
        lang=language(),
        zone=next((one.seal.zone for one in known), zone),
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
    return Elsewhere(
        told.dispatch, told.calls, letter, _moment(entry.get("approved_at")), _moment(entry.get("started_at")), seal
    )


def _moment(said: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
