"""The keys that sign readers' links: which letters each signed, a new one, the end of one that leaked."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from pvd_mailer import clock
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.journal import Dispatch, dispatches
from pvd_mailer.keys import KeyRing, key_id, revoke_keys, rotate_keys
from pvd_mailer.services.context import AppContext

__all__ = ["KeyRing", "dispatches_signed_with", "key_id", "revoke", "rotate_keys"]


def dispatches_signed_with(context: AppContext, ids: Collection[str]) -> list[Dispatch]:
    """The dispatches that left while a key of `ids` signed; a key without a date has signed from the first."""
    with context.database.read() as connection:
        started = dispatches.started_dispatches(connection)
    now = clock.now()
    return [
        dispatch
        for dispatch in started
        if not dispatch.approval.rehearsal
        and any(_may_have_signed(context.keys, one_id, dispatch, now) for one_id in ids)
    ]


def _may_have_signed(ring: KeyRing, id_of_key: str, dispatch: Dispatch, now: datetime) -> bool:
    order = [key_id(key) for key in ring.signing]
    if id_of_key not in order:
        return False
    index = order.index(id_of_key)
    signs_since = ring.created.get(id_of_key)
    signs_until = ring.created.get(order[index + 1]) if index + 1 < len(order) else None
    began_in_time = signs_until is None or (dispatch.started_at is not None and dispatch.started_at <= signs_until)
    return began_in_time and (signs_since is None or (dispatch.ended_at or now) >= signs_since)


def revoke(context: AppContext, ids: Sequence[str], confirm: Callable[[list[Dispatch]], None]) -> None:
    """End keys: links that they signed open nothing any more.

    A send that is at work has its keys in memory and would go on signing with them, so none may be.

    Args:
        context: Where.
        ids: Of the keys.
        confirm: Called with the dispatches that they signed; raises if a person says no.

    Raises:
        SenderBusyError: a send is at work.
    """
    with sender_lock(context.database):
        confirm(dispatches_signed_with(context, ids))
        revoke_keys(context.settings.keys_path, list(ids))
