"""What the columns of a list hold, once that is known."""

from dataclasses import dataclass

from pvd_mailer.audience.formats import Format
from pvd_mailer.audience.headings import Field
from pvd_mailer.audience.sheet import Row
from pvd_mailer.audience.standing import Signal

__all__ = ["Columns"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row things are, counted from 0."""

    fields: dict[Field, tuple[int, ...]]
    tags: tuple[tuple[str, int, str], ...]
    """Key, place, and how the cell is written: TAG, TAGS or JSON (which has keys of its own)."""
    signals: tuple[Signal, ...]
    loose: tuple[int, ...]
    """Columns that nobody has named, and in which a word such as "unsubscribed" would be overlooked."""
    names: tuple[str, ...]
    """Of all columns, as the file writes them; such as `--map` takes them."""
    ignored: tuple[str, ...]
    """The names of the columns that are not taken."""
    format: Format | None
    header: int
    """The number of the row that names the columns; 0 where none does."""

    def cell(self, row: Row, field: Field) -> str:
        """What `row` holds there; nothing where the row is too short, or there is no such column."""
        for at in self.fields.get(field, ()):
            if at < len(row.cells) and row.cells[at].strip():
                return row.cells[at]
        return ""
