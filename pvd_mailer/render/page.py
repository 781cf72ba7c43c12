"""The letter's HTML as a tree, and the tree as HTML: what no pass touches comes out byte for byte as it went in."""

from lxml import etree
from lxml.etree import _Element

__all__ = ["parse_page", "write_page"]


def parse_page(html: str) -> _Element:
    """The document's `<html>`; comments, Outlook's conditional ones among them, are nodes that hold their text."""
    return etree.fromstring(_known_doctype(html), etree.HTMLParser())


def write_page(page: _Element, html: str) -> str:
    """`page`, which `parse_page` made of `html`; with a document type only if `html` has one."""
    tree = page.getroottree()
    has_doctype = _known_doctype(html).startswith(tree.docinfo.doctype)  # libxml2 makes one up where none is
    written: bytes = etree.tostring(tree if has_doctype else page, method="html", encoding="utf-8")
    return written.decode()


def _known_doctype(html: str) -> str:
    return html.replace("<!doctype html>", "<!DOCTYPE html>", 1).strip()  # in lower case, lxml would drop it
