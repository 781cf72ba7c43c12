"""Which column holds what: as `--map` says, as the program that wrote the list means it, or by its name."""

import re
from collections.abc import Sequence

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.column_map_option import OWN_EXPORT_FIELDS, tag_key_in
from pvd_mailer.subscribers.importing.columns import ColumnMap, ColumnTarget, TargetKind
from pvd_mailer.subscribers.importing.list_fields import (
    KNOWN_TAGS,
    ListField,
    heading_key,
    known_field,
    looks_like_unsubscribe,
    may_hold_addresses,
)
from pvd_mailer.subscribers.importing.readers.formats import (
    TAG_PREFIX,
    format_of,
)
from pvd_mailer.subscribers.importing.readers.sheet import SheetError, SheetRow
from pvd_mailer.subscribers.importing.standing import StateColumn
from pvd_mailer.subscribers.tags import tag_key

__all__ = ["NTH_COLUMN", "ColumnMatcher", "filled_indexes", "looks_like_address"]

_MAX_NAMES_SHOWN = 40
_REPEATABLE_FIELDS = (ListField.DATE,)
"""What several columns may hold: the first that is filled counts."""
_ADDRESS = re.compile(
    r"""\s*['"]?(?:[^<>@]*<|mailto:)?[^\s@<>;,]+@[^\s@<>;,]+\.\w+>?['"]?[\s;,]*(?: ::: .*)?""", re.DOTALL
)
NTH_COLUMN = re.compile(r"(.*)#([1-9][0-9]{0,2})", re.DOTALL)
"""`NAME#2`, the second column of that name; `#2`, the second of all."""


def looks_like_address(cell: str) -> bool:
    """Whether a cell looks as if it held an address, and at most a name; whether it is one is for `address`."""
    return "@" in cell and _ADDRESS.fullmatch(cell) is not None


def filled_indexes(row: SheetRow) -> list[int]:
    """The places of the cells that hold anything."""
    return [index for index, cell in enumerate(row.cells) if cell.strip()]


_UNNAMED = ColumnTarget(0, "")


class ColumnMatcher:
    """Finds what each column under a header holds."""

    def __init__(
        self, header: SheetRow, sample: Sequence[SheetRow], column_map: dict[str, str], file: str, *, must_ask: bool
    ) -> None:
        self.header = header
        self.sample = sample
        self.file = file
        self.must_ask = must_ask
        self.column_keys = [heading_key(cell) for cell in header.cells]
        width = max([len(header.cells), *(max(filled_indexes(row), default=-1) + 1 for row in sample)])
        self.column_keys += [""] * (width - len(self.column_keys))
        self.column_names = self._unique_names()
        self.format = format_of(self.column_keys)
        self.state_words: dict[int, dict[str, SubscriberState]] = {}
        self.mapped_targets = self._apply_map(column_map)

    def _unique_names(self) -> list[str]:
        """What `--map` calls each column: its name, with `#2` behind it where it is the second of that name."""
        names = []
        for index, key in enumerate(self.column_keys):
            if not key:
                names.append(f"#{index + 1}")
                continue
            name = " ".join(self.header.cells[index].split())
            earlier = self.column_keys[:index].count(key)
            names.append(f"{name}#{earlier + 1}" if earlier else name)
        return names

    def _apply_map(self, column_map: dict[str, str]) -> dict[int, str]:
        mapped: dict[int, str] = {}
        for name, target in column_map.items():
            indexes = self._indexes_of(name)
            if not indexes and ":" in name and target in set(SubscriberState):
                column, _colon, word = name.rpartition(":")
                indexes = self._indexes_of(column)
                for index in indexes:
                    self.state_words.setdefault(index, {})[tag_key(word)] = SubscriberState(target)
            elif target in set(SubscriberState) and target not in set(ListField):
                raise WrongUsageError(
                    _("--map “{pair}” is not understood").format(pair=f"{name}={target}"),
                    _("Say which word in the column means it: --map '{name}:WORD={state}'").format(
                        name=name, state=target
                    ),
                )
            else:
                mapped.update(dict.fromkeys(indexes, target))
            if not indexes:
                raise SheetError(
                    _("{file} has no column “{name}”").format(file=self.file, name=name), self._list_columns()
                )
        return mapped

    def _indexes_of(self, name: str) -> list[int]:
        key = heading_key(name)
        indexes = [index for index, column_key in enumerate(self.column_keys) if column_key == key and key]
        nth = NTH_COLUMN.fullmatch(name)
        if indexes or not nth:
            return indexes
        number = int(nth[2]) - 1
        if not nth[1].strip():
            return [number] if number < len(self.column_keys) else []
        key = heading_key(nth[1])
        return [index for index, column_key in enumerate(self.column_keys) if column_key == key][number : number + 1]

    def match(self) -> ColumnMap:
        """What they hold.

        Raises:
            SheetError: no column holds addresses, two claim to be the same, or one has to be explained first.
        """
        targets = [self._target(index, key) for index, key in enumerate(self.column_keys)]
        unnamed = [index for index, target in enumerate(targets) if target.kind is TargetKind.UNNAMED]
        for index in unnamed:
            self._refuse_unclear(index, self.column_keys[index])
        return ColumnMap(
            self._fields(targets),
            tuple(target.as_tag(index) for index, target in enumerate(targets) if target.kind is TargetKind.TAGS),
            tuple(self._state_column(index, t.name) for index, t in enumerate(targets) if t.kind is TargetKind.STATE),
            tuple(unnamed),
            tuple(self.column_names),
            tuple(self._ignored(targets)),
            self.format,
            self.header.number,
        )

    def _fields(self, targets: Sequence[ColumnTarget]) -> dict[ListField, tuple[int, ...]]:
        """The columns of each field; several only where the first filled one counts, in their turns."""
        fields: dict[ListField, tuple[int, ...]] = {}
        in_turn = sorted(
            (target.turn, ListField(target.name), index)
            for index, target in enumerate(targets)
            if target.kind is TargetKind.FIELD
        )
        for _turn, field, index in in_turn:
            if field in fields and field not in _REPEATABLE_FIELDS:
                raise self._duplicate_error(field, fields[field][0], index)
            fields[field] = (*fields.get(field, ()), index)
        if ListField.EMAIL not in fields:
            raise self._no_addresses_error()
        if ListField.NAME in fields:
            name = fields.pop(ListField.NAME)
            if not {ListField.FIRST_NAME, ListField.LAST_NAME} & fields.keys():
                fields[ListField.LAST_NAME] = name
        return fields

    def _state_column(self, index: int, name: str) -> StateColumn:
        words = {**(self.format.words if self.format else {}), **self.state_words.get(index, {})}
        return StateColumn(index, self.column_names[index], name, words)

    def _ignored(self, targets: Sequence[ColumnTarget]) -> list[str]:
        """The names of the columns that are not taken, as far as they have one."""
        return [
            self.column_names[index]
            for index, target in enumerate(targets)
            if target.kind in {TargetKind.UNNAMED, TargetKind.IGNORED} and self.column_keys[index]
        ]

    def _target(self, index: int, key: str) -> ColumnTarget:
        """What the column holds: as the person says, as its program means it, or by its name and what stands in it."""
        if index in self.mapped_targets:
            return ColumnTarget(0, self.mapped_targets[index])
        if index in self.state_words:
            return ColumnTarget(0, ListField.STATE)
        if not key:
            return _UNNAMED
        of_format = self.format.target(key) if self.format else None
        if of_format:
            return ColumnTarget(*of_format)
        field = self._known_field(index, key)
        if field is not None:
            return ColumnTarget(len(self.column_keys), field)  # after all that the format names
        tag = key if key in KNOWN_TAGS else tag_key_in(self.header.cells[index].strip())
        return ColumnTarget(0, TAG_PREFIX + tag) if tag else _UNNAMED

    def _known_field(self, index: int, key: str) -> ListField | None:
        """The field that the column's name means in any list."""
        field = known_field(key)
        if field in OWN_EXPORT_FIELDS and not (self.format and self.format.is_complete):
            field = None
        may_be_email = field is None and may_hold_addresses(key)
        if may_be_email and not self._has_surer_column(index) and self._holds_addresses(index):
            return ListField.EMAIL
        return field

    def _has_surer_column(self, index: int) -> bool:
        """Whether another column than that one, whose name may mean where people live, holds addresses for sure."""
        return ListField.EMAIL in self.mapped_targets.values() or any(
            known_field(key) is ListField.EMAIL
            or (self.format and (self.format.target(key) or ("", ""))[1] == ListField.EMAIL)
            for other_index, key in enumerate(self.column_keys)
            if other_index != index and key
        )

    def _holds_addresses(self, index: int) -> bool:
        return self._count_addresses(index) > 0

    def _count_addresses(self, index: int) -> int:
        return sum(index < len(row.cells) and looks_like_address(row.cells[index]) for row in self.sample)

    def _refuse_unclear(self, index: int, key: str) -> None:
        if not self.must_ask or not key or not looks_like_unsubscribe(key):
            return
        name = self.column_names[index]
        raise SheetError(
            _("{file}: the column “{name}” looks as if it said who must not be written to, and it is not known").format(
                file=self.file, name=name
            ),
            _(
                "Say what it holds: --map '{name}=left' if whoever has something there has left, or =opt-out (a yes "
                "there is a no to us), =bounced, =complained, =state, or =ignore if it says nothing of the kind."
            ).format(name=name),
        )

    def _duplicate_error(self, field: ListField, first: int, second: int) -> SheetError:
        unwanted = min((second, first), key=self._count_addresses) if field is ListField.EMAIL else second
        return SheetError(
            _("{file} has two columns for {field}: “{first}” and “{second}”").format(
                file=self.file, field=field, first=self.column_names[first], second=self.column_names[second]
            ),
            _("Say which one does not count: --map '{name}=ignore'").format(name=self._unambiguous_name(unwanted)),
        )

    def _unambiguous_name(self, index: int) -> str:
        """The name that means this column alone."""
        name, key = self.column_names[index], self.column_keys[index]
        return f"{name}#1" if key and self.column_keys.count(key) > 1 and not NTH_COLUMN.fullmatch(name) else name

    def _no_addresses_error(self) -> SheetError:
        address_counts = {index: self._count_addresses(index) for index in range(len(self.column_keys))}
        best = max(address_counts, key=lambda index: address_counts[index], default=0)
        if address_counts.get(best):
            return SheetError(
                _("{file} has no column with addresses that is known by its name").format(file=self.file),
                _("There are addresses in the column “{name}”: --map '{exact}=email'").format(
                    name=self.column_names[best], exact=self._unambiguous_name(best)
                ),
            )
        return SheetError(_("{file} has no column with addresses").format(file=self.file), self._list_columns())

    def _list_columns(self) -> str:
        names = ", ".join(
            _("“{name}”").format(name=name[:_MAX_NAMES_SHOWN])
            for name, key in list(zip(self.column_names, self.column_keys, strict=True))[:_MAX_NAMES_SHOWN]
            if key
        )
        return _("Columns of {file}, row {row}: {names}. If another row names them: --header-row NUMBER").format(
            file=self.file, row=self.header.number, names=names
        )
