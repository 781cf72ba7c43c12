"""Subscribing at the readers' site: what was asked for becomes a subscription when its mail's link is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from pvd_mailer import clock
from pvd_mailer.database.states import LegalBasis, RequestKind
from pvd_mailer.i18n import language
from pvd_mailer.services.context import AppContext
from pvd_mailer.subscribers import signup_requests
from pvd_mailer.subscribers.mutations import SubscriberData, sign_up
from pvd_mailer.subscribers.queries import LegalProof
from pvd_mailer.subscribers.signup_requests import SignupRequest

__all__ = [
    "Confirmation",
    "ConfirmationOutcome",
    "Corrections",
    "SignupRequest",
    "SubscriberData",
    "confirm_subscription",
    "find_confirmation",
    "request_mail",
]


class ConfirmationOutcome(Enum):
    """What became of a confirmation."""

    SUBSCRIBED = auto()
    ALREADY_CONFIRMED = auto()
    """The link was used before; nothing was done."""
    EXPIRED = auto()
    """Its time is over, or what was asked for was erased."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A confirmation."""

    outcome: ConfirmationOutcome
    request: SignupRequest | None = None


@dataclass(frozen=True, slots=True)
class Corrections:
    """What whoever confirms has written in the place of what the form had; None is what they were not asked."""

    first_name: str | None = None
    last_name: str | None = None
    tags: Mapping[str, tuple[str, ...]] | None = None

    def apply_to(self, person: SubscriberData) -> SubscriberData:
        """`person`, corrected; the address is what the link proves, and stays."""
        return SubscriberData(
            person.address,
            person.first_name if self.first_name is None else self.first_name,
            person.last_name if self.last_name is None else self.last_name,
            person.tags if self.tags is None else self.tags,
        )


def request_mail(
    context: AppContext, kind: RequestKind, publication: str, person: SubscriberData, wording: str = ""
) -> None:
    """Write down what somebody asks for at the site, in the language that is spoken; its mail goes out later.

    Args:
        context: Where.
        kind: A subscription, or the link to a person's own page.
        publication: Where they ask.
        person: As they describe themselves.
        wording: What they were told, and say yes to.

    Raises:
        DatabaseError: it cannot be written.
    """
    with context.database.write() as connection:
        signup_requests.create_request(connection, kind, publication, language(), person, clock.now(), wording=wording)


def find_confirmation(context: AppContext, request_ref: str) -> Confirmation:
    """What `confirm_subscription` would do now; nothing is done.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        request = signup_requests.find_request(connection, request_ref, clock.now())
    if request is None:
        return Confirmation(ConfirmationOutcome.EXPIRED)
    outcome = ConfirmationOutcome.ALREADY_CONFIRMED if request.done_at else ConfirmationOutcome.SUBSCRIBED
    return Confirmation(outcome, request)


def confirm_subscription(
    context: AppContext, request_ref: str, site_url: str, corrections: Corrections | None = None
) -> Confirmation:
    """Subscribe who asked by the request `request_ref` at `site_url`, with the proof: when, by which form and wording.

    Somebody else may have typed the form: of names and tags, the `corrections` of whoever confirms count, even if
    empty. The second of two clicks does nothing, so that an old mail brings nobody back who has left since.

    Raises:
        DatabaseError: it cannot be written; nobody was subscribed.
    """
    now = clock.now()
    with context.database.write() as connection:
        request = signup_requests.find_request(connection, request_ref, now)
        if request is None:
            return Confirmation(ConfirmationOutcome.EXPIRED)
        if not signup_requests.mark_request_done(connection, request_ref, now):
            return Confirmation(ConfirmationOutcome.ALREADY_CONFIRMED, request)
        asked_at, confirmed_at = (moment.isoformat(timespec="seconds") for moment in (request.asked_at, now))
        source = f"{site_url}/{request.publication}/subscribe; asked {asked_at}, confirmed {confirmed_at}"
        person = corrections.apply_to(request.person) if corrections else request.person
        proof = LegalProof(LegalBasis.CONSENT, now, source, request.wording)
        sign_up(connection, person, proof, context.keys, now)
    return Confirmation(ConfirmationOutcome.SUBSCRIBED, request)
