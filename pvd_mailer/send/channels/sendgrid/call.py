"""The JSON of a call: what is the same for all readers, made once a letter, and what is each reader's own."""

import base64
import html
import json
from collections.abc import Iterable
from typing import Any

from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import one_line, wire_address
from pvd_mailer.letter.mime import AUTOMATIC, list_id
from pvd_mailer.letter.model import FIELDS
from pvd_mailer.send.channels.base import Addressee, Sender

__all__ = ["LARGEST_MESSAGE", "LONGEST_LINK", "common", "personalizations", "weight"]

LARGEST_MESSAGE = 30_000_000
"""Bytes; SendGrid says 30 MB."""
LONGEST_LINK = 1400
"""Characters of the link to leave by. Filled in twice, once with each character escaped (up to 6 bytes), it keeps below
SendGrid's 10,000 bytes of substitutions a recipient."""

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_text = json.encoder.encode_basestring_ascii
"""What the encoder does for a text; called a thousand times a call, without its detours."""


def _name(name: str) -> str:
    """`name` as SendGrid takes it: one with `;` or `,` has a whole call refused, so each becomes a blank."""
    return " ".join(one_line(name).replace(";", " ").replace(",", " ").split())


def _person(address: str, name: str) -> dict[str, str]:
    plain = _name(name)
    return {"email": wire_address(address), "name": plain} if plain else {"email": wire_address(address)}


def weight(letter: Letter) -> int:
    """About how many bytes the message has, its pictures in base64."""
    pictures = sum(len(one.data) for one in letter.attachments) if letter.embedded else 0
    return len(letter.html.encode()) + len(letter.text.encode()) + pictures * 4 // 3


def common(letter: Letter, sender: Sender, *, sandbox: bool) -> bytes:
    """The members of a call that are the same for all readers, from a comma to the closing brace.

    No tracking: no pixel, no rewritten link. The text comes before the HTML, as SendGrid demands.
    """
    said: dict[str, Any] = {
        "from": _person(sender.address, sender.name),
        "subject": letter.subject,
        "headers": {
            "List-ID": list_id(sender.list_name, sender.list_id),
            "Content-Language": letter.lang,
            "Feedback-ID": sender.feedback_id,
        }
        | ({"Auto-Submitted": AUTOMATIC} if sender.is_automatic else {}),
        "content": [{"type": "text/plain", "value": letter.text}, {"type": "text/html", "value": letter.html}],
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }
    if sender.reply_to:
        said["reply_to"] = {"email": wire_address(sender.reply_to)}
    if letter.embedded and letter.attachments:
        said["attachments"] = [
            {
                "content": base64.b64encode(one.data).decode("ascii"),
                "type": one.media_type,
                "filename": one.name,
                "disposition": "inline",
                "content_id": one.content_id,
            }
            for one in letter.attachments
        ]
    if sandbox:
        said["mail_settings"] = {"sandbox_mode": {"enable": True}}
    return f",{_encode(said)[1:]}".encode("ascii")


def personalizations(letter: Letter, sender: Sender, call_id: str, addressees: Iterable[Addressee]) -> bytes:
    """The beginning of a call: one personalization a reader, who sees no other.

    SendGrid keeps `custom_args` for long and shows them to its staff: they carry two opaque references. The text is put
    together from encoded strings: half the time of a thousand dicts, and this is what a call's time goes into.
    """
    (field,) = FIELDS
    in_html, in_text = _text(letter.placeholders.html(field)), _text(letter.placeholders.text(field))
    mailto, call = sender.unsubscribe_mailto, _text(call_id)
    by_mail = _text(f", <{mailto}>")[1:-1]
    result = []
    for ref, address, name, link, _tag in addressees:
        way = link or mailto
        escaped = html.escape(way)
        # A link is encoded once, and serves for the header and both substitutions where it has nothing to escape.
        plain = _text(way)[1:-1]
        in_page = plain if escaped == way else _text(escaped)[1:-1]
        called = _name(name)
        named = f',"name":{_text(called)}' if called else ""
        rest = f'{by_mail}","List-Unsubscribe-Post":"List-Unsubscribe=One-Click' if link else ""
        result.append(
            f'{{"to":[{{"email":{_text(wire_address(address))}{named}}}],'
            f'"headers":{{"List-Unsubscribe":"<{plain}>{rest}"}},'
            f'"substitutions":{{{in_html}:"{in_page}",{in_text}:"{plain}"}},'
            f'"custom_args":{{"pvd_recipient":{_text(ref)},"pvd_call":{call}}}}}'
        )
    return f'{{"personalizations":[{",".join(result)}]'.encode("ascii")
