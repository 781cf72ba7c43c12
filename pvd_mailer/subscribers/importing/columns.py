"""What the columns of a list hold, once that is known."""

from dataclasses import dataclass

from pvd_mailer.subscribers.importing.headings import ListField
from pvd_mailer.subscribers.importing.readers.formats import ListFormat
from pvd_mailer.subscribers.importing.readers.sheet import SheetRow
from pvd_mailer.subscribers.importing.standing import StateColumn

__all__ = ["ColumnMap"]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Where in a row things are, counted from 0."""

    fields: dict[ListField, tuple[int, ...]]
    tags: tuple[tuple[str, int, str], ...]
    """Key, place, and how the cell is written: TAG, TAGS or JSON (which has keys of its own)."""
    state_columns: tuple[StateColumn, ...]
    unnamed: tuple[int, ...]
    """Columns that nobody has named, and in which a word such as "unsubscribed" would be overlooked."""
    names: tuple[str, ...]
    """Of all columns, as the file writes them; such as `--map` takes them."""
    ignored: tuple[str, ...]
    """The names of the columns that are not taken."""
    format: ListFormat | None
    header: int
    """The number of the row that names the columns; 0 where none does."""

    def cell(self, row: SheetRow, field: ListField) -> str:
        """What `row` holds there; nothing where the row is too short, or there is no such column."""
        for index in self.fields.get(field, ()):
            if index < len(row.cells) and row.cells[index].strip():
                return row.cells[index]
        return ""
