"""What becomes of each row of a list, by the subscribers as they stand: decided a page at a time, and not kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from pvd_mailer.chunked import chunked
from pvd_mailer.database.schema import oppositions, subscribers
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.address import is_role_address
from pvd_mailer.subscribers.importing.parsed_row import ParsedRow, RowReason
from pvd_mailer.subscribers.importing.survey import SurveyedList
from pvd_mailer.subscribers.mutations import SubscriberData, SubscriberUpdate
from pvd_mailer.subscribers.queries import tags_of
from pvd_mailer.subscribers.state_changes import may_change_state
from pvd_mailer.subscribers.tags import value_key

__all__ = ["ImportAction", "RowDecision", "SeenAddresses", "decide_rows"]

_PAGE = 900
_REFUSALS = {
    SubscriberState.UNSUBSCRIBED: RowReason.UNSUBSCRIBED,
    SubscriberState.BOUNCED: RowReason.BOUNCED,
    SubscriberState.COMPLAINED: RowReason.COMPLAINED,
}
_OPPOSITIONS = {
    SubscriberState.UNSUBSCRIBED: RowReason.LEFT,
    SubscriberState.BOUNCED: RowReason.RETURNED,
    SubscriberState.COMPLAINED: RowReason.OBJECTED,
}


class ImportAction(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OPPOSED = "opposed"
    """Somebody who left elsewhere: written down, so that nobody writes to them from here."""
    HIDDEN = "hidden"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowDecision:
    """What becomes of an entry.

    Attributes:
        subscriber_id: The id of the subscriber whom an opposition is of; None where they are not on the list yet.
    """

    row: ParsedRow
    action: ImportAction
    reason: RowReason | None = None
    detail: str = ""
    update: SubscriberUpdate | None = None
    subscriber_id: int | None = None


class SeenAddresses:
    """On which row an address came first, of those that come more than once."""

    def __init__(self, surveyed: SurveyedList | None) -> None:
        self.repeated = surveyed.repeated if surveyed else frozenset()
        self.unsubscribe_rows = surveyed.unsubscribe_rows if surveyed else {}
        self.first_rows: dict[str, int] = {}

    def earlier_row(self, key: str, row: int) -> int | None:
        """The row of the same address above; else that row is the first."""
        if hash(key) not in self.repeated:
            return None
        first_row = self.first_rows.setdefault(key, row)
        return None if first_row == row else first_row

    def unsubscribe_row(self, key: str) -> int | None:
        """The row that says that they left."""
        return self.unsubscribe_rows.get(hash(key))


def decide_rows(
    parsed_rows: Iterable[ParsedRow], seen: SeenAddresses, connection: Connection, keys: KeyRing
) -> Iterator[list[RowDecision]]:
    """What becomes of each of `parsed_rows`, in their order, a page at a time.

    Args:
        parsed_rows: Of one list.
        seen: Which addresses it holds more than once.
        connection: Reads; so what was written for one page counts for the next.
        keys: What the opposition list is keyed with.
    """
    for page in chunked(parsed_rows, _PAGE):
        yield list(_decide_page(page, seen, connection, keys))


@dataclass(frozen=True, slots=True)
class _KnownSubscriber:
    id: int
    state: SubscriberState
    first_name: str
    last_name: str


def _decide_page(
    page: Sequence[ParsedRow], seen: SeenAddresses, connection: Connection, keys: KeyRing
) -> Iterator[RowDecision]:
    address_keys = {parsed.person.address.key for parsed in page if parsed.person}
    columns = [subscribers.c[name] for name in ("address_key", "id", "state", "first_name", "last_name")]
    known = {
        row[0]: _KnownSubscriber(row[1], SubscriberState(row[2]), row[3], row[4])
        for row in connection.execute(select(*columns).where(subscribers.c.address_key.in_(address_keys)))
    }
    tags_by_id = tags_of(connection, [subscriber.id for subscriber in known.values()])
    digests = {key: keys.opposition_digest(key) for key in address_keys - known.keys()}
    opposed = set(connection.scalars(select(oppositions.c.digest).where(oppositions.c.digest.in_(digests.values()))))
    for parsed in page:
        if parsed.person is None or (parsed.reason is not None and not parsed.is_opposition):
            action = ImportAction.HIDDEN if parsed.is_hidden else ImportAction.REFUSED
            yield RowDecision(parsed, action, RowReason.HIDDEN if parsed.is_hidden else parsed.reason, parsed.detail)
            continue
        key = parsed.person.address.key
        existing = known.get(key)
        is_forgotten = existing is None and digests[key] in opposed
        yield _decide_by_file(parsed, parsed.person, seen) or (
            _decide_opposition(parsed, existing, is_forgotten=is_forgotten)
            if parsed.is_opposition
            else _decide_reader(
                parsed, parsed.person, existing, tags_by_id[existing.id] if existing else {}, is_forgotten=is_forgotten
            )
        )


def _decide_by_file(parsed: ParsedRow, person: SubscriberData, seen: SeenAddresses) -> RowDecision | None:
    """The verdict that the file alone gives, whoever is on the list."""
    key = person.address.key
    if not parsed.is_opposition:
        unsubscribe_row = seen.unsubscribe_row(key)
        if unsubscribe_row is not None:
            return RowDecision(parsed, ImportAction.REFUSED, RowReason.CONTRADICTED, str(unsubscribe_row))
        if parsed.is_hidden:
            return RowDecision(parsed, ImportAction.HIDDEN, RowReason.HIDDEN)
    earlier_row = seen.earlier_row(key, parsed.row_number)
    return (
        None
        if earlier_row is None
        else RowDecision(parsed, ImportAction.REFUSED, RowReason.DUPLICATE, str(earlier_row))
    )


def _decide_opposition(parsed: ParsedRow, existing: _KnownSubscriber | None, *, is_forgotten: bool) -> RowDecision:
    state, detail = parsed.imported_state.state, parsed.imported_state.detail
    if is_forgotten:
        return RowDecision(parsed, ImportAction.UNCHANGED, RowReason.OPPOSED)
    if existing is None:
        return RowDecision(parsed, ImportAction.OPPOSED, _OPPOSITIONS[state], detail)
    if may_change_state(existing.state, state):
        return RowDecision(parsed, ImportAction.OPPOSED, _OPPOSITIONS[state], detail, subscriber_id=existing.id)
    return RowDecision(parsed, ImportAction.UNCHANGED, RowReason.LEFT_ALREADY)


def _decide_reader(
    parsed: ParsedRow,
    person: SubscriberData,
    existing: _KnownSubscriber | None,
    known_tags: dict[str, tuple[str, ...]],
    *,
    is_forgotten: bool,
) -> RowDecision:
    is_pending = parsed.imported_state.state is SubscriberState.PENDING
    if is_pending and not parsed.is_complete:
        return RowDecision(parsed, ImportAction.REFUSED, RowReason.UNCONFIRMED)
    if existing is not None:
        return _decide_known(parsed, person, existing, known_tags)
    if is_forgotten:
        return RowDecision(parsed, ImportAction.REFUSED, RowReason.OPPOSED)
    notice = RowReason.PENDING if is_pending else RowReason.ROLE if is_role_address(person.address.key) else None
    return RowDecision(parsed, ImportAction.ADDED, notice)


def _decide_known(
    parsed: ParsedRow, person: SubscriberData, existing: _KnownSubscriber, known_tags: dict[str, tuple[str, ...]]
) -> RowDecision:
    if existing.state in _REFUSALS:
        return RowDecision(parsed, ImportAction.REFUSED, _REFUSALS[existing.state])
    notice = RowReason.PENDING if existing.state is SubscriberState.PENDING else None
    changed_tags = {
        key: values
        for key, values in person.tags.items()
        if {value_key(key, value) for value in values} != {value_key(key, value) for value in known_tags.get(key, ())}
    }
    revision = SubscriberUpdate(
        existing.id,
        person.first_name if person.first_name not in {"", existing.first_name} else None,
        person.last_name if person.last_name not in {"", existing.last_name} else None,
        changed_tags,
    )
    if not revision.fields:
        return RowDecision(parsed, ImportAction.UNCHANGED, notice)
    return RowDecision(parsed, ImportAction.UPDATED, notice, ", ".join(revision.fields), revision)
