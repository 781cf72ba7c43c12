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

from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.events.dsn import UnprovenReportError, find_recipient, is_dsn, parse_dsn_recipients
from pvd_mailer.journal.events import DeliveryEvent
from pvd_mailer.keys import KeyRing
from pvd_mailer.subscribers.address import InvalidAddressError, parse_address

__all__ = ["ParsedMail", "UnreadReason", "parse_mail"]

MAX_MAIL_BYTES = 512 * 1024
"""Bytes read of a mail: a report comes before the letter that it gives back, whose pictures may have megabytes."""
_MAX_BOUNDARIES = 40
"""A mail with more parts within parts is no report of a mail server."""
_ARRIVED = (EventKind.DELIVERED, EventKind.PROCESSED)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_NULL_SENDER = re.compile(r"\s*<\s*>\s*")
_ROBOT = re.compile(r"(mailer-daemon|postmaster|maildaemon|mail-daemon)@", re.IGNORECASE)


class UnreadReason(StrEnum):
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
class ParsedMail:
    """What a mail says.

    Attributes:
        events: What happened.
        is_unsubscribe: Whether it is a wish to leave.
        unread_reason: Why it is left for a person; None where it was understood.
    """

    events: tuple[DeliveryEvent, ...] = ()
    is_unsubscribe: bool = False
    unread_reason: UnreadReason | None = None

    @property
    def is_delivery(self) -> bool:
        """Whether it is a report that the letter arrived, or was passed on."""
        return bool(self.events) and all(event.kind in _ARRIVED for event in self.events)


def parse_mail(raw: bytes, list_ids: Collection[str], now: datetime, keys: KeyRing) -> ParsedMail:
    """What the mail `raw` says.

    Args:
        raw: Its bytes, or the first of them.
        list_ids: The list identifiers (RFC 2919) of our letters.
        now: No mail is younger.
        keys: Tell our own Message-IDs from guessed ones, and make the keyed hash of an address.
    """
    raw = raw[:MAX_MAIL_BYTES]
    if raw.lower().count(b"boundary") > _MAX_BOUNDARIES:
        return ParsedMail(unread_reason=UnreadReason.OTHER)
    try:
        message = email.message_from_bytes(raw)
        return _parse_message(message, raw, list_ids, now, keys)
    except UnprovenReportError:
        return ParsedMail(unread_reason=UnreadReason.UNPROVED)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, HeaderParseError):
        # The parser of a hostile mail fails in many ways; none of them is worth a word of ours.
        return ParsedMail(unread_reason=UnreadReason.OTHER)


def _parse_message(message: Message, raw: bytes, list_ids: Collection[str], now: datetime, keys: KeyRing) -> ParsedMail:
    moment = _latest_moment(message, now)
    words = _header_text(message, "Subject").casefold().split()
    if len(words) == 2 and words[0] == "unsubscribe" and words[1] in list_ids:  # noqa: PLR2004 - as unsubscribe_mailto writes
        return _parse_unsubscribe(message, moment, keys)
    if not (is_dsn(message) or _is_robot(message)):
        return ParsedMail(unread_reason=UnreadReason.AUTOMATIC if _is_auto_reply(message) else UnreadReason.OTHER)
    recipient = find_recipient(message, list_ids, keys)
    dsn_recipients = parse_dsn_recipients(message, raw) if recipient else ()
    if not recipient:
        return ParsedMail(unread_reason=UnreadReason.NOT_OURS)
    if not dsn_recipients:
        return ParsedMail(unread_reason=UnreadReason.AUTOMATIC if _is_auto_reply(message) else UnreadReason.OTHER)
    events = []
    for dsn_recipient in dsn_recipients:
        key = f"{dsn_recipient.kind}:{recipient.dispatch_id}.{recipient.position}:maildir"
        events.append(
            DeliveryEvent(
                source="maildir",
                key=f"{key}:{int(moment.timestamp())}" if dsn_recipient.kind is EventKind.DEFERRED else key,
                kind=dsn_recipient.kind,
                at=moment,
                recipient=recipient,
                address_key=dsn_recipient.address_key,
                status=dsn_recipient.status,
                reason=dsn_recipient.reason,
                suppresses=SubscriberState.BOUNCED if dsn_recipient.kind is EventKind.BOUNCED else None,
            )
        )
    return ParsedMail(tuple(events))


def _parse_unsubscribe(message: Message, at: datetime, keys: KeyRing) -> ParsedMail:
    senders = getaddresses([str(header) for header in message.get_all("From", [])])
    is_doubtful = (
        len(message.get_all("From", [])) != 1
        or len(senders) != 1
        or _is_auto_reply(message)
        or _is_robot(message)
        or message.get("Resent-From") is not None
        or _fails_dmarc(message)
    )
    if is_doubtful:
        return ParsedMail(is_unsubscribe=True, unread_reason=UnreadReason.DOUBTFUL)
    try:
        address = parse_address(senders[0][1]).key
    except InvalidAddressError:
        return ParsedMail(is_unsubscribe=True, unread_reason=UnreadReason.DOUBTFUL)
    event = DeliveryEvent(
        source="maildir",
        key=f"maildir:{EventKind.UNSUBSCRIBED}:{int(at.timestamp())}:{keys.trace(address)}",
        kind=EventKind.UNSUBSCRIBED,
        at=at,
        address_key=address,
        suppresses=SubscriberState.UNSUBSCRIBED,
    )
    return ParsedMail((event,), is_unsubscribe=True)


def _header_text(message: Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    return str(make_header(decode_header(str(value)[:1000])))


def _is_robot(message: Message) -> bool:
    """Written by a mail server: answers to such mails go nowhere (RFC 5321, 4.5.5)."""
    return bool(_NULL_SENDER.fullmatch(_header_text(message, "Return-Path"))) or bool(
        _ROBOT.search(_header_text(message, "From"))
    )


def _is_auto_reply(message: Message) -> bool:
    """Written by a program in answer to a mail (RFC 3834). `auto-generated` is not: a button to leave writes that."""
    return (
        _header_text(message, "Auto-Submitted").casefold().startswith("auto-replied")
        or _header_text(message, "Precedence").strip().casefold() in {"auto_reply", "auto-reply"}
        or (
            any(message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
            and not is_dsn(message)
        )
    )


def _fails_dmarc(message: Message) -> bool:
    """Whether a server on the way found that the sender is another (RFC 8601). A forged "pass" gains nothing."""
    return any(
        re.search(r"\bdmarc\s*=\s*fail\b", str(header)[:2000], re.IGNORECASE)
        for header in message.get_all("Authentication-Results", [])
    )


def _latest_moment(message: Message, now: datetime) -> datetime:
    """When it was written or received, whichever is later: a clock that is behind must not lose a wish to leave."""
    dates = [str(header) for header in message.get_all("Date", [])[:1]]
    dates += [str(header).rpartition(";")[2] for header in message.get_all("Received", [])[:1]]
    moments = []
    for date in dates:
        try:
            moment = parsedate_to_datetime(date.strip()[:100])
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        try:
            moments.append(moment.astimezone(UTC))
        except (ValueError, OverflowError):
            continue
    plausible = [candidate for candidate in moments if _EARLIEST <= candidate <= now + timedelta(days=1)]
    return min(max(plausible, default=now), now)
