"""What has to be known of a whole list before its first row is judged: who is on it more than once, and who left.

A list is read twice for it. Of a million addresses it keeps eight bytes each; who is on it once needs no more.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pvd_mailer.audience.entries import Doubt, Entry, Given, Reader
from pvd_mailer.audience.headings import Field
from pvd_mailer.audience.opening import Sheet
from pvd_mailer.audience.sheet import SheetError
from pvd_mailer.i18n import _

__all__ = ["Listing", "survey"]


_PARTS = 8


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that was looked through, and can be read again.

    Attributes:
        sheet: The file.
        given: What holds for every row that does not state its own.
        twice: Of addresses that more than one row holds: `hash` of the canonical form.
        leavers: Of these, where a row says that they left: the same -> the row.
    """

    sheet: Sheet
    given: Given
    twice: frozenset[int]
    leavers: dict[int, int]

    def entries(self) -> Iterator[Entry]:
        """What each row says, as often as it is asked.

        Raises:
            SheetError: the file cannot be read any more, or was changed.
        """
        reader = Reader(self.sheet.columns, self.given)
        for row in self.sheet.rows():
            yield reader.entry(row)


def survey(sheet: Sheet, given: Given, *, asks: bool = True) -> Listing:
    """Look through the list.

    Args:
        sheet: The file.
        given: What holds for every row that does not state its own.
        asks: Whether what may say that somebody left, and is not understood, stops the import.

    Raises:
        SheetError: it cannot be read, or something in it has to be explained first.
    """
    reader = Reader(sheet.columns, given)
    keys, leaving, rows = array("q"), array("q"), array("Q")
    for row in sheet.rows():
        entry = reader.entry(row)
        if entry.person is None:
            continue
        key = hash(entry.person.address.key)  # keyed anew in each process: nobody can make two alike
        keys.append(key)
        if entry.opposes:
            leaving.append(key)
            rows.append(entry.row)
    if asks and reader.doubts:
        raise _unclear(list(reader.doubts.values()), sheet.path.name)
    twice = _repeated(keys)
    leavers = {key: row for key, row in zip(leaving, rows, strict=True) if key in twice}
    return Listing(sheet, given, twice, leavers)


def _repeated(keys: "array[int]") -> frozenset[int]:
    """Those that come more than once; found part by part, for a number in a list needs five times its room here."""
    found: set[int] = set()
    for part in range(_PARTS):
        ordered = sorted(key for key in keys if key % _PARTS == part)
        found.update(one for one, after in pairwise(ordered) if one == after)
    return frozenset(found)


def _unclear(doubts: list[Doubt], file: str) -> SheetError:
    first = doubts[0]
    here = [one for one in doubts if one.name == first.name]
    words = ", ".join(_("“{word}” (row {row})").format(word=one.word, row=one.row) for one in here)
    message = _("{file}: the column “{name}” says who may be written to, and this is not understood: {words}")
    if not first.is_known:
        message = _("{file}: the column “{name}” is not known, and seems to say who left: {words}")
    if first.is_known and first.kind != Field.OPT_IN:
        shown = " ".join(f"--map '{one.name}:{one.word}=unsubscribed'" for one in here)
        hint = _(
            "Say what it means: {maps}; instead of unsubscribed also subscribed, pending, bounced or complained. If "
            "the column says nothing of the kind: --map '{name}=ignore'"
        )
    elif first.is_known:
        shown = " ".join(f"--map '{one.name}:{one.word}=unsubscribed'" for one in here)
        hint = _(
            "Say what it means: {maps}, or =subscribed for a yes. If the column says nothing of the kind: "
            "--map '{name}=ignore'"
        )
    else:
        shown = f"--map '{first.name}={first.kind}'"
        hint = _("Say what it holds: {maps}. If it says nothing of the kind: --map '{name}=ignore'")
    return SheetError(message.format(file=file, name=first.name, words=words), hint.format(maps=shown, name=first.name))
