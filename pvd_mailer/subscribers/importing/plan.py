"""The import: what would become of each row, and, when a person says so, what becomes of it.

Rows are judged as they come, a page at a time, and no verdict is kept: the caller is handed each, and sums are counted.
Planning writes nothing. Applying judges every row anew inside its one transaction, so that the list of subscribers is
obeyed as it stands then.

Who left elsewhere never comes in as subscribed: they are written down as somebody who left. So are they who were never
here, for the next list would bring them; and on the list of oppositions as well, which outlives retention and restores.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from pvd_mailer.database.schema import oppositions, subscribers
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.address import is_role_address
from pvd_mailer.subscribers.importing.rows import ParsedRow, RowReason
from pvd_mailer.subscribers.importing.survey import SurveyedList
from pvd_mailer.subscribers.mutations import (
    SubscriberData,
    SubscriberUpdate,
    insert_subscribers,
    lock_subscribers,
    may_change_state,
    suppress_subscribers,
    update_subscribers,
)
from pvd_mailer.subscribers.queries import LegalProof, tags_of
from pvd_mailer.subscribers.tags import value_key

__all__ = [
    "ImportAction",
    "ImportPlan",
    "RowDecision",
    "add_opposition",
    "add_subscriber",
    "apply_import",
    "plan_import",
]

_PAGE = 900


class ImportAction(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OPPOSED = "opposed"
    """Somebody who left elsewhere: written down, so that nobody writes to them from here."""
    HIDDEN = "hidden"
    REFUSED = "refused"


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
_OWN_WISH = (SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED)


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


@dataclass(slots=True)
class ImportPlan:
    """What becomes of a list, in numbers."""

    actions: Counter[ImportAction] = field(default_factory=Counter)
    """How many rows have each fate; they add up to the rows."""
    reasons: Counter[tuple[ImportAction, RowReason, str]] = field(default_factory=Counter)
    """How many of them for which reason; of oppositions, with what in the list says so."""
    hidden: int = 0
    """Rows that the spreadsheet hides; those of them that say who left are among the opposed."""
    first_row_without_basis: int | None = None
    """The first row that adds somebody of whom it is not said why they may be written to."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.actions.total()

    def count(self, decision: RowDecision) -> None:
        """Add one verdict."""
        self.actions[decision.action] += 1
        self.hidden += decision.row.is_hidden
        if decision.reason is not None:
            detail = decision.detail if decision.action is ImportAction.OPPOSED else ""
            self.reasons[decision.action, decision.reason, detail] += 1
        if (
            decision.action is ImportAction.ADDED
            and decision.row.proof is None
            and self.first_row_without_basis is None
        ):
            self.first_row_without_basis = decision.row.row_number


DecisionHandler = Callable[[RowDecision], None]


def plan_import(
    surveyed: SurveyedList, connection: Connection, keys: KeyRing, on_decision: DecisionHandler
) -> ImportPlan:
    """Decide on every row of `surveyed`, and hand it to `on_decision`, in the file's order. Nothing is written."""
    import_plan = ImportPlan()
    for page in _decide(surveyed.rows(), _SeenAddresses(surveyed), connection, keys):
        for decision in page:
            import_plan.count(decision)
            on_decision(decision)
    return import_plan


def apply_import(
    surveyed: SurveyedList,
    connection: Connection,
    keys: KeyRing,
    now: datetime,
    source: str,
    on_decision: DecisionHandler,
) -> ImportPlan:
    """Decide on every row, and do it, in the caller's transaction: when anything fails, nothing may be kept of it.

    Raises:
        WrongUsageError: a row to add has no legal basis.
    """
    import_plan = ImportPlan()
    lock_subscribers(connection)
    for page in _decide(surveyed.rows(), _SeenAddresses(surveyed), connection, keys):
        for decision in page:
            import_plan.count(decision)
            on_decision(decision)
        if import_plan.first_row_without_basis is not None:
            raise WrongUsageError(
                _("row {row} has no legal basis").format(row=import_plan.first_row_without_basis),
                _("Say why these people may be written to: --basis consent, or --basis public-mission."),
            )
        _apply_page(page, connection, keys, now, source)
    return import_plan


def _apply_page(page: Sequence[RowDecision], connection: Connection, keys: KeyRing, now: datetime, source: str) -> None:
    new_people = [
        (decision.row.person, decision.row.proof, decision.row.imported_state)
        for decision in page
        if decision.action in {ImportAction.ADDED, ImportAction.OPPOSED}
        and decision.subscriber_id is None
        and decision.row.person
        and decision.row.proof
    ]
    insert_subscribers(
        connection,
        [(person, proof) for person, proof, _imported in new_people],
        now,
        "imported",
        [imported for _person, _proof, imported in new_people],
    )
    opposed_keys = [person.address.key for person, _proof, imported in new_people if imported.state in _OWN_WISH]
    _write_oppositions(connection, opposed_keys, keys, now)
    suppressed = [
        (decision.subscriber_id, decision.row.imported_state.state, decision.detail)
        for decision in page
        if decision.action is ImportAction.OPPOSED and decision.subscriber_id is not None
    ]
    if suppressed:
        suppress_subscribers(connection, suppressed, now, source)
    update_subscribers(connection, [decision.update for decision in page if decision.update], now, source)


def _write_oppositions(connection: Connection, address_keys: Sequence[str], keys: KeyRing, now: datetime) -> None:
    """Write down people who are on neither list."""
    rows = [{"digest": keys.opposition_digest(key), "at": now, "reason": "left elsewhere"} for key in address_keys]
    if rows:
        connection.execute(insert(oppositions), rows)


def add_opposition(parsed: ParsedRow, connection: Connection, keys: KeyRing, now: datetime) -> RowDecision:
    """Write down one person who left, in a transaction of the caller's; whoever is here already goes by `leaving`."""
    lock_subscribers(connection)
    decision = next(iter(_decide([parsed], _SeenAddresses(None), connection, keys)))[0]
    _apply_page([decision], connection, keys, now, parsed.proof.source if parsed.proof else "")
    return decision


def add_subscriber(
    person: SubscriberData, proof: LegalProof, connection: Connection, keys: KeyRing, now: datetime
) -> RowDecision:
    """Add one person, as an import of one row does: somebody who left stays away."""
    lock_subscribers(connection)
    parsed = ParsedRow(1, person.address.as_written, person, proof)
    decision = next(iter(_decide([parsed], _SeenAddresses(None), connection, keys)))[0]
    if decision.action is ImportAction.ADDED:
        insert_subscribers(connection, [(person, proof)], now, "added")
    elif decision.update:
        update_subscribers(connection, [decision.update], now, proof.source)
    return decision


class _SeenAddresses:
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


def _decide(
    parsed_rows: Iterable[ParsedRow], seen: _SeenAddresses, connection: Connection, keys: KeyRing
) -> Iterator[list[RowDecision]]:
    page: list[ParsedRow] = []
    for parsed in parsed_rows:
        page.append(parsed)
        if len(page) == _PAGE:
            yield list(_decide_page(page, seen, connection, keys))
            page = []
    if page:
        yield list(_decide_page(page, seen, connection, keys))


@dataclass(frozen=True, slots=True)
class _KnownSubscriber:
    id: int
    state: SubscriberState
    first_name: str
    last_name: str


def _decide_page(
    page: Sequence[ParsedRow], seen: _SeenAddresses, connection: Connection, keys: KeyRing
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


def _decide_by_file(parsed: ParsedRow, person: SubscriberData, seen: _SeenAddresses) -> RowDecision | None:
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
