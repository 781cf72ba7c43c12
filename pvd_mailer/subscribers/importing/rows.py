"""What each row of a list says: somebody who may be written to, with the proof; somebody who may not; or nobody."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.subscribers.address import Address, InvalidAddressError, parse_address
from pvd_mailer.subscribers.importing.cells import address_in, json_tags, one_line, split_values
from pvd_mailer.subscribers.importing.columns import ColumnMap
from pvd_mailer.subscribers.importing.consent import parse_consent_date, parse_legal_basis
from pvd_mailer.subscribers.importing.list_fields import ListField, looks_like_consent
from pvd_mailer.subscribers.importing.parsed_row import ImportDefaults, ParsedRow, RowReason, UnclearCell
from pvd_mailer.subscribers.importing.readers.formats import JSON_TAGS
from pvd_mailer.subscribers.importing.readers.sheet import SheetRow
from pvd_mailer.subscribers.importing.standing import (
    IMPORTED_STATE_ORDER,
    SUPPRESSED_STATES,
    StateColumn,
    UnclearState,
    is_no,
    means_unsubscribe,
    read_state,
)
from pvd_mailer.subscribers.mutations import ImportedState, SubscriberData
from pvd_mailer.subscribers.queries import LegalProof
from pvd_mailer.subscribers.tags import tag_key

__all__ = ["RowParser", "parse_rows"]

MAX_CELL_LENGTH = 500
"""Characters."""
MAX_LONG_CELL_LENGTH = 2000
"""Characters of a source, a wording, or an object of tags."""
_LONG_FIELDS = (ListField.SOURCE, ListField.WORDING)
_CACHED = 4096
MAX_UNCLEAR_CELLS = 10


def parse_rows(rows: Iterable[SheetRow], columns: ColumnMap, defaults: ImportDefaults) -> Iterator[ParsedRow]:
    """What each of `rows` says: one entry a row."""
    parser = RowParser(columns, defaults)
    for row in rows:
        yield parser.parse(row)


class RowParser:
    """Reads rows. What many of them say, such as a role or the proof, is kept for a while."""

    def __init__(self, columns: ColumnMap, defaults: ImportDefaults) -> None:
        self.columns = columns
        self.defaults = defaults
        self.is_complete = columns.format is not None and columns.format.is_complete
        long_columns = {index for name in _LONG_FIELDS for index in columns.fields.get(name, ())}
        long_columns |= {index for _key, index, kind in columns.tags if kind == JSON_TAGS}
        used_columns = {
            *(index for indexes in columns.fields.values() for index in indexes),
            *(index for _key, index, _kind in columns.tags),
        }
        self.length_limits = [
            (index, MAX_LONG_CELL_LENGTH if index in long_columns else MAX_CELL_LENGTH)
            for index in sorted(used_columns)
        ]
        self.cached_proof = lru_cache(_CACHED)(self._proof)
        self.cached_values = lru_cache(_CACHED)(split_values)
        self.cached_state = lru_cache(_CACHED)(self._read_state)
        self.unclear_cells: dict[tuple[str, str], UnclearCell] = {}
        self.watched_columns = (*columns.unnamed, *(index for _key, index, kind in columns.tags if kind != JSON_TAGS))
        self.consent_columns = {index for index in columns.unnamed if looks_like_consent(tag_key(columns.names[index]))}
        format_state = columns.format.state if columns.format and columns.format.state else SubscriberState.SUBSCRIBED
        self.list_state = _more_severe(
            (defaults.state, "--as" if defaults.state in SUPPRESSED_STATES else ""), (format_state, "")
        )

    def parse(self, row: SheetRow) -> ParsedRow:
        """What `row` says; what of it is not understood is in `unclear_cells` afterwards."""
        raw = self.columns.cell(row, ListField.EMAIL)
        cells = [(row.cells[index], limit) for index, limit in self.length_limits if index < len(row.cells)]
        imported = self.state_of(row)
        is_opposition = imported.state in SUPPRESSED_STATES
        reason = None if is_opposition and not row.swallows_rows else _distrust(row, cells)
        if reason is not None:
            return ParsedRow(row.number, one_line(raw)[:MAX_CELL_LENGTH], None, reason=reason, is_hidden=row.is_hidden)
        bare, name = address_in(raw)
        try:
            address = parse_address(bare)
        except InvalidAddressError as error:
            return ParsedRow(
                row.number,
                one_line(raw)[:MAX_CELL_LENGTH],
                None,
                reason=RowReason.ADDRESS,
                detail=str(error),
                is_hidden=row.is_hidden,
            )
        proof_cells = [one_line(self.columns.cell(row, list_field)) for list_field in _PROOF_FIELDS]
        reason, detail, proof = self.cached_proof(*proof_cells)
        if is_opposition and (reason is not None or not self.is_complete or not proof_cells[0]):
            opposed_at = self.date_in(row, ListField.DATE) if self.is_complete else self.unsubscribed_at(row)
            proof = LegalProof(
                LegalBasis.NONE,
                opposed_at or self.defaults.consented_at,
                *self.opposition_origin(proof_cells[2], proof_cells[3]),
            )
            reason, detail = None, ""
        person = SubscriberData(address) if is_opposition and not self.is_complete else self.person(row, address, name)
        return ParsedRow(
            row.number, address.as_written, person, proof, reason, detail, imported, row.is_hidden, self.is_complete
        )

    def opposition_origin(self, source: str, wording: str) -> tuple[str, str]:
        """What is kept of the proof of somebody who may not be written to: of another program's, that list's name."""
        return (source or self.defaults.source, wording) if self.is_complete else (self.defaults.source, "")

    def person(self, row: SheetRow, address: Address, name: str) -> SubscriberData:
        """Somebody with all that the row tells; `name` stood beside the address."""
        tags_by_key: dict[str, tuple[str, ...]] = {}
        for key, index, kind in self.columns.tags:
            cell = row.cells[index] if index < len(row.cells) else ""
            tag_values = (
                json_tags(cell)
                if kind == JSON_TAGS and cell
                else ((key, self.cached_values(kind, key, cell)),)
                if cell
                else ()
            )
            for tag, values in tag_values:
                if values:
                    tags_by_key[tag] = (*tags_by_key[tag], *values) if tag in tags_by_key else values
        first, last = (
            one_line(self.columns.cell(row, list_field)) for list_field in (ListField.FIRST_NAME, ListField.LAST_NAME)
        )
        if not first and not last and name:
            last = one_line(name)[:MAX_CELL_LENGTH]
        return SubscriberData(address, first, last, tags_by_key)

    def state_of(self, row: SheetRow) -> ImportedState:
        """Where they stand, by the gravest that the row says."""
        state, detail = self.list_state
        for column in self.columns.state_columns:
            cell = row.cells[column.index] if column.index < len(row.cells) else ""
            if not cell:
                continue
            said_state = self.cached_state(column, one_line(cell))
            if said_state is None:
                self.add_unclear_cell(column.name, column.kind, cell, row.number, is_known=True)
            else:
                state, detail = _more_severe((state, detail), (said_state, column.name))
        for index in self.watched_columns:
            cell = row.cells[index] if index < len(row.cells) else ""
            if cell and means_unsubscribe(cell):
                self.add_unclear_cell(self.columns.names[index], ListField.STATE, cell, row.number, is_known=False)
            elif cell and index in self.consent_columns and is_no(cell):
                self.add_unclear_cell(self.columns.names[index], ListField.OPT_IN, cell, row.number, is_known=False)
        if (
            state in SUPPRESSED_STATES and not detail
        ):  # the whole list is of people who left, and this row says no more of it
            detail = self.columns.state_columns[0].name
        if not self.is_complete:
            return ImportedState(state, detail if state is not SubscriberState.SUBSCRIBED else "")
        times = (
            self.date_in(row, list_field)
            for list_field in (ListField.CREATED, ListField.CHANGED, ListField.LAST_CONTACT)
        )
        return ImportedState(state, detail if state in SUPPRESSED_STATES else "", *times)

    def add_unclear_cell(self, name: str, kind: str, cell: str, row: int, *, is_known: bool) -> None:
        """Note what is not understood."""
        word = one_line(cell)[:40]
        if len(self.unclear_cells) < MAX_UNCLEAR_CELLS:
            self.unclear_cells.setdefault((name, tag_key(word)), UnclearCell(name, kind, is_known, word, row))

    def _read_state(self, column: StateColumn, cell: str) -> SubscriberState | None:
        for is_date in (False, True):
            try:
                return read_state(column, cell, is_date=is_date)
            except UnclearState:
                if not is_date:
                    try:
                        parse_consent_date(cell, self.defaults.consented_at)
                    except WrongUsageError:
                        return None
        return None

    def date_in(self, row: SheetRow, list_field: ListField) -> datetime | None:
        """The date in a column; None where there is none that can be read."""
        text = self.columns.cell(row, list_field)
        try:
            return parse_consent_date(text, self.defaults.consented_at) if text else None
        except WrongUsageError:
            return None

    def unsubscribed_at(self, row: SheetRow) -> datetime:
        """When they left, where a column says so; else the moment that holds for all."""
        for column in self.columns.state_columns:
            if column.kind in {ListField.LEFT, ListField.BOUNCED, ListField.OPT_OUT} and column.index < len(row.cells):
                try:
                    return parse_consent_date(one_line(row.cells[column.index]), self.defaults.consented_at)
                except WrongUsageError:
                    continue
        return self.defaults.consented_at

    def _proof(
        self, basis: str, day: str, source: str, wording: str
    ) -> tuple[RowReason | None, str, LegalProof | None]:
        """Why the row has none that can be understood, that in words, and the proof."""
        defaults = self.defaults
        try:
            legal_basis = parse_legal_basis(basis) if basis else defaults.basis
        except WrongUsageError as error:
            return RowReason.BASIS, str(error), None
        try:
            proved_at = parse_consent_date(day, defaults.consented_at) if day else defaults.consented_at
        except WrongUsageError as error:
            return RowReason.DATE, str(error), None
        return (
            None,
            "",
            LegalProof(legal_basis, proved_at, source or defaults.source, wording or defaults.wording)
            if legal_basis
            else None,
        )


_PROOF_FIELDS = (ListField.BASIS, ListField.DATE, ListField.SOURCE, ListField.WORDING)


def _more_severe(
    first: tuple[SubscriberState, str], second: tuple[SubscriberState, str]
) -> tuple[SubscriberState, str]:
    if second[0] is first[0]:
        return first if first[1] else second
    return second if IMPORTED_STATE_ORDER.index(second[0]) > IMPORTED_STATE_ORDER.index(first[0]) else first


def _distrust(row: SheetRow, cells: Sequence[tuple[str, int]]) -> RowReason | None:
    """Why nothing of the row can be trusted."""
    if row.swallows_rows or any("\n" in cell and "@" in cell for cell, _limit in cells):
        return RowReason.SEVERAL_LINES
    if any("\ufffd" in cell for cell, _limit in cells):
        return RowReason.UNREADABLE
    return RowReason.TOO_LONG if any(len(cell) > limit for cell, limit in cells) else None
