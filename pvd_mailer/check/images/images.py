"""Every picture of the letter: its words, its bytes, its place, and how wide it is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.etree import _Element

from pvd_mailer.check.locations import IssueValue, SettingsValue, SymbolicLocation
from pvd_mailer.i18n import format_number
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import Image
from pvd_mailer.issue.picture import Picture
from pvd_mailer.issue.source_map import KeyPath
from pvd_mailer.letter import Letter

__all__ = ["DisplayedImage", "displayed_images", "kilobytes"]


@dataclass(frozen=True, slots=True)
class DisplayedImage:
    """A picture of the issue, or the publication's logo.

    Attributes:
        width: How wide the letter shows it, in CSS pixels; None where it does not say.
        block_id: The id of its block; None for the logo.
        title: The title of its block.
    """

    image: Image
    picture: Picture
    path: KeyPath
    key: str
    width: int | None
    block_id: str | None
    title: str = ""

    def location_of(self, key: str) -> SymbolicLocation:
        """The place of what the image says under `key`."""
        return IssueValue((*self.path, key)) if self.block_id else SettingsValue((*self.path, key))


def displayed_images(
    issue: Issue, publication: Publication, pictures: Mapping[str, Picture], letter: Letter, tree: _Element
) -> Iterator[DisplayedImage]:
    """The pictures of `issue` in the order of the letter, dark twins after their light ones.

    `pictures` are those of the issue by file name; `tree` is the letter's HTML, parsed.
    """
    widths = _display_widths(letter, tree)
    images: list[tuple[KeyPath, str | None, str, Image]] = []
    if publication.logo:
        images.append((("logo",), None, publication.name, publication.logo))
    for index, block in enumerate(issue.blocks):
        image = getattr(block, "image", None)
        if isinstance(image, Image):
            images.append((("blocks", index, "image"), block.id, getattr(block, "title", None) or "", image))
    for path, block_id, title, image in images:
        for key, name in (("file", image.file), ("dark_file", image.dark_file)):
            if name and name in pictures:
                picture = pictures[name]
                yield DisplayedImage(image, picture, path, key, widths.get(picture.data), block_id, title)


def _display_widths(letter: Letter, tree: _Element) -> dict[bytes, int]:
    """By a picture's bytes, the greatest width that the letter gives it."""
    data_by_source = {}
    for attachment in letter.attachments:
        data_by_source[f"cid:{attachment.content_id}"] = data_by_source[attachment.name] = attachment.data
    widths: dict[bytes, int] = {}
    for element in tree.iter("img"):
        picture = data_by_source.get((element.get("src") or "").rpartition("/")[2])
        width = (element.get("width") or "").removesuffix("px")
        if picture is not None and width.isdecimal():
            widths[picture] = max(widths.get(picture, 0), int(width))
    return widths


def kilobytes(size: int) -> str:
    """`size` bytes, as people count them."""
    return format_number(max(1, round(size / 1000)))
