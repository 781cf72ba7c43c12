"""What a column of a list holds, written as `--map` takes it; and what all of them hold, once that is known."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from pvd_mailer.subscribers.importing.list_fields import ListField
from pvd_mailer.subscribers.importing.readers.formats import (
    CHANNELS,
    IGNORE,
    JSON_TAGS,
    TAG_PREFIX,
    TAGS_PREFIX,
    ListFormat,
)
from pvd_mailer.subscribers.importing.readers.sheet import SheetRow
from pvd_mailer.subscribers.importing.standing import StateColumn

__all__ = ["ColumnMap", "ColumnTarget", "TargetKind"]

_STATE_FIELDS = (
    ListField.STATE,
    ListField.OPT_OUT,
    ListField.LEFT,
    ListField.OPT_IN,
    ListField.BOUNCED,
    ListField.COMPLAINED,
    ListField.CONFIRMED,
    ListField.PENDING,
    CHANNELS,
)


class TargetKind(Enum):
    """What becomes of a column."""

    FIELD = auto()
    STATE = auto()
    """It may say that somebody is not to be written to."""
    TAGS = auto()
    IGNORED = auto()
    UNNAMED = auto()
    """Nobody has said what it holds, and its name does not."""


class ColumnTarget(NamedTuple):
    """What a column holds, written as `--map` takes it (`formats`), and its turn among several that hold the same."""

    turn: int
    name: str

    @property
    def kind(self) -> TargetKind:
        """What becomes of a column that holds this."""
        if not self.name:
            return TargetKind.UNNAMED
        if self.name == IGNORE:
            return TargetKind.IGNORED
        if self.name in _STATE_FIELDS:
            return TargetKind.STATE
        return (
            TargetKind.TAGS
            if self.name == JSON_TAGS or self.name.startswith((TAG_PREFIX, TAGS_PREFIX))
            else TargetKind.FIELD
        )

    def as_tag(self, index: int) -> tuple[str, int, str]:
        """The tag's key, the column, and how the cell is written, as `ColumnMap.tags` has it."""
        written = next(start for start in (JSON_TAGS, TAG_PREFIX, TAGS_PREFIX) if self.name.startswith(start))
        return self.name[len(written) :], index, written


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
