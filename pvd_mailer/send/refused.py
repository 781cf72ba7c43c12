"""A definite no to an address, said while the letter is being handed over: it counts like mail that came back."""

from datetime import datetime

from pvd_mailer.audience import returns
from pvd_mailer.audience.changes import take_turn
from pvd_mailer.audience.returns import Verdict
from pvd_mailer.database import Connection
from pvd_mailer.database.states import EventKind, State, SubscriberState
from pvd_mailer.journal import batches, events
from pvd_mailer.journal.batches import Claim
from pvd_mailer.journal.events import Event, Place
from pvd_mailer.letter.status import is_hard
from pvd_mailer.send.channels import Cause, Outcome, Result

__all__ = ["is_no_such_address", "settle_no_such_address"]

SOURCE = "send"


def is_no_such_address(result: Result) -> bool:
    """Whether the far side said that there is no such mailbox, and not merely that it will not have the letter."""
    return result.outcome is Outcome.REFUSED and result.cause is Cause.ADDRESS and is_hard(result.status)


def settle_no_such_address(
    connection: Connection, claimed: Claim, position: int, result: Result, now: datetime
) -> None:
    """Write down the refusal, its event, and that nothing is sent there again."""
    take_turn(connection)  # before any row is locked: `forget` takes it first, too
    done = batches.settle_member(
        connection, claimed, position, State.REFUSED, now, cause=result.cause or "", reason=result.reason
    )
    if not done:
        return
    place = Place(claimed.dispatch_id, position)
    ref = events.places(connection, [place]).get(place)
    people = returns.known(connection, {ref} if ref else set(), ())
    one = people[0] if people else None
    event = Event(
        source=SOURCE,
        key=f"{EventKind.BOUNCED}:{place.dispatch_id}.{position}:{SOURCE}",
        kind=EventKind.BOUNCED,
        at=now,
        place=place,
        status=result.status,
        reason=result.reason,
    )
    events.write_events(connection, [(event, one.ref if one else None, one.domain if one else "")], now)
    if one:
        returns.suppress(connection, [Verdict(one, SubscriberState.BOUNCED, SOURCE, result.reason)], now)
