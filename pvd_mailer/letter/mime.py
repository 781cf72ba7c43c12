"""The letter as an RFC 5322 message: multipart/alternative, the HTML with its pictures in multipart/related."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy

from pvd_mailer.letter.addresses import header_safe, wire_address
from pvd_mailer.letter.letter import Letter

__all__ = [
    "AUTO_GENERATED",
    "ONE_CLICK_POST",
    "MessageHeaders",
    "build_message",
    "feedback_id",
    "fold_to",
    "list_id",
    "list_unsubscribe",
    "part_boundary",
]


class _Addresses(UnstructuredHeader):
    """A list of `<URI>`s: folded between them, where email would turn a long one into encoded words (RFC 2369)."""

    def fold(self, *, policy: Policy) -> str:
        """One URI a line."""
        parts = str(self).split(", ")
        return "List-Unsubscribe: " + f",{policy.linesep} ".join(parts) + policy.linesep


_header_registry = HeaderRegistry()
_header_registry.map_to_type("list-unsubscribe", _Addresses)  # type: ignore[arg-type] # typeshed wants the base that the registry adds itself
_SMTP_POLICY = SMTP.clone(header_factory=_header_registry)
ONE_CLICK_POST = "List-Unsubscribe=One-Click"
"""The value of List-Unsubscribe-Post (RFC 8058, 3.1)."""
AUTO_GENERATED = "auto-generated"
"""The value of Auto-Submitted (RFC 3834, 5): not `auto-replied`, for what is answered is a form and not a mail."""


@dataclass(frozen=True, slots=True)
class MessageHeaders:
    """What is said about the letter to one recipient."""

    sender_name: str
    sender_address: str
    reply_to: str | None
    list_name: str
    list_id: str
    """RFC 2919's identifier, such as lettre.example.org."""
    recipient_name: str
    recipient_address: str
    unsubscribe_mailto: str
    """A mailto link, RFC 2369."""
    one_click_url: str | None
    """An https address that answers RFC 8058's POST; None where nothing would answer."""
    message_id: str
    """Without angle brackets."""
    date: datetime
    feedback_id: str
    """As `feedback_id` makes it."""
    is_automatic: bool = False
    """Whether a program wrote it to this one person: nobody who is away answers such a mail (RFC 3834)."""

    @property
    def unsubscribe_url(self) -> str:
        """What the letter's own unsubscribe link leads to."""
        return self.one_click_url or self.unsubscribe_mailto


def _header_address(name: str, address: str) -> Address:
    local, _at, domain = wire_address(address).rpartition("@")
    try:
        header_address = Address(header_safe(name), local, domain)
        _SMTP_POLICY.header_factory("to", str(header_address))
    except (AttributeError, IndexError) as exc:  # email's parser, at what it takes for an address and is none
        raise ValueError from exc
    return header_address


def list_id(name: str, identifier: str) -> str:
    """The List-ID header (RFC 2919); a name outside ASCII is left out: not every reader of this header decodes it."""
    if not name.isascii():
        return f"<{identifier}>"
    quoted = header_safe(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{identifier}>'


def feedback_id(campaign: str, publication: str, kind: str, address: str) -> str:
    """The Feedback-ID header, by which Gmail counts complaints: `campaign:publication:kind:sender`, and no person.

    The last field is the sender's own, the same in every mail, 5 to 15 characters, here from the domain of the sender's
    `address` (support.google.com/mail/answer/6254652). Gmail reads it where DKIM covers it.
    """
    domain = wire_address(address).rpartition("@")[2]
    sender = re.sub(r"[^a-z0-9]", "", domain.casefold())[:15].ljust(5, "0")
    return ":".join([*(part.replace(":", "-") for part in (campaign, publication, kind)), sender])


def list_unsubscribe(mailto: str, one_click_url: str | None) -> str:
    """The List-Unsubscribe header (RFC 2369): first what one click reaches, then the address to write to."""
    return f"<{one_click_url}>, <{mailto}>" if one_click_url else f"<{mailto}>"


def build_message(letter: Letter, headers: MessageHeaders) -> bytes:
    """The message as it goes on the wire, with CRLF line ends; the same input gives the same bytes.

    It is ASCII, unless an address has a character outside it before the @: such a message is for SMTPUTF8 (RFC 6532).

    Raises:
        ValueError: an address is none.
    """
    placeholder_values = {"unsubscribe": headers.unsubscribe_url}
    sender = _header_address(headers.sender_name, headers.sender_address)
    recipient = _header_address(headers.recipient_name, headers.recipient_address)
    international = not (sender.username + recipient.username).isascii()
    message = EmailMessage(policy=_SMTP_POLICY.clone(utf8=True) if international else _SMTP_POLICY)
    message["From"] = sender
    message["To"] = recipient
    if headers.reply_to:
        message["Reply-To"] = wire_address(headers.reply_to)
    message["Subject"] = letter.subject
    message["Date"] = headers.date
    message["Message-ID"] = f"<{headers.message_id}>"
    message["List-ID"] = list_id(headers.list_name, headers.list_id)
    message["Feedback-ID"] = headers.feedback_id
    if headers.is_automatic:
        message["Auto-Submitted"] = AUTO_GENERATED
    if headers.one_click_url:
        message["List-Unsubscribe-Post"] = ONE_CLICK_POST
    message["List-Unsubscribe"] = list_unsubscribe(headers.unsubscribe_mailto, headers.one_click_url)
    message.set_content(letter.fill_text(placeholder_values), subtype="plain", charset="utf-8", cte="quoted-printable")
    message.add_alternative(
        letter.fill_html(placeholder_values), subtype="html", charset="utf-8", cte="quoted-printable"
    )
    if letter.embedded:
        _embed_pictures(message, letter)
    # email moves Content-* headers to the first part when it makes a multipart: only now does this one stay.
    message["Content-Language"] = letter.lang
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(part_boundary(headers.message_id, number))
    return message.as_bytes()


def part_boundary(message_id: str, number: int) -> str:
    """What stands between the parts of the `number`-th multipart of a message, counted from 0 and from outside.

    email would draw boundaries at random; these are as unlikely in the text, and the same each time.
    """
    return "=_" + hashlib.sha256(f"{message_id} {number}".encode()).hexdigest()[:32]


def fold_to(name: str, address: str) -> bytes:
    """The To header of a message that is ASCII, with its line end.

    Raises:
        ValueError: the address is none.
    """
    return _SMTP_POLICY.fold_binary(*_SMTP_POLICY.header_store_parse("To", _header_address(name, address)))


def _embed_pictures(message: EmailMessage, letter: Letter) -> None:
    html_part = message.get_body(("html",))
    if not isinstance(html_part, MIMEPart):  # it was added above
        raise TypeError
    for attachment in letter.attachments:
        maintype, _slash, subtype = attachment.media_type.partition("/")
        html_part.add_related(
            attachment.data,
            maintype,
            subtype,
            cid=f"<{attachment.content_id}>",
            filename=attachment.name,
            disposition="inline",
        )
