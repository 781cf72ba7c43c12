"""What an answer of SendGrid means for the recipients of the call."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from pvd_mailer import clock
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import DeliveryOutcome, DeliveryResult, FailureCause, Recipient
from pvd_mailer.send.channels.reasons import redact
from pvd_mailer.send.channels.sendgrid.wire import ApiResponse

__all__ = ["requested_wait", "results_from_response"]

DEFAULT_WAIT = timedelta(minutes=1)
_MAX_WAIT = timedelta(hours=1)
"""No header makes a dispatch wait longer than this before it asks again."""

BAD_ADDRESS_STATUS = "5.1.3"
"""What a mail server would say where SendGrid says "does not contain a valid address"."""
_PERSONALIZATION_TO = re.compile(r"personalizations\.(\d{1,4})\.to(?:\.|$)")


def _errors(response: ApiResponse) -> list[tuple[str, str]]:
    """The (field, message) of each error; none where the body is not SendGrid's JSON."""
    try:
        data: Any = json.loads(response.body)
        errors = data["errors"]
        return [(str(error.get("field") or ""), str(error.get("message") or "")) for error in errors]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _status(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _reason(response: ApiResponse) -> str:
    """SendGrid's own words, or the status alone: a page of HTML tells nobody anything."""
    words = redact("; ".join(message for _field, message in _errors(response) if message))
    return f"{_status(response.status)}: {words}" if words else _status(response.status)


def _parse_date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def requested_wait(headers: Message) -> timedelta:
    """How long the server asks to wait: the later of its two headers, told by the server's own clock."""
    server_now = _parse_date(headers.get("Date")) or clock.now()
    waits = []
    for name in ("X-RateLimit-Reset", "Retry-After"):
        value = (headers.get(name) or "").strip()
        if value.isascii() and value.isdigit() and len(value) < 12:  # noqa: PLR2004 - digits of any date to come
            waits.append(timedelta(seconds=float(value) - (server_now.timestamp() if name.startswith("X") else 0)))
        elif moment := _parse_date(value):
            waits.append(moment - server_now)
    jitter = timedelta(seconds=random.uniform(0, 2))  # noqa: S311 - spreads the lanes out, guards nothing
    return min(max(max(waits, default=DEFAULT_WAIT), timedelta(0)), _MAX_WAIT) + jitter


def results_from_response(
    response: ApiResponse, recipients: Sequence[Recipient], *, sandbox: bool
) -> Iterator[tuple[str | None, DeliveryResult]]:
    """What became of `recipients`, in the order of the call."""
    status = response.status
    reason = _reason(response)
    if status == (HTTPStatus.OK if sandbox else HTTPStatus.ACCEPTED):
        yield None, DeliveryResult(DeliveryOutcome.ACCEPTED)
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        until = clock.now() + requested_wait(response.headers)
        yield None, DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED, reason, retry_at=until)
    elif status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        yield None, DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.LOGIN, reason, is_fatal=True)
    elif status == HTTPStatus.REQUEST_TIMEOUT:
        # Some proxy's word; it does not know what the server behind it had read.
        yield None, DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, reason)
    elif HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        yield from _results_of_refusal(response, reason, recipients)
    elif HTTPStatus.INTERNAL_SERVER_ERROR <= status < 600:  # noqa: PLR2004 - the end of HTTP's classes
        yield None, DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.SERVER_FAULT, reason)
    else:
        yield None, DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, reason)


def _results_of_refusal(
    response: ApiResponse, reason: str, recipients: Sequence[Recipient]
) -> Iterator[tuple[str | None, DeliveryResult]]:
    """One bad address has a whole call refused: it is told apart, and the others may go out without it."""
    messages: dict[int, str] = {}
    for field, message in _errors(response):
        match = _PERSONALIZATION_TO.match(field)
        if match is None:
            messages = {}
            break
        if int(match[1]) < len(recipients):
            messages[int(match[1])] = message
    for number, message in messages.items():
        status = BAD_ADDRESS_STATUS if "valid address" in message.casefold() else ""
        yield (
            recipients[number].ref,
            DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.ADDRESS, redact(message), status=status),
        )
    if not messages:
        yield None, DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.MESSAGE, reason, retryable=True, is_fatal=True)
    elif len(messages) < len(recipients):
        words = _("SendGrid refused the call for another recipient's address")
        yield None, DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.MESSAGE, words)
