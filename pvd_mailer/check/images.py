"""Every picture of the letter: its words, its bytes, its place, and how wide it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pvd_mailer.check.rule import InFile, InSettings, Where
from pvd_mailer.i18n import number
from pvd_mailer.issue.blocks import Image
from pvd_mailer.issue.manuscript import Path
from pvd_mailer.issue.picture import Picture

if TYPE_CHECKING:
    from pvd_mailer.check.subject import Subject

__all__ = ["Shown", "kilobytes", "shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the issue, or the publication's logo.

    Attributes:
        width: How wide the letter shows it, in CSS pixels; None where it does not say.
        block: The id of its block; None for the logo.
        title: The title of its block.
    """

    image: Image
    picture: Picture
    at: Path
    key: str
    width: int | None
    block: str | None
    title: str = ""

    def where(self, key: str) -> Where:
        """The place of what the image says under `key`."""
        return InFile((*self.at, key)) if self.block else InSettings((*self.at, key))


def shown(subject: "Subject") -> Iterator[Shown]:
    """The pictures of `subject` in the order of the letter, dark twins after their light ones."""
    widths = _widths(subject)
    found: list[tuple[Path, str | None, str, Image]] = []
    if subject.publication.logo:
        found.append((("logo",), None, subject.publication.name, subject.publication.logo))
    for index, block in enumerate(subject.issue.blocks):
        image = getattr(block, "image", None)
        if isinstance(image, Image):
            found.append((("blocks", index, "image"), block.id, getattr(block, "title", None) or "", image))
    for at, owner, title, image in found:
        for key, name in (("file", image.file), ("dark_file", image.dark_file)):
            if name and name in subject.pictures:
                picture = subject.pictures[name]
                yield Shown(image, picture, at, key, widths.get(picture.data), owner, title)


def _widths(subject: "Subject") -> dict[bytes, int]:
    """By a picture's bytes, the greatest width that the letter gives it."""
    data = {}
    for one in subject.letter.attachments:
        data[f"cid:{one.content_id}"] = data[one.name] = one.data
    found: dict[bytes, int] = {}
    for element in subject.tree.iter("img"):
        picture = data.get((element.get("src") or "").rpartition("/")[2])
        width = (element.get("width") or "").removesuffix("px")
        if picture is not None and width.isdecimal():
            found[picture] = max(found.get(picture, 0), int(width))
    return found


def kilobytes(size: int) -> str:
    """`size` bytes, as people count them."""
    return number(max(1, round(size / 1000)))
