"""The approval: the letter's bytes and the frozen audience, written down in one transaction."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from pvd_mailer.audience.changes import take_turn
from pvd_mailer.database import Connection, Database
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, Seal, blobs, dispatches, freezing, reconciliation
from pvd_mailer.journal.freezing import Frozen, Person
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.sealed import pack

__all__ = ["Approval", "NobodyError", "Request", "keep", "seal"]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody says yes to.

    Attributes:
        seal: All but the audience's digest, which freezing makes.
        batch_size: At most so many recipients a call of the channel.
        again: Also for those who have this issue.
    """

    publication: str
    number: int
    letter: Letter
    seal: Seal
    by: str
    batch_size: int
    again: bool = False

    @property
    def issue_key(self) -> str:
        """What a person gets once. A rehearsal, of which nothing leaves, keeps nobody from the real letter."""
        kind = f" {self.seal.channel}" if self.seal.rehearsal else ""
        return f"{self.publication}/{self.number}{kind}"


class NobodyError(WrongUsageError):
    """Nobody would get the letter: there is nothing to approve."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What was sealed.

    Attributes:
        voided: The id of the approval that this one takes the place of.
    """

    dispatch: Dispatch
    frozen: Frozen
    voided: str | None


def keep(database: Database, letter: Letter) -> str:
    """Keep the letter's bytes in the database; the digest that names them."""
    with database.write() as connection:
        return [blobs.put(connection, data) for data in pack(letter)][-1]


def seal(
    database: Database,
    request: Request,
    people: Callable[[Connection], Iterable[Person]],
    keys: KeyRing,
    why_void: str,
    now: datetime,
) -> Approval:
    """Write the approval down: letter, sender, channel, and everybody it is for. All of it, or nothing.

    Args:
        database: Of audience and journal.
        request: What was approved.
        people: Who it is for, read in the transaction that writes them down.
        keys: Key the audience's digest.
        why_void: What to say of an earlier approval of the issue that has not begun; it is void from now on.
        now: The moment of the approval.

    Raises:
        NobodyError: nobody would get the letter; nothing was written.
    """
    dispatch_id = dispatches.new_id(request.number)
    digest = hmac.new(keys.opposition.encode(), digestmod=hashlib.sha256)
    with database.write() as connection:
        take_turn(connection)  # with another approval, and with whoever adds or forgets people
        stored = [blobs.put(connection, data) for data in pack(request.letter)][-1]
        voided = None
        for earlier in dispatches.of_issue(connection, request.number, request.publication):
            if dispatches.void(connection, earlier.id, why_void, now):
                voided = earlier.id
        dispatch = Dispatch(
            id=dispatch_id,
            publication=request.publication,
            number=request.number,
            issue_key=request.issue_key,
            state=DispatchState.APPROVED,
            letter=stored,
            seal=request.seal,
            approved_by=request.by,
            approved_at=now,
            again=request.again,
            start_at=None,
            owner=None,
            started_at=None,
            ended_at=None,
            paused_why="",
            not_before=None,
        )
        dispatches.create(connection, dispatch)
        frozen = freezing.freeze(
            connection,
            dispatch_id,
            request.issue_key,
            _digested(people(connection), digest),
            request.batch_size,
            again=request.again,
            lost_since=reconciliation.lost_since(connection, request.issue_key),
        )
        sealed = replace(request.seal, audience_digest=digest.hexdigest())
        dispatches.complete(connection, dispatch_id, sealed)
        if not frozen.audience:
            raise NobodyError(
                _("nobody is in the audience “{audience}”").format(audience=request.seal.audience),
                _("`pvd-mailer subscribers list` shows who is subscribed, and with which tags."),
            )
        if frozen.audience == frozen.excluded:
            raise NobodyError(
                _("everybody in the audience “{audience}” has this issue, may have it, or is about to get it").format(
                    audience=request.seal.audience
                ),
                _(
                    "`pvd-mailer status` shows by which dispatch. --again sends it to all of the audience once more: "
                    "name no others with --audience."
                ),
            )
    return Approval(replace(dispatch, seal=sealed), frozen, voided)


def _digested(people: Iterable[Person], digest: "hmac.HMAC") -> Iterator[Person]:
    for one in people:
        digest.update(one.address_key.encode() + b"\n")
        yield one
