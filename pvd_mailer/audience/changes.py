"""What changes a subscriber. Each change leaves a line in the person's history.

An import never brings back somebody who left; only the person's own sign-up (`sign_up`) does.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, text, update

from pvd_mailer.audience.address import Address
from pvd_mailer.audience.subscribers import CHUNK, Proof, Subscriber, find
from pvd_mailer.audience.tags import value_key
from pvd_mailer.database.schema import histories, oppositions, subscribers, tags
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.keys import KeyRing

__all__ = [
    "Gone",
    "Person",
    "Revision",
    "Standing",
    "change_state",
    "insert_all",
    "let_go",
    "may_become",
    "note",
    "oppose_all",
    "revise_all",
    "sign_up",
    "take_back",
    "take_turn",
    "unsubscribe",
]

_LEAVES = {
    # Which states a change may start from: who left of their own will is not made a mere bounce afterwards.
    SubscriberState.UNSUBSCRIBED: (SubscriberState.SUBSCRIBED, SubscriberState.PENDING, SubscriberState.BOUNCED),
    SubscriberState.BOUNCED: (SubscriberState.PENDING, SubscriberState.SUBSCRIBED),
    SubscriberState.COMPLAINED: tuple(one for one in SubscriberState if one is not SubscriberState.COMPLAINED),
}
_TURN = 0x70_76_64_01  # any number that is ours


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as a row or a form describes them."""

    address: Address
    first_name: str = ""
    last_name: str = ""
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Key -> values as they were written."""


@dataclass(frozen=True, slots=True)
class Revision:
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
class Gone:
    """Somebody who has just left."""

    ref: str
    address_key: str
    was: SubscriberState
    """Where they stood before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands who is added, and since when, as far as that is known from elsewhere.

    Attributes:
        detail: For the line in the history, such as the column of a list that says so.
    """

    state: SubscriberState = SubscriberState.SUBSCRIBED
    detail: str = ""
    created_at: datetime | None = None
    changed_at: datetime | None = None
    last_contact_at: datetime | None = None


_SUBSCRIBED = Standing()


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction adds or forgets people, and keep the turn until this one ends.

    Without it, on PostgreSQL, an import could add a person whom another process forgets at the same moment. On
    SQLite every transaction that writes has the turn.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def insert_all(
    connection: Connection,
    people: Sequence[tuple[Person, Proof]],
    now: datetime,
    what: str,
    standings: Sequence[Standing] | None = None,
) -> None:
    """Add `people`, none of whom is there.

    Args:
        connection: The transaction.
        people: Whom, with the proof that they may be written to, or of why not.
        now: When.
        what: The line in the history of those who are subscribed or have to confirm; of others it is their state.
        standings: Where each of them stands; subscribed, if not given.
    """
    stood = standings or [_SUBSCRIBED] * len(people)
    rows = [
        {
            "ref": secrets.token_hex(8),
            "address_key": person.address.key,
            "address": person.address.written,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "state": one.state,
            "basis": proof.basis,
            "proof_at": proof.at,
            "proof_source": proof.source,
            "proof_wording": proof.wording,
            "created_at": one.created_at or now,
            "changed_at": one.changed_at or now,
            "last_contact_at": one.last_contact_at or proof.at,
        }
        for (person, proof), one in zip(people, stood, strict=True)
    ]
    if not rows:
        return
    made = connection.execute(insert(subscribers).returning(subscribers.c.ref, subscribers.c.id), rows)
    ids = {ref: one for ref, one in made}  # noqa: C416 - dict() of rows is not understood by mypy
    told, marks = [], []
    for (person, proof), row, there in zip(people, rows, stood, strict=True):
        one = ids[row["ref"]]
        said = str(there.state) if there.state in _LEAVES else what
        told.append({"subscriber_id": one, "at": now, "what": said, "source": proof.source, "detail": there.detail})
        marks += _tag_rows(one, person.tags)
    connection.execute(insert(histories), told)
    if marks:
        connection.execute(insert(tags), marks)


def _tag_rows(one: int, marks: Mapping[str, tuple[str, ...]]) -> list[dict[str, object]]:
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for key, values in marks.items():
        for value in values:
            folded = value_key(key, value)
            rows.setdefault((key, folded), {"subscriber_id": one, "key": key, "value": value, "value_key": folded})
    return list(rows.values())


def revise_all(connection: Connection, revisions: Sequence[Revision], now: datetime, source: str) -> None:
    """Write other names and tags of subscribers; the state and the proof stay."""
    if not revisions:
        return
    for column in ("first_name", "last_name"):
        renamed = [
            {"one": revision.id, "value": value, "now": now}
            for revision in revisions
            if (value := getattr(revision, column)) is not None
        ]
        if renamed:
            statement = update(subscribers).where(subscribers.c.id == bindparam("one"))
            connection.execute(statement.values({column: bindparam("value"), "changed_at": bindparam("now")}), renamed)
    replaced = [{"one": revision.id, "of": key} for revision in revisions for key in revision.tags]
    if replaced:
        gone = delete(tags).where(tags.c.subscriber_id == bindparam("one"), tags.c.key == bindparam("of"))
        connection.execute(gone, replaced)
        marks = [row for revision in revisions for row in _tag_rows(revision.id, revision.tags)]
        if marks:
            connection.execute(insert(tags), marks)
        ids = sorted({revision.id for revision in revisions if revision.tags})
        for start in range(0, len(ids), CHUNK):
            changed = update(subscribers).where(subscribers.c.id.in_(ids[start : start + CHUNK]))
            connection.execute(changed.values(changed_at=now))
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


def change_state(
    connection: Connection, address_key: str, state: SubscriberState, now: datetime, source: str, detail: str = ""
) -> bool:
    """Note that somebody left, bounced or complained; `source` and `detail` go into the history.

    Returns:
        Whether anything changed: who complained stays so, and who left is not made a bounce.

    Raises:
        ValueError: `state` is one that nobody can be put into, such as subscribed.
    """
    if state not in _LEAVES:
        raise ValueError(state)
    changed = connection.execute(
        update(subscribers)
        .where(subscribers.c.address_key == address_key, subscribers.c.state.in_(_LEAVES[state]))
        .values(state=state, changed_at=now)
        .returning(subscribers.c.id)
    ).scalar()
    if changed is None:
        return False
    note(connection, changed, now, str(state), source, detail)
    return True


def may_become(there: SubscriberState, state: SubscriberState) -> bool:
    """Whether somebody who stands there can be put into that state by others than themselves."""
    return there in _LEAVES.get(state, ())


def oppose_all(
    connection: Connection, people: Sequence[tuple[int, SubscriberState, str]], now: datetime, source: str
) -> None:
    """Put subscribers into states of which `may_become` holds: id, state, and the detail in the history."""
    for start in range(0, len(people), CHUNK):
        page = people[start : start + CHUNK]
        for state in {state for _one, state, _detail in page}:
            ids = [one for one, to, _detail in page if to is state]
            changed = update(subscribers).where(subscribers.c.id.in_(ids), subscribers.c.state.in_(_LEAVES[state]))
            connection.execute(changed.values(state=state, changed_at=now))
        lines = [
            {"subscriber_id": one, "at": now, "what": str(state), "source": source, "detail": detail}
            for one, state, detail in page
        ]
        connection.execute(insert(histories), lines)


def unsubscribe(connection: Connection, address_key: str, now: datetime, source: str, detail: str = "") -> bool:
    """Let somebody go. False where they had left already, or are not there: nothing more is to be done."""
    return change_state(connection, address_key, SubscriberState.UNSUBSCRIBED, now, source, detail)


def let_go(connection: Connection, refs: Sequence[str], now: datetime, source: str) -> list[Gone]:
    """Let many people go at once, as `unsubscribe` does each; those who had left already, or are not there, are not in.

    At most CHUNK of them: it is one statement for each state that one may leave.
    """
    gone: list[Gone] = []
    lines: list[dict[str, object]] = []
    for was in _LEAVES[SubscriberState.UNSUBSCRIBED]:
        left = [ref for ref in refs if not any(one.ref == ref for one in gone)] if gone else refs
        if not left:
            break
        changed = connection.execute(
            update(subscribers)
            .where(subscribers.c.ref.in_(left), subscribers.c.state == was)
            .values(state=SubscriberState.UNSUBSCRIBED, changed_at=now)
            .returning(subscribers.c.id, subscribers.c.ref, subscribers.c.address_key)
        ).all()
        gone += [Gone(ref, key, was) for _one, ref, key in changed]
        what = str(SubscriberState.UNSUBSCRIBED)
        lines += [{"subscriber_id": row[0], "at": now, "what": what, "source": source} for row in changed]
    if lines:
        connection.execute(insert(histories), lines)
    return gone


def take_back(connection: Connection, ref: str, left_at: datetime, now: datetime, source: str) -> bool:
    """Bring somebody back who left at that very moment, with the basis and the proof that they had.

    Returns:
        Whether anything changed: who has complained, bounced or come back since stays where they are.
    """
    changed = connection.execute(
        update(subscribers)
        .where(
            subscribers.c.ref == ref,
            subscribers.c.state == SubscriberState.UNSUBSCRIBED,
            subscribers.c.changed_at == left_at,
        )
        .values(state=SubscriberState.SUBSCRIBED, changed_at=now)
        .returning(subscribers.c.id)
    ).scalar()
    if changed is None:
        return False
    note(connection, changed, now, "resubscribed", source)
    return True


def note(connection: Connection, one: int, now: datetime, what: str, source: str, detail: str = "") -> None:
    """Write a line into the history of the subscriber with that id."""
    connection.execute(
        insert(histories), {"subscriber_id": one, "at": now, "what": what, "source": source, "detail": detail}
    )


def sign_up(connection: Connection, person: Person, proof: Proof, keys: KeyRing, now: datetime) -> Subscriber:
    """Subscribe a person who asked for it: the one door by which somebody who left comes back.

    The opposition list lets go of the address, too. Names and tags are those given now, where any are given.

    Raises:
        ValueError: the proof is not the person's own consent.
    """
    if proof.basis is not Basis.CONSENT:
        raise ValueError(proof.basis)
    take_turn(connection)
    key = person.address.key
    connection.execute(delete(oppositions).where(oppositions.c.digest == keys.opposition_digest(key)))
    known = find(connection, key)
    if known is None:
        insert_all(connection, [(person, proof)], now, "signed-up")
    else:
        connection.execute(
            update(subscribers)
            .where(subscribers.c.id == known.id)
            .values(
                state=SubscriberState.SUBSCRIBED,
                address=person.address.written,
                basis=proof.basis,
                proof_at=proof.at,
                proof_source=proof.source,
                proof_wording=proof.wording,
                changed_at=now,
                last_contact_at=now,
            )
        )
        revision = Revision(known.id, person.first_name or None, person.last_name or None, person.tags)
        if revision.fields:
            revise_all(connection, [revision], now, proof.source)
        before = f"{known.state}, {known.proof.basis}, {known.proof.at.isoformat()}, {known.proof.source}"
        note(connection, known.id, now, "signed-up", proof.source, before)
    found = find(connection, key)
    if found is None:
        raise LookupError
    return found
