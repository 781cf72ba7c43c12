"""What SendGrid tells, by its webhook or by its lists, as events. Everything in it is hostile until it was read here.

What is odd is counted and left out, never a reason to lose what stands beside it. Opens and clicks are not kept.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.journal.events import DeliveryEvent, RecipientKey
from pvd_mailer.letter.enhanced_status import find_enhanced_status, is_hard_status
from pvd_mailer.redact import redact
from pvd_mailer.subscribers.address import InvalidAddressError, parse_address

__all__ = [
    "SUPPRESSION_LISTS",
    "NotEventsError",
    "ParsedEvents",
    "parse_recipient_ref",
    "parse_suppression_list",
    "parse_webhook",
]

_MAX_EVENTS = 20_000
"""Events a call; SendGrid posts some thousands at most."""
SUPPRESSION_LISTS = ("bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes")
"""SendGrid's suppression lists; letters carry no unsubscribe group, so there is none to ask for."""

AddressDigest = Callable[[str], str]

_KINDS = {
    "processed": EventKind.PROCESSED,
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "blocked": EventKind.BLOCKED,
    "dropped": EventKind.DROPPED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
}
_NOT_KEPT = {"open", "click", "group_resubscribe", "account_status_change"}
"""Nobody is tracked; and only a person's own sign-up with us brings them back."""
_WITHOUT_DETAILS = {"processed", "delivered"}
"""Their "250 OK" tells nobody anything."""
_KIND_BY_LIST = {
    "bounces": EventKind.BOUNCED,
    "blocks": EventKind.BLOCKED,
    "invalid_emails": EventKind.BOUNCED,
    "spam_reports": EventKind.COMPLAINED,
    "unsubscribes": EventKind.UNSUBSCRIBED,
}
_SUPPRESSES = {
    EventKind.BOUNCED: SubscriberState.BOUNCED,
    EventKind.COMPLAINED: SubscriberState.COMPLAINED,
    EventKind.UNSUBSCRIBED: SubscriberState.UNSUBSCRIBED,
}
_SUPPRESSION_BY_DROP_REASON = {
    "bounced address": SubscriberState.BOUNCED,
    "invalid": SubscriberState.BOUNCED,
    "spam reporting address": SubscriberState.COMPLAINED,
    "unsubscribed address": SubscriberState.UNSUBSCRIBED,
}
"""Why SendGrid does not even try: the address is on a list of its own. Other reasons are about the message."""
_REPEATABLE = (EventKind.DEFERRED, EventKind.COMPLAINED, EventKind.UNSUBSCRIBED)
"""Kinds that may happen to one message more than once, each at its own moment."""
_RECIPIENT_REF = re.compile(r"(\d{3,10}-[0-9a-f]{6})\.(\d{1,9})", re.ASCII)
_CALL_ID = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LATEST = 1e12
"""Seconds; no clock shows more. NaN is not below it either."""
_LONGEST_REASON = 2000
_LONGEST_INT = 30
"""Characters."""


class NotEventsError(Exception):
    """What came is no array of events."""


@dataclass(slots=True)
class ParsedEvents:
    """What was understood of a call or a list.

    Attributes:
        skipped: Of the others, how many and why: `not-kept` (opens, clicks), `unknown` (a kind that we do not know),
            `odd` (no event at all, or nobody in it).
    """

    events: list[DeliveryEvent] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def parse_recipient_ref(ref: object) -> RecipientKey | None:
    """The recipient that a reference of ours names, such as `022-a56c31.7`; None for a test's, and anything else."""
    match = _RECIPIENT_REF.fullmatch(ref) if isinstance(ref, str) else None
    return RecipientKey(match[1], int(match[2])) if match else None


def parse_webhook(body: bytes, now: datetime, trace: AddressDigest) -> ParsedEvents:
    """The events in the body of a webhook's call, whose signature was verified.

    Args:
        body: JSON, an array of objects.
        now: When it came.
        trace: Makes a keyed hash of an address, for the key of an event that carries no reference of ours.

    Raises:
        NotEventsError: it is not JSON, no array, or has more events than any call.
    """
    try:
        items: Any = json.loads(body, parse_int=_parse_int)
    except (ValueError, RecursionError) as error:
        raise NotEventsError from error
    if not isinstance(items, list) or len(items) > _MAX_EVENTS:
        raise NotEventsError
    parsed = ParsedEvents()
    for item in items:
        event = _parse_event(item, now, trace) if isinstance(item, dict) else "odd"
        if isinstance(event, DeliveryEvent):
            parsed.events.append(event)
        else:
            parsed.skipped[event] += 1
    return parsed


def _parse_int(digits: str) -> int | None:
    """A number that is longer than any of SendGrid's is none: Python's own limit would cost the whole call."""
    return int(digits) if len(digits) <= _LONGEST_INT else None


def parse_suppression_list(name: str, entries: Iterable[object], now: datetime, trace: AddressDigest) -> ParsedEvents:
    """The events that the entries of one of SendGrid's suppression lists tell of."""
    parsed = ParsedEvents()
    kind = _KIND_BY_LIST[name]
    for entry in entries:
        address = _canonical_address(entry.get("email")) if isinstance(entry, dict) else None
        if address is None or not isinstance(entry, dict):
            parsed.skipped["odd"] += 1
            continue
        at, raw = _parse_moment(entry.get("created"), now)
        reason = _clipped(entry.get("reason"))
        parsed.events.append(
            DeliveryEvent(
                source="sync",
                key=f"sync:{name}:{raw}:{trace(address)}",
                kind=kind,
                at=at,
                address_key=address,
                status=find_enhanced_status(_clipped(entry.get("status"))) or find_enhanced_status(reason),
                reason=_redacted(reason, address),
                suppresses=_SUPPRESSES.get(kind),
            )
        )
    return parsed


def _parse_event(item: Mapping[str, Any], now: datetime, trace: AddressDigest) -> DeliveryEvent | str:
    name = item.get("event")
    if not isinstance(name, str):
        return "odd"
    if name in _NOT_KEPT:
        return "not-kept"
    reason, status = ("", "") if name in _WITHOUT_DETAILS else _details(item)
    kind = _bounce_kind(item, status) if name == "bounce" else _KINDS.get(name)
    if kind is None:
        return "unknown"
    recipient, address = parse_recipient_ref(item.get("pvd_recipient")), _canonical_address(item.get("email"))
    if recipient is None and address is None:
        return "odd"
    at, raw = _parse_moment(item.get("timestamp"), now)
    call = item.get("pvd_call")
    call_id = call if recipient and isinstance(call, str) and _CALL_ID.fullmatch(call) else None
    suppresses = _SUPPRESSES.get(kind) or (_drop_suppression(reason) if kind is EventKind.DROPPED else None)
    return DeliveryEvent(
        source="sendgrid",
        key=_event_key(kind, recipient, call_id, raw, suppresses, trace(address) if address and not recipient else ""),
        kind=kind,
        at=at,
        recipient=recipient,
        call_id=call_id,
        address_key=address,
        status=status,
        reason=_redacted(reason, address),
        suppresses=suppresses,
    )


def _details(item: Mapping[str, Any]) -> tuple[str, str]:
    """The far side's words, as they came, and RFC 3463's code."""
    reason = _clipped(item.get("reason") or item.get("response"))
    return reason, find_enhanced_status(_clipped(item.get("status"))) or find_enhanced_status(reason)


def _event_key(
    kind: EventKind,
    recipient: RecipientKey | None,
    call_id: str | None,
    raw: str,
    suppresses: SubscriberState | None,
    trace: str,
) -> str:
    """What makes two tellings one event. Not SendGrid's own id: it may change from one try to the next."""
    what = f"{kind}-{suppresses or 'other'}" if kind is EventKind.DROPPED else str(kind)
    if recipient is None:
        return f"sendgrid:{what}:{raw}:{trace}"
    key = f"{what}:{recipient.dispatch_id}.{recipient.position}:{call_id or ''}"
    return f"{key}:{raw}" if kind in _REPEATABLE else key


def _bounce_kind(item: Mapping[str, Any], status: str) -> EventKind:
    """`type` says whether the address is no good (bounce) or the message was not wanted (blocked)."""
    bounce_type = item.get("type")
    is_hard_bounce = bounce_type == "bounce" or (bounce_type != "blocked" and is_hard_status(status))
    return EventKind.BOUNCED if is_hard_bounce else EventKind.BLOCKED


def _drop_suppression(reason: str) -> SubscriberState | None:
    return _SUPPRESSION_BY_DROP_REASON.get(" ".join(reason.casefold().split()))


def _clipped(value: object) -> str:
    return value[:_LONGEST_REASON] if isinstance(value, str) else ""


def _redacted(reason: str, address: str | None) -> str:
    return reason and redact(reason, without=(address, address.rpartition("@")[0]) if address else ())


def _canonical_address(value: object) -> str | None:
    """The canonical address; None where it is none."""
    if not isinstance(value, str) or not value.isprintable():
        return None
    try:
        return parse_address(value).key
    except InvalidAddressError:
        return None


def _parse_moment(value: object, now: datetime) -> tuple[datetime, str]:
    """When it happened, not later than now; and the number that was told, for the key. A time that is none is now."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value, re.ASCII) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not -_LATEST < number < _LATEST:
        return now, "?"
    raw = str(int(number))
    if not _EARLIEST <= number <= now.timestamp():
        return now, raw
    return datetime.fromtimestamp(int(number), UTC), raw
