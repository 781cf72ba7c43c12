"""What adds subscribers and changes what is known of them. Each change leaves a line in the person's history.

An import never brings back somebody who left; only the person's own sign-up (`sign_up`) does.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, text, update

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import histories, oppositions, subscribers, tags
from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.address import Address
from pvd_mailer.subscribers.queries import LegalProof, Subscriber, find_subscriber
from pvd_mailer.subscribers.state_changes import STATES_BEFORE, add_history_entry
from pvd_mailer.subscribers.tags import value_key

__all__ = [
    "ImportedState",
    "SubscriberData",
    "SubscriberUpdate",
    "insert_subscribers",
    "lock_subscribers",
    "sign_up",
    "update_subscribers",
]

_ADVISORY_LOCK = 0x70_76_64_01  # any number that is ours


@dataclass(frozen=True, slots=True)
class SubscriberData:
    """Somebody as a row or a form describes them."""

    address: Address
    first_name: str = ""
    last_name: str = ""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key -> values as they were written."""


@dataclass(frozen=True, slots=True)
class SubscriberUpdate:
    """What is to be written of a subscriber that is there already; a name of None stays."""

    id: int
    first_name: str | None
    last_name: str | None
    tags: Mapping[str, tuple[str, ...]]
    """The keys whose values are replaced."""

    @property
    def fields(self) -> tuple[str, ...]:
        """What it changes, by name."""
        names = {"first_name": self.first_name, "last_name": self.last_name}
        return *(name for name, value in names.items() if value is not None), *self.tags


@dataclass(frozen=True, slots=True)
class ImportedState:
    """Where somebody stands who is added, and since when, as far as that is known from elsewhere.

    Attributes:
        detail: For the line in the history, such as the column of a list that says so.
    """

    state: SubscriberState = SubscriberState.SUBSCRIBED
    detail: str = ""
    created_at: datetime | None = None
    changed_at: datetime | None = None
    last_contact_at: datetime | None = None


_SUBSCRIBED_NOW = ImportedState()


def lock_subscribers(connection: Connection) -> None:
    """Wait until no other transaction adds or forgets people, and keep the turn until this one ends.

    Without it, on PostgreSQL, an import could add a person whom another process forgets at the same moment. On
    SQLite every transaction that writes has the turn.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _ADVISORY_LOCK})


def insert_subscribers(
    connection: Connection,
    people: Sequence[tuple[SubscriberData, LegalProof]],
    now: datetime,
    history_line: str,
    states: Sequence[ImportedState] | None = None,
) -> None:
    """Add `people`, none of whom is there.

    Args:
        connection: The transaction.
        people: Whom, with the proof that they may be written to, or of why not.
        now: When.
        history_line: The history's line for those who are subscribed or have to confirm; of others it is their state.
        states: Where each of them stands; subscribed, if not given.
    """
    imported_states = states or [_SUBSCRIBED_NOW] * len(people)
    rows = [
        {
            "ref": secrets.token_hex(8),
            "address_key": person.address.key,
            "address": person.address.as_written,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "state": imported.state,
            "basis": proof.basis,
            "proof_at": proof.at,
            "proof_source": proof.source,
            "proof_wording": proof.wording,
            "created_at": imported.created_at or now,
            "changed_at": imported.changed_at or now,
            "last_contact_at": imported.last_contact_at or proof.at,
        }
        for (person, proof), imported in zip(people, imported_states, strict=True)
    ]
    if not rows:
        return
    inserted = connection.execute(insert(subscribers).returning(subscribers.c.ref, subscribers.c.id), rows)
    ids = {ref: subscriber_id for ref, subscriber_id in inserted}  # noqa: C416 - dict() of rows is not understood by mypy
    history_rows, tag_rows = [], []
    for (person, proof), row, imported in zip(people, rows, imported_states, strict=True):
        subscriber_id = ids[row["ref"]]
        what_happened = str(imported.state) if imported.state in STATES_BEFORE else history_line
        history_rows.append(
            {
                "subscriber_id": subscriber_id,
                "at": now,
                "what": what_happened,
                "source": proof.source,
                "detail": imported.detail,
            }
        )
        tag_rows += _tag_rows(subscriber_id, person.tags)
    connection.execute(insert(histories), history_rows)
    if tag_rows:
        connection.execute(insert(tags), tag_rows)


def _tag_rows(subscriber_id: int, tags_by_key: Mapping[str, tuple[str, ...]]) -> list[dict[str, object]]:
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for key, values in tags_by_key.items():
        for value in values:
            folded_value = value_key(key, value)
            rows.setdefault(
                (key, folded_value),
                {"subscriber_id": subscriber_id, "key": key, "value": value, "value_key": folded_value},
            )
    return list(rows.values())


def update_subscribers(
    connection: Connection, revisions: Sequence[SubscriberUpdate], now: datetime, source: str
) -> None:
    """Write other names and tags of subscribers; the state and the proof stay."""
    if not revisions:
        return
    for column in ("first_name", "last_name"):
        changed_names = [
            {"subscriber": revision.id, "value": value, "now": now}
            for revision in revisions
            if (value := getattr(revision, column)) is not None
        ]
        if changed_names:
            statement = update(subscribers).where(subscribers.c.id == bindparam("subscriber"))
            connection.execute(
                statement.values({column: bindparam("value"), "changed_at": bindparam("now")}), changed_names
            )
    changed_tags = [{"subscriber": revision.id, "tag_key": key} for revision in revisions for key in revision.tags]
    if changed_tags:
        delete_old = delete(tags).where(
            tags.c.subscriber_id == bindparam("subscriber"), tags.c.key == bindparam("tag_key")
        )
        connection.execute(delete_old, changed_tags)
        tag_rows = [row for revision in revisions for row in _tag_rows(revision.id, revision.tags)]
        if tag_rows:
            connection.execute(insert(tags), tag_rows)
        ids = sorted({revision.id for revision in revisions if revision.tags})
        for chunk in chunked(ids, MAX_IN_VALUES):
            touch = update(subscribers).where(subscribers.c.id.in_(chunk))
            connection.execute(touch.values(changed_at=now))
    connection.execute(
        insert(histories),
        [
            {
                "subscriber_id": revision.id,
                "at": now,
                "what": "updated",
                "source": source,
                "detail": ", ".join(revision.fields),
            }
            for revision in revisions
        ],
    )


def sign_up(
    connection: Connection, person: SubscriberData, proof: LegalProof, keys: KeyRing, now: datetime
) -> Subscriber:
    """Subscribe a person who asked for it: the one door by which somebody who left comes back.

    The opposition list lets go of the address, too. Names and tags are those given now, where any are given.

    Raises:
        ValueError: the proof is not the person's own consent.
    """
    if proof.basis is not LegalBasis.CONSENT:
        raise ValueError(proof.basis)
    lock_subscribers(connection)
    key = person.address.key
    connection.execute(delete(oppositions).where(oppositions.c.digest == keys.opposition_digest(key)))
    existing = find_subscriber(connection, key)
    if existing is None:
        insert_subscribers(connection, [(person, proof)], now, "signed-up")
    else:
        connection.execute(
            update(subscribers)
            .where(subscribers.c.id == existing.id)
            .values(
                state=SubscriberState.SUBSCRIBED,
                address=person.address.as_written,
                basis=proof.basis,
                proof_at=proof.at,
                proof_source=proof.source,
                proof_wording=proof.wording,
                changed_at=now,
                last_contact_at=now,
            )
        )
        revision = SubscriberUpdate(existing.id, person.first_name or None, person.last_name or None, person.tags)
        if revision.fields:
            update_subscribers(connection, [revision], now, proof.source)
        previous = f"{existing.state}, {existing.proof.basis}, {existing.proof.at.isoformat()}, {existing.proof.source}"
        add_history_entry(connection, existing.id, now, "signed-up", proof.source, previous)
    subscriber = find_subscriber(connection, key)
    if subscriber is None:
        raise LookupError
    return subscriber
