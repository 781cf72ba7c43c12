"""What is shown of a letter's page where somebody shares it (Open Graph protocol, ogp.me)."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import urljoin

from lxml import html as lxml_html
from PIL import Image

from pvd_mailer.archive import card
from pvd_mailer.letter.bundle import LetterManifest

__all__ = ["SharedPicture", "card_picture", "first_picture", "open_graph_properties"]

_MIN_SIDE: Final = 200
"""Pixels a side: those who show a page take no smaller picture."""


@dataclass(frozen=True, slots=True)
class SharedPicture:
    """A picture: its address, its measures in pixels, and what it says."""

    url: str
    media_type: str
    width: int
    height: int
    alt: str


def card_picture(page_url: str, alt: str) -> SharedPicture:
    """The card beside the page at `page_url`, which ends in a slash."""
    return SharedPicture(f"{page_url}{card.CARD_FILE_NAME}", "image/png", card.CARD_WIDTH, card.CARD_HEIGHT, alt)


def first_picture(
    page: str, page_url: str, manifest: LetterManifest, fetch: Callable[[str], bytes]
) -> SharedPicture | None:
    """The first picture of `page`, at `page_url`, that says something; None where there is none of some size.

    A logo is not of the letter, and a decorative picture says nothing.
    """
    by_name = {picture.name: picture for picture in manifest.pictures}
    for element in lxml_html.document_fromstring(page).iter("img"):
        picture = by_name.get(element.get("src", "").rpartition("/")[2])
        alt = element.get("alt", "")
        classes = " ".join(element.xpath("ancestor-or-self::*/@class")).split()
        if picture is None or not alt or "logo" in classes:
            continue
        width, height = _picture_size(fetch(picture.digest))
        if min(width, height) >= _MIN_SIDE:
            return SharedPicture(urljoin(page_url, element.get("src")), picture.media_type, width, height, alt)
    return None


def _picture_size(data: bytes) -> tuple[int, int]:
    try:
        with Image.open(BytesIO(data)) as picture:
            return picture.size
    except (OSError, ValueError):  # of a picture that cannot be read nothing is said
        return 0, 0


def open_graph_properties(picture: SharedPicture) -> tuple[tuple[str, str], ...]:
    """What a page's head says of the picture: names and values of its `meta` elements."""
    return (
        ("og:image", picture.url),
        ("og:image:type", picture.media_type),
        ("og:image:width", str(picture.width)),
        ("og:image:height", str(picture.height)),
        ("og:image:alt", picture.alt),
    )
