"""Reports of mail servers that a letter did not arrive: RFC 3464 as it is written, and the shapes of before it."""

import email
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import TypeGuard

from flufl.bounce import all_failures

from pvd_mailer.audience.address import WrongAddressError, canonical
from pvd_mailer.database.states import EventKind
from pvd_mailer.discretion import tidy
from pvd_mailer.journal.events import Place
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter.status import find_status, is_hard
from pvd_mailer.observe.sendgrid import place_of

__all__ = ["Failure", "UnprovedError", "find_failures", "find_place", "is_report"]

MOST_PARTS = 60
MOST_RECIPIENTS = 20
GUESSED = 64 * 1024
"""Bytes that are searched for the words of a report without RFC 3464's form."""
_OURS = re.compile(
    r"(?<![^\s<\"'(,:;=])(\d{3,10}-[0-9a-f]{6}\.\d{1,9})(?:\.([0-9a-f]{20}))?@([a-z0-9.-]{1,253})",
    re.ASCII | re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:rfc822|utf-8|smtp)?\s*;?\s*<?([^<>\s;]{3,254})>?", re.IGNORECASE)
logging.getLogger("flufl.bounce").addFilter(lambda _record: False)  # what it logs of a mail names people


@dataclass(frozen=True, slots=True)
class Failure:
    """What a report says of one recipient.

    Attributes:
        address_key: The canonical address that it names; None where it names none.
    """

    kind: EventKind
    address_key: str | None
    status: str
    reason: str


def is_report(message: Message) -> bool:
    """Whether it has the form of a report on the delivery of a message."""
    return any(part.get_content_type() == "message/delivery-status" for part in _parts(message))


class UnprovedError(Exception):
    """A report names a letter of ours, and does not show that whoever wrote it has seen that letter."""


def find_place(message: Message, lists: Collection[str], keys: KeyRing) -> Place | None:
    """The recipient whose letter the report gives back: by its Message-ID, whose right side is one of `lists`.

    The numbers of recipients can be guessed from any reader's copy; the tag, which `keys` make, cannot.

    Raises:
        UnprovedError: there are such Message-IDs, and none has its tag.
    """
    is_named = False
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822" and part is not message:
            inner = part.get_payload()
            said = str(inner[0].get("Message-ID", "")) if _are_messages(inner) else ""
        elif kind.startswith("text/") or kind == "message/delivery-status":
            payload = part.get_payload(decode=True)
            said = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else part.as_string()[:GUESSED]
        else:
            continue
        for found in _OURS.finditer(said[:GUESSED]):
            ref, tag = found[1].casefold(), (found[2] or "").casefold()
            if found[3].casefold() not in lists or not (place := place_of(ref)):
                continue
            if keys.is_message_tag(ref, tag):
                return place
            is_named = True
    if is_named:
        raise UnprovedError
    return None


def find_failures(message: Message, raw: bytes) -> tuple[Failure, ...]:
    """What the report says of each recipient; nothing where it is none."""
    told = tuple(_told(message))
    return told or tuple(_guessed(raw))


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _told(message: Message) -> Iterator[Failure]:
    """RFC 3464: a block a recipient, after the block of the message."""
    count = 0
    for part in _parts(message):
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        for block in blocks if _are_messages(blocks) else ():
            action = str(block.get("Action", "")).strip().casefold()
            if not action or count >= MOST_RECIPIENTS:
                continue
            count += 1
            address = _address(str(block.get("Original-Recipient") or block.get("Final-Recipient") or ""))
            said = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
            status = find_status(str(block.get("Status", ""))) or find_status(said)
            # The status of a message that is given up after days of 4xx begins with 4, and some say 5.0.0 for all.
            precise = find_status(said) if status in {"", "5.0.0"} else status
            kind = _kind(action, precise or status)
            if kind:
                yield Failure(kind, address, precise or status, _tidy(said, address))


def _are_messages(blocks: object) -> TypeGuard[list[Message]]:
    return isinstance(blocks, list) and bool(blocks) and all(isinstance(one, Message) for one in blocks)


def _kind(action: str, status: str) -> EventKind | None:
    if action.startswith(("fail", "error")):
        return EventKind.BOUNCED if is_hard(status) else EventKind.BLOCKED
    if action.startswith("delayed"):
        return EventKind.DEFERRED
    if action.startswith("delivered"):
        return EventKind.DELIVERED
    return EventKind.PROCESSED if action.startswith(("relayed", "expanded")) else None


def _guessed(raw: bytes) -> Iterator[Failure]:
    """The shapes of before RFC 3464, and of those who never read it: whom it is about, and the first status in it."""
    try:
        delayed, failed = all_failures(email.message_from_bytes(raw[:GUESSED]))
    except Exception:  # noqa: BLE001 - its detectors were written for real mails, and fail on others in any way
        return
    text = raw[:GUESSED].decode("utf-8", "replace")
    status = find_status_anywhere(text)
    for kind, addresses in ((EventKind.BLOCKED, failed), (EventKind.DEFERRED, delayed)):
        for one in sorted(addresses)[:MOST_RECIPIENTS]:
            hard = kind is EventKind.BLOCKED and is_hard(status)
            yield Failure(EventKind.BOUNCED if hard else kind, _address(one.decode("ascii", "replace")), status, "")


def find_status_anywhere(text: str) -> str:
    """The first status in a report's own words, line by line."""
    return next((found for line in text.splitlines() if (found := find_status(line))), "")


def _address(said: str) -> str | None:
    found = _ADDRESS.fullmatch(said.strip()[:400])
    try:
        return canonical(found[1]).key if found else None
    except WrongAddressError:
        return None


def _tidy(said: str, address: str | None) -> str:
    return tidy(said, without=(address, address.rpartition("@")[0]) if address else ())
