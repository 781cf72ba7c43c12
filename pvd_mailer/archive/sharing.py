"""What is shown of a letter's page where somebody shares it (Open Graph protocol, ogp.me)."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import urljoin

from lxml import html as lxml_html
from PIL import Image

from pvd_mailer.archive import card
from pvd_mailer.letter.sealed import Manifest

__all__ = ["Shown", "first_picture", "of_card", "properties"]

SMALLEST: Final = 200
"""Pixels a side: those who show a page take no smaller picture."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture: its address, its measures in pixels, and what it says."""

    address: str
    media_type: str
    width: int
    height: int
    alt: str


def of_card(address: str, alt: str) -> Shown:
    """The card beside the page at `address`, which ends in a slash."""
    return Shown(f"{address}{card.NAME}", "image/png", card.WIDTH, card.HEIGHT, alt)


def first_picture(page: str, address: str, manifest: Manifest, fetch: Callable[[str], bytes]) -> Shown | None:
    """The first picture of `page`, at `address`, that says something; None where there is none of some size.

    A logo is not of the letter, and a decorative picture says nothing.
    """
    named = {one.name: one for one in manifest.pictures}
    for element in lxml_html.document_fromstring(page).iter("img"):
        found = named.get(element.get("src", "").rpartition("/")[2])
        alt = element.get("alt", "")
        classes = " ".join(element.xpath("ancestor-or-self::*/@class")).split()
        if found is None or not alt or "logo" in classes:
            continue
        width, height = _measures(fetch(found.digest))
        if min(width, height) >= SMALLEST:
            return Shown(urljoin(address, element.get("src")), found.media_type, width, height, alt)
    return None


def _measures(data: bytes) -> tuple[int, int]:
    try:
        with Image.open(BytesIO(data)) as picture:
            return picture.size
    except (OSError, ValueError):  # of a picture that cannot be read nothing is said
        return 0, 0


def properties(shown: Shown) -> tuple[tuple[str, str], ...]:
    """What a page's head says of the picture: names and values of its `meta` elements."""
    return (
        ("og:image", shown.address),
        ("og:image:type", shown.media_type),
        ("og:image:width", str(shown.width)),
        ("og:image:height", str(shown.height)),
        ("og:image:alt", shown.alt),
    )
