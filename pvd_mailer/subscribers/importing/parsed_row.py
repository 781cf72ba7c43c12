"""What a row of a list says once it is read: somebody, or why it is nobody; and what of it was not understood."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.subscribers.importing.standing import (
    SUPPRESSED_STATES,
)
from pvd_mailer.subscribers.mutations import ImportedState, SubscriberData
from pvd_mailer.subscribers.queries import LegalProof

__all__ = ["ImportDefaults", "ParsedRow", "RowReason", "UnclearCell"]


class RowReason(StrEnum):
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
class ImportDefaults:
    """What holds for every row that does not state its own.

    Attributes:
        state: Where everybody stands at best, as a person says of the whole list (`--as`).
    """

    basis: LegalBasis | None
    source: str
    wording: str
    consented_at: datetime
    state: SubscriberState = SubscriberState.SUBSCRIBED


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """One row of the file: somebody, or why it is nobody."""

    row_number: int
    address_as_written: str
    person: SubscriberData | None
    proof: LegalProof | None = None
    reason: RowReason | None = None
    detail: str = ""
    """In the interface's language."""
    imported_state: ImportedState = field(default=ImportedState())
    """Where the file says that they stand."""
    is_hidden: bool = False
    is_complete: bool = False
    """Whether it is a row of our own export, which holds all that was known."""

    @property
    def is_opposition(self) -> bool:
        """Whether the file says that they are not to be written to."""
        return self.imported_state.state in SUPPRESSED_STATES


@dataclass(frozen=True, slots=True)
class UnclearCell:
    """Something in a column that may say that people left, and is not understood."""

    column_name: str
    """The column, as `--map` takes it."""
    kind: str
    """What the column holds, as far as that is known; else what it may hold."""
    is_known: bool
    word: str
    row_number: int
