"""One person is added or unsubscribed by the team; a list of people is imported."""

from dataclasses import dataclass
from datetime import datetime

from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.readers.unsubscribe import SOURCE_OFFICE, unsubscribe_readers
from pvd_mailer.subscribers.address import Address
from pvd_mailer.subscribers.importing import plan
from pvd_mailer.subscribers.importing.decisions import ImportAction, RowDecision
from pvd_mailer.subscribers.importing.parsed_row import ParsedRow
from pvd_mailer.subscribers.importing.plan import DecisionHandler, ImportPlan
from pvd_mailer.subscribers.importing.survey import SurveyedList
from pvd_mailer.subscribers.mutations import ImportedState, SubscriberData, sign_up
from pvd_mailer.subscribers.queries import LegalProof, find_subscriber

__all__ = ["Unsubscribed", "add_person", "import_list", "simulate_import", "unsubscribe_person"]


def add_person(
    context: AppContext, person: SubscriberData, proof: LegalProof, now: datetime, *, own_request: bool
) -> RowDecision:
    """Add one person, with the proof that they may be written to.

    Args:
        context: Where.
        person: Whom.
        proof: Why they may be written to.
        now: When.
        own_request: Whether the person has asked in so many words, and so comes back although they had left.
    """
    with context.database.write() as connection:
        if not own_request:
            return plan.add_subscriber(person, proof, connection, context.keys, now)
        sign_up(connection, person, proof, context.keys, now)
    return RowDecision(ParsedRow(1, person.address.as_written, person, proof), ImportAction.ADDED)


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """What came of unsubscribing an address.

    Attributes:
        changed: Whether anything is otherwise than before.
        is_known: Whether the address was on the list; if not, it is now written down that it must not be added.
    """

    changed: bool
    is_known: bool


def unsubscribe_person(context: AppContext, address: Address, now: datetime) -> Unsubscribed:
    """Unsubscribe a person, or write down that somebody who was never here is not to be added."""
    with context.database.write() as connection:
        subscriber = find_subscriber(connection, address.key)
        if subscriber is not None:
            result = unsubscribe_readers(connection, [subscriber.ref], now, SOURCE_OFFICE)[subscriber.ref]
            return Unsubscribed(result.is_new, is_known=True)
        proof = LegalProof(LegalBasis.NONE, now, SOURCE_OFFICE)
        state = ImportedState(SubscriberState.UNSUBSCRIBED)
        row = ParsedRow(1, address.as_written, SubscriberData(address), proof, imported_state=state)
        action = plan.add_opposition(row, connection, context.keys, now).action
        return Unsubscribed(action is ImportAction.OPPOSED, is_known=False)


def simulate_import(context: AppContext, surveyed: SurveyedList, on_decision: DecisionHandler) -> ImportPlan:
    """What an import would do, row by row; nothing is written."""
    with context.database.read() as connection:
        return plan.plan_import(surveyed, connection, context.keys, on_decision)


def import_list(
    context: AppContext, surveyed: SurveyedList, now: datetime, source: str, on_decision: DecisionHandler
) -> ImportPlan:
    """Import the list, whole or not at all."""
    with context.database.write() as connection:
        return plan.apply_import(surveyed, connection, context.keys, now, source, on_decision)
