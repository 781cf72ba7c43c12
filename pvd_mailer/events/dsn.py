"""Reports of mail servers that a letter did not arrive: RFC 3464 as it is written, and the shapes of before it."""

import email
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.message import Message
from typing import TypeGuard

from flufl.bounce import all_failures

from pvd_mailer.database.states import EventKind
from pvd_mailer.events.sendgrid import parse_recipient_ref
from pvd_mailer.journal.events import RecipientKey
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter.enhanced_status import find_enhanced_status, is_hard_status
from pvd_mailer.redact import redact
from pvd_mailer.subscribers.address import InvalidAddressError, parse_address

__all__ = ["DsnRecipient", "UnprovenReportError", "find_recipient", "is_dsn", "parse_dsn_recipients"]

_MAX_PARTS = 60
_MAX_RECIPIENTS = 20
_MAX_GUESS_BYTES = 64 * 1024
"""Bytes that are searched for the words of a report without RFC 3464's form."""
_MESSAGE_ID = re.compile(
    r"(?<![^\s<\"'(,:;=])(\d{3,10}-[0-9a-f]{6}\.\d{1,9})(?:\.([0-9a-f]{20}))?@([a-z0-9.-]{1,253})",
    re.ASCII | re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:rfc822|utf-8|smtp)?\s*;?\s*<?([^<>\s;]{3,254})>?", re.IGNORECASE)
logging.getLogger("flufl.bounce").addFilter(lambda _record: False)  # what it logs of a mail names people


@dataclass(frozen=True, slots=True)
class DsnRecipient:
    """What a report says of one recipient.

    Attributes:
        address_key: The canonical address that it names; None where it names none.
    """

    kind: EventKind
    address_key: str | None
    status: str
    reason: str


def is_dsn(message: Message) -> bool:
    """Whether it has the form of a report on the delivery of a message."""
    return any(part.get_content_type() == "message/delivery-status" for part in _parts(message))


class UnprovenReportError(Exception):
    """A report names a letter of ours, and does not show that whoever wrote it has seen that letter."""


def find_recipient(message: Message, list_ids: Collection[str], keys: KeyRing) -> RecipientKey | None:
    """The recipient whose letter the report gives back: by its Message-ID, whose right side is one of `list_ids`.

    The numbers of recipients can be guessed from any reader's copy; the tag, which `keys` make, cannot.

    Raises:
        UnprovenReportError: there are such Message-IDs, and none has its tag.
    """
    is_named = False
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822" and part is not message:
            inner = part.get_payload()
            text = str(inner[0].get("Message-ID", "")) if _are_messages(inner) else ""
        elif kind.startswith("text/") or kind == "message/delivery-status":
            payload = part.get_payload(decode=True)
            text = (
                payload.decode("utf-8", "replace")
                if isinstance(payload, bytes)
                else part.as_string()[:_MAX_GUESS_BYTES]
            )
        else:
            continue
        for match in _MESSAGE_ID.finditer(text[:_MAX_GUESS_BYTES]):
            ref, tag = match[1].casefold(), (match[2] or "").casefold()
            if match[3].casefold() not in list_ids or not (recipient := parse_recipient_ref(ref)):
                continue
            if keys.is_message_tag(ref, tag):
                return recipient
            is_named = True
    if is_named:
        raise UnprovenReportError
    return None


def parse_dsn_recipients(message: Message, raw: bytes) -> tuple[DsnRecipient, ...]:
    """What the report says of each recipient; nothing where it is none."""
    recipients = tuple(_recipients_of_dsn(message))
    return recipients or tuple(_guess_recipients(raw))


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            return
        yield part


def _recipients_of_dsn(message: Message) -> Iterator[DsnRecipient]:
    """RFC 3464: a block a recipient, after the block of the message."""
    count = 0
    for part in _parts(message):
        blocks = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        for block in blocks if _are_messages(blocks) else ():
            action = str(block.get("Action", "")).strip().casefold()
            if not action or count >= _MAX_RECIPIENTS:
                continue
            count += 1
            address = _canonical_address(str(block.get("Original-Recipient") or block.get("Final-Recipient") or ""))
            diagnostic = str(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
            status = find_enhanced_status(str(block.get("Status", ""))) or find_enhanced_status(diagnostic)
            # The status of a message that is given up after days of 4xx begins with 4, and some say 5.0.0 for all.
            precise = find_enhanced_status(diagnostic) if status in {"", "5.0.0"} else status
            kind = _event_kind(action, precise or status)
            if kind:
                yield DsnRecipient(kind, address, precise or status, _redacted(diagnostic, address))


def _are_messages(blocks: object) -> TypeGuard[list[Message]]:
    return isinstance(blocks, list) and bool(blocks) and all(isinstance(block, Message) for block in blocks)


def _event_kind(action: str, status: str) -> EventKind | None:
    if action.startswith(("fail", "error")):
        return EventKind.BOUNCED if is_hard_status(status) else EventKind.BLOCKED
    if action.startswith("delayed"):
        return EventKind.DEFERRED
    if action.startswith("delivered"):
        return EventKind.DELIVERED
    return EventKind.PROCESSED if action.startswith(("relayed", "expanded")) else None


def _guess_recipients(raw: bytes) -> Iterator[DsnRecipient]:
    """The shapes of before RFC 3464, and of those who never read it: whom it is about, and the first status in it."""
    try:
        delayed, failed = all_failures(email.message_from_bytes(raw[:_MAX_GUESS_BYTES]))
    except Exception:  # noqa: BLE001 - its detectors were written for real mails, and fail on others in any way
        return
    text = raw[:_MAX_GUESS_BYTES].decode("utf-8", "replace")
    status = find_status_in_text(text)
    for kind, addresses in ((EventKind.BLOCKED, failed), (EventKind.DEFERRED, delayed)):
        for address in sorted(addresses)[:_MAX_RECIPIENTS]:
            is_permanent = kind is EventKind.BLOCKED and is_hard_status(status)
            yield DsnRecipient(
                EventKind.BOUNCED if is_permanent else kind,
                _canonical_address(address.decode("ascii", "replace")),
                status,
                "",
            )


def find_status_in_text(text: str) -> str:
    """The first status in a report's own words, line by line."""
    return next((status for line in text.splitlines() if (status := find_enhanced_status(line))), "")


def _canonical_address(text: str) -> str | None:
    match = _ADDRESS.fullmatch(text.strip()[:400])
    try:
        return parse_address(match[1]).key if match else None
    except InvalidAddressError:
        return None


def _redacted(text: str, address: str | None) -> str:
    return redact(text, without=(address, address.rpartition("@")[0]) if address else ())
