"""The letter as bytes under digests: a manifest, and the parts that it names.

What is packed and what is opened are equal to the byte: `unpack_letter` fetches every part by its digest, and whoever
keeps them checks that digest.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from pvd_mailer.letter.letter import Attachment, Calendar, Letter, Placeholders

__all__ = ["LetterManifest", "PictureEntry", "pack_letter", "read_manifest", "unpack_letter"]


@dataclass(frozen=True, slots=True)
class PictureEntry:
    """A picture of the letter, its bytes by their digest."""

    name: str
    content_id: str
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class LetterManifest:
    """What a sealed letter says of itself, and the digests of its parts: for who needs some of them only."""

    subject: str
    preheader: str
    lang: str
    embedded: bool
    placeholders: Placeholders
    html: str
    text: str
    pictures: tuple[PictureEntry, ...]
    calendars: dict[str, str]
    """By file name, in the letter's order; empty in letters that were sealed before there were any."""


def pack_letter(letter: Letter) -> tuple[bytes, ...]:
    """`letter` as blobs, the manifest last: its digest is the letter's."""
    html, text = letter.html.encode(), letter.text.encode()
    manifest = {
        "subject": letter.subject,
        "preheader": letter.preheader,
        "lang": letter.lang,
        "embedded": letter.embedded,
        "placeholders": letter.placeholders.key,
        "html": _digest(html),
        "text": _digest(text),
        "attachments": [
            {
                "name": attachment.name,
                "content_id": attachment.content_id,
                "media_type": attachment.media_type,
                "data": _digest(attachment.data),
            }
            for attachment in letter.attachments
        ],
    }
    # A letter without any keeps the digest that it had before there were calendars, and so its tests.
    if letter.calendars:
        manifest["calendars"] = [
            {"name": calendar.name, "data": _digest(calendar.data)} for calendar in letter.calendars
        ]
    pictures, calendars = (
        (attachment.data for attachment in letter.attachments),
        (attachment.data for attachment in letter.calendars),
    )
    return html, text, *pictures, *calendars, json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()


def read_manifest(manifest: bytes) -> LetterManifest:
    """What `manifest` says."""
    content = json.loads(manifest)
    return LetterManifest(
        subject=content["subject"],
        preheader=content["preheader"],
        lang=content["lang"],
        embedded=content["embedded"],
        placeholders=Placeholders(content["placeholders"]),
        html=content["html"],
        text=content["text"],
        pictures=tuple(
            PictureEntry(picture["name"], picture["content_id"], picture["media_type"], picture["data"])
            for picture in content["attachments"]
        ),
        calendars={calendar["name"]: calendar["data"] for calendar in content.get("calendars", ())},
    )


def unpack_letter(manifest: bytes, fetch: Callable[[str], bytes]) -> Letter:
    """The letter that was packed with `manifest`; `fetch` gives a part by its digest."""
    parsed = read_manifest(manifest)
    return Letter(
        subject=parsed.subject,
        preheader=parsed.preheader,
        html=fetch(parsed.html).decode(),
        text=fetch(parsed.text).decode(),
        attachments=tuple(
            Attachment(picture.name, picture.content_id, picture.media_type, fetch(picture.digest))
            for picture in parsed.pictures
        ),
        embedded=parsed.embedded,
        placeholders=parsed.placeholders,
        lang=parsed.lang,
        calendars=tuple(Calendar(name, fetch(digest)) for name, digest in parsed.calendars.items()),
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
