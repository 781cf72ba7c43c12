"""The letter's parts, and the places in them that are filled in for each reader."""

import hashlib
import html
from dataclasses import dataclass

__all__ = ["PLACEHOLDER_FIELDS", "Attachment", "Calendar", "Letter", "Placeholders"]

PLACEHOLDER_FIELDS = ("unsubscribe",)
"""What differs from reader to reader."""


@dataclass(frozen=True, slots=True)
class Placeholders:
    """The texts that stand for a reader's values: one spelling for HTML, another for plain text.

    They are derived from the letter's own content, so that no text an editor writes can contain them, and the
    same input still gives the same bytes.
    """

    key: str

    @classmethod
    def from_content(cls, content: bytes) -> "Placeholders":
        """The placeholders of a letter made from `content`."""
        return cls(hashlib.sha256(content).hexdigest()[:20])

    def html(self, field: str) -> str:
        """What stands in the HTML part; safe in an attribute and in a URL's place."""
        return f"pvd-h-{self.key}-{field}"

    def text(self, field: str) -> str:
        """What stands in the text part."""
        return f"pvd-t-{self.key}-{field}"

    def fill_html(self, document: str, values: dict[str, str]) -> str:
        """`document`, HTML or a part of it, with `values` (by field) escaped and filled in."""
        for field in PLACEHOLDER_FIELDS:
            document = document.replace(self.html(field), html.escape(values[field], quote=True))
        return document

    def fill_text(self, document: str, values: dict[str, str]) -> str:
        """`document`, plain text or a part of it, with `values` (by field) filled in."""
        for field in PLACEHOLDER_FIELDS:
            document = document.replace(self.text(field), values[field])
        return document


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture that travels with the letter, or is hosted under the same name."""

    name: str
    """File name, made from the digest of its bytes."""
    content_id: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Calendar:
    """A date of the letter as a file for a reader's calendar; it is hosted, and never travels."""

    name: str
    """File name: the anchor in the letter of what it is about, and `.ics`."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What an issue renders to: one for all readers.

    Attributes:
        html: Complete HTML document, with placeholders. Pictures are `cid:` references when embedded.
        text: Plain text part, with placeholders, lines ended by LF.
        attachments: The pictures of the HTML part, in the order of the letter, each once.
        embedded: Whether the pictures travel with the message; otherwise the HTML names their public address.
        calendars: What the letter's links to calendars lead to, in its order.
    """

    subject: str
    preheader: str
    html: str
    text: str
    attachments: tuple[Attachment, ...]
    embedded: bool
    placeholders: Placeholders
    lang: str
    calendars: tuple[Calendar, ...] = ()

    def fill_html(self, values: dict[str, str]) -> str:
        """The HTML part with `values` (by field) escaped and filled in."""
        return self.placeholders.fill_html(self.html, values)

    def fill_text(self, values: dict[str, str]) -> str:
        """The text part with `values` (by field) filled in."""
        return self.placeholders.fill_text(self.text, values)

    def with_local_pictures(self, document: str, folder: str = "images") -> str:
        """`document` with its pictures taken from `folder`, to be opened from a disk."""
        for attachment in self.attachments:
            document = document.replace(f"cid:{attachment.content_id}", f"{folder}/{attachment.name}")
        return document
