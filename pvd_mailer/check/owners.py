"""From an element of the letter to the block that it was drawn for.

Templates are a publication's to replace, so that nothing in the letter says it outright: a picture is known by its
bytes, a link by its address, and the rest by the anchor before it, which is a block's id. The publication's own parts,
the table of contents and the footer, are known by where they lead.
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
    parts, footer = _contents(subject, anchors), _footer(subject, anchors, links)
    found: dict[_Element, str | None] = {}
    current: str | None = None
    for element in subject.tree.iter():
        if element is footer:
            break
        if element.getparent() in parts:
            parts.add(element)  # its parent was met before it
        if element in parts:
            found[element] = None
            continue
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


def _contents(subject: "Subject", anchors: Mapping[str, str]) -> set[_Element]:
    """The outermost elements of the table of contents: only a template leads from place to place in the letter."""
    around = _around(subject, anchors)
    links = (one for one in subject.tree.iter("a") if (one.get("href") or "").startswith("#"))
    return {_outermost(one, around) for one in links if (one.get("href") or "")[1:] in anchors}


def _footer(subject: "Subject", anchors: Mapping[str, str], links: Mapping[str, set[str]]) -> _Element | None:
    """Where the footer begins: after the last anchor, with the first link that is the publication's and no block's."""
    around = _around(subject, anchors)
    publication = subject.publication
    own = {publication.subscribe_url, publication.legal.notice_url, f"mailto:{publication.colophon.contact}"}
    way_out = subject.letter.placeholders.html("unsubscribe")
    found: _Element | None = None
    for element in subject.tree.iter():
        if element in around:
            found = None
        href = element.get("href") or "" if element.tag == "a" else ""
        if found is None and href not in links and (href in own or way_out in href):
            found = _outermost(element, around)
    return found


def _around(subject: "Subject", anchors: Mapping[str, str]) -> set[_Element]:
    """Blocks' anchors, and all that they stand in."""
    found: set[_Element] = set()
    for one in subject.tree.iter():
        if isinstance(one.tag, str) and one.get("id") in anchors:
            found.update((one, *one.iterancestors()))
    return found


def _outermost(element: _Element, around: set[_Element]) -> _Element:
    """The largest part of the document with `element` in it and no block's anchor."""
    above = element.getparent()
    while above is not None and above not in around:
        element, above = above, above.getparent()
    return element


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
