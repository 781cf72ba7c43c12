"""Every picture of the letter: its words, its bytes, its place, and how wide it is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml.etree import _Element

from pvd_mailer.check.locations import IssueValue, SettingsValue, SymbolicLocation
from pvd_mailer.i18n import format_number
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import Image, SnippetBlock
from pvd_mailer.issue.parts import parts_of, title_around
from pvd_mailer.issue.picture import Picture
from pvd_mailer.issue.source_map import KeyPath
from pvd_mailer.letter import Letter

__all__ = ["DisplayedImage", "displayed_images", "kilobytes"]


@dataclass(frozen=True, slots=True)
class DisplayedImage:
    """A picture of the issue, or one of the publication: its logo, or that of a snippet.

    Attributes:
        path: The way to it in the issue, or in the settings where it is `of_publication`.
        width: How wide the letter shows it, in CSS pixels; None where it does not say.
        block_id: The id of its block; None for the logo.
        title: The title that it stands with: of its section or item, or else of its block.
    """

    image: Image
    picture: Picture
    path: KeyPath
    key: str
    width: int | None
    block_id: str | None
    title: str = ""
    of_publication: bool = False

    def location_of(self, key: str) -> SymbolicLocation:
        """The place of what the image says under `key`."""
        path = (*self.path, key)
        return SettingsValue(path, self.block_id) if self.of_publication else IssueValue(path)


def displayed_images(
    issue: Issue, publication: Publication, pictures: Mapping[str, Picture], letter: Letter, tree: _Element
) -> Iterator[DisplayedImage]:
    """The pictures of `issue` in the order of the letter, dark twins after their light ones.

    `pictures` are those of the issue by file name; `tree` is the letter's HTML, parsed.
    """
    widths = _display_widths(letter, tree)
    for path, block_id, title, image, of_publication in _images(issue, publication):
        for key, name in (("file", image.file), ("dark_file", image.dark_file)):
            if name and name in pictures:
                picture = pictures[name]
                yield DisplayedImage(
                    image, picture, path, key, widths.get(picture.data), block_id, title, of_publication
                )


def _images(issue: Issue, publication: Publication) -> Iterator[tuple[KeyPath, str | None, str, Image, bool]]:
    """The way to each, its block, the title that it stands with, itself, and whether it is the publication's."""
    if publication.logo:
        yield ("logo",), None, publication.name, publication.logo, True
    drawn: set[str] = set()
    for index, block in enumerate(issue.blocks):
        for path, image in parts_of(block, Image):
            yield ("blocks", index, *path), block.id, title_around(block, path), image, False
        if isinstance(block, SnippetBlock) and block.use not in drawn:
            drawn.add(block.use)
            snippet = publication.snippets[block.use]
            for path, image in parts_of(snippet, Image):
                yield ("snippets", block.use, *path), block.id, title_around(snippet, path), image, True


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
