"""The archive as an Atom feed (RFC 4287)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree, html

from pvd_mailer.archive.letters import ArchivedLetter

__all__ = ["Feed", "FeedEntry", "atom_feed"]

_ATOM = "http://www.w3.org/2005/Atom"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""When a feed was last changed that never had anything in it."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A letter, the address of its page and that page."""

    letter: ArchivedLetter
    url: str
    page: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A publication's feed.

    Attributes:
        list_id: The publication's, which never changes; ids are made from it, so that they outlive a move.
        url: Of the archive, with a final slash.
    """

    title: str
    subtitle: str
    author: str
    lang: str
    list_id: str
    url: str


def atom_feed(feed: Feed, entries: Sequence[FeedEntry]) -> bytes:
    """The feed of `entries`, the newest first."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", feed.lang)
    _add(root, "id", _id(feed.list_id))
    _add(root, "title", feed.title)
    if feed.subtitle:
        _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", _atom_date(max((entry.letter.sent_at for entry in entries), default=_EPOCH)))
    _add(root, "link", rel="self", type="application/atom+xml", href=f"{feed.url}feed.xml")
    _add(root, "link", rel="alternate", type="text/html", href=feed.url)
    _add(_add(root, "author"), "name", feed.author)
    for entry in entries:
        letter, element = entry.letter, _add(root, "entry")
        _add(element, "id", _id(f"{feed.list_id}/{letter.number}"))
        _add(element, "title", letter.manifest.subject)
        _add(element, "published", _atom_date(letter.first_sent_at))
        _add(element, "updated", _atom_date(letter.sent_at))
        _add(element, "link", rel="alternate", type="text/html", href=entry.url)
        _add(element, "summary", letter.manifest.preheader)
        _add(element, "content", _feed_content(entry.page, entry.url), type="html")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _add(parent: etree._Element, tag: str, words: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    element.text = words or None
    return element


def _id(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_DNS, name).urn


def _atom_date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _feed_content(page: str, base_url: str) -> str:
    """What is in the body of the page at `base_url`, for a reader that brings its own style and knows no base.

    Without what only Outlook reads, and without what is hidden there, such as the preheader: that is the summary.
    """
    tree = html.document_fromstring(page)
    etree.strip_elements(tree, etree.Comment, with_tail=False)
    tree.make_links_absolute(base_url)
    for element in tree.body.xpath(".//*[contains(translate(@style, ' ', ''), 'display:none')]"):
        element.drop_tree()
    return "".join(html.tostring(child, encoding="unicode") for child in tree.body).strip()
