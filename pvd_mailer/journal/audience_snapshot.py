"""The audience of a dispatch, frozen: who is in it, in which batch, and who is left out because they have the issue.

"Once" is an index of the schema: of all the rows of one person and one issue, one alone may hold (has it, may have
it, or is about to). A row of a dispatch that sends again claims nothing; whom it reached has the issue all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, dispatches, recipients
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal.queries.totals import effective_state

__all__ = ["CAUSE_ALREADY", "CAUSE_LOST", "AudienceMember", "AudienceSnapshot", "freeze_audience", "keys_with_issue"]

CAUSE_ALREADY = "already"
"""The cause of those left out because they have the issue, or may have it, or are about to get it."""
CAUSE_LOST = "lost"
"""The cause of those who may have the issue by a dispatch of which this database knows by its record alone."""
MEMBERS_AT_ONCE = 5000
_HAVE_ISSUE = (RecipientState.PENDING, RecipientState.SENDING, RecipientState.ACCEPTED, RecipientState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class AudienceMember:
    """Somebody to freeze into an audience."""

    ref: str
    """`subscribers.ref`."""
    address_key: str
    address: str
    name: str
    since: datetime | None = None
    """When the database came to know them; None for always."""


@dataclass(frozen=True, slots=True)
class AudienceSnapshot:
    """What freezing gave."""

    audience: int
    excluded: int


def keys_with_issue(connection: Connection, issue_key: str, address_keys: list[str]) -> set[str]:
    """Those of `address_keys` (canonical addresses) who have the issue, or may have it, or are about to get it."""
    keys: set[str] = set()
    for chunk in chunked(address_keys, MAX_IN_VALUES):
        keys.update(
            connection.execute(
                select(recipients.c.address_key)
                .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
                .where(
                    recipients.c.issue_key == issue_key,
                    or_(recipients.c.claims_issue, effective_state.in_(_HAVE_ISSUE)),
                    recipients.c.address_key.in_(chunk),
                )
            ).scalars()
        )
    return keys


def _is_first(connection: Connection, issue_key: str, dispatch_id: str) -> bool:
    others = select(dispatches.c.id).where(dispatches.c.issue_key == issue_key, dispatches.c.id != dispatch_id)
    return connection.execute(others.limit(1)).first() is None


def freeze_audience(
    connection: Connection,
    dispatch_id: str,
    issue_key: str,
    people: Iterable[AudienceMember],
    batch_size: int,
    *,
    again: bool,
    lost_since: datetime | None = None,
) -> AudienceSnapshot:
    """Write down who the dispatch is for, in batches of at most `batch_size`; 5,000 in memory at a time.

    With `again`, people who have the issue are in it like the others, and this dispatch claims nobody. Without it,
    whoever the database came to know after `lost_since` is left out as one who may have the issue.
    """
    is_everybody_new = again or _is_first(connection, issue_key, dispatch_id)
    position = excluded = 0
    for chunk in chunked(people, max(MEMBERS_AT_ONCE // batch_size, 1) * batch_size):
        have_issue = (
            set()
            if is_everybody_new
            else keys_with_issue(connection, issue_key, [member.address_key for member in chunk])
        )
        late_keys = set()
        if lost_since and not again:
            late_keys = {
                member.address_key for member in chunk if member.since and member.since >= lost_since
            } - have_issue
            have_issue |= late_keys
        included = [member for member in chunk if member.address_key not in have_issue]
        ids = _insert_batches(connection, dispatch_id, -(-len(included) // batch_size))
        common: dict[str, Any] = {"dispatch_id": dispatch_id, "issue_key": issue_key}
        rows = [
            common
            | _member_columns(member)
            | {
                "position": position + index,
                "batch_id": ids[index // batch_size],
                "claims_issue": not again,
                "state": None,
                "cause": "",
            }
            for index, member in enumerate(included)
        ]
        position += len(included)
        left_out = [member for member in chunk if member.address_key in have_issue]
        rows += [
            common
            | _member_columns(member)
            | {
                "position": position + index,
                "batch_id": None,
                "claims_issue": False,
                "state": str(RecipientState.EXCLUDED),
                "cause": CAUSE_LOST if member.address_key in late_keys else CAUSE_ALREADY,
            }
            for index, member in enumerate(left_out)
        ]
        position += len(left_out)
        excluded += len(left_out)
        connection.execute(insert(recipients), rows)
    return AudienceSnapshot(position, excluded)


def _member_columns(member: AudienceMember) -> dict[str, Any]:
    return {
        "subscriber_ref": member.ref,
        "address_key": member.address_key,
        "address": member.address,
        "name": member.name,
    }


def _insert_batches(connection: Connection, dispatch_id: str, count: int) -> list[int]:
    if not count:
        return []
    inserted = connection.execute(
        insert(batches).returning(batches.c.id, sort_by_parameter_order=True),
        [{"dispatch_id": dispatch_id, "state": str(RecipientState.PENDING)}] * count,
    )
    return list(inserted.scalars())
