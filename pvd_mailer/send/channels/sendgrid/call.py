"""The JSON of a call: what is the same for all readers, made once a letter, and what is each reader's own."""

import base64
import html
import json
from collections.abc import Iterable
from typing import Any

from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import header_safe, wire_address
from pvd_mailer.letter.letter import PLACEHOLDER_FIELDS
from pvd_mailer.letter.mime import AUTO_GENERATED, list_id
from pvd_mailer.send.channels.base import Recipient, SenderIdentity

__all__ = ["MAX_LINK_LENGTH", "MAX_MESSAGE_BYTES", "message_size", "personalizations", "shared_part"]

MAX_MESSAGE_BYTES = 30_000_000
"""Bytes; SendGrid says 30 MB."""
MAX_LINK_LENGTH = 1400
"""Characters of the link to leave by. Filled in twice, once with each character escaped (up to 6 bytes), it keeps below
SendGrid's 10,000 bytes of substitutions a recipient."""

_encode_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_encode_text = json.encoder.encode_basestring_ascii
"""What the encoder does for a text; called a thousand times a call, without its detours."""


def _clean_name(name: str) -> str:
    """`name` as SendGrid takes it: one with `;` or `,` has a whole call refused, so each becomes a blank."""
    return " ".join(header_safe(name).replace(";", " ").replace(",", " ").split())


def _person_json(address: str, name: str) -> dict[str, str]:
    plain = _clean_name(name)
    return {"email": wire_address(address), "name": plain} if plain else {"email": wire_address(address)}


def message_size(letter: Letter) -> int:
    """About how many bytes the message has, its pictures in base64."""
    pictures = sum(len(attachment.data) for attachment in letter.attachments) if letter.embedded else 0
    return len(letter.html.encode()) + len(letter.text.encode()) + pictures * 4 // 3


def shared_part(letter: Letter, sender: SenderIdentity, *, sandbox: bool) -> bytes:
    """The members of a call that are the same for all readers, from a comma to the closing brace.

    No tracking: no pixel, no rewritten link. The text comes before the HTML, as SendGrid demands.
    """
    data: dict[str, Any] = {
        "from": _person_json(sender.address, sender.name),
        "subject": letter.subject,
        "headers": {
            "List-ID": list_id(sender.list_name, sender.list_id),
            "Content-Language": letter.lang,
            "Feedback-ID": sender.feedback_id,
        }
        | ({"Auto-Submitted": AUTO_GENERATED} if sender.is_automatic else {}),
        "content": [{"type": "text/plain", "value": letter.text}, {"type": "text/html", "value": letter.html}],
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }
    if sender.reply_to:
        data["reply_to"] = {"email": wire_address(sender.reply_to)}
    if letter.embedded and letter.attachments:
        data["attachments"] = [
            {
                "content": base64.b64encode(attachment.data).decode("ascii"),
                "type": attachment.media_type,
                "filename": attachment.name,
                "disposition": "inline",
                "content_id": attachment.content_id,
            }
            for attachment in letter.attachments
        ]
    if sandbox:
        data["mail_settings"] = {"sandbox_mode": {"enable": True}}
    return f",{_encode_json(data)[1:]}".encode("ascii")


def personalizations(letter: Letter, sender: SenderIdentity, call_id: str, recipients: Iterable[Recipient]) -> bytes:
    """The beginning of a call: one personalization a reader, who sees no other.

    SendGrid keeps `custom_args` for long and shows them to its staff: they carry two opaque references. The text is put
    together from encoded strings: half the time of a thousand dicts, and this is what a call's time goes into.
    """
    (field,) = PLACEHOLDER_FIELDS
    in_html, in_text = _encode_text(letter.placeholders.html(field)), _encode_text(letter.placeholders.text(field))
    mailto, encoded_call_id = sender.unsubscribe_mailto, _encode_text(call_id)
    by_mail = _encode_text(f", <{mailto}>")[1:-1]
    result = []
    for ref, address, name, link in recipients:
        unsubscribe_url = link or mailto
        escaped = html.escape(unsubscribe_url)
        # A link is encoded once, and serves for the header and both substitutions where it has nothing to escape.
        plain = _encode_text(unsubscribe_url)[1:-1]
        in_page = plain if escaped == unsubscribe_url else _encode_text(escaped)[1:-1]
        display_name = _clean_name(name)
        name_member = f',"name":{_encode_text(display_name)}' if display_name else ""
        one_click_member = f'{by_mail}","List-Unsubscribe-Post":"List-Unsubscribe=One-Click' if link else ""
        result.append(
            f'{{"to":[{{"email":{_encode_text(wire_address(address))}{name_member}}}],'
            f'"headers":{{"List-Unsubscribe":"<{plain}>{one_click_member}"}},'
            f'"substitutions":{{{in_html}:"{in_page}",{in_text}:"{plain}"}},'
            f'"custom_args":{{"pvd_recipient":{_encode_text(ref)},"pvd_call":{encoded_call_id}}}}}'
        )
    return f'{{"personalizations":[{",".join(result)}]'.encode("ascii")
