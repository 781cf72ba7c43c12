"""The approval: the letter's bytes and the frozen audience, written down in one transaction."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from pvd_mailer.database import Connection
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import ApprovalRecord, Dispatch, audience_snapshot, blob_store, dispatches
from pvd_mailer.journal.audience_snapshot import AudienceMember, AudienceSnapshot
from pvd_mailer.journal.reconciliation import missing_dispatches
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.bundle import pack_letter
from pvd_mailer.subscribers.mutations import lock_subscribers

__all__ = ["Approval", "ApprovalRequest", "EmptyAudienceError", "create_approval", "store_letter"]


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What somebody says yes to.

    Attributes:
        record: All but the audience's digest, which freezing makes.
        batch_size: At most so many recipients a call of the channel.
        again: Also for those who have this issue.
    """

    publication: str
    number: int
    letter: Letter
    record: ApprovalRecord
    approved_by: str
    batch_size: int
    again: bool = False

    @property
    def issue_key(self) -> str:
        """What a person gets once. A rehearsal, of which nothing leaves, keeps nobody from the real letter."""
        kind = f" {self.record.channel}" if self.record.rehearsal else ""
        return f"{self.publication}/{self.number}{kind}"


class EmptyAudienceError(WrongUsageError):
    """Nobody would get the letter: there is nothing to approve."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What was sealed.

    Attributes:
        voided: The id of the approval that this one takes the place of.
    """

    dispatch: Dispatch
    frozen: AudienceSnapshot
    voided: str | None


def store_letter(connection: Connection, letter: Letter) -> str:
    """Keep the letter's bytes in the database; the digest that names them."""
    return [blob_store.put_blob(connection, data) for data in pack_letter(letter)][-1]


def create_approval(
    connection: Connection,
    request: ApprovalRequest,
    read_recipients: Callable[[Connection], Iterable[AudienceMember]],
    keys: KeyRing,
    void_reason: str,
    now: datetime,
) -> Approval:
    """Write the approval down: letter, sender, channel, and everybody it is for. All of it, or nothing.

    Args:
        connection: The transaction, which holds all of it, or nothing.
        request: What was approved.
        read_recipients: Who it is for, read in the transaction that writes them down.
        keys: Key the audience's digest.
        void_reason: What to say of an earlier approval of the issue that has not begun; it is void from now on.
        now: The moment of the approval.

    Raises:
        EmptyAudienceError: nobody would get the letter; nothing was written.
    """
    dispatch_id = dispatches.new_dispatch_id(request.number)
    digest = hmac.new(keys.opposition.encode(), digestmod=hashlib.sha256)
    lock_subscribers(connection)  # with another approval, and with whoever adds or forgets people
    stored = store_letter(connection, request.letter)
    voided = None
    for earlier in dispatches.dispatches_of_issue(connection, request.number, request.publication):
        if dispatches.mark_void(connection, earlier.id, void_reason, now):
            voided = earlier.id
    dispatch = Dispatch(
        id=dispatch_id,
        publication=request.publication,
        number=request.number,
        issue_key=request.issue_key,
        state=DispatchState.APPROVED,
        letter=stored,
        approval=request.record,
        approved_by=request.approved_by,
        approved_at=now,
        again=request.again,
        start_at=None,
        owner=None,
        started_at=None,
        ended_at=None,
        paused_why="",
        not_before=None,
    )
    dispatches.create_dispatch(connection, dispatch)
    frozen = audience_snapshot.freeze_audience(
        connection,
        dispatch_id,
        request.issue_key,
        _hash_recipients(read_recipients(connection), digest),
        request.batch_size,
        again=request.again,
        lost_since=missing_dispatches.unknown_audience_since(connection, request.issue_key),
    )
    record = replace(request.record, audience_digest=digest.hexdigest())
    dispatches.replace_approval_record(connection, dispatch_id, record)
    if not frozen.audience:
        raise EmptyAudienceError(
            _("nobody is in the audience “{audience}”").format(audience=request.record.audience),
            _("`pvd-mailer subscribers list` shows who is subscribed, and with which tags."),
        )
    if frozen.audience == frozen.excluded:
        raise EmptyAudienceError(
            _("everybody in the audience “{audience}” has this issue, may have it, or is about to get it").format(
                audience=request.record.audience
            ),
            _(
                "`pvd-mailer status` shows by which dispatch. --again sends it to all of the audience once more: "
                "name no others with --audience."
            ),
        )
    return Approval(replace(dispatch, approval=record), frozen, voided)


def _hash_recipients(recipients: Iterable[AudienceMember], digest: "hmac.HMAC") -> Iterator[AudienceMember]:
    for recipient in recipients:
        digest.update(recipient.address_key.encode() + b"\n")
        yield recipient
