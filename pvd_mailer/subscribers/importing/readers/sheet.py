"""What a file of rows gives, whatever its format. Whatever it holds, it is bounded."""

from dataclasses import dataclass

from pvd_mailer.errors import WrongUsageError

__all__ = ["MAX_LIST_COLUMNS", "MAX_LIST_ROWS", "SheetError", "SheetRow"]

MAX_LIST_ROWS = 2_000_000
MAX_LIST_COLUMNS = 200


class SheetError(WrongUsageError):
    """A file that rows cannot be read from."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that is not empty."""

    number: int
    """As the spreadsheet shows it in its margin."""
    cells: tuple[str, ...]
    is_hidden: bool = False
    """Whether the spreadsheet does not show it: a filter, or somebody, hides it."""
    swallows_rows: bool = False
    """Whether a cell holds what looks like rows: a quotation mark too many has swallowed them."""
