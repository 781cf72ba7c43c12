"""What a column of a list holds, written as `--map` takes it, and what becomes of a column that holds it."""

from enum import Enum, auto
from typing import NamedTuple

from pvd_mailer.subscribers.importing.headings import ListField
from pvd_mailer.subscribers.importing.readers.formats import CHANNELS, IGNORE, JSON_TAGS, TAG_PREFIX, TAGS_PREFIX

__all__ = ["ColumnTarget", "TargetKind"]

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
