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

from pvd_mailer.audience.address import WrongAddressError, canonical
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.discretion import tidy
from pvd_mailer.journal.events import Event, Place
from pvd_mailer.letter.status import find_status, is_hard

__all__ = ["LISTS", "NotEventsError", "Reading", "place_of", "read_call", "read_list"]

MOST = 20_000
"""Events a call; SendGrid posts some thousands at most."""
LISTS = ("bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes")
"""SendGrid's suppression lists; letters carry no unsubscribe group, so there is none to ask for."""

Digest = Callable[[str], str]

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
_OF_LISTS = {
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
_DROPS = {
    "bounced address": SubscriberState.BOUNCED,
    "invalid": SubscriberState.BOUNCED,
    "spam reporting address": SubscriberState.COMPLAINED,
    "unsubscribed address": SubscriberState.UNSUBSCRIBED,
}
"""Why SendGrid does not even try: the address is on a list of its own. Other reasons are about the message."""
_MANY_TIMES = (EventKind.DEFERRED, EventKind.COMPLAINED, EventKind.UNSUBSCRIBED)
"""Kinds that may happen to one message more than once, each at its own moment."""
_PLACE = re.compile(r"(\d{3,10}-[0-9a-f]{6})\.(\d{1,9})", re.ASCII)
_CALL = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
_LATEST = 1e12
"""Seconds; no clock shows more. NaN is not below it either."""
_LONGEST_REASON = 2000
_LONGEST_INT = 30
"""Characters."""


class NotEventsError(Exception):
    """What came is no array of events."""


@dataclass(slots=True)
class Reading:
    """What was understood of a call or a list.

    Attributes:
        left_out: Of the others, how many and why: `not-kept` (opens, clicks), `unknown` (a kind that we do not know),
            `odd` (no event at all, or nobody in it).
    """

    events: list[Event] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def place_of(ref: object) -> Place | None:
    """The recipient that a reference of ours names, such as `022-a56c31.7`; None for a test's, and anything else."""
    found = _PLACE.fullmatch(ref) if isinstance(ref, str) else None
    return Place(found[1], int(found[2])) if found else None


def read_call(body: bytes, now: datetime, trace: Digest) -> Reading:
    """The events in the body of a webhook's call, whose signature was verified.

    Args:
        body: JSON, an array of objects.
        now: When it came.
        trace: Makes a keyed hash of an address, for the key of an event that carries no reference of ours.

    Raises:
        NotEventsError: it is not JSON, no array, or has more events than any call.
    """
    try:
        said: Any = json.loads(body, parse_int=_int)
    except (ValueError, RecursionError) as error:
        raise NotEventsError from error
    if not isinstance(said, list) or len(said) > MOST:
        raise NotEventsError
    reading = Reading()
    for one in said:
        found = _event(one, now, trace) if isinstance(one, dict) else "odd"
        if isinstance(found, Event):
            reading.events.append(found)
        else:
            reading.left_out[found] += 1
    return reading


def _int(digits: str) -> int | None:
    """A number that is longer than any of SendGrid's is none: Python's own limit would cost the whole call."""
    return int(digits) if len(digits) <= _LONGEST_INT else None


def read_list(name: str, entries: Iterable[object], now: datetime, trace: Digest) -> Reading:
    """The events that the entries of one of SendGrid's suppression lists tell of."""
    reading = Reading()
    kind = _OF_LISTS[name]
    for one in entries:
        address = _address(one.get("email")) if isinstance(one, dict) else None
        if address is None or not isinstance(one, dict):
            reading.left_out["odd"] += 1
            continue
        at, raw = _moment(one.get("created"), now)
        reason = _text(one.get("reason"))
        reading.events.append(
            Event(
                source="sync",
                key=f"sync:{name}:{raw}:{trace(address)}",
                kind=kind,
                at=at,
                address_key=address,
                status=find_status(_text(one.get("status"))) or find_status(reason),
                reason=_tidy(reason, address),
                suppresses=_SUPPRESSES.get(kind),
            )
        )
    return reading


def _event(one: Mapping[str, Any], now: datetime, trace: Digest) -> Event | str:
    name = one.get("event")
    if not isinstance(name, str):
        return "odd"
    if name in _NOT_KEPT:
        return "not-kept"
    reason = _text(one.get("reason") or one.get("response"))
    status = find_status(_text(one.get("status"))) or find_status(reason)
    kind = _bounce(one, status) if name == "bounce" else _KINDS.get(name)
    if kind is None:
        return "unknown"
    place, address = place_of(one.get("pvd_recipient")), _address(one.get("email"))
    if place is None and address is None:
        return "odd"
    at, raw = _moment(one.get("timestamp"), now)
    call = one.get("pvd_call")
    call_id = call if place and isinstance(call, str) and _CALL.fullmatch(call) else None
    suppresses = _SUPPRESSES.get(kind) or (_drop(reason) if kind is EventKind.DROPPED else None)
    kept = kind not in {EventKind.DELIVERED, EventKind.PROCESSED}  # "250 OK" tells nobody anything
    return Event(
        source="sendgrid",
        key=_key(kind, place, call_id, raw, suppresses, trace(address) if address and not place else ""),
        kind=kind,
        at=at,
        place=place,
        call_id=call_id,
        address_key=address,
        status=status if kept else "",
        reason=_tidy(reason, address) if kept else "",
        suppresses=suppresses,
    )


def _key(
    kind: EventKind, place: Place | None, call_id: str | None, raw: str, suppresses: SubscriberState | None, trace: str
) -> str:
    """What makes two tellings one event. Not SendGrid's own id: it may change from one try to the next."""
    what = f"{kind}-{suppresses or 'other'}" if kind is EventKind.DROPPED else str(kind)
    if place is None:
        return f"sendgrid:{what}:{raw}:{trace}"
    key = f"{what}:{place.dispatch_id}.{place.position}:{call_id or ''}"
    return f"{key}:{raw}" if kind in _MANY_TIMES else key


def _bounce(one: Mapping[str, Any], status: str) -> EventKind:
    """`type` says whether the address is no good (bounce) or the message was not wanted (blocked)."""
    said = one.get("type")
    hard = said == "bounce" or (said != "blocked" and is_hard(status))
    return EventKind.BOUNCED if hard else EventKind.BLOCKED


def _drop(reason: str) -> SubscriberState | None:
    return _DROPS.get(" ".join(reason.casefold().split()))


def _text(value: object) -> str:
    return value[:_LONGEST_REASON] if isinstance(value, str) else ""


def _tidy(reason: str, address: str | None) -> str:
    return tidy(reason, without=(address, address.rpartition("@")[0]) if address else ())


def _address(value: object) -> str | None:
    """The canonical address; None where it is none."""
    if not isinstance(value, str) or not value.isprintable():
        return None
    try:
        return canonical(value).key
    except WrongAddressError:
        return None


def _moment(value: object, now: datetime) -> tuple[datetime, str]:
    """When it happened, not later than now; and the number that was told, for the key. A time that is none is now."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value, re.ASCII) else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not -_LATEST < number < _LATEST:
        return now, "?"
    raw = str(int(number))
    if not _EARLIEST <= number <= now.timestamp():
        return now, raw
    return datetime.fromtimestamp(int(number), UTC), raw
