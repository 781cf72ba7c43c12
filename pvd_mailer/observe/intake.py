"""Taking events in: written down, and all that follows from them, in one transaction.

Whatever the order in which they come, and however often, the same events leave the same state: an event that is known
changes nothing, of what events say of a person the gravest counts, and nothing that happened before a person's own
sign-up counts against them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pvd_mailer.audience import returns
from pvd_mailer.audience.changes import take_turn
from pvd_mailer.audience.returns import Known, Verdict
from pvd_mailer.database import Connection, Database
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.discretion import tidy
from pvd_mailer.journal import events as journal
from pvd_mailer.journal import settlement
from pvd_mailer.journal.events import DID_NOT_REACH, Event, Place
from pvd_mailer.observe.mails import Mail, Why

__all__ = ["Taken", "take_in", "who_is_it"]


@dataclass(slots=True)
class Taken:
    """What became of events that were told.

    Attributes:
        stored: New ones, written down.
        known: Told before.
        strangers: About nobody in the journal or on the list: not kept.
        changed: Subscribers by the state that they were put into.
        settled: By dispatch, recipients who count as having the letter since.
        kinds: The new ones, by kind.
    """

    stored: int = 0
    known: int = 0
    strangers: int = 0
    changed: Counter[SubscriberState] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    kinds: Counter[EventKind] = field(default_factory=Counter)

    def add(self, other: "Taken") -> None:
        """Count `other` in."""
        self.stored += other.stored
        self.known += other.known
        self.strangers += other.strangers
        self.changed += other.changed
        self.settled += other.settled
        self.kinds += other.kinds


@dataclass(frozen=True, slots=True)
class _Told:
    """An event, and whom it is about as far as anybody knows."""

    event: Event
    one: Known | None


def take_in(database: Database, events: Sequence[Event], now: datetime, *, soft_bounces: int) -> Taken:
    """Write `events` down and do what follows from them.

    Args:
        database: Of audience and journal.
        events: At most some thousands.
        now: When they were told.
        soft_bounces: From so many issues in a row that did not reach them, somebody is written to no more.

    Raises:
        DatabaseError: it cannot be written; nothing of it was.
    """
    with database.write() as connection:
        take_turn(connection)  # nobody is forgotten, and nobody else counts, in the meantime
        return _take_in(connection, events, now, soft_bounces)


def _take_in(connection: Connection, events: Sequence[Event], now: datetime, soft_bounces: int) -> Taken:
    taken = Taken()
    found = _recognise(connection, list({one.key: one for one in events}.values()))
    taken.strangers = found.strangers
    new = journal.write_events(
        connection,
        [
            (_discreet(told), told.one.ref if told.one else None, told.one.domain if told.one else "")
            for told in found.ours
        ],
        now,
    )
    fresh = [one for one in found.ours if one.event.key in new]
    taken.stored = len(fresh)
    taken.known = len(found.ours) - len(fresh) + found.twice
    taken.kinds.update(one.event.kind for one in fresh)
    proofs = [one.event for one in fresh if one.event.place and settlement.proves(one.event)]
    taken.settled = settlement.settle_told(
        connection,
        {one.place for one in proofs if one.place},
        {(one.place.dispatch_id, one.call_id) for one in proofs if one.place and one.call_id},
        now,
    )
    taken.changed = returns.suppress(connection, _verdicts(fresh), now)
    taken.changed += _count(connection, fresh, soft_bounces, now)
    return taken


def who_is_it(connection: Connection, mail: Mail) -> Mail:
    """`mail`, left for a person where it is about nobody that we know."""
    if mail.why:
        return mail
    places = {one.place for one in mail.events if one.place}
    keys = {one.address_key for one in mail.events if one.address_key and not one.place}
    if places and not journal.places(connection, places):
        return Mail(why=Why.NOT_OURS)
    if keys and not returns.known(connection, (), keys):
        return Mail(leaver=mail.leaver, why=Why.STRANGER)
    return mail


@dataclass(slots=True)
class _Recognised:
    """Events, and whom each is about as far as anybody knows."""

    ours: list[_Told] = field(default_factory=list)
    strangers: int = 0
    twice: int = 0


def _recognise(connection: Connection, events: Collection[Event]) -> _Recognised:
    """Find the people: by our own reference first, else by the address."""
    there = journal.places(connection, {one.place for one in events if one.place})
    found = [
        one if one.place in there else replace(one, place=None, call_id=None)  # of another journal, or of none
        for one in events
    ]
    refs = {ref for ref in there.values() if ref}
    people = returns.known(connection, refs, {one.address_key for one in found if one.address_key and not one.place})
    by_ref, by_key = {one.ref: one for one in people}, {one.address_key: one for one in people}
    guessed = _last_letters(connection, found, by_key)
    result = _Recognised()
    for event in found:
        if event.place:
            ref = there[event.place]  # None: forgotten, whoever has the address today
            one = by_ref.get(ref) if ref else None
            result.ours.append(_Told(_checked(event, one), one))
        elif event.address_key and event.address_key in by_key:
            placed = guessed.get(event.key)
            result.ours.append(_Told(replace(event, place=placed), by_key[event.address_key]))
        else:
            result.strangers += 1
    _leave_out_twice(connection, result)
    return result


def _last_letters(connection: Connection, events: Collection[Event], people: Mapping[str, Known]) -> dict[str, Place]:
    """Which letter events are about that do not say: event's key -> place.

    Whoever leaves does so by the last letter that they had, however old. An entry of a provider's list is about the
    last one if that left a few days before. Of anything else nothing is guessed.
    """
    leaving: dict[str, Event] = {}
    listed: dict[str, Event] = {}
    for one in events:
        if one.place or one.address_key not in people:
            continue
        if one.kind is EventKind.UNSUBSCRIBED:
            leaving[one.key] = one
        elif one.source == "sync" and one.kind in {*DID_NOT_REACH, EventKind.COMPLAINED}:
            listed[one.key] = one
    found: dict[str, Place] = {}
    for asked, back in ((leaving, None), (listed, journal.RETRIES)):
        moments: dict[str, datetime] = {}
        for one in asked.values():
            key = one.address_key or ""
            moments[key] = max(one.at, moments.get(key, one.at))
        last = journal.last_letters(connection, moments, back)
        found |= {key: last[one.address_key] for key, one in asked.items() if one.address_key in last}
    return found


def _checked(event: Event, one: Known | None) -> Event:
    """A report that came by mail, which anybody can write, and that names another address than we wrote to.

    It may be where somebody's mail is forwarded to: the letter did not arrive, and the address itself may be good.
    """
    foreign = one and event.address_key and event.address_key != one.address_key
    if not foreign or event.source != "maildir" or event.kind is not EventKind.BOUNCED:
        return event
    return replace(event, kind=EventKind.BLOCKED, key=f"{event.key}:forwarded", suppresses=None)


def _leave_out_twice(connection: Connection, told: _Recognised) -> None:
    """What came back is told by the webhook, by the lists, by mail: one letter comes back once."""
    once = (EventKind.BOUNCED, EventKind.BLOCKED)
    wanted = {one.event.place for one in told.ours if one.event.place and one.event.kind in once}
    there = journal.outcomes_at(connection, wanted)
    by_others: dict[tuple[Place, EventKind], set[str]] = {}
    for place, kind, source in there:
        by_others.setdefault((place, kind), set()).add(source)
    kept = [
        one
        for one in told.ours
        if not (
            one.event.place
            and one.event.kind in once
            and by_others.get((one.event.place, one.event.kind), set()) - {one.event.source}
        )
    ]
    told.twice = len(told.ours) - len(kept)
    told.ours = kept


def _discreet(told: _Told) -> Event:
    """Without the person's name, which some servers greet them by."""
    if not told.one or not told.event.reason:
        return told.event
    local = told.one.address_key.rpartition("@")[0]
    return replace(told.event, reason=tidy(told.event.reason, without=(local, *told.one.names)))


def _verdicts(fresh: Sequence[_Told]) -> list[Verdict]:
    found = []
    for told in sorted(fresh, key=lambda one: (one.event.at, one.event.key)):
        one, event = told.one, told.event
        if one and event.suppresses and (one.signed_up_at is None or event.at >= one.signed_up_at):
            found.append(Verdict(one, event.suppresses, event.source, _discreet(told).reason))
    return found


def _count(
    connection: Connection, fresh: Sequence[_Told], soft_bounces: int, now: datetime
) -> Counter[SubscriberState]:
    """Judge anew whom a letter did not reach, or whom one reached after all who was counted out."""
    people = {
        told.one.address_key: told.one
        for told in fresh
        if told.one
        and (
            told.event.kind in DID_NOT_REACH
            or (told.event.kind is EventKind.DELIVERED and told.one.state is SubscriberState.BOUNCED)
        )
    }
    missed = journal.missed_in_a_row(connection, {key: one.signed_up_at for key, one in people.items()})
    return returns.count_against(connection, {people[key].id: many for key, many in missed.items()}, soft_bounces, now)
