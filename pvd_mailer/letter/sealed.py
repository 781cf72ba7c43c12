"""The letter as bytes under digests: a manifest, and the parts that it names.

What is packed and what is opened are equal to the byte: `open_sealed` fetches every part by its digest, and whoever
keeps them checks that digest.
"""

import hashlib
import json
from collections.abc import Callable

from pvd_mailer.letter.model import Attachment, Letter, Placeholders

__all__ = ["open_sealed", "pack"]


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
    pictures = [one.data for one in letter.attachments]
    return html, text, *pictures, json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()


def open_sealed(manifest: bytes, fetch: Callable[[str], bytes]) -> Letter:
    """The letter that was packed with `manifest`; `fetch` gives a part by its digest."""
    said = json.loads(manifest)
    return Letter(
        subject=said["subject"],
        preheader=said["preheader"],
        html=fetch(said["html"]).decode(),
        text=fetch(said["text"]).decode(),
        attachments=tuple(
            Attachment(one["name"], one["content_id"], one["media_type"], fetch(one["data"]))
            for one in said["attachments"]
        ),
        embedded=said["embedded"],
        placeholders=Placeholders(said["placeholders"]),
        lang=said["lang"],
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
