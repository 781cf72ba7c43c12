"""Dispatches: made when a letter is approved, begun, paused, gone on with, finished or called off.

Every change is a compare-and-swap on the state it starts from; a change that did not take place returns False.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, String, cast, func, insert, literal, select, update

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, dispatches, recipients
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal.approval_record import ApprovalRecord
from pvd_mailer.journal.dispatch_log import write_log
from pvd_mailer.journal.queries.open_batches import has_open_batch

__all__ = [
    "IS_REAL",
    "Dispatch",
    "UnknownDispatchError",
    "create_dispatch",
    "dispatches_in_state",
    "dispatches_of_issue",
    "find_dispatch",
    "last_sent_publication",
    "mark_cancelled",
    "mark_finished",
    "mark_paused",
    "mark_reopened",
    "mark_void",
    "new_dispatch_id",
    "release_if_cancelled",
    "replace_approval_record",
    "set_not_before",
    "set_start",
    "started_dispatches",
    "take_over_dispatch",
]


IS_REAL = dispatches.c.issue_key == dispatches.c.publication + literal("/") + cast(dispatches.c.number, String)
"""A rehearsal's key names its channel as well."""


class UnknownDispatchError(WrongUsageError):
    """There is no dispatch with that id."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One sending of one approved letter to one frozen audience."""

    id: str
    publication: str
    number: int
    issue_key: str
    state: DispatchState
    letter: str
    """The digest of the letter's manifest."""
    approval: ApprovalRecord
    approved_by: str
    approved_at: datetime
    again: bool
    start_at: datetime | None
    owner: str | None
    started_at: datetime | None
    ended_at: datetime | None
    paused_why: str
    not_before: datetime | None
    calls: int = 0
    """How often a batch was claimed, or may have been. It only grows, so that it tells an older copy of a journal."""


def _dispatch(row: Row[Any]) -> Dispatch:
    values = row._asdict()
    approval = ApprovalRecord.from_json(values.pop("sealed"))
    return Dispatch(**values | {"approval": approval, "state": DispatchState(values["state"])})


def new_dispatch_id(number: int) -> str:
    """An id that people can say and that tells nothing: the issue's number and six random characters."""
    return f"{number:03}-{secrets.token_hex(3)}"


def create_dispatch(connection: Connection, dispatch: Dispatch) -> None:
    """Write down a new dispatch; its recipients follow, in the same transaction (`freezing`)."""
    values = {name: getattr(dispatch, name) for name in Dispatch.__slots__ if name != "approval"}
    connection.execute(insert(dispatches).values(**values, sealed=dispatch.approval.as_json()))
    write_log(connection, dispatch.id, dispatch.approved_at, "approved", by=dispatch.approved_by)


def replace_approval_record(connection: Connection, dispatch_id: str, approval: ApprovalRecord) -> None:
    """Put the audience's digest into the seal, once the audience is frozen."""
    connection.execute(update(dispatches).where(dispatches.c.id == dispatch_id).values(sealed=approval.as_json()))


def find_dispatch(connection: Connection, dispatch_id: str) -> Dispatch:
    """The dispatch with that id.

    Raises:
        UnknownDispatchError: there is none.
    """
    # What no database could even be asked for is not there either.
    query = select(dispatches).where(dispatches.c.id == (dispatch_id if dispatch_id.isprintable() else ""))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownDispatchError(
            _("there is no dispatch {id}").format(id=dispatch_id),
            _("`pvd-mailer status` lists them."),
        )
    return _dispatch(row)


def dispatches_of_issue(connection: Connection, number: int, publication: str | None = None) -> list[Dispatch]:
    """The dispatches of an issue, the newest first; of every publication that has that number, if none is named."""
    query = select(dispatches).where(dispatches.c.number == number)
    if publication is not None:
        query = query.where(dispatches.c.publication == publication)
    return [_dispatch(row) for row in connection.execute(query.order_by(dispatches.c.approved_at.desc()))]


def dispatches_in_state(connection: Connection, states: Collection[DispatchState]) -> list[Dispatch]:
    """The dispatches in one of `states`, the oldest first."""
    rows = connection.execute(
        select(dispatches)
        .where(dispatches.c.state.in_([str(state) for state in states]))
        .order_by(dispatches.c.approved_at, dispatches.c.id)
    )
    return [_dispatch(row) for row in rows]


def started_dispatches(connection: Connection) -> list[Dispatch]:
    """The dispatches that have begun, whatever became of them, the earliest first."""
    rows = connection.execute(
        select(dispatches)
        .where(dispatches.c.started_at.is_not(None))
        .order_by(dispatches.c.started_at, dispatches.c.approved_at, dispatches.c.id)
    )
    return [_dispatch(row) for row in rows]


def last_sent_publication(connection: Connection, names: Collection[str]) -> str | None:
    """Whose letter was the last to begin to leave for real, among `names`; None where none did."""
    started_states = (str(DispatchState.RUNNING), str(DispatchState.FINISHED))
    name = dispatches.c.publication
    newest = select(name).where(dispatches.c.state.in_(started_states), IS_REAL, name.in_(names))
    newest = newest.order_by(dispatches.c.started_at.desc(), dispatches.c.id.desc()).limit(1)
    publication: str | None = connection.scalar(newest)
    return publication


def _change_state(
    connection: Connection,
    dispatch_id: str,
    before: Collection[DispatchState],
    after: DispatchState,
    *,
    only_of: str | None = None,
    **values: Any,
) -> bool:
    change = update(dispatches).where(
        dispatches.c.id == dispatch_id, dispatches.c.state.in_([str(state) for state in before])
    )
    if only_of is not None:
        change = change.where(dispatches.c.owner == only_of)
    result = connection.execute(change.values(state=str(after), **values))
    return result.rowcount == 1


def take_over_dispatch(connection: Connection, dispatch_id: str, owner: str, now: datetime) -> bool:
    """Make `owner` the sender of the dispatch, and the dispatch a running one.

    A sender that comes later takes it from one that came before, whose claims fail from then on.
    """
    states = (DispatchState.APPROVED, DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED)
    started_at = func.coalesce(dispatches.c.started_at, now, type_=dispatches.c.started_at.type)
    is_taken = _change_state(
        connection,
        dispatch_id,
        states,
        DispatchState.RUNNING,
        owner=owner,
        paused_why="",
        started_at=started_at,
        ended_at=None,
    )
    if is_taken:
        write_log(connection, dispatch_id, now, "sending", detail=owner)
    return is_taken


def mark_paused(
    connection: Connection, dispatch_id: str, why: str, now: datetime, *, by: str = "", only_of: str | None = None
) -> bool:
    """Stop claiming batches; calls in flight end by themselves. A sender pauses `only_of` itself."""
    is_changed = _change_state(
        connection, dispatch_id, (DispatchState.RUNNING,), DispatchState.PAUSED, only_of=only_of, paused_why=why
    )
    if is_changed:
        write_log(connection, dispatch_id, now, "paused", by=by, detail=why)
    return is_changed


def mark_finished(connection: Connection, dispatch_id: str, now: datetime, *, only_of: str | None = None) -> bool:
    """Mark a running dispatch (that of a sender, where `only_of` names one) as finished, if nobody of it is left."""
    if has_open_batch(connection, dispatch_id):
        return False
    is_changed = _change_state(
        connection, dispatch_id, (DispatchState.RUNNING,), DispatchState.FINISHED, only_of=only_of, ended_at=now
    )
    if is_changed:
        write_log(connection, dispatch_id, now, "finished")
    return is_changed


def mark_cancelled(connection: Connection, dispatch_id: str, now: datetime, *, by: str = "") -> bool:
    """Call the dispatch off: who is pending is not written to; who has the letter has it."""
    states = (DispatchState.APPROVED, DispatchState.RUNNING, DispatchState.PAUSED)
    is_changed = _change_state(connection, dispatch_id, states, DispatchState.CANCELLED, ended_at=now)
    if is_changed:
        _release_pending(connection, dispatch_id)
        write_log(connection, dispatch_id, now, "cancelled", by=by)
    return is_changed


def mark_void(connection: Connection, dispatch_id: str, why: str, now: datetime) -> bool:
    """Take back an approval that has not begun; `why` says what changed."""
    is_changed = _change_state(
        connection, dispatch_id, (DispatchState.APPROVED,), DispatchState.VOID, ended_at=now, paused_why=why
    )
    if is_changed:
        _release_pending(connection, dispatch_id)
        write_log(connection, dispatch_id, now, "void", detail=why)
    return is_changed


def _release_pending(connection: Connection, dispatch_id: str) -> None:
    """Cancel the pending batches, and let other dispatches have their people."""
    cancelled = connection.execute(
        update(batches)
        .where(batches.c.dispatch_id == dispatch_id, batches.c.state == RecipientState.PENDING)
        .values(state=str(RecipientState.CANCELLED))
        # Not those that were pending a moment ago: a sender may have claimed one since, and its people are held.
        .returning(batches.c.id)
    )
    ids = list(cancelled.scalars())
    for chunk in chunked(ids, MAX_IN_VALUES):
        connection.execute(
            update(recipients)
            .where(recipients.c.batch_id.in_(chunk), recipients.c.state.is_(None))
            .values(claims_issue=False)
        )


def release_if_cancelled(connection: Connection, dispatch_id: str) -> None:
    """Cancel what a sender gave back after the dispatch was called off: nobody would ever send it, nor be let have it.

    The row is locked, so that it cannot be called off between the look and the end of the transaction.
    """
    row = select(dispatches.c.state).where(dispatches.c.id == dispatch_id).with_for_update(read=True)
    if connection.execute(row).scalar_one() == DispatchState.CANCELLED:
        _release_pending(connection, dispatch_id)


def mark_reopened(connection: Connection, dispatch_id: str) -> bool:
    """Make a finished dispatch a running one, for somebody of it is pending again."""
    return _change_state(connection, dispatch_id, (DispatchState.FINISHED,), DispatchState.RUNNING, ended_at=None)


def set_start(
    connection: Connection, dispatch_id: str, start_at: datetime | None, now: datetime, *, by: str = ""
) -> bool:
    """Have an approved dispatch begin at `start_at`, or at no set time."""
    is_changed = _change_state(
        connection, dispatch_id, (DispatchState.APPROVED,), DispatchState.APPROVED, start_at=start_at
    )
    if is_changed:
        log_line = "scheduled" if start_at else "unscheduled"
        write_log(connection, dispatch_id, now, log_line, by=by, detail=start_at.isoformat() if start_at else "")
    return is_changed


def set_not_before(connection: Connection, dispatch_id: str, until: datetime) -> None:
    """Remember until when the provider asked to be left alone, for whoever looks at the dispatch."""
    connection.execute(update(dispatches).where(dispatches.c.id == dispatch_id).values(not_before=until))
