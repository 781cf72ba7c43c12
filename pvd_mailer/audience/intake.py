"""The import: what would become of each row, and, when a person says so, what becomes of it.

Planning writes nothing. Applying judges every row again inside its one transaction, so that what has changed since
the plan was shown is seen, told, and obeyed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from pvd_mailer.audience.address import WrongAddressError, canonical, is_role
from pvd_mailer.audience.changes import Person, Revision, insert_all, revise_all, take_turn
from pvd_mailer.audience.columns import Columns, Field
from pvd_mailer.audience.consent import read_basis, read_date
from pvd_mailer.audience.sheet import Row
from pvd_mailer.audience.subscribers import Proof, tags_of
from pvd_mailer.audience.tags import SEPARATOR, value_key
from pvd_mailer.database import Database
from pvd_mailer.database.schema import oppositions, subscribers
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing

__all__ = ["Entry", "Fate", "Given", "Plan", "Verdict", "Why", "add", "apply", "plan", "read_entries"]

MAX_CELL = 500
_PAGE = 900
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Fate(StrEnum):
    """What becomes of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Why(StrEnum):
    """Why a row is refused, or what is noticed of one that is not."""

    ADDRESS = "address"
    DUPLICATE = "duplicate"
    """Refused: the address is on an earlier row."""
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OPPOSED = "opposed"
    """Refused: forgotten at the person's own wish."""
    UNREADABLE = "unreadable"
    """Refused: characters that the file's encoding lost."""
    SEVERAL_LINES = "several-lines"
    """Refused: a quotation mark too many made several people one row."""
    TOO_LONG = "too-long"
    BASIS = "basis"
    DATE = "date"
    ROLE = "role"
    """Noticed: an office such as mairie@; a normal reader."""
    PENDING = "pending"
    """Noticed: asked to subscribe and has not confirmed; an import does not confirm."""


_LEFT = {
    SubscriberState.UNSUBSCRIBED: Why.UNSUBSCRIBED,
    SubscriberState.BOUNCED: Why.BOUNCED,
    SubscriberState.COMPLAINED: Why.COMPLAINED,
}


@dataclass(frozen=True, slots=True)
class Given:
    """The proof that holds for every row which does not state its own."""

    basis: Basis | None
    source: str
    wording: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the file: somebody, or why it is nobody."""

    row: int
    written: str
    person: Person | None
    proof: Proof | None = None
    why: Why | None = None
    detail: str = ""
    """In the interface's language."""


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


def read_entries(rows: Iterable[Row], columns: Columns, given: Given) -> Iterator[Entry]:
    """What each of `rows` says: one entry a row."""
    reader = _Reader(columns, given)
    for row in rows:
        yield reader.entry(row)


class _Reader:
    """Reads rows. What many of them say, such as a role or the proof, is kept once."""

    def __init__(self, columns: Columns, given: Given) -> None:
        self.columns = columns
        self.given = given
        self.taken = sorted({*columns.fields.values(), *(at for _key, at in columns.tags)})
        self.proofs: dict[tuple[str, ...], tuple[Why | None, str, Proof | None]] = {}
        self.values: dict[tuple[str, str], tuple[str, ...]] = {}

    def entry(self, row: Row) -> Entry:
        raw = self.columns.cell(row, Field.EMAIL)
        taken = [row.cells[at] for at in self.taken if at < len(row.cells)]
        why = _unfit(row, taken)
        if why is not None:
            return Entry(row.number, _line(raw)[:MAX_CELL], None, why=why)
        try:
            address = canonical(unguarded(raw.strip()))
        except WrongAddressError as error:
            return Entry(row.number, _line(raw), None, why=Why.ADDRESS, detail=str(error))
        why, detail, proof = self.proof(row)
        marks: dict[str, tuple[str, ...]] = {}
        for key, at in self.columns.tags:
            values = self.tags(key, row.cells[at]) if at < len(row.cells) else ()
            if values:
                marks[key] = (*marks[key], *values) if key in marks else values
        first, last = (_line(self.columns.cell(row, field)) for field in (Field.FIRST_NAME, Field.LAST_NAME))
        return Entry(row.number, address.written, Person(address, first, last, marks), proof, why, detail)

    def tags(self, key: str, cell: str) -> tuple[str, ...]:
        known = self.values.get((key, cell))
        if known is None:
            parts = (_line(part) for part in re.split(rf"[{SEPARATOR}\n]", cell))
            known = self.values[key, cell] = tuple(part for part in parts if value_key(key, part))
        return known

    def proof(self, row: Row) -> tuple[Why | None, str, Proof | None]:
        """Why the row has none that can be understood, that in words, and the proof."""
        said = tuple(_line(self.columns.cell(row, field)) for field in _PROOF)
        if said not in self.proofs:
            self.proofs[said] = _proof(said, self.given)
        return self.proofs[said]


_PROOF = (Field.BASIS, Field.DATE, Field.SOURCE, Field.WORDING)


def _unfit(row: Row, taken: Sequence[str]) -> Why | None:
    """Why nothing of the row can be trusted."""
    if any("\n" in cell and "@" in cell for cell in row.cells):
        return Why.SEVERAL_LINES
    if any("\ufffd" in cell for cell in taken):
        return Why.UNREADABLE
    return Why.TOO_LONG if any(len(cell) > MAX_CELL for cell in taken) else None


def _proof(said: tuple[str, ...], given: Given) -> tuple[Why | None, str, Proof | None]:
    basis, day, source, wording = said
    try:
        found = read_basis(basis) if basis else given.basis
    except WrongUsageError as error:
        return Why.BASIS, str(error), None
    try:
        at = read_date(day, given.at) if day else given.at
    except WrongUsageError as error:
        return Why.DATE, str(error), None
    return None, "", Proof(found, at, source or given.source, wording or given.wording) if found else None


def unguarded(text: str) -> str:
    """Without the apostrophe that an export puts before what a spreadsheet would take for a formula."""
    return text[1:] if text.startswith("'") and text[1:2] in _FORMULA else text


def _line(text: str) -> str:
    """`text` on one line, without what no database keeps and nobody sees."""
    bare = text if text.isprintable() else _CONTROLS.sub("", text)
    return unguarded(" ".join(bare.split()))


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
