"""What somebody asks for at the readers' site, and has to confirm by the link in a mail."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from pvd_mailer.database.schema import requests, subscribers
from pvd_mailer.database.states import RequestKind
from pvd_mailer.subscribers.address import Address
from pvd_mailer.subscribers.mailbox_limits import MAIL_PROVIDERS, DomainSizes, domain_of, is_of_domain, is_of_mailbox
from pvd_mailer.subscribers.mutations import SubscriberData

__all__ = [
    "LINK_LIFETIMES",
    "SignupRequest",
    "claim_request",
    "create_request",
    "due_requests",
    "find_request",
    "give_up_mail",
    "is_superseded",
    "is_too_late_to_mail",
    "mail_not_before",
    "mark_request_done",
    "next_due_at",
    "postpone_request",
    "purge_expired_requests",
    "record_mail_result",
]

LINK_LIFETIMES: Final = {RequestKind.SUBSCRIBE: timedelta(days=7), RequestKind.PREFERENCES: timedelta(hours=24)}
"""How long a link is good, from when its mail goes out; and how long what was asked for waits for that."""
MAIL_INTERVAL: Final = timedelta(hours=1)
"""Between two mails of a kind to one mailbox."""
MAX_MAILS_A_DAY: Final = 3
"""Mails of a kind to one mailbox in 24 hours."""
MAX_MAILS_OF_DOMAIN: Final = 30
"""Mails of a kind, within `MAIL_INTERVAL`, to addresses at one domain where few people have a mailbox."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignupRequest:
    """One thing asked for."""

    id: int
    ref: str
    """Opaque; what the link carries."""
    kind: RequestKind
    publication: str
    lang: str
    person: SubscriberData
    wording: str
    """What the person was told, and said yes to."""
    asked_at: datetime
    expires_at: datetime
    attempts: int
    done_at: datetime | None


def _request(row: Row[Any]) -> SignupRequest:
    tags_by_key = {key: tuple(values) for key, values in json.loads(row.tags).items()}
    return SignupRequest(
        row.id,
        row.ref,
        RequestKind(row.kind),
        row.publication,
        row.lang,
        SubscriberData(Address(row.address, row.address_key), row.first_name, row.last_name, tags_by_key),
        row.wording,
        row.asked_at,
        row.expires_at,
        row.attempts,
        row.done_at,
    )


def create_request(
    connection: Connection,
    kind: RequestKind,
    publication: str,
    lang: str,
    person: SubscriberData,
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
            "address": person.address.as_written,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "tags": json.dumps(dict(person.tags), ensure_ascii=False),
            "wording": wording,
            "asked_at": now,
            "expires_at": now + LINK_LIFETIMES[kind],
            "mail": "waiting",
        },
    )


def find_request(connection: Connection, ref: str, now: datetime) -> SignupRequest | None:
    """The request that a link carries; None once it is over."""
    row = connection.execute(select(requests).where(requests.c.ref == ref, requests.c.expires_at > now)).first()
    return _request(row) if row else None


def mark_request_done(connection: Connection, ref: str, now: datetime) -> bool:
    """Note that its link was used. False where it was used before, or is over: of two clicks, one counts."""
    result = connection.execute(
        update(requests)
        .where(requests.c.ref == ref, requests.c.done_at.is_(None), requests.c.expires_at > now)
        .values(done_at=now)
    )
    return result.rowcount == 1


def due_requests(connection: Connection, now: datetime, limit: int) -> list[SignupRequest]:
    """Those whose mail is to go out now, the oldest first."""
    rows = connection.execute(
        select(requests)
        .where(
            requests.c.mail == "waiting",
            requests.c.expires_at > now,
            or_(requests.c.not_before.is_(None), requests.c.not_before <= now),
        )
        .order_by(requests.c.id)
        .limit(limit)
    )
    return [_request(row) for row in rows]


def next_due_at(connection: Connection) -> datetime | None:
    """When the next mail that was put off may be tried again."""
    query = select(requests.c.not_before).where(requests.c.mail == "waiting", requests.c.not_before.is_not(None))
    return connection.execute(query.order_by(requests.c.not_before).limit(1)).scalar()


def claim_request(connection: Connection, request: SignupRequest, until: datetime, expires_at: datetime) -> bool:
    """Take a mail to send it, whose link is good until `expires_at`; nobody else does before `until`.

    False where somebody else was quicker.
    """
    result = connection.execute(
        update(requests)
        .where(requests.c.id == request.id, requests.c.mail == "waiting", requests.c.attempts == request.attempts)
        .values(attempts=request.attempts + 1, not_before=until, expires_at=expires_at)
    )
    return result.rowcount == 1


def mail_not_before(connection: Connection, request: SignupRequest, now: datetime, domains: DomainSizes) -> datetime:
    """When its mail may go out: at once, or when others of its kind are long enough ago.

    Those to an address that is not known count with all that lead to the same mailbox: `c.laire+1@` is `claire@` here.
    They may be two subscribers, and are one person whose mailbox fills. Where few people have a mailbox, all of its
    domain count, too. For an address that is known only its own count: nobody keeps a subscriber's link away by asking
    for other spellings, or other people. Nor by asking for something of the other kind.
    """
    key = request.person.address.key
    is_known = connection.scalar(select(subscribers.c.id).where(subscribers.c.address_key == key)) is not None
    sent = (
        select(requests.c.not_before)  # of one that was sent: APART after that
        .where(
            requests.c.mail == "sent",
            requests.c.kind == str(request.kind),
            requests.c.not_before > now + MAIL_INTERVAL - _DAY,
        )
        .order_by(requests.c.not_before.desc())
    )
    same_mailbox = requests.c.address_key == key if is_known else is_of_mailbox(requests.c.address_key, key)
    mailed_at: list[datetime] = list(connection.execute(sent.where(same_mailbox).limit(MAX_MAILS_A_DAY)).scalars())
    moments = [now, *mailed_at[:1], *(free_at - MAIL_INTERVAL + _DAY for free_at in mailed_at[MAX_MAILS_A_DAY - 1 :])]
    domain = domain_of(key)
    if not is_known and domain not in MAIL_PROVIDERS:
        same_domain = sent.where(is_of_domain(requests.c.address_key, domain), requests.c.not_before > now)
        domain_free_at = connection.scalar(same_domain.offset(MAX_MAILS_OF_DOMAIN - 1).limit(1))  # sent within APART
        if domain_free_at is not None and domains.is_small(connection, domain, now):
            moments.append(domain_free_at)
    return max(moments)


def is_too_late_to_mail(request: SignupRequest, not_before: datetime, now: datetime) -> bool:
    """Whether it does not wait for its `not_before`: its time is over by then, or it would wait for more than a day.

    What a flood has left waiting for a mailbox is gone a day after it.
    """
    return not_before >= request.expires_at or (not_before > now and not_before >= request.asked_at + _DAY)


def is_superseded(connection: Connection, request: SignupRequest) -> bool:
    """Whether the same was asked for again since, and that waits, too: one mail answers both, and says the latest."""
    query = select(requests.c.id).where(
        requests.c.address_key == request.person.address.key,
        requests.c.kind == str(request.kind),
        requests.c.publication == request.publication,
        requests.c.mail == "waiting",
        requests.c.id > request.id,
    )
    return connection.scalar(query.limit(1)) is not None


def give_up_mail(connection: Connection, request: SignupRequest) -> None:
    """Note that its mail never goes out, unless somebody has taken it since `request` was read."""
    connection.execute(
        update(requests)
        .where(requests.c.id == request.id, requests.c.mail == "waiting", requests.c.attempts == request.attempts)
        .values(mail="refused", not_before=None)
    )


def record_mail_result(connection: Connection, request: SignupRequest, *, sent: bool, now: datetime) -> None:
    """Note what became of its mail; one that was sent keeps others back for a while."""
    connection.execute(
        update(requests)
        .where(requests.c.id == request.id)
        .values(mail="sent" if sent else "refused", not_before=now + MAIL_INTERVAL if sent else None)
    )


def postpone_request(connection: Connection, request: SignupRequest, until: datetime) -> None:
    """Have its mail tried again, not before `until`."""
    connection.execute(
        update(requests).where(requests.c.id == request.id, requests.c.mail == "waiting").values(not_before=until)
    )


def purge_expired_requests(connection: Connection, now: datetime) -> int:
    """Erase what is over, confirmed or not; how many that were."""
    return connection.execute(delete(requests).where(requests.c.expires_at <= now)).rowcount
