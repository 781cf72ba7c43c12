"""What a page's head says of the page: how its text is written, and where it leads on."""

import re
from html import unescape

import httpx

__all__ = ["encoding_of", "meta_refresh_target"]

_SEARCHED_BYTES = 8_192
"""In bytes: how much of a page is searched. Small, since what a page is made of may be made to be slow to search."""
_MAX_REFRESH_SECONDS = 10
"""In seconds: a page that leads on later than that is meant to be read."""
_CHARSET = re.compile(rb"""(?i)<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?\s*([a-z0-9_-]{1,40})""")
_IGNORED = re.compile(rb"(?is)<!--.*?-->|<(noscript|script|template)\b.*?</\1\s*>")
_REFRESH = re.compile(rb"(?is)<meta\b(?=[^>]{0,2000}\bhttp-equiv\s*=\s*[\"']?\s*refresh\b)[^>]{0,2000}>")
_TARGET = re.compile(rb"""(?is)\bcontent\s*=\s*["']?\s*(\d{1,3})(?:\.\d*)?\s*[;,]\s*url\s*=\s*["']?([^"'>]{1,2000})""")
_WESTERN = (
    "iso-8859-1",
    "iso8859-1",
    "latin1",
    "latin-1",
    "l1",
    "windows-1252",
    "cp1252",
    "x-cp1252",
    "ascii",
    "us-ascii",
)
_WITH_EURO = ("iso-8859-15", "iso8859-15", "latin-9", "latin9", "l9")
# What browsers read under these names. Everything else is read as UTF-8: no name is looked up that a server chose.
_ENCODINGS = dict.fromkeys(_WESTERN, "cp1252") | dict.fromkeys(_WITH_EURO, "iso8859-15")


def encoding_of(content_type: str, body: bytes | bytearray) -> str:
    """How the text of a page is written: as its server says, or else the page itself."""
    if body.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    declared = re.search(r"(?i)\bcharset\s*=\s*[\"']?\s*([\w-]{1,40})", content_type[:200])
    meta_charset = _CHARSET.search(body, 0, _SEARCHED_BYTES)
    label = declared[1] if declared else meta_charset[1].decode("ascii") if meta_charset else ""
    return _ENCODINGS.get(label.lower().replace("_", "-"), "utf-8")


def meta_refresh_target(body: bytes, encoding: str, url: httpx.URL) -> httpx.URL | None:
    """Where the page at `url` leads on by itself, at once; None where it stays, or names no other page."""
    meta = _REFRESH.search(_IGNORED.sub(b"", body[:_SEARCHED_BYTES]))
    refresh = _TARGET.search(meta[0]) if meta else None
    if refresh is None or int(refresh[1]) > _MAX_REFRESH_SECONDS:
        return None
    try:
        target = url.join(unescape(refresh[2].decode(encoding, "replace")).strip())
    except (httpx.InvalidURL, ValueError):
        return None
    leads_on = target.scheme in ("http", "https") and target.host and target.copy_with(fragment=None) != url
    return target if leads_on else None
