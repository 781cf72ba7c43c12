"""From an element of the letter to the block that it was drawn for.

Templates are a publication's to replace, so that nothing in the letter says it outright: a picture is known by its
bytes, a link by its address, and the rest by the anchor before it, which is a block's id.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml.etree import _Element

from pvd_mailer.issue.blocks import BlockBase, Briefs

if TYPE_CHECKING:
    from pvd_mailer.check.subject import Subject

__all__ = ["owners"]


def owners(subject: "Subject") -> Mapping[_Element, str | None]:
    """By element, the id of its block; None for what is the publication's."""
    anchors, pictures, links = _anchors(subject), _pictures(subject), _links(subject)
    found: dict[_Element, str | None] = {}
    current: str | None = None
    for element in subject.tree.iter():
        owner = current
        if isinstance(element.tag, str):
            owner = current = anchors.get(element.get("id") or "", current)
            if element.tag == "img":
                owner = pictures.get((element.get("src") or "").rpartition("/")[2])
            elif element.tag == "a" and element.get("href"):
                named = links.get(element.get("href") or "", set())
                owner = next(iter(named)) if len(named) == 1 else current if named else None
        found[element] = owner
    return found


def _anchors(subject: "Subject") -> dict[str, str]:
    """By id in the letter, the block's; each item of briefs has an anchor of its own."""
    found = {block.id: block.id for block in subject.issue.blocks}
    for block in subject.issue.blocks:
        if isinstance(block, Briefs):
            for number in range(len(block.items)):
                found.setdefault(f"{block.id}-{number + 1}", block.id)
    return found


def _pictures(subject: "Subject") -> dict[str, str]:
    """By the end of a picture's address, the first block that shows it."""
    shown: dict[bytes, str] = {}
    for block in subject.issue.blocks:
        for name in _files(block):
            if name in subject.pictures:
                shown.setdefault(subject.pictures[name].data, block.id)
    found: dict[str, str] = {}
    for one in subject.letter.attachments:
        if one.data in shown:
            found[f"cid:{one.content_id}"] = found[one.name] = shown[one.data]
    return found


def _files(block: BlockBase) -> list[str]:
    image = getattr(block, "image", None)
    return [name for name in (image.file, image.dark_file) if name] if image is not None else []


def _links(subject: "Subject") -> dict[str, set[str]]:
    """By address, the blocks that link to it."""
    found: dict[str, set[str]] = {}
    for passage in subject.passages:
        for _start, _end, url in passage.links:
            if passage.block:
                found.setdefault(url, set()).add(passage.block)
    for path, stand in subject.manuscript.stands.items():
        if path[:1] == ("blocks",) and len(path) > 1 and isinstance(path[1], int) and stand.value:
            found.setdefault(stand.value.strip(), set()).add(subject.issue.blocks[path[1]].id)
    return found
