"""The list of subscribers as a CSV file that French Excel opens, and that an import takes again."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Connection

from pvd_mailer.audience.filters import Filter
from pvd_mailer.audience.formats import TAG
from pvd_mailer.audience.headings import KNOWN_TAGS, Field
from pvd_mailer.audience.subscribers import Subscriber, pages, tag_keys, tags_of
from pvd_mailer.audience.tags import SEPARATOR
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.formulas import guarded

__all__ = ["export_csv"]

BOM = "\ufeff"


def export_csv(connection: Connection, wanted: Filter, states: tuple[SubscriberState, ...]) -> Iterator[str]:
    """The file's text, piece by piece: a mark by which Excel knows UTF-8, `;` between cells, one row a person.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which an import takes off again.
    """
    keys = (*KNOWN_TAGS, *(key for key in tag_keys(connection) if key not in KNOWN_TAGS))
    titles = [key if key in KNOWN_TAGS else TAG + key for key in keys]
    yield BOM + _text([[Field.EMAIL, Field.FIRST_NAME, Field.LAST_NAME, *titles, Field.STATE, *_PROOF, *_TIMES]])
    for page in pages(connection, wanted, states):
        marks = tags_of(connection, [one.id for one in page])
        yield _text([_row(one, marks[one.id], keys) for one in page])


_PROOF = (Field.BASIS, Field.DATE, Field.SOURCE, Field.WORDING)
_TIMES = (Field.CREATED, Field.CHANGED, Field.LAST_CONTACT)


def _row(one: Subscriber, marks: dict[str, tuple[str, ...]], keys: tuple[str, ...]) -> list[str]:
    return [
        one.address,
        one.first_name,
        one.last_name,
        *(SEPARATOR.join(marks.get(key, ())) for key in keys),
        one.state,
        "" if one.proof.basis is Basis.NONE else one.proof.basis,
        one.proof.at.isoformat(timespec="seconds"),
        one.proof.source,
        one.proof.wording,
        *(at.isoformat(timespec="seconds") for at in (one.created_at, one.changed_at, one.last_contact_at)),
    ]


def _text(rows: list[list[str]]) -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerows([[guarded(cell) for cell in row] for row in rows])
    return target.getvalue()
