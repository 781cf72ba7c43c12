"""What has to be known of a whole list before its first row is judged: who is on it more than once, and who left.

A list is read twice for it. Of a million addresses it keeps eight bytes each; who is on it once needs no more.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.list_fields import ListField
from pvd_mailer.subscribers.importing.parsed_row import ImportDefaults, ParsedRow, UnclearCell
from pvd_mailer.subscribers.importing.readers.opening import ListFile
from pvd_mailer.subscribers.importing.readers.sheet import SheetError
from pvd_mailer.subscribers.importing.rows import RowParser

__all__ = ["SurveyedList", "survey_list"]


_PASSES = 8


@dataclass(frozen=True, slots=True)
class SurveyedList:
    """A list that was looked through, and can be read again.

    Attributes:
        list_file: The file.
        defaults: What holds for every row that does not state its own.
        repeated: Of addresses that more than one row holds: `hash` of the canonical form.
        unsubscribe_rows: Of these, where a row says that they left: the same -> the row.
    """

    list_file: ListFile
    defaults: ImportDefaults
    repeated: frozenset[int]
    unsubscribe_rows: dict[int, int]

    def rows(self) -> Iterator[ParsedRow]:
        """What each row says, as often as it is asked.

        Raises:
            SheetError: the file cannot be read any more, or was changed.
        """
        parser = RowParser(self.list_file.columns, self.defaults)
        for row in self.list_file.rows():
            yield parser.parse(row)


def survey_list(list_file: ListFile, defaults: ImportDefaults, *, must_ask: bool = True) -> SurveyedList:
    """Look through the list.

    Args:
        list_file: The file.
        defaults: What holds for every row that does not state its own.
        must_ask: Whether what may say that somebody left, and is not understood, stops the import.

    Raises:
        SheetError: it cannot be read, or something in it has to be explained first.
    """
    parser = RowParser(list_file.columns, defaults)
    keys, unsubscribe_keys, unsubscribe_numbers = array("q"), array("q"), array("Q")
    for row in list_file.rows():
        parsed = parser.parse(row)
        if parsed.person is None:
            continue
        key = hash(parsed.person.address.key)  # keyed anew in each process: nobody can make two alike
        keys.append(key)
        if parsed.is_opposition:
            unsubscribe_keys.append(key)
            unsubscribe_numbers.append(parsed.row_number)
    if must_ask and parser.unclear_cells:
        raise _unclear_error(list(parser.unclear_cells.values()), list_file.path.name)
    repeated = _repeated_keys(keys)
    unsubscribe_rows = {
        key: row for key, row in zip(unsubscribe_keys, unsubscribe_numbers, strict=True) if key in repeated
    }
    return SurveyedList(list_file, defaults, repeated, unsubscribe_rows)


def _repeated_keys(keys: "array[int]") -> frozenset[int]:
    """Those that come more than once; found part by part, for a number in a list needs five times its room here."""
    repeated: set[int] = set()
    for remainder in range(_PASSES):
        ordered = sorted(key for key in keys if key % _PASSES == remainder)
        repeated.update(this_key for this_key, next_key in pairwise(ordered) if this_key == next_key)
    return frozenset(repeated)


def _unclear_error(cells: list[UnclearCell], file: str) -> SheetError:
    first = cells[0]
    same_column = [cell for cell in cells if cell.column_name == first.column_name]
    words = ", ".join(_("“{word}” (row {row})").format(word=cell.word, row=cell.row_number) for cell in same_column)
    message = _("{file}: the column “{name}” says who may be written to, and this is not understood: {words}")
    if not first.is_known:
        message = _("{file}: the column “{name}” is not known, and seems to say who left: {words}")
    if first.is_known and first.kind != ListField.OPT_IN:
        maps = " ".join(f"--map '{cell.column_name}:{cell.word}=unsubscribed'" for cell in same_column)
        hint = _(
            "Say what it means: {maps}; instead of unsubscribed also subscribed, pending, bounced or complained. If "
            "the column says nothing of the kind: --map '{name}=ignore'"
        )
    elif first.is_known:
        maps = " ".join(f"--map '{cell.column_name}:{cell.word}=unsubscribed'" for cell in same_column)
        hint = _(
            "Say what it means: {maps}, or =subscribed for a yes. If the column says nothing of the kind: "
            "--map '{name}=ignore'"
        )
    else:
        maps = f"--map '{first.column_name}={first.kind}'"
        hint = _("Say what it holds: {maps}. If it says nothing of the kind: --map '{name}=ignore'")
    return SheetError(
        message.format(file=file, name=first.column_name, words=words), hint.format(maps=maps, name=first.column_name)
    )
