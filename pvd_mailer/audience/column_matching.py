"""Which column holds what: as `--map` says, as the program that wrote the list means it, or by its name."""

import re
from collections.abc import Iterable, Sequence

from pvd_mailer.audience.columns import Columns
from pvd_mailer.audience.formats import CHANNELS, IGNORE, JSON, TAG, TAGS, format_of
from pvd_mailer.audience.headings import (
    KNOWN_TAGS,
    Field,
    heading_key,
    known_field,
    looks_like_leaving,
    names_addresses,
)
from pvd_mailer.audience.sheet import Row, SheetError
from pvd_mailer.audience.standing import Signal
from pvd_mailer.audience.tags import tag_key
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _

__all__ = ["NTH", "Matching", "filled", "holds_address", "read_map"]

MAX_KEY = 40
_MANY = 40
_SIGNALS = (
    Field.STATE,
    Field.OPT_OUT,
    Field.LEFT,
    Field.OPT_IN,
    Field.BOUNCED,
    Field.COMPLAINED,
    Field.CONFIRMED,
    Field.PENDING,
    CHANNELS,
)
_SEVERAL = (Field.DATE,)
"""What several columns may hold: the first that is filled counts."""
_OURS = (Field.CREATED, Field.CHANGED, Field.LAST_CONTACT)
"""Of our own export alone."""
_ADDRESS = re.compile(
    r"""\s*['"]?(?:[^<>@]*<|mailto:)?[^\s@<>;,]+@[^\s@<>;,]+\.\w+>?['"]?[\s;,]*(?: ::: .*)?""", re.DOTALL
)
NTH = re.compile(r"(.*)#([1-9][0-9]{0,2})", re.DOTALL)
"""`NAME#2`, the second column of that name; `#2`, the second of all."""


def read_map(pairs: Iterable[str]) -> dict[str, str]:
    """The columns that `--map` names -> what they hold: a field's name, `tag:KEY`, `ignore`; `NAME:WORD` -> a state.

    Raises:
        WrongUsageError: one of them is not written like that.
    """
    result = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        target = target.strip().casefold()
        if key := _tag(target):
            target = TAG + key
        elif target not in {IGNORE, *SubscriberState, *Field} - {*_OURS}:
            target = str(known_field(heading_key(target)) or "")
        if not equals or not name.strip() or not target:
            raise WrongUsageError(
                _("--map “{pair}” is not understood").format(pair=pair),
                _("Write 'Name of the column=field'; fields: {fields}, tag:KEY, ignore.").format(
                    fields=", ".join(one for one in Field if one not in {*_OURS, Field.PENDING})
                ),
            )
        result[name.strip()] = target
    return result


def _tag(text: str) -> str:
    """The key in `tag:KEY`."""
    return tag_key(text[len(TAG) :])[:MAX_KEY] if text.casefold().startswith(TAG) else ""


def holds_address(cell: str) -> bool:
    """Whether a cell looks as if it held an address, and at most a name; whether it is one is for `address`."""
    return "@" in cell and _ADDRESS.fullmatch(cell) is not None


def filled(row: Row) -> list[int]:
    """The places of the cells that hold anything."""
    return [at for at, cell in enumerate(row.cells) if cell.strip()]


class Matching:
    """Finds what each column under a header holds."""

    def __init__(self, header: Row, sample: Sequence[Row], wanted: dict[str, str], file: str, *, asks: bool) -> None:
        self.header = header
        self.sample = sample
        self.file = file
        self.asks = asks
        self.keys = [heading_key(cell) for cell in header.cells]
        width = max([len(header.cells), *(max(filled(row), default=-1) + 1 for row in sample)])
        self.keys += [""] * (width - len(self.keys))
        self.names = self._unique_names()
        self.format = format_of(self.keys)
        self.words: dict[int, dict[str, SubscriberState]] = {}
        self.mapped = self._map(wanted)

    def _unique_names(self) -> list[str]:
        """What `--map` calls each column: its name, with `#2` behind it where it is the second of that name."""
        names = []
        for at, key in enumerate(self.keys):
            if not key:
                names.append(f"#{at + 1}")
                continue
            name = " ".join(self.header.cells[at].split())
            before = self.keys[:at].count(key)
            names.append(f"{name}#{before + 1}" if before else name)
        return names

    def _map(self, wanted: dict[str, str]) -> dict[int, str]:
        mapped: dict[int, str] = {}
        for name, target in wanted.items():
            places = self._places(name)
            if not places and ":" in name and target in set(SubscriberState):
                column, _colon, word = name.rpartition(":")
                places = self._places(column)
                for at in places:
                    self.words.setdefault(at, {})[tag_key(word)] = SubscriberState(target)
            elif target in set(SubscriberState) and target not in set(Field):
                raise WrongUsageError(
                    _("--map “{pair}” is not understood").format(pair=f"{name}={target}"),
                    _("Say which word in the column means it: --map '{name}:WORD={state}'").format(
                        name=name, state=target
                    ),
                )
            else:
                mapped.update(dict.fromkeys(places, target))
            if not places:
                raise SheetError(_("{file} has no column “{name}”").format(file=self.file, name=name), self._listed())
        return mapped

    def _places(self, name: str) -> list[int]:
        key = heading_key(name)
        found = [at for at, one in enumerate(self.keys) if one == key and key]
        nth = NTH.fullmatch(name)
        if found or not nth:
            return found
        number = int(nth[2]) - 1
        if not nth[1].strip():
            return [number] if number < len(self.keys) else []
        key = heading_key(nth[1])
        return [at for at, one in enumerate(self.keys) if one == key][number : number + 1]

    def columns(self) -> Columns:
        """What they hold.

        Raises:
            SheetError: no column holds addresses, two claim to be the same, or one has to be explained first.
        """
        fields: dict[Field, tuple[int, ...]] = {}
        places: list[tuple[int, Field, int]] = []
        marks: list[tuple[str, int, str]] = []
        signals: list[Signal] = []
        loose: list[int] = []
        ignored: list[str] = []
        for at, key in enumerate(self.keys):
            order, target = self._target(at, key)
            if target in _SIGNALS:
                words = {**(self.format.words if self.format else {}), **self.words.get(at, {})}
                signals.append(Signal(at, self.names[at], target, words))
            elif target == JSON or target.startswith((TAG, TAGS)):
                kind = JSON if target == JSON else TAG if target.startswith(TAG) else TAGS
                marks.append((target[len(kind) :], at, kind))
            elif not target or target == IGNORE:
                if not target:
                    self._ask(at, key)
                    loose.append(at)
                if key:
                    ignored.append(self.names[at])
            else:
                places.append((order, Field(target), at))
        for _order, field, at in sorted(places):
            if field in fields and field not in _SEVERAL:
                raise self._twice(field, fields[field][0], at)
            fields[field] = (*fields.get(field, ()), at)
        if Field.EMAIL not in fields:
            raise self._no_addresses()
        if Field.NAME in fields:
            name = fields.pop(Field.NAME)
            if not {Field.FIRST_NAME, Field.LAST_NAME} & fields.keys():
                fields[Field.LAST_NAME] = name
        return Columns(
            fields, tuple(marks), tuple(signals), tuple(loose), tuple(self.names), tuple(ignored), self.format,
            self.header.number,
        )  # fmt: skip

    def _target(self, at: int, key: str) -> tuple[int, str]:
        """What the column holds, and its turn among several that hold the same."""
        if at in self.mapped:
            return 0, self.mapped[at]
        if at in self.words:
            return 0, Field.STATE
        if not key:
            return 0, ""
        named = self.format.target(key) if self.format else None
        if named:
            return named
        field = known_field(key)
        if field in _OURS and not (self.format and self.format.is_complete):
            field = None
        if field is None and names_addresses(key) and not self._has_better(at) and self._holds_addresses(at):
            field = Field.EMAIL
        if field is not None:
            return len(self.keys), field
        if key in KNOWN_TAGS:
            return 0, TAG + key
        own = _tag(self.header.cells[at].strip())
        return 0, TAG + own if own else ""

    def _has_better(self, at: int) -> bool:
        """Whether another column than that one, whose name may mean where people live, holds addresses for sure."""
        return Field.EMAIL in self.mapped.values() or any(
            known_field(key) is Field.EMAIL or (self.format and (self.format.target(key) or ("", ""))[1] == Field.EMAIL)
            for other, key in enumerate(self.keys)
            if other != at and key
        )

    def _holds_addresses(self, at: int) -> bool:
        return self._addresses(at) > 0

    def _addresses(self, at: int) -> int:
        return sum(at < len(row.cells) and holds_address(row.cells[at]) for row in self.sample)

    def _ask(self, at: int, key: str) -> None:
        if not self.asks or not key or not looks_like_leaving(key):
            return
        name = self.names[at]
        raise SheetError(
            _("{file}: the column “{name}” looks as if it said who must not be written to, and it is not known").format(
                file=self.file, name=name
            ),
            _(
                "Say what it holds: --map '{name}=left' if whoever has something there has left, or =opt-out (a yes "
                "there is a no to us), =bounced, =complained, =state, or =ignore if it says nothing of the kind."
            ).format(name=name),
        )

    def _twice(self, field: Field, first: int, second: int) -> SheetError:
        less = min((second, first), key=self._addresses) if field is Field.EMAIL else second
        return SheetError(
            _("{file} has two columns for {field}: “{first}” and “{second}”").format(
                file=self.file, field=field, first=self.names[first], second=self.names[second]
            ),
            _("Say which one does not count: --map '{name}=ignore'").format(name=self._exact(less)),
        )

    def _exact(self, at: int) -> str:
        """The name that means this column alone."""
        name, key = self.names[at], self.keys[at]
        return f"{name}#1" if key and self.keys.count(key) > 1 and not NTH.fullmatch(name) else name

    def _no_addresses(self) -> SheetError:
        counted = {at: self._addresses(at) for at in range(len(self.keys))}
        best = max(counted, key=lambda at: counted[at], default=0)
        if counted.get(best):
            return SheetError(
                _("{file} has no column with addresses that is known by its name").format(file=self.file),
                _("There are addresses in the column “{name}”: --map '{exact}=email'").format(
                    name=self.names[best], exact=self._exact(best)
                ),
            )
        return SheetError(_("{file} has no column with addresses").format(file=self.file), self._listed())

    def _listed(self) -> str:
        names = ", ".join(
            _("“{name}”").format(name=name[:_MANY])
            for name, key in list(zip(self.names, self.keys, strict=True))[:_MANY]
            if key
        )
        return _("Columns of {file}, row {row}: {names}. If another row names them: --header-row NUMBER").format(
            file=self.file, row=self.header.number, names=names
        )
