"""One mail of the mailbox that letters come back to: a report that one did not arrive, a wish to leave, or neither.

Anybody can write to a mailbox. A report counts only where it gives back the Message-ID of a letter of ours, which
nobody can guess: whoever has a letter can speak of that one alone. A wish to leave counts only where it comes from the
person, as far as a mail can show. What is in doubt is left for a person.
"""

import email
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from enum import StrEnum

from pvd_mailer.audience.address import WrongAddressError, canonical
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.journal.events import Event
from pvd_mailer.keys import KeyRing
from pvd_mailer.observe.reports import UnprovedError, find_failures, find_place, is_report

__all__ = ["Mail", "Why", "read_mail"]

LARGEST = 512 * 1024
"""Bytes read of a mail: a report comes before the letter that it gives back, whose pictures may have megabytes."""
MOST_BOUNDARIES = 40
"""A mail with more parts within parts is no report of a mail server."""
_ARRIVED = (EventKind.DELIVERED, EventKind.PROCESSED)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = re.compile(r"\s*<\s*>\s*")
_ROBOT = re.compile(r"(mailer-daemon|postmaster|maildaemon|mail-daemon)@", re.IGNORECASE)


class Why(StrEnum):
    """Why a mail is left for a person to read."""

    OTHER = "other"
    """Neither a report nor a wish to leave that a program understands."""
    AUTOMATIC = "automatic"
    """An automatic reply, such as of somebody who is away."""
    NOT_OURS = "not-ours"
    """A report about a message that was no letter of ours, or that does not say which."""
    UNPROVED = "unproved"
    """A report that names a letter of ours, and may be written by somebody who never had it: forged, or cut short."""
    DOUBTFUL = "doubtful"
    """A wish to leave that may not come from whom it says."""
    STRANGER = "stranger"
    """A wish to leave of somebody who is on no list: perhaps they subscribed with another address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says.

    Attributes:
        events: What happened.
        leaver: Whether it is a wish to leave.
        why: Why it is left for a person; None where it was understood.
    """

    events: tuple[Event, ...] = ()
    leaver: bool = False
    why: Why | None = None

    @property
    def is_arrival(self) -> bool:
        """Whether it is a report that the letter arrived, or was passed on."""
        return bool(self.events) and all(one.kind in _ARRIVED for one in self.events)


def read_mail(raw: bytes, lists: Collection[str], now: datetime, keys: KeyRing) -> Mail:
    """What the mail `raw` says.

    Args:
        raw: Its bytes, or the first of them.
        lists: The list identifiers (RFC 2919) of our letters.
        now: No mail is younger.
        keys: Tell our own Message-IDs from guessed ones, and make the keyed hash of an address.
    """
    raw = raw[:LARGEST]
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES:
        return Mail(why=Why.OTHER)
    try:
        message = email.message_from_bytes(raw)
        return _read(message, raw, lists, now, keys)
    except UnprovedError:
        return Mail(why=Why.UNPROVED)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, HeaderParseError):
        # The parser of a hostile mail fails in many ways; none of them is worth a word of ours.
        return Mail(why=Why.OTHER)


def _read(message: Message, raw: bytes, lists: Collection[str], now: datetime, keys: KeyRing) -> Mail:
    at = _moment(message, now)
    words = _text(message, "Subject").casefold().split()
    if len(words) == 2 and words[0] == "unsubscribe" and words[1] in lists:  # noqa: PLR2004 - as unsubscribe_mailto writes
        return _leave(message, at, keys)
    if not (is_report(message) or _is_robot(message)):
        return Mail(why=Why.AUTOMATIC if _is_reply(message) else Why.OTHER)
    place = find_place(message, lists, keys)
    failures = find_failures(message, raw) if place else ()
    if not place:
        return Mail(why=Why.NOT_OURS)
    if not failures:
        return Mail(why=Why.AUTOMATIC if _is_reply(message) else Why.OTHER)
    events = []
    for one in failures:
        key = f"{one.kind}:{place.dispatch_id}.{place.position}:maildir"
        events.append(
            Event(
                source="maildir",
                key=f"{key}:{int(at.timestamp())}" if one.kind is EventKind.DEFERRED else key,
                kind=one.kind,
                at=at,
                place=place,
                address_key=one.address_key,
                status=one.status,
                reason=one.reason,
                suppresses=SubscriberState.BOUNCED if one.kind is EventKind.BOUNCED else None,
            )
        )
    return Mail(tuple(events))


def _leave(message: Message, at: datetime, keys: KeyRing) -> Mail:
    senders = getaddresses([str(one) for one in message.get_all("From", [])])
    doubtful = (
        len(message.get_all("From", [])) != 1
        or len(senders) != 1
        or _is_reply(message)
        or _is_robot(message)
        or message.get("Resent-From") is not None
        or _failed_checks(message)
    )
    if doubtful:
        return Mail(leaver=True, why=Why.DOUBTFUL)
    try:
        address = canonical(senders[0][1]).key
    except WrongAddressError:
        return Mail(leaver=True, why=Why.DOUBTFUL)
    event = Event(
        source="maildir",
        key=f"maildir:{EventKind.UNSUBSCRIBED}:{int(at.timestamp())}:{keys.trace(address)}",
        kind=EventKind.UNSUBSCRIBED,
        at=at,
        address_key=address,
        suppresses=SubscriberState.UNSUBSCRIBED,
    )
    return Mail((event,), leaver=True)


def _text(message: Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    return str(make_header(decode_header(str(value)[:1000])))


def _is_robot(message: Message) -> bool:
    """Written by a mail server: answers to such mails go nowhere (RFC 5321, 4.5.5)."""
    return bool(_NULL.fullmatch(_text(message, "Return-Path"))) or bool(_ROBOT.search(_text(message, "From")))


def _is_reply(message: Message) -> bool:
    """Written by a program in answer to a mail (RFC 3834). `auto-generated` is not: a button to leave writes that."""
    return (
        _text(message, "Auto-Submitted").casefold().startswith("auto-replied")
        or _text(message, "Precedence").strip().casefold() in {"auto_reply", "auto-reply"}
        or (
            any(message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
            and not is_report(message)
        )
    )


def _failed_checks(message: Message) -> bool:
    """Whether a server on the way found that the sender is another (RFC 8601). A forged "pass" gains nothing."""
    return any(
        re.search(r"\bdmarc\s*=\s*fail\b", str(one)[:2000], re.IGNORECASE)
        for one in message.get_all("Authentication-Results", [])
    )


def _moment(message: Message, now: datetime) -> datetime:
    """When it was written or received, whichever is later: a clock that is behind must not lose a wish to leave."""
    told = [str(one) for one in message.get_all("Date", [])[:1]]
    told += [str(one).rpartition(";")[2] for one in message.get_all("Received", [])[:1]]
    found = []
    for one in told:
        try:
            moment = parsedate_to_datetime(one.strip()[:100])
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        try:
            found.append(moment.astimezone(UTC))
        except (ValueError, OverflowError):
            continue
    sane = [one for one in found if _EARLIEST <= one <= now + timedelta(days=1)]
    return min(max(sane, default=now), now)
