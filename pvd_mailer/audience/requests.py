"""What somebody asks for at the readers' site, and has to confirm by the link in a mail."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from pvd_mailer.audience.address import Address
from pvd_mailer.audience.changes import Person
from pvd_mailer.audience.mailbox import PROVIDERS, Domains, domain_of, is_of_domain, is_of_mailbox
from pvd_mailer.database.schema import requests, subscribers
from pvd_mailer.database.states import RequestKind

__all__ = [
    "LIVES",
    "Request",
    "ask",
    "claim",
    "due",
    "find",
    "is_overtaken",
    "is_too_late",
    "mark_done",
    "next_due",
    "purge",
    "put_off",
    "settle",
    "turn_of",
]

LIVES: Final = {RequestKind.SUBSCRIBE: timedelta(days=7), RequestKind.PREFERENCES: timedelta(hours=24)}
"""How long a link is good, from when its mail goes out; and how long what was asked for waits for that."""
APART: Final = timedelta(hours=1)
"""Between two mails of a kind to one mailbox."""
A_DAY: Final = 3
"""Mails of a kind to one mailbox in 24 hours."""
OF_DOMAIN: Final = 30
"""Mails of a kind, within `APART`, to addresses at one domain where few people have a mailbox."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked for."""

    id: int
    ref: str
    """Opaque; what the link carries."""
    kind: RequestKind
    publication: str
    lang: str
    person: Person
    wording: str
    """What the person was told, and said yes to."""
    asked_at: datetime
    expires_at: datetime
    attempts: int
    done_at: datetime | None


def _request(row: Row[Any]) -> Request:
    marks = {key: tuple(values) for key, values in json.loads(row.tags).items()}
    return Request(
        row.id,
        row.ref,
        RequestKind(row.kind),
        row.publication,
        row.lang,
        Person(Address(row.address, row.address_key), row.first_name, row.last_name, marks),
        row.wording,
        row.asked_at,
        row.expires_at,
        row.attempts,
        row.done_at,
    )


def ask(
    connection: Connection,
    kind: RequestKind,
    publication: str,
    lang: str,
    person: Person,
    now: datetime,
    *,
    wording: str = "",
) -> None:
    """Write down what was asked for; its mail goes out later. The same work whoever it is."""
    connection.execute(
        insert(requests),
        {
            "ref": secrets.token_hex(16),
            "kind": str(kind),
            "publication": publication,
            "lang": lang,
            "address_key": person.address.key,
            "address": person.address.written,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "tags": json.dumps(dict(person.tags), ensure_ascii=False),
            "wording": wording,
            "asked_at": now,
            "expires_at": now + LIVES[kind],
            "mail": "waiting",
        },
    )


def find(connection: Connection, ref: str, now: datetime) -> Request | None:
    """The request that a link carries; None once it is over."""
    row = connection.execute(select(requests).where(requests.c.ref == ref, requests.c.expires_at > now)).first()
    return _request(row) if row else None


def mark_done(connection: Connection, ref: str, now: datetime) -> bool:
    """Note that its link was used. False where it was used before, or is over: of two clicks, one counts."""
    changed = connection.execute(
        update(requests)
        .where(requests.c.ref == ref, requests.c.done_at.is_(None), requests.c.expires_at > now)
        .values(done_at=now)
    )
    return changed.rowcount == 1


def due(connection: Connection, now: datetime, most: int) -> list[Request]:
    """Those whose mail is to go out now, the oldest first."""
    rows = connection.execute(
        select(requests)
        .where(
            requests.c.mail == "waiting",
            requests.c.expires_at > now,
            or_(requests.c.not_before.is_(None), requests.c.not_before <= now),
        )
        .order_by(requests.c.id)
        .limit(most)
    )
    return [_request(row) for row in rows]


def next_due(connection: Connection) -> datetime | None:
    """When the next mail that was put off may be tried again."""
    soonest = select(requests.c.not_before).where(requests.c.mail == "waiting", requests.c.not_before.is_not(None))
    return connection.execute(soonest.order_by(requests.c.not_before).limit(1)).scalar()


def claim(connection: Connection, one: Request, until: datetime, expires_at: datetime) -> bool:
    """Take a mail to send it, whose link is good until `expires_at`; nobody else does before `until`.

    False where somebody else was quicker.
    """
    changed = connection.execute(
        update(requests)
        .where(requests.c.id == one.id, requests.c.mail == "waiting", requests.c.attempts == one.attempts)
        .values(attempts=one.attempts + 1, not_before=until, expires_at=expires_at)
    )
    return changed.rowcount == 1


def turn_of(connection: Connection, one: Request, now: datetime, domains: Domains) -> datetime:
    """When its mail may go out: at once, or when others of its kind are long enough ago.

    Those to an address that is not known count with all that lead to the same mailbox: `c.laire+1@` is `claire@` here.
    They may be two subscribers, and are one person whose mailbox fills. Where few people have a mailbox, all of its
    domain count, too. For an address that is known only its own count: nobody keeps a subscriber's link away by asking
    for other spellings, or other people. Nor by asking for something of the other kind.
    """
    key = one.person.address.key
    is_known = connection.scalar(select(subscribers.c.id).where(subscribers.c.address_key == key)) is not None
    sent = (
        select(requests.c.not_before)  # of one that was sent: APART after that
        .where(requests.c.mail == "sent", requests.c.kind == str(one.kind), requests.c.not_before > now + APART - DAY)
        .order_by(requests.c.not_before.desc())
    )
    same = requests.c.address_key == key if is_known else is_of_mailbox(requests.c.address_key, key)
    free: list[datetime] = list(connection.execute(sent.where(same).limit(A_DAY)).scalars())
    turns = [now, *free[:1], *(moment - APART + DAY for moment in free[A_DAY - 1 :])]
    domain = domain_of(key)
    if not is_known and domain not in PROVIDERS:
        there = sent.where(is_of_domain(requests.c.address_key, domain), requests.c.not_before > now)
        full = connection.scalar(there.offset(OF_DOMAIN - 1).limit(1))  # sent within APART
        if full is not None and domains.is_small(connection, domain, now):
            turns.append(full)
    return max(turns)


def is_too_late(one: Request, turn: datetime, now: datetime) -> bool:
    """Whether it does not wait for its `turn`: its time is over by then, or it would have waited for more than a day.

    What a flood has left waiting for a mailbox is gone a day after it.
    """
    return turn >= one.expires_at or (turn > now and turn >= one.asked_at + DAY)


def is_overtaken(connection: Connection, one: Request) -> bool:
    """Whether the same was asked for again since, and that waits, too: one mail answers both, and says the latest."""
    newer = select(requests.c.id).where(
        requests.c.address_key == one.person.address.key,
        requests.c.kind == str(one.kind),
        requests.c.publication == one.publication,
        requests.c.mail == "waiting",
        requests.c.id > one.id,
    )
    return connection.scalar(newer.limit(1)) is not None


def settle(connection: Connection, one: Request, *, sent: bool, now: datetime) -> None:
    """Note what became of its mail; one that was sent keeps others back for a while."""
    connection.execute(
        update(requests)
        .where(requests.c.id == one.id)
        .values(mail="sent" if sent else "refused", not_before=now + APART if sent else None)
    )


def put_off(connection: Connection, one: Request, until: datetime) -> None:
    """Have its mail tried again, not before `until`."""
    connection.execute(
        update(requests).where(requests.c.id == one.id, requests.c.mail == "waiting").values(not_before=until)
    )


def purge(connection: Connection, now: datetime) -> int:
    """Erase what is over, confirmed or not; how many that were."""
    return connection.execute(delete(requests).where(requests.c.expires_at <= now)).rowcount
