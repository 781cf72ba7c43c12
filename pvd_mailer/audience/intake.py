"""The import: what would become of each row, and, when a person says so, what becomes of it.

Planning writes nothing. Applying judges every row again inside its one transaction, so that what has changed since
the plan was shown is seen, told, and obeyed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from pvd_mailer.audience.address import is_role
from pvd_mailer.audience.changes import Person, Revision, insert_all, revise_all, take_turn
from pvd_mailer.audience.entries import Entry, Why
from pvd_mailer.audience.subscribers import Proof, tags_of
from pvd_mailer.audience.tags import value_key
from pvd_mailer.database import Database
from pvd_mailer.database.schema import oppositions, subscribers
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing

__all__ = ["Fate", "Plan", "Verdict", "add", "apply", "plan"]

_PAGE = 900


class Fate(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


_LEFT = {
    SubscriberState.UNSUBSCRIBED: Why.UNSUBSCRIBED,
    SubscriberState.BOUNCED: Why.BOUNCED,
    SubscriberState.COMPLAINED: Why.COMPLAINED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an entry."""

    entry: Entry
    fate: Fate
    why: Why | None = None
    detail: str = ""
    revision: Revision | None = None

    def same(self, other: "Verdict") -> bool:
        """Whether both say the same."""
        return (self.fate, self.why, self.revision) == (other.fate, other.why, other.revision)


@dataclass(frozen=True, slots=True)
class Plan:
    """The verdict on every row, in the order of the file."""

    verdicts: tuple[Verdict, ...]
    changed: tuple[Verdict, ...] = ()
    """Of a plan that was applied: those that had been judged otherwise when it was made."""

    @property
    def fates(self) -> Counter[Fate]:
        """How many rows have each fate; they add up to the rows."""
        return Counter(verdict.fate for verdict in self.verdicts)

    @property
    def lacks_basis(self) -> bool:
        """Whether somebody is to be added of whom it is not said why they may be written to."""
        return any(one.fate is Fate.ADDED and one.entry.proof is None for one in self.verdicts)


def plan(entries: Iterable[Entry], connection: Connection, keys: KeyRing) -> Plan:
    """The verdict on each of `entries`. Nothing is written."""
    return Plan(tuple(_judged(entries, connection, keys)))


def apply(planned: Plan, database: Database, keys: KeyRing, now: datetime, source: str) -> Plan:
    """Do what `planned` says, in one transaction: all of it, or, when anything fails, nothing.

    Each row is judged again first, so nobody who left since is brought back. Those judged otherwise are in `changed`.

    Raises:
        WrongUsageError: a row to add has no legal basis.
    """
    with database.write() as connection:
        take_turn(connection)
        made = plan((verdict.entry for verdict in planned.verdicts), connection, keys)
        without = next((one for one in made.verdicts if one.fate is Fate.ADDED and one.entry.proof is None), None)
        if without is not None:
            raise WrongUsageError(
                _("row {row} has no legal basis").format(row=without.entry.row),
                _("Say why these people may be written to: --basis consent, or --basis public-mission."),
            )
        for start in range(0, len(made.verdicts), _PAGE):
            page = made.verdicts[start : start + _PAGE]
            people = [
                (one.entry.person, one.entry.proof)
                for one in page
                if one.fate is Fate.ADDED and one.entry.person and one.entry.proof
            ]
            insert_all(connection, people, now, "imported")
            revise_all(connection, [one.revision for one in page if one.revision], now, source)
    pairs = zip(planned.verdicts, made.verdicts, strict=True)
    return replace(made, changed=tuple(new for old, new in pairs if not old.same(new)))


def add(person: Person, proof: Proof, database: Database, keys: KeyRing, now: datetime) -> Verdict:
    """Add one person, as an import of one row does: somebody who left stays away."""
    with database.write() as connection:
        take_turn(connection)
        verdict = next(_judged([Entry(1, person.address.written, person, proof)], connection, keys))
        if verdict.fate is Fate.ADDED:
            insert_all(connection, [(person, proof)], now, "added")
        elif verdict.revision:
            revise_all(connection, [verdict.revision], now, proof.source)
    return verdict


def _judged(entries: Iterable[Entry], connection: Connection, keys: KeyRing) -> Iterator[Verdict]:
    first: dict[str, int] = {}
    page: list[Entry] = []
    for entry in entries:
        page.append(entry)
        if len(page) == _PAGE:
            yield from _page(page, first, connection, keys)
            page = []
    yield from _page(page, first, connection, keys)


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    state: SubscriberState
    first_name: str
    last_name: str


def _page(page: Sequence[Entry], first: dict[str, int], connection: Connection, keys: KeyRing) -> Iterator[Verdict]:
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
        if entry.person is None or entry.why is not None:
            yield Verdict(entry, Fate.REFUSED, entry.why, entry.detail)
            continue
        key = entry.person.address.key
        if key in first:
            yield Verdict(entry, Fate.REFUSED, Why.DUPLICATE, str(first[key]))
            continue
        first[key] = entry.row
        there = known.get(key)
        if there is not None:
            yield _of_known(entry, entry.person, there, marks[there.id])
        elif digests[key] in opposed:
            yield Verdict(entry, Fate.REFUSED, Why.OPPOSED)
        else:
            yield Verdict(entry, Fate.ADDED, Why.ROLE if is_role(key) else None)


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
