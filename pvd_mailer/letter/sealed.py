"""The letter as bytes under digests: a manifest, and the parts that it names.

What is packed and what is opened are equal to the byte: `open_sealed` fetches every part by its digest, and whoever
keeps them checks that digest.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from pvd_mailer.letter.model import Attachment, Calendar, Letter, Placeholders

__all__ = ["Manifest", "SealedPicture", "open_sealed", "pack", "read_manifest"]


@dataclass(frozen=True, slots=True)
class SealedPicture:
    """A picture of the letter, its bytes by their digest."""

    name: str
    content_id: str
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a sealed letter says of itself, and the digests of its parts: for who needs some of them only."""

    subject: str
    preheader: str
    lang: str
    embedded: bool
    placeholders: Placeholders
    html: str
    text: str
    pictures: tuple[SealedPicture, ...]
    calendars: dict[str, str]
    """By file name, in the letter's order; empty in letters that were sealed before there were any."""


def pack(letter: Letter) -> tuple[bytes, ...]:
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
                "name": one.name,
                "content_id": one.content_id,
                "media_type": one.media_type,
                "data": _digest(one.data),
            }
            for one in letter.attachments
        ],
    }
    # A letter without any keeps the digest that it had before there were calendars, and so its tests.
    if letter.calendars:
        manifest["calendars"] = [{"name": one.name, "data": _digest(one.data)} for one in letter.calendars]
    pictures, calendars = (one.data for one in letter.attachments), (one.data for one in letter.calendars)
    return html, text, *pictures, *calendars, json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()


def read_manifest(manifest: bytes) -> Manifest:
    """What `manifest` says."""
    said = json.loads(manifest)
    return Manifest(
        subject=said["subject"],
        preheader=said["preheader"],
        lang=said["lang"],
        embedded=said["embedded"],
        placeholders=Placeholders(said["placeholders"]),
        html=said["html"],
        text=said["text"],
        pictures=tuple(
            SealedPicture(one["name"], one["content_id"], one["media_type"], one["data"]) for one in said["attachments"]
        ),
        calendars={one["name"]: one["data"] for one in said.get("calendars", ())},
    )


def open_sealed(manifest: bytes, fetch: Callable[[str], bytes]) -> Letter:
    """The letter that was packed with `manifest`; `fetch` gives a part by its digest."""
    said = read_manifest(manifest)
    return Letter(
        subject=said.subject,
        preheader=said.preheader,
        html=fetch(said.html).decode(),
        text=fetch(said.text).decode(),
        attachments=tuple(
            Attachment(one.name, one.content_id, one.media_type, fetch(one.digest)) for one in said.pictures
        ),
        embedded=said.embedded,
        placeholders=said.placeholders,
        lang=said.lang,
        calendars=tuple(Calendar(name, fetch(digest)) for name, digest in said.calendars.items()),
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
