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
    from pvd_mailer.check.context import CheckContext

__all__ = ["block_by_element"]


def block_by_element(context: "CheckContext") -> Mapping[_Element, str | None]:
    """By element, the id of its block; None for what is the publication's."""
    anchors, block_by_picture, blocks_by_url = (
        _block_by_anchor(context),
        _block_by_picture_name(context),
        _blocks_by_url(context),
    )
    contents, footer = _table_of_contents(context, anchors), _footer_start(context, anchors, blocks_by_url)
    owner_by_element: dict[_Element, str | None] = {}
    current: str | None = None
    for element in context.tree.iter():
        if element is footer:
            break
        if element.getparent() in contents:
            contents.add(element)  # its parent was met before it
        if element in contents:
            owner_by_element[element] = None
            continue
        owner = current
        if isinstance(element.tag, str):
            owner = current = anchors.get(element.get("id") or "", current)
            if element.tag == "img":
                owner = block_by_picture.get((element.get("src") or "").rpartition("/")[2])
            elif element.tag == "a" and element.get("href"):
                linking_blocks = blocks_by_url.get(element.get("href") or "", set())
                owner = next(iter(linking_blocks)) if len(linking_blocks) == 1 else current if linking_blocks else None
        owner_by_element[element] = owner
    return owner_by_element


def _table_of_contents(context: "CheckContext", anchors: Mapping[str, str]) -> set[_Element]:
    """The outermost elements of the table of contents: only a template leads from place to place in the letter."""
    anchored = _anchors_and_ancestors(context, anchors)
    links = (link for link in context.tree.iter("a") if (link.get("href") or "").startswith("#"))
    return {_outermost_without_anchor(link, anchored) for link in links if (link.get("href") or "")[1:] in anchors}


def _footer_start(
    context: "CheckContext", anchors: Mapping[str, str], blocks_by_url: Mapping[str, set[str]]
) -> _Element | None:
    """Where the footer begins: after the last anchor, with the first link that is the publication's and no block's."""
    anchored = _anchors_and_ancestors(context, anchors)
    publication = context.publication
    publication_urls = {
        publication.subscribe_url,
        publication.legal.notice_url,
        f"mailto:{publication.colophon.contact}",
    }
    unsubscribe_url = context.letter.placeholders.html("unsubscribe")
    start: _Element | None = None
    for element in context.tree.iter():
        if element in anchored:
            start = None
        href = element.get("href") or "" if element.tag == "a" else ""
        if start is None and href not in blocks_by_url and (href in publication_urls or unsubscribe_url in href):
            start = _outermost_without_anchor(element, anchored)
    return start


def _anchors_and_ancestors(context: "CheckContext", anchors: Mapping[str, str]) -> set[_Element]:
    """Blocks' anchors, and all that they stand in."""
    anchored: set[_Element] = set()
    for element in context.tree.iter():
        if isinstance(element.tag, str) and element.get("id") in anchors:
            anchored.update((element, *element.iterancestors()))
    return anchored


def _outermost_without_anchor(element: _Element, anchored: set[_Element]) -> _Element:
    """The largest part of the document with `element` in it and no block's anchor."""
    parent = element.getparent()
    while parent is not None and parent not in anchored:
        element, parent = parent, parent.getparent()
    return element


def _block_by_anchor(context: "CheckContext") -> dict[str, str]:
    """By id in the letter, the block's; each item of briefs has an anchor of its own."""
    block_by_anchor = {block.id: block.id for block in context.issue.blocks}
    for block in context.issue.blocks:
        if isinstance(block, Briefs):
            for number in range(len(block.items)):
                block_by_anchor.setdefault(f"{block.id}-{number + 1}", block.id)
    return block_by_anchor


def _block_by_picture_name(context: "CheckContext") -> dict[str, str]:
    """By the end of a picture's address, the first block that shows it."""
    block_by_data: dict[bytes, str] = {}
    for block in context.issue.blocks:
        for name in _image_files(block):
            if name in context.pictures:
                block_by_data.setdefault(context.pictures[name].data, block.id)
    block_by_name: dict[str, str] = {}
    for attachment in context.letter.attachments:
        if attachment.data in block_by_data:
            block_by_name[f"cid:{attachment.content_id}"] = block_by_name[attachment.name] = block_by_data[
                attachment.data
            ]
    return block_by_name


def _image_files(block: BlockBase) -> list[str]:
    image = getattr(block, "image", None)
    return [name for name in (image.file, image.dark_file) if name] if image is not None else []


def _blocks_by_url(context: "CheckContext") -> dict[str, set[str]]:
    """By address, the blocks that link to it."""
    blocks_by_url: dict[str, set[str]] = {}
    for passage in context.passages:
        for _start, _end, url in passage.links:
            if passage.block:
                blocks_by_url.setdefault(url, set()).add(passage.block)
    for path, node in context.source_map.spans.items():
        if path[:1] == ("blocks",) and len(path) > 1 and isinstance(path[1], int) and node.value:
            blocks_by_url.setdefault(node.value.strip(), set()).add(context.issue.blocks[path[1]].id)
    return blocks_by_url
