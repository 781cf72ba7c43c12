"""The import: what would become of each row, and, when a person says so, what becomes of it.

Rows are judged as they come, a page at a time, and no verdict is kept: the caller is handed each, and sums are counted.
Planning writes nothing. Applying judges every row anew inside its one transaction, so that the list of subscribers is
obeyed as it stands then.

Who left elsewhere never comes in as subscribed: they are written down as somebody who left. So are they who were never
here, for the next list would bring them; and on the list of oppositions as well, which outlives retention and restores.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert

from pvd_mailer.database.schema import oppositions
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.importing.decisions import ImportAction, RowDecision, SeenAddresses, decide_rows
from pvd_mailer.subscribers.importing.parsed_row import ParsedRow, RowReason
from pvd_mailer.subscribers.importing.survey import SurveyedList
from pvd_mailer.subscribers.mutations import (
    SubscriberData,
    insert_subscribers,
    lock_subscribers,
    update_subscribers,
)
from pvd_mailer.subscribers.queries import LegalProof
from pvd_mailer.subscribers.state_changes import suppress_subscribers

__all__ = ["ImportPlan", "add_opposition", "add_subscriber", "apply_import", "plan_import"]


_OWN_WISH = (SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED)


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
    for page in decide_rows(surveyed.rows(), SeenAddresses(surveyed), connection, keys):
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
    for page in decide_rows(surveyed.rows(), SeenAddresses(surveyed), connection, keys):
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
    decision = next(iter(decide_rows([parsed], SeenAddresses(None), connection, keys)))[0]
    _apply_page([decision], connection, keys, now, parsed.proof.source if parsed.proof else "")
    return decision


def add_subscriber(
    person: SubscriberData, proof: LegalProof, connection: Connection, keys: KeyRing, now: datetime
) -> RowDecision:
    """Add one person, as an import of one row does: somebody who left stays away."""
    lock_subscribers(connection)
    parsed = ParsedRow(1, person.address.as_written, person, proof)
    decision = next(iter(decide_rows([parsed], SeenAddresses(None), connection, keys)))[0]
    if decision.action is ImportAction.ADDED:
        insert_subscribers(connection, [(person, proof)], now, "added")
    elif decision.update:
        update_subscribers(connection, [decision.update], now, proof.source)
    return decision
