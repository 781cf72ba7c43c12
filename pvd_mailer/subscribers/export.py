"""The list of subscribers as a CSV file that French Excel opens, and that an import takes again."""

import csv
import io
from collections.abc import Iterator

from sqlalchemy import Connection

from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.formulas import escape_formula
from pvd_mailer.subscribers.filters import AudienceFilter
from pvd_mailer.subscribers.importing.list_fields import KNOWN_TAGS, ListField
from pvd_mailer.subscribers.importing.readers.formats import TAG_PREFIX
from pvd_mailer.subscribers.queries import Subscriber, all_tag_keys, subscriber_pages, tags_of
from pvd_mailer.subscribers.tags import VALUE_SEPARATOR

__all__ = ["export_csv"]

_BOM = "\ufeff"


def export_csv(connection: Connection, audience: AudienceFilter, states: tuple[SubscriberState, ...]) -> Iterator[str]:
    """The file's text, piece by piece: a mark by which Excel knows UTF-8, `;` between cells, one row a person.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front, which an import takes off again.
    """
    keys = (*KNOWN_TAGS, *(key for key in all_tag_keys(connection) if key not in KNOWN_TAGS))
    titles = [key if key in KNOWN_TAGS else TAG_PREFIX + key for key in keys]
    yield _BOM + _csv_text(
        [
            [
                ListField.EMAIL,
                ListField.FIRST_NAME,
                ListField.LAST_NAME,
                *titles,
                ListField.STATE,
                *_PROOF_FIELDS,
                *_TIME_FIELDS,
            ]
        ]
    )
    for page in subscriber_pages(connection, audience, states):
        tags_by_id = tags_of(connection, [subscriber.id for subscriber in page])
        yield _csv_text([_row(subscriber, tags_by_id[subscriber.id], keys) for subscriber in page])


_PROOF_FIELDS = (ListField.BASIS, ListField.DATE, ListField.SOURCE, ListField.WORDING)
_TIME_FIELDS = (ListField.CREATED, ListField.CHANGED, ListField.LAST_CONTACT)


def _row(subscriber: Subscriber, own_tags: dict[str, tuple[str, ...]], keys: tuple[str, ...]) -> list[str]:
    return [
        subscriber.address,
        subscriber.first_name,
        subscriber.last_name,
        *(VALUE_SEPARATOR.join(own_tags.get(key, ())) for key in keys),
        subscriber.state,
        "" if subscriber.proof.basis is LegalBasis.NONE else subscriber.proof.basis,
        subscriber.proof.at.isoformat(timespec="seconds"),
        subscriber.proof.source,
        subscriber.proof.wording,
        *(
            moment.isoformat(timespec="seconds")
            for moment in (subscriber.created_at, subscriber.changed_at, subscriber.last_contact_at)
        ),
    ]


def _csv_text(rows: list[list[str]]) -> str:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerows([[escape_formula(cell) for cell in row] for row in rows])
    return target.getvalue()
