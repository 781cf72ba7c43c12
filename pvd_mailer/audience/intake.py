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

__all__ = ["Entry", "Fate", "Given", "Plan", "Verdict", "Why", "apply", "plan", "read_entries"]

MAX_CELL = 500
_PAGE = 900
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_GUARDED = re.compile("'[=+\\-@\t\r]")


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
    NO_BASIS = "no-basis"
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


def read_entries(rows: Iterable[Row], columns: Columns, given: Given) -> Iterator[Entry]:
    """What each of `rows` says: one entry a row."""
    for row in rows:
        yield _entry(row, columns, given)


def _entry(row: Row, columns: Columns, given: Given) -> Entry:
    raw = columns.cell(row, Field.EMAIL)
    written = " ".join(_clean(raw).split())
    taken = [raw, *(columns.cell(row, field) for field in Field), *(_at(row, at) for _key, at in columns.tags)]
    if any("\n" in cell and "@" in cell for cell in row.cells):
        return Entry(row.number, "", None, why=Why.SEVERAL_LINES)
    if any("\ufffd" in cell for cell in taken):
        return Entry(row.number, written[:MAX_CELL], None, why=Why.UNREADABLE)
    if any(len(cell) > MAX_CELL for cell in taken):
        return Entry(row.number, written[:MAX_CELL], None, why=Why.TOO_LONG)
    try:
        address = canonical(_unguarded(raw))
    except WrongAddressError as error:
        return Entry(row.number, written, None, why=Why.ADDRESS, detail=str(error))
    why, detail, proof = _proof(row, columns, given)
    marks: dict[str, tuple[str, ...]] = {}
    for key, at in columns.tags:
        values = tuple(value for part in re.split(rf"[{SEPARATOR}\n]", _at(row, at)) if (value := _line(part)))
        values = tuple(value for value in values if value_key(key, value))
        if values:
            marks[key] = (*marks.get(key, ()), *values)
    person = Person(
        address, _line(columns.cell(row, Field.FIRST_NAME)), _line(columns.cell(row, Field.LAST_NAME)), marks
    )
    return Entry(row.number, address.written, person, proof, why, detail)


def _proof(row: Row, columns: Columns, given: Given) -> tuple[Why | None, str, Proof | None]:
    basis, at = given.basis, given.at
    said = _line(columns.cell(row, Field.BASIS))
    if said:
        try:
            basis = read_basis(said)
        except WrongUsageError as error:
            return Why.BASIS, str(error), None
    day = _line(columns.cell(row, Field.DATE))
    if day:
        try:
            at = read_date(day, given.at)
        except WrongUsageError as error:
            return Why.DATE, str(error), None
    if basis is None:
        return None, "", None
    source = _line(columns.cell(row, Field.SOURCE)) or given.source
    return None, "", Proof(basis, at, source, _line(columns.cell(row, Field.WORDING)) or given.wording)


def _at(row: Row, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)


def _unguarded(text: str) -> str:
    """Without the apostrophe that an export puts before what a spreadsheet would take for a formula."""
    return text[1:] if _GUARDED.match(text) else text


def _line(text: str) -> str:
    return _unguarded(" ".join(_clean(text).split()))


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
