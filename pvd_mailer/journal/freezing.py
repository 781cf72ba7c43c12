"""The audience of a dispatch, frozen: who is in it, in which batch, and who is left out because they have the issue.

"Once" is an index of the schema: of all the rows of one person and one issue, one alone may hold (has it, may have
it, or is about to). A row of a dispatch that sends again holds nobody; whom it reached has the issue all the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from pvd_mailer.database.schema import batches, dispatches, recipients
from pvd_mailer.database.states import State
from pvd_mailer.journal.account import effective

__all__ = ["ALREADY", "LOST", "Frozen", "Person", "freeze", "held"]

ALREADY = "already"
"""The cause of those left out because they have the issue, or may have it, or are about to get it."""
LOST = "lost"
"""The cause of those who may have the issue by a dispatch of which this database knows by its record alone."""
CHUNK = 5000
IN_LIMIT = 900
_HAVE = (State.PENDING, State.SENDING, State.ACCEPTED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to freeze into an audience."""

    ref: str
    """`subscribers.ref`."""
    address_key: str
    address: str
    name: str
    since: datetime | None = None
    """When the database came to know them; None for always."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What freezing gave."""

    audience: int
    excluded: int


def held(connection: Connection, issue_key: str, keys: list[str]) -> set[str]:
    """Those of `keys` (canonical addresses) who have the issue, or may have it, or are about to get it."""
    found: set[str] = set()
    for start in range(0, len(keys), IN_LIMIT):
        found.update(
            connection.execute(
                select(recipients.c.address_key)
                .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
                .where(
                    recipients.c.issue_key == issue_key,
                    or_(recipients.c.holds, effective.in_(_HAVE)),
                    recipients.c.address_key.in_(keys[start : start + IN_LIMIT]),
                )
            ).scalars()
        )
    return found


def _is_first(connection: Connection, issue_key: str, dispatch_id: str) -> bool:
    others = select(dispatches.c.id).where(dispatches.c.issue_key == issue_key, dispatches.c.id != dispatch_id)
    return connection.execute(others.limit(1)).first() is None


def freeze(
    connection: Connection,
    dispatch_id: str,
    issue_key: str,
    people: Iterable[Person],
    batch_size: int,
    *,
    again: bool,
    lost_since: datetime | None = None,
) -> Frozen:
    """Write down who the dispatch is for, in batches of at most `batch_size`; 5,000 in memory at a time.

    With `again`, people who have the issue are in it like the others, and this dispatch holds nobody. Without it,
    whoever the database came to know after `lost_since` is left out as one who may have the issue.
    """
    fresh = again or _is_first(connection, issue_key, dispatch_id)
    position = excluded = 0
    for chunk in _chunks(people, max(CHUNK // batch_size, 1) * batch_size):
        have = set() if fresh else held(connection, issue_key, [one.address_key for one in chunk])
        late = set()
        if lost_since and not again:
            late = {one.address_key for one in chunk if one.since and one.since >= lost_since} - have
            have |= late
        reached = [one for one in chunk if one.address_key not in have]
        ids = _new_batches(connection, dispatch_id, -(-len(reached) // batch_size))
        common: dict[str, Any] = {"dispatch_id": dispatch_id, "issue_key": issue_key}
        rows = [
            common
            | _columns(one)
            | {
                "position": position + index,
                "batch_id": ids[index // batch_size],
                "holds": not again,
                "state": None,
                "cause": "",
            }
            for index, one in enumerate(reached)
        ]
        position += len(reached)
        left = [one for one in chunk if one.address_key in have]
        rows += [
            common
            | _columns(one)
            | {
                "position": position + index,
                "batch_id": None,
                "holds": False,
                "state": str(State.EXCLUDED),
                "cause": LOST if one.address_key in late else ALREADY,
            }
            for index, one in enumerate(left)
        ]
        position += len(left)
        excluded += len(left)
        connection.execute(insert(recipients), rows)
    return Frozen(position, excluded)


def _columns(one: Person) -> dict[str, Any]:
    return {"subscriber_ref": one.ref, "address_key": one.address_key, "address": one.address, "name": one.name}


def _chunks(people: Iterable[Person], size: int) -> Iterator[list[Person]]:
    source = iter(people)
    while chunk := list(islice(source, size)):
        yield chunk


def _new_batches(connection: Connection, dispatch_id: str, count: int) -> list[int]:
    if not count:
        return []
    made = connection.execute(
        insert(batches).returning(batches.c.id, sort_by_parameter_order=True),
        [{"dispatch_id": dispatch_id, "state": str(State.PENDING)}] * count,
    )
    return list(made.scalars())
