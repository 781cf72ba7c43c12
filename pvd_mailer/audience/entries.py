"""What each row of a list says: somebody, with the proof that they may be written to, or why it is nobody."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pvd_mailer.audience.address import WrongAddressError, canonical
from pvd_mailer.audience.changes import Person
from pvd_mailer.audience.columns import Columns, Field
from pvd_mailer.audience.consent import read_basis, read_date
from pvd_mailer.audience.sheet import Row
from pvd_mailer.audience.subscribers import Proof
from pvd_mailer.audience.tags import SEPARATOR, value_key
from pvd_mailer.database.states import Basis
from pvd_mailer.errors import WrongUsageError

__all__ = ["Entry", "Given", "Why", "read_entries"]

MAX_CELL = 500
"""Characters."""
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
