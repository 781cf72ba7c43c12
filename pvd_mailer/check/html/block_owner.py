"""From an element of the letter to the block that it was drawn for.

Templates are a publication's to replace, so that nothing in the letter says it outright: a picture is known by its
bytes, a link by its address, and the rest by the anchor before it, which is a block's id. The publication's own parts,
the table of contents and the footer, are known by where they lead.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from lxml.etree import _Element

from pvd_mailer.check.links.links import Link
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import Briefs, Image, SnippetBlock
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.picture import Picture
from pvd_mailer.letter import Letter

__all__ = ["BlockMarks", "block_by_element", "block_marks"]


@dataclass(frozen=True, slots=True)
class BlockMarks:
    """What blocks are known by in a letter.

    Attributes:
        by_anchor: By an `id` in the letter, the block's; each item of briefs has an anchor of its own.
        by_picture: By a picture's bytes, the first block that shows it.
        by_url: By address, the blocks that link to it.
    """

    by_anchor: Mapping[str, str]
    by_picture: Mapping[bytes, str]
    by_url: Mapping[str, set[str]]


def block_marks(
    issue: Issue, publication: Publication, links: Iterable[Link], pictures: Mapping[str, Picture]
) -> BlockMarks:
    """What the blocks of `issue` are known by; `links` are the letter's, `pictures` too, by file name."""
    return BlockMarks(_block_by_anchor(issue), _block_by_picture(issue, publication, pictures), _blocks_by_url(links))


def block_by_element(
    marks: BlockMarks, publication: Publication, letter: Letter, tree: _Element
) -> Mapping[_Element, str | None]:
    """By element of `tree`, the id of its block; None for what is the publication's.

    What stands in no block's own part belongs to the block whose anchor was the last one before it, in document order;
    after another anchor, such as that of the agenda, to the publication.
    """
    anchored = _anchors_and_ancestors(tree, marks)
    contents = {element for part in _table_of_contents(tree, marks, anchored) for element in part.iter()}
    footer = _footer_start(tree, marks, anchored, _publication_links(publication, letter))
    block_by_source = _block_by_picture_source(letter, marks)
    owners: dict[_Element, str | None] = {}
    current: str | None = None
    for element in takewhile(lambda element: element is not footer, tree.iter()):
        if element in contents:
            owners[element] = None
        elif not isinstance(element.tag, str):
            owners[element] = current  # a comment
        else:
            current = marks.by_anchor.get(element.get("id", "")) if element.get("id") else current
            owners[element] = _block_of(element, current, block_by_source, marks)
    return owners


def _block_of(
    element: _Element, current: str | None, block_by_source: Mapping[str, str], marks: BlockMarks
) -> str | None:
    """The block of `element`, where `current` is the one whose anchor was the last before it."""
    if element.tag == "img":
        return block_by_source.get((element.get("src") or "").rpartition("/")[2])
    href = element.get("href") if element.tag == "a" else None
    if not href:
        return current
    linking = marks.by_url.get(href, set())
    if len(linking) == 1:
        return next(iter(linking))
    return current if linking else None


def _table_of_contents(tree: _Element, marks: BlockMarks, anchored: set[_Element]) -> set[_Element]:
    """The outermost elements of the table of contents: only a template leads from place to place in the letter."""
    links = (link for link in tree.iter("a") if (link.get("href") or "").startswith("#"))
    return {
        _outermost_without_anchor(link, anchored) for link in links if (link.get("href") or "")[1:] in marks.by_anchor
    }


@dataclass(frozen=True, slots=True)
class _PublicationLinks:
    urls: frozenset[str]
    unsubscribe: str


def _publication_links(publication: Publication, letter: Letter) -> _PublicationLinks:
    urls = (publication.subscribe_url, publication.legal.notice_url, f"mailto:{publication.colophon.contact}")
    return _PublicationLinks(frozenset(urls), letter.placeholders.html("unsubscribe"))


def _footer_start(
    tree: _Element, marks: BlockMarks, anchored: set[_Element], publication: _PublicationLinks
) -> _Element | None:
    """Where the footer begins: after the last anchor, with the first link that is the publication's and no block's."""
    start: _Element | None = None
    for element in tree.iter():
        if element in anchored:
            start = None
        href = element.get("href") or "" if element.tag == "a" else ""
        leads_to_publication = href in publication.urls or publication.unsubscribe in href
        if start is None and leads_to_publication and href not in marks.by_url:
            start = _outermost_without_anchor(element, anchored)
    return start


def _anchors_and_ancestors(tree: _Element, marks: BlockMarks) -> set[_Element]:
    """Blocks' anchors, and all that they stand in."""
    anchored: set[_Element] = set()
    for element in tree.iter():
        if isinstance(element.tag, str) and element.get("id") in marks.by_anchor:
            anchored.update((element, *element.iterancestors()))
    return anchored


def _outermost_without_anchor(element: _Element, anchored: set[_Element]) -> _Element:
    """The largest part of the document with `element` in it and no block's anchor."""
    parent = element.getparent()
    while parent is not None and parent not in anchored:
        element, parent = parent, parent.getparent()
    return element


def _block_by_picture_source(letter: Letter, marks: BlockMarks) -> dict[str, str]:
    """By the end of a picture's address in the letter, the block that shows it."""
    block_by_source: dict[str, str] = {}
    for attachment in letter.attachments:
        block = marks.by_picture.get(attachment.data)
        if block is not None:
            block_by_source[f"cid:{attachment.content_id}"] = block_by_source[attachment.name] = block
    return block_by_source


def _block_by_anchor(issue: Issue) -> dict[str, str]:
    block_by_anchor = {block.id: block.id for block in issue.blocks}
    for block in issue.blocks:
        if isinstance(block, Briefs):
            for number in range(len(block.items)):
                block_by_anchor.setdefault(f"{block.id}-{number + 1}", block.id)
    return block_by_anchor


def _block_by_picture(issue: Issue, publication: Publication, pictures: Mapping[str, Picture]) -> dict[bytes, str]:
    block_by_picture: dict[bytes, str] = {}
    for block in issue.blocks:
        drawn = publication.snippets[block.use] if isinstance(block, SnippetBlock) else block
        for _path, image in parts_of(drawn, Image):
            for name in (image.file, image.dark_file):
                if name and name in pictures:
                    block_by_picture.setdefault(pictures[name].data, block.id)
    return block_by_picture


def _blocks_by_url(links: Iterable[Link]) -> dict[str, set[str]]:
    blocks_by_url: dict[str, set[str]] = {}
    for link in links:
        if link.block_id:
            blocks_by_url.setdefault(link.url, set()).add(link.block_id)
    return blocks_by_url
