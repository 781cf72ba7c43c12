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
from pvd_mailer.send.channels.base import Addressee, Cause, Outcome, Result
from pvd_mailer.send.channels.reasons import tidy
from pvd_mailer.send.channels.sendgrid.wire import Answer

__all__ = ["explain", "wait_asked_for"]

USUAL_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
"""No header makes a dispatch wait longer than this before it asks again."""

NO_ADDRESS = "5.1.3"
"""What a mail server would say where SendGrid says "does not contain a valid address"."""
_TO = re.compile(r"personalizations\.(\d{1,4})\.to(?:\.|$)")


def _errors(answer: Answer) -> list[tuple[str, str]]:
    """The (field, message) of each error; none where the body is not SendGrid's JSON."""
    try:
        said: Any = json.loads(answer.body)
        errors = said["errors"]
        return [(str(one.get("field") or ""), str(one.get("message") or "")) for one in errors]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []


def _status(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def _reason(answer: Answer) -> str:
    """SendGrid's own words, or the status alone: a page of HTML tells nobody anything."""
    words = tidy("; ".join(message for _field, message in _errors(answer) if message))
    return f"{_status(answer.status)}: {words}" if words else _status(answer.status)


def _moment(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC) if text else None
    except (ValueError, OverflowError):
        return None


def wait_asked_for(headers: Message) -> timedelta:
    """How long the server asks to wait: the later of its two headers, told by the server's own clock."""
    there = _moment(headers.get("Date")) or clock.now()
    asked = []
    for name in ("X-RateLimit-Reset", "Retry-After"):
        value = (headers.get(name) or "").strip()
        if value.isascii() and value.isdigit() and len(value) < 12:  # noqa: PLR2004 - digits of any date to come
            asked.append(timedelta(seconds=float(value) - (there.timestamp() if name.startswith("X") else 0)))
        elif moment := _moment(value):
            asked.append(moment - there)
    jitter = timedelta(seconds=random.uniform(0, 2))  # noqa: S311 - spreads the lanes out, guards nothing
    return min(max(max(asked, default=USUAL_WAIT), timedelta(0)), LONGEST_WAIT) + jitter


def explain(answer: Answer, addressees: Sequence[Addressee], *, sandbox: bool) -> Iterator[tuple[str | None, Result]]:
    """What became of `addressees`, in the order of the call."""
    status = answer.status
    reason = _reason(answer)
    if status == (HTTPStatus.OK if sandbox else HTTPStatus.ACCEPTED):
        yield None, Result(Outcome.ACCEPTED)
    elif status == HTTPStatus.TOO_MANY_REQUESTS:
        until = clock.now() + wait_asked_for(answer.headers)
        yield None, Result(Outcome.NOT_SENT, Cause.THROTTLED, reason, wait_until=until)
    elif status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        yield None, Result(Outcome.NOT_SENT, Cause.LOGIN, reason, halts=True)
    elif status == HTTPStatus.REQUEST_TIMEOUT:
        # Some proxy's word; it does not know what the server behind it had read.
        yield None, Result(Outcome.UNKNOWN, Cause.UNCLEAR, reason)
    elif HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        yield from _refusal(answer, reason, addressees)
    elif HTTPStatus.INTERNAL_SERVER_ERROR <= status < 600:  # noqa: PLR2004 - the end of HTTP's classes
        yield None, Result(Outcome.UNKNOWN, Cause.SERVER_FAULT, reason)
    else:
        yield None, Result(Outcome.UNKNOWN, Cause.UNCLEAR, reason)


def _refusal(answer: Answer, reason: str, addressees: Sequence[Addressee]) -> Iterator[tuple[str | None, Result]]:
    """One bad address has a whole call refused: it is told apart, and the others may go out without it."""
    named: dict[int, str] = {}
    for field, message in _errors(answer):
        found = _TO.match(field)
        if found is None:
            named = {}
            break
        if int(found[1]) < len(addressees):
            named[int(found[1])] = message
    for number, message in named.items():
        status = NO_ADDRESS if "valid address" in message.casefold() else ""
        yield addressees[number].ref, Result(Outcome.REFUSED, Cause.ADDRESS, tidy(message), status=status)
    if not named:
        yield None, Result(Outcome.REFUSED, Cause.MESSAGE, reason, retryable=True, halts=True)
    elif len(named) < len(addressees):
        words = _("SendGrid refused the call for another recipient's address")
        yield None, Result(Outcome.NOT_SENT, Cause.MESSAGE, words)
