"""A sealed letter as everybody may read it: less what is one reader's own, and with its files beside it.

Beyond that not a byte is changed. What a browser and a search engine want to know is added to the head.
"""

import html
from collections.abc import Callable
from dataclasses import dataclass

from pvd_mailer.archive.shelf import Archived
from pvd_mailer.letter.model import FIELDS
from pvd_mailer.letter.sealed import Manifest

__all__ = ["Surroundings", "web_page", "web_text"]

IMAGES = "../../images"
"""From a letter's page, where every archive has them."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a letter is read.

    Attributes:
        address: Of its page, with a final slash.
        way_out: What stands in the place of a reader's own link: the address of a page that is nobody's own.
        site_name: The publication's name.
        indexed: Whether search engines may list it.
    """

    address: str
    way_out: str
    site_name: str
    indexed: bool


def web_page(one: Archived, fetch: Callable[[str], bytes], around: Surroundings) -> str:
    """The letter's HTML as a page; `fetch` gives a sealed part by its digest."""
    page = fetch(one.manifest.html).decode()
    for field in FIELDS:
        page = page.replace(one.manifest.placeholders.html(field), html.escape(around.way_out))
    for picture in one.manifest.pictures:
        page = page.replace(f"cid:{picture.content_id}", f"{IMAGES}/{picture.name}")
    pages_url = one.seal.static_url or one.seal.public_url
    if pages_url and not one.manifest.embedded:
        page = _beside(page, html.escape(pages_url), one, one.manifest)
    return page.replace("</head>", _head(one, around) + "</head>", 1)


def _beside(page: str, pages_url: str, one: Archived, manifest: Manifest) -> str:
    """`page` with its own files taken from beside it: they are found when the archive moves, and on a disk."""
    for picture in manifest.pictures:
        page = page.replace(f'"{pages_url}/images/{picture.name}"', f'"{IMAGES}/{picture.name}"')
    for name in manifest.calendars:
        page = page.replace(f'"{pages_url}/{one.publication}/{one.number}/{name}"', f'"{name}"')
    return page


def _head(one: Archived, around: Surroundings) -> str:
    said = [
        ("name", "robots", "index, follow" if around.indexed else "noindex, nofollow"),
        ("name", "description", one.manifest.preheader),
        ("property", "og:type", "article"),
        ("property", "og:site_name", around.site_name),
        ("property", "og:title", one.manifest.subject),
        ("property", "og:description", one.manifest.preheader),
        ("property", "og:url", around.address),
    ]
    metas = "".join(f'<meta {kind}="{name}" content="{html.escape(value)}" />' for kind, name, value in said)
    return f'<link rel="canonical" href="{html.escape(around.address)}" />{metas}'


def web_text(one: Archived, fetch: Callable[[str], bytes], around: Surroundings) -> str:
    """The letter's plain text."""
    text = fetch(one.manifest.text).decode()
    for field in FIELDS:
        text = text.replace(one.manifest.placeholders.text(field), around.way_out)
    return text
