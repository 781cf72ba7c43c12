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

from pvd_mailer.audience.address import is_role
from pvd_mailer.audience.changes import (
    Person,
    Revision,
    insert_all,
    may_become,
    oppose_all,
    revise_all,
    take_turn,
)
from pvd_mailer.audience.entries import Entry, Why
from pvd_mailer.audience.subscribers import Proof, tags_of
from pvd_mailer.audience.survey import Listing
from pvd_mailer.audience.tags import value_key
from pvd_mailer.database import Database
from pvd_mailer.database.schema import oppositions, subscribers
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing

__all__ = ["Fate", "Plan", "Verdict", "add", "apply", "oppose", "plan"]

_PAGE = 900


class Fate(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OPPOSED = "opposed"
    """Somebody who left elsewhere: written down, so that nobody writes to them from here."""
    HIDDEN = "hidden"
    REFUSED = "refused"


_LEFT = {
    SubscriberState.UNSUBSCRIBED: Why.UNSUBSCRIBED,
    SubscriberState.BOUNCED: Why.BOUNCED,
    SubscriberState.COMPLAINED: Why.COMPLAINED,
}
_OPPOSES = {
    SubscriberState.UNSUBSCRIBED: Why.LEFT,
    SubscriberState.BOUNCED: Why.RETURNED,
    SubscriberState.COMPLAINED: Why.OBJECTED,
}
_OWN_WISH = (SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an entry.

    Attributes:
        there: The id of the subscriber whom an opposition is of; None where they are not on the list yet.
    """

    entry: Entry
    fate: Fate
    why: Why | None = None
    detail: str = ""
    revision: Revision | None = None
    there: int | None = None


@dataclass(slots=True)
class Plan:
    """What becomes of a list, in numbers."""

    fates: Counter[Fate] = field(default_factory=Counter)
    """How many rows have each fate; they add up to the rows."""
    causes: Counter[tuple[Fate, Why, str]] = field(default_factory=Counter)
    """How many of them for which reason; of oppositions, with what in the list says so."""
    hidden: int = 0
    """Rows that the spreadsheet hides; those of them that say who left are among the opposed."""
    without_basis: int | None = None
    """The first row that adds somebody of whom it is not said why they may be written to."""

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.fates.total()

    def count(self, verdict: Verdict) -> None:
        """Add one verdict."""
        self.fates[verdict.fate] += 1
        self.hidden += verdict.entry.is_hidden
        if verdict.why is not None:
            detail = verdict.detail if verdict.fate is Fate.OPPOSED else ""
            self.causes[verdict.fate, verdict.why, detail] += 1
        if verdict.fate is Fate.ADDED and verdict.entry.proof is None and self.without_basis is None:
            self.without_basis = verdict.entry.row


Told = Callable[[Verdict], None]


def plan(listing: Listing, connection: Connection, keys: KeyRing, tell: Told) -> Plan:
    """Judge every row of `listing`, and hand each verdict to `tell`, in the order of the file. Nothing is written."""
    made = Plan()
    for page in _judged(listing.entries(), _Seen(listing), connection, keys):
        for verdict in page:
            made.count(verdict)
            tell(verdict)
    return made


def apply(listing: Listing, database: Database, keys: KeyRing, now: datetime, source: str, tell: Told) -> Plan:
    """Judge every row, and do it, in one transaction: all of it, or, when anything fails, nothing.

    Raises:
        WrongUsageError: a row to add has no legal basis.
    """
    made = Plan()
    with database.write() as connection:
        take_turn(connection)
        for page in _judged(listing.entries(), _Seen(listing), connection, keys):
            for verdict in page:
                made.count(verdict)
                tell(verdict)
            if made.without_basis is not None:
                raise WrongUsageError(
                    _("row {row} has no legal basis").format(row=made.without_basis),
                    _("Say why these people may be written to: --basis consent, or --basis public-mission."),
                )
            _carry_out(page, connection, keys, now, source)
    return made


def _carry_out(page: Sequence[Verdict], connection: Connection, keys: KeyRing, now: datetime, source: str) -> None:
    fresh = [
        (one.entry.person, one.entry.proof, one.entry.standing)
        for one in page
        if one.fate in {Fate.ADDED, Fate.OPPOSED} and one.there is None and one.entry.person and one.entry.proof
    ]
    insert_all(
        connection,
        [(person, proof) for person, proof, _standing in fresh],
        now,
        "imported",
        [standing for _person, _proof, standing in fresh],
    )
    left = [person.address.key for person, _proof, standing in fresh if standing.state in _OWN_WISH]
    _write_oppositions(connection, left, keys, now)
    gone = [
        (one.there, one.entry.standing.state, one.detail)
        for one in page
        if one.fate is Fate.OPPOSED and one.there is not None
    ]
    if gone:
        oppose_all(connection, gone, now, source)
    revise_all(connection, [one.revision for one in page if one.revision], now, source)


def _write_oppositions(connection: Connection, address_keys: Sequence[str], keys: KeyRing, now: datetime) -> None:
    """Write down people who are on neither list."""
    rows = [{"digest": keys.opposition_digest(key), "at": now, "reason": "left elsewhere"} for key in address_keys]
    if rows:
        connection.execute(insert(oppositions), rows)


def oppose(entry: Entry, connection: Connection, keys: KeyRing, now: datetime) -> Verdict:
    """Write down one person who left, in a transaction of the caller's; whoever is here already goes by `leaving`."""
    take_turn(connection)
    verdict = next(iter(_judged([entry], _Seen(None), connection, keys)))[0]
    _carry_out([verdict], connection, keys, now, entry.proof.source if entry.proof else "")
    return verdict


def add(person: Person, proof: Proof, database: Database, keys: KeyRing, now: datetime) -> Verdict:
    """Add one person, as an import of one row does: somebody who left stays away."""
    with database.write() as connection:
        take_turn(connection)
        entry = Entry(1, person.address.written, person, proof)
        verdict = next(iter(_judged([entry], _Seen(None), connection, keys)))[0]
        if verdict.fate is Fate.ADDED:
            insert_all(connection, [(person, proof)], now, "added")
        elif verdict.revision:
            revise_all(connection, [verdict.revision], now, proof.source)
    return verdict


class _Seen:
    """On which row an address came first, of those that come more than once."""

    def __init__(self, listing: Listing | None) -> None:
        self.twice = listing.twice if listing else frozenset()
        self.leavers = listing.leavers if listing else {}
        self.first: dict[str, int] = {}

    def before(self, key: str, row: int) -> int | None:
        """The row of the same address above; else that row is the first."""
        if hash(key) not in self.twice:
            return None
        first = self.first.setdefault(key, row)
        return None if first == row else first

    def leaver(self, key: str) -> int | None:
        """The row that says that they left."""
        return self.leavers.get(hash(key))


def _judged(entries: Iterable[Entry], seen: _Seen, connection: Connection, keys: KeyRing) -> Iterator[list[Verdict]]:
    page: list[Entry] = []
    for entry in entries:
        page.append(entry)
        if len(page) == _PAGE:
            yield list(_page(page, seen, connection, keys))
            page = []
    if page:
        yield list(_page(page, seen, connection, keys))


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: SubscriberState
    first_name: str
    last_name: str


def _page(page: Sequence[Entry], seen: _Seen, connection: Connection, keys: KeyRing) -> Iterator[Verdict]:
    wanted = {entry.person.address.key for entry in page if entry.person}
    columns = [subscribers.c[name] for name in ("address_key", "id", "state", "first_name", "last_name")]
    known = {
        row[0]: _Known(row[1], SubscriberState(row[2]), row[3], row[4])
        for row in connection.execute(select(*columns).where(subscribers.c.address_key.in_(wanted)))
    }
    marks = tags_of(connection, [one.id for one in known.values()])
    digests = {key: keys.opposition_digest(key) for key in wanted - known.keys()}
    opposed = set(connection.scalars(select(oppositions.c.digest).where(oppositions.c.digest.in_(digests.values()))))
    for entry in page:
        if entry.person is None or (entry.why is not None and not entry.opposes):
            fate = Fate.HIDDEN if entry.is_hidden else Fate.REFUSED
            yield Verdict(entry, fate, Why.HIDDEN if entry.is_hidden else entry.why, entry.detail)
            continue
        key = entry.person.address.key
        there = known.get(key)
        forgotten = there is None and digests[key] in opposed
        yield _of(entry, entry.person, seen) or (
            _of_leaver(entry, there, is_forgotten=forgotten)
            if entry.opposes
            else _of_reader(entry, entry.person, there, marks[there.id] if there else {}, is_forgotten=forgotten)
        )


def _of(entry: Entry, person: Person, seen: _Seen) -> Verdict | None:
    """The verdict that the file alone gives, whoever is on the list."""
    key = person.address.key
    if not entry.opposes:
        leaver = seen.leaver(key)
        if leaver is not None:
            return Verdict(entry, Fate.REFUSED, Why.CONTRADICTED, str(leaver))
        if entry.is_hidden:
            return Verdict(entry, Fate.HIDDEN, Why.HIDDEN)
    before = seen.before(key, entry.row)
    return None if before is None else Verdict(entry, Fate.REFUSED, Why.DUPLICATE, str(before))


def _of_leaver(entry: Entry, there: _Known | None, *, is_forgotten: bool) -> Verdict:
    state, detail = entry.standing.state, entry.standing.detail
    if is_forgotten:
        return Verdict(entry, Fate.UNCHANGED, Why.OPPOSED)
    if there is None:
        return Verdict(entry, Fate.OPPOSED, _OPPOSES[state], detail)
    if may_become(there.state, state):
        return Verdict(entry, Fate.OPPOSED, _OPPOSES[state], detail, there=there.id)
    return Verdict(entry, Fate.UNCHANGED, Why.LEFT_ALREADY)


def _of_reader(
    entry: Entry, person: Person, there: _Known | None, marks: dict[str, tuple[str, ...]], *, is_forgotten: bool
) -> Verdict:
    is_pending = entry.standing.state is SubscriberState.PENDING
    if is_pending and not entry.is_complete:
        return Verdict(entry, Fate.REFUSED, Why.UNCONFIRMED)
    if there is not None:
        return _of_known(entry, person, there, marks)
    if is_forgotten:
        return Verdict(entry, Fate.REFUSED, Why.OPPOSED)
    noticed = Why.PENDING if is_pending else Why.ROLE if is_role(person.address.key) else None
    return Verdict(entry, Fate.ADDED, noticed)


def _of_known(entry: Entry, person: Person, there: _Known, marks: dict[str, tuple[str, ...]]) -> Verdict:
    if there.state in _LEFT:
        return Verdict(entry, Fate.REFUSED, _LEFT[there.state])
    noticed = Why.PENDING if there.state is SubscriberState.PENDING else None
    other = {
        key: values
        for key, values in person.tags.items()
        if {value_key(key, one) for one in values} != {value_key(key, one) for one in marks.get(key, ())}
    }
    revision = Revision(
        there.id,
        person.first_name if person.first_name not in {"", there.first_name} else None,
        person.last_name if person.last_name not in {"", there.last_name} else None,
        other,
    )
    if not revision.fields:
        return Verdict(entry, Fate.UNCHANGED, noticed)
    return Verdict(entry, Fate.UPDATED, noticed, ", ".join(revision.fields), revision)
