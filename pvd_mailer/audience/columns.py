"""Which column holds what: known by its French or English name, or as `--map` says."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pvd_mailer.audience.address import WrongAddressError, canonical
from pvd_mailer.audience.sheet import Row, SheetError, read_sheet
from pvd_mailer.audience.tags import tag_key
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _

__all__ = ["KNOWN_TAGS", "TAG", "Columns", "Field", "addresses_in", "open_list", "read_map"]


class Field(StrEnum):
    """What a column can hold, beside tags."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    BASIS = "basis"
    DATE = "date"
    """When consent was given, or the person informed."""
    SOURCE = "source"
    WORDING = "wording"


TAG = "tag:"
"""Before a key: the column holds that tag."""
_IGNORE = "ignore"
KNOWN_TAGS = ("role", "department", "region")
"""The tags whose columns are known by their name alone."""
MAX_KEY = 40
_NAMES = {
    # As `tag_key` folds them: lower case, no accents, hyphens for blanks.
    Field.EMAIL: """email e-mail mail courriel mel adresse adresse-email adresse-e-mail adresse-mail adresse-courriel
        adresse-electronique adresse-de-courriel adresse-de-messagerie courriel-professionnel mail-professionnel
        email-professionnel email-address e-mail-address address""",
    Field.FIRST_NAME: "first-name firstname given-name prenom prenoms",
    Field.LAST_NAME: """last-name lastname surname family-name nom nom-de-famille nom-d-usage name full-name
        nom-complet nom-et-prenom nom-prenom prenom-nom prenom-et-nom""",
    Field.BASIS: "basis legal-basis base-legale base fondement",
    Field.DATE: """date consent-date proof-date date-du-consentement date-de-consentement date-d-inscription
        date-d-information date-de-recueil""",
    Field.SOURCE: "source proof-source origine provenance",
    Field.WORDING: "wording mention formulation libelle mention-d-information texte-du-consentement",
}
_BY_NAME = {name: field for field, names in _NAMES.items() for name in names.split()}
_MANY = 40


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row things are, counted from 0."""

    fields: dict[Field, int]
    tags: tuple[tuple[str, int], ...]
    ignored: tuple[str, ...]
    """The names of the columns that are not taken."""
    width: int

    def cell(self, row: Row, field: Field) -> str:
        """What `row` holds there; nothing where the row is too short, or there is no such column."""
        at = self.fields.get(field)
        return row.cells[at] if at is not None and at < len(row.cells) else ""


def read_map(pairs: Iterable[str]) -> dict[str, str]:
    """The columns that `--map` names, folded -> what they hold: a field's name, `tag:KEY` or `ignore`.

    Raises:
        WrongUsageError: one of them is not written like that.
    """
    result = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        target = target.strip()
        if key := _tag(target):
            target = TAG + key
        elif target.casefold() != _IGNORE:
            target = str(_BY_NAME.get(tag_key(target), ""))
        if not equals or not name.strip() or not target:
            raise WrongUsageError(
                _("--map “{pair}” is not understood").format(pair=pair),
                _("Write 'Name of the column=field'; fields: {fields}, tag:KEY, ignore.").format(
                    fields=", ".join(Field)
                ),
            )
        result[tag_key(name)] = target.casefold()
    return result


def _tag(text: str) -> str:
    """The key in `tag:KEY`."""
    return tag_key(text[len(TAG) :])[:MAX_KEY] if text.casefold().startswith(TAG) else ""


def open_list(path: Path, wanted: dict[str, str]) -> tuple[Columns, Iterator[Row]]:
    """What the columns of the file `path` hold, and the rows below their names.

    Raises:
        SheetError: it is no list of people; also while the rows are read.
    """
    rows = read_sheet(path)
    header = next(rows, None)
    if header is None:
        raise SheetError(
            _("{file} is empty").format(file=path.name), _("The first row names the columns; people follow.")
        )
    return _match(header, wanted, path.name), rows


def addresses_in(path: Path) -> frozenset[str]:
    """The canonical addresses in the column of the file `path` that holds addresses; rows without one are passed over.

    Raises:
        SheetError: it is no list of people.
    """
    columns, rows = open_list(path, {})
    found = set()
    for row in rows:
        with suppress(WrongAddressError):
            found.add(canonical(columns.cell(row, Field.EMAIL).strip()).key)
    return frozenset(found)


def _match(header: Row, wanted: dict[str, str], file: str) -> Columns:
    """What the columns under `header` hold; `wanted` (from `read_map`) wins over what is known.

    Raises:
        SheetError: no column holds addresses, or two claim to be the same.
    """
    fields: dict[Field, int] = {}
    marks: list[tuple[str, int]] = []
    ignored: list[str] = []
    folded = [tag_key(name) for name in header.cells]
    missing = [name for name in wanted if name not in folded]
    if missing:
        raise SheetError(_("{file} has no column “{name}”").format(file=file, name=missing[0]), _listed(header, file))
    for at, name in enumerate(folded):
        target = wanted.get(name, "") or str(_BY_NAME.get(name, "")) or (TAG + name if name in KNOWN_TAGS else "")
        if not target and (key := _tag(header.cells[at].strip())):
            target = TAG + key
        if target.startswith(TAG):
            marks.append((target[len(TAG) :], at))
        elif not target or target == _IGNORE:
            if name:
                ignored.append(header.cells[at].strip())
        elif Field(target) in fields:
            first = header.cells[fields[Field(target)]].strip()
            raise SheetError(
                _("{file} has two columns for {field}: “{first}” and “{second}”").format(
                    file=file, field=target, first=first, second=header.cells[at].strip()
                ),
                _("Say which one does not count: --map '{name}=ignore'").format(name=header.cells[at].strip()),
            )
        else:
            fields[Field(target)] = at
    if Field.EMAIL not in fields:
        raise _no_addresses(header, file)
    return Columns(fields, tuple(marks), tuple(ignored), len(header.cells))


def _no_addresses(header: Row, file: str) -> SheetError:
    for cell in header.cells:
        try:
            canonical(cell)
        except WrongAddressError:
            continue
        return SheetError(
            _("the first row of {file} holds an address already, where the columns' names were expected").format(
                file=file
            ),
            _("Add a row above it: email;first_name;last_name"),
        )
    return SheetError(_("{file} has no column with addresses").format(file=file), _listed(header, file))


def _listed(header: Row, file: str) -> str:
    names = ", ".join(f"“{name.strip()[:_MANY]}”" for name in header.cells[:_MANY] if name.strip())
    return _("Columns of {file}: {names}. Name one “email” or “courriel”, or say which: --map 'NAME=email'").format(
        file=file, names=names
    )
