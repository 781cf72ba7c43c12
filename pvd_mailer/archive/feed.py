"""The archive as an Atom feed (RFC 4287)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree, html

from pvd_mailer.archive.shelf import Archived

__all__ = ["Entry", "Feed", "feed"]

ATOM = "http://www.w3.org/2005/Atom"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""When a feed was last changed that never had anything in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter, the address of its page and that page."""

    letter: Archived
    address: str
    page: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A publication's feed.

    Attributes:
        list_id: The publication's, which never changes; ids are made from it, so that they outlive a move.
        address: Of the archive, with a final slash.
    """

    title: str
    subtitle: str
    author: str
    lang: str
    list_id: str
    address: str


def feed(about: Feed, entries: Sequence[Entry]) -> bytes:
    """The feed of `entries`, the newest first."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", about.lang)
    _add(root, "id", _id(about.list_id))
    _add(root, "title", about.title)
    if about.subtitle:
        _add(root, "subtitle", about.subtitle)
    _add(root, "updated", _moment(max((one.letter.at for one in entries), default=EPOCH)))
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{about.address}feed.xml")
    _add(root, "link", rel="alternate", type="text/html", href=about.address)
    _add(_add(root, "author"), "name", about.author)
    for one in entries:
        letter, entry = one.letter, _add(root, "entry")
        _add(entry, "id", _id(f"{about.list_id}/{letter.number}"))
        _add(entry, "title", letter.manifest.subject)
        _add(entry, "published", _moment(letter.first_at))
        _add(entry, "updated", _moment(letter.at))
        _add(entry, "link", rel="alternate", type="text/html", href=one.address)
        _add(entry, "summary", letter.manifest.preheader)
        _add(entry, "content", _readable(one.page, one.address), type="html")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _add(parent: etree._Element, tag: str, words: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    element.text = words or None
    return element


def _id(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_DNS, name).urn


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _readable(page: str, address: str) -> str:
    """What is in the body of the page at `address`, for a reader that brings its own style and knows no base.

    Without what only Outlook reads, and without what is hidden there, such as the preheader: that is the summary.
    """
    tree = html.document_fromstring(page)
    etree.strip_elements(tree, etree.Comment, with_tail=False)
    tree.make_links_absolute(address)
    for element in tree.body.xpath(".//*[contains(translate(@style, ' ', ''), 'display:none')]"):
        element.drop_tree()
    return "".join(html.tostring(child, encoding="unicode") for child in tree.body).strip()
