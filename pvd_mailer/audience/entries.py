"""What each row of a list says: somebody who may be written to, with the proof; somebody who may not; or nobody."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from pvd_mailer.audience.address import Address, WrongAddressError, canonical
from pvd_mailer.audience.changes import Person, Standing
from pvd_mailer.audience.columns import Columns
from pvd_mailer.audience.consent import read_basis, read_date
from pvd_mailer.audience.formats import JSON, TAGS
from pvd_mailer.audience.headings import Field, looks_like_consent
from pvd_mailer.audience.sheet import Row
from pvd_mailer.audience.standing import LADDER, LEFT_STATES, Signal, Unclear, means_leaving, read_signal, says_no
from pvd_mailer.audience.subscribers import Proof
from pvd_mailer.audience.tags import SEPARATOR, tag_key, value_key
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.formulas import unguarded

__all__ = ["Doubt", "Entry", "Given", "Reader", "Why", "address_in", "read_entries"]

MAX_CELL = 500
"""Characters."""
MAX_LONG_CELL = 2000
"""Characters of a source, a wording, or an object of tags."""
_LONG = (Field.SOURCE, Field.WORDING)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s]+@[^<>\s]+)>")
_PARTS = {TAGS: re.compile(r"[,;|\n]|:::"), JSON: re.compile(r"\n")}
_PART = re.compile(rf"[{SEPARATOR}\n]")
_QUOTES = "\"'“”«» \u00a0"
_CACHED = 4096
MAX_DOUBTS = 10


class Why(StrEnum):
    """Why a row is refused or opposes, or what is noticed of one that does neither."""

    ADDRESS = "address"
    DUPLICATE = "duplicate"
    """Refused: the address is on an earlier row."""
    CONTRADICTED = "contradicted"
    """Refused: another row with that address says that the person left."""
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OPPOSED = "opposed"
    """Refused: forgotten at the person's own wish."""
    UNCONFIRMED = "unconfirmed"
    """Refused: had not confirmed where the list comes from."""
    UNREADABLE = "unreadable"
    """Refused: characters that the file's encoding lost."""
    SEVERAL_LINES = "several-lines"
    """Refused: a quotation mark too many made several people one row."""
    TOO_LONG = "too-long"
    BASIS = "basis"
    DATE = "date"
    HIDDEN = "hidden"
    """Left aside: the spreadsheet hides the row."""
    LEFT = "left"
    """Opposes: the list says that they left."""
    RETURNED = "returned"
    """Opposes: the list says that mail to them comes back."""
    OBJECTED = "objected"
    """Opposes: the list says that they reported a letter as unwanted."""
    LEFT_ALREADY = "left-already"
    """Noticed: the list says that they left, and that is known here."""
    ROLE = "role"
    """Noticed: an office such as mairie@; a normal reader."""
    PENDING = "pending"
    """Noticed: asked to subscribe and has not confirmed; an import does not confirm."""


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for every row that does not state its own.

    Attributes:
        state: Where everybody stands at best, as a person says of the whole list (`--as`).
    """

    basis: Basis | None
    source: str
    wording: str
    at: datetime
    state: SubscriberState = SubscriberState.SUBSCRIBED


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
    standing: Standing = field(default=Standing())
    """Where the file says that they stand."""
    is_hidden: bool = False
    is_complete: bool = False
    """Whether it is a row of our own export, which holds all that was known."""

    @property
    def opposes(self) -> bool:
        """Whether the file says that they are not to be written to."""
        return self.standing.state in LEFT_STATES


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in a column that may say that people left, and is not understood."""

    name: str
    """The column, as `--map` takes it."""
    kind: str
    """What the column holds, as far as that is known; else what it may hold."""
    is_known: bool
    word: str
    row: int


def read_entries(rows: Iterable[Row], columns: Columns, given: Given) -> Iterator[Entry]:
    """What each of `rows` says: one entry a row."""
    reader = Reader(columns, given)
    for row in rows:
        yield reader.entry(row)


class Reader:
    """Reads rows. What many of them say, such as a role or the proof, is kept for a while."""

    def __init__(self, columns: Columns, given: Given) -> None:
        self.columns = columns
        self.given = given
        self.is_complete = columns.format is not None and columns.format.is_complete
        long = {at for name in _LONG for at in columns.fields.get(name, ())}
        long |= {at for _key, at, kind in columns.tags if kind == JSON}
        places = {*(at for found in columns.fields.values() for at in found), *(at for _key, at, _kind in columns.tags)}
        self.taken = [(at, MAX_LONG_CELL if at in long else MAX_CELL) for at in sorted(places)]
        self.proof = lru_cache(_CACHED)(self._proof)
        self.values = lru_cache(_CACHED)(_values)
        self.signal = lru_cache(_CACHED)(self._signal)
        self.doubts: dict[tuple[str, str], Doubt] = {}
        self.watched = (*columns.loose, *(at for _key, at, kind in columns.tags if kind != JSON))
        self.consents = {at for at in columns.loose if looks_like_consent(tag_key(columns.names[at]))}
        whole = columns.format.state if columns.format and columns.format.state else SubscriberState.SUBSCRIBED
        self.base = _graver((given.state, "--as" if given.state in LEFT_STATES else ""), (whole, ""))

    def entry(self, row: Row) -> Entry:
        """What `row` says; what of it is not understood is in `doubts` afterwards."""
        raw = self.columns.cell(row, Field.EMAIL)
        taken = [(row.cells[at], most) for at, most in self.taken if at < len(row.cells)]
        standing = self.standing(row)
        opposes = standing.state in LEFT_STATES
        why = None if opposes and not row.joins else _unfit(row, taken)
        if why is not None:
            return Entry(row.number, _line(raw)[:MAX_CELL], None, why=why, is_hidden=row.is_hidden)
        bare, name = address_in(raw)
        try:
            address = canonical(bare)
        except WrongAddressError as error:
            return Entry(
                row.number, _line(raw)[:MAX_CELL], None, why=Why.ADDRESS, detail=str(error), is_hidden=row.is_hidden
            )
        said = [_line(self.columns.cell(row, one)) for one in _PROOF]
        why, detail, proof = self.proof(*said)
        if opposes and (why is not None or not self.is_complete or not said[0]):
            at = self.moment(row, Field.DATE) if self.is_complete else self.left_at(row)
            proof = Proof(Basis.NONE, at or self.given.at, *self.whence(said[2], said[3]))
            why, detail = None, ""
        person = Person(address) if opposes and not self.is_complete else self.person(row, address, name)
        return Entry(row.number, address.written, person, proof, why, detail, standing, row.is_hidden, self.is_complete)

    def whence(self, source: str, wording: str) -> tuple[str, str]:
        """What is kept of the proof of somebody who may not be written to: of another program's, that list's name."""
        return (source or self.given.source, wording) if self.is_complete else (self.given.source, "")

    def person(self, row: Row, address: Address, name: str) -> Person:
        """Somebody with all that the row tells; `name` stood beside the address."""
        marks: dict[str, tuple[str, ...]] = {}
        for key, at, kind in self.columns.tags:
            cell = row.cells[at] if at < len(row.cells) else ""
            found = (
                _entries_of(cell) if kind == JSON and cell else ((key, self.values(kind, key, cell)),) if cell else ()
            )
            for one, values in found:
                if values:
                    marks[one] = (*marks[one], *values) if one in marks else values
        first, last = (_line(self.columns.cell(row, one)) for one in (Field.FIRST_NAME, Field.LAST_NAME))
        if not first and not last and name:
            last = _line(name)[:MAX_CELL]
        return Person(address, first, last, marks)

    def standing(self, row: Row) -> Standing:
        """Where they stand, by the gravest that the row says."""
        state, detail = self.base
        for signal in self.columns.signals:
            cell = row.cells[signal.at] if signal.at < len(row.cells) else ""
            if not cell:
                continue
            said = self.signal(signal, _line(cell))
            if said is None:
                self.doubt(signal.name, signal.kind, cell, row.number, is_known=True)
            else:
                state, detail = _graver((state, detail), (said, signal.name))
        for at in self.watched:
            cell = row.cells[at] if at < len(row.cells) else ""
            if cell and means_leaving(cell):
                self.doubt(self.columns.names[at], Field.STATE, cell, row.number, is_known=False)
            elif cell and at in self.consents and says_no(cell):
                self.doubt(self.columns.names[at], Field.OPT_IN, cell, row.number, is_known=False)
        if state in LEFT_STATES and not detail:  # the whole list is of people who left, and this row says no more of it
            detail = self.columns.signals[0].name
        if not self.is_complete:
            return Standing(state, detail if state is not SubscriberState.SUBSCRIBED else "")
        times = (self.moment(row, one) for one in (Field.CREATED, Field.CHANGED, Field.LAST_CONTACT))
        return Standing(state, detail if state in LEFT_STATES else "", *times)

    def doubt(self, name: str, kind: str, cell: str, row: int, *, is_known: bool) -> None:
        """Note what is not understood."""
        word = _line(cell)[:40]
        if len(self.doubts) < MAX_DOUBTS:
            self.doubts.setdefault((name, tag_key(word)), Doubt(name, kind, is_known, word, row))

    def _signal(self, signal: Signal, cell: str) -> SubscriberState | None:
        for is_date in (False, True):
            try:
                return read_signal(signal, cell, is_date=is_date)
            except Unclear:
                if not is_date:
                    try:
                        read_date(cell, self.given.at)
                    except WrongUsageError:
                        return None
        return None

    def moment(self, row: Row, one: Field) -> datetime | None:
        """The date in a column; None where there is none that can be read."""
        said = self.columns.cell(row, one)
        try:
            return read_date(said, self.given.at) if said else None
        except WrongUsageError:
            return None

    def left_at(self, row: Row) -> datetime:
        """When they left, where a column says so; else the moment that holds for all."""
        for signal in self.columns.signals:
            if signal.kind in {Field.LEFT, Field.BOUNCED, Field.OPT_OUT} and signal.at < len(row.cells):
                try:
                    return read_date(_line(row.cells[signal.at]), self.given.at)
                except WrongUsageError:
                    continue
        return self.given.at

    def _proof(self, basis: str, day: str, source: str, wording: str) -> tuple[Why | None, str, Proof | None]:
        """Why the row has none that can be understood, that in words, and the proof."""
        given = self.given
        try:
            found = read_basis(basis) if basis else given.basis
        except WrongUsageError as error:
            return Why.BASIS, str(error), None
        try:
            at = read_date(day, given.at) if day else given.at
        except WrongUsageError as error:
            return Why.DATE, str(error), None
        return None, "", Proof(found, at, source or given.source, wording or given.wording) if found else None


_PROOF = (Field.BASIS, Field.DATE, Field.SOURCE, Field.WORDING)


def _graver(one: tuple[SubscriberState, str], other: tuple[SubscriberState, str]) -> tuple[SubscriberState, str]:
    if other[0] is one[0]:
        return one if one[1] else other
    return other if LADDER.index(other[0]) > LADDER.index(one[0]) else one


def address_in(raw: str) -> tuple[str, str]:
    """The address in a cell, and the name beside it: `Claire Roy <claire@example.org>;`, `a@… ::: b@…`."""
    text = unguarded(raw.strip()).partition(" ::: ")[0].strip(" \t\r\n;,\u00a0")
    if match := _NAMED.fullmatch(text):
        return match["address"], match["name"].strip(_QUOTES)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return text, ""


def _values(kind: str, key: str, cell: str) -> tuple[str, ...]:
    parts = (_line(part.strip(_QUOTES) if kind == TAGS else part) for part in _PARTS.get(kind, _PART).split(cell))
    return tuple(part for part in parts if value_key(key, part) and not part.startswith("* "))


def _entries_of(cell: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The tags in a JSON object: texts, numbers and lists of them; what is deeper is nobody's tag."""
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return
    for name, value in found.items() if isinstance(found, dict) else ():
        key = tag_key(str(name))[:40]
        several = value if isinstance(value, list) else [value]
        texts = (_line(str(one)) for one in several if isinstance(one, str | int | float) and not isinstance(one, bool))
        values = tuple(text for text in texts if value_key(key, text))
        if key and values:
            yield key, values


def _unfit(row: Row, taken: Sequence[tuple[str, int]]) -> Why | None:
    """Why nothing of the row can be trusted."""
    if row.joins or any("\n" in cell and "@" in cell for cell, _most in taken):
        return Why.SEVERAL_LINES
    if any("\ufffd" in cell for cell, _most in taken):
        return Why.UNREADABLE
    return Why.TOO_LONG if any(len(cell) > most for cell, most in taken) else None


def _line(text: str) -> str:
    """`text` on one line, without what no database keeps and nobody sees."""
    bare = text if text.isprintable() else _CONTROLS.sub("", text)
    return unguarded(" ".join(bare.split()))
