"""Every link that the issue and the publication's settings ask for, with its words and both of their places."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from pvd_mailer.check.files import CheckedFiles
from pvd_mailer.check.locations import IssueValue, SettingsValue, SymbolicLocation, TextSpan
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import BlockBase, Button, ImageBlock, Resource, SnippetBlock, Video
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.source_map import KeyPath, SourceMap
from pvd_mailer.issue.urls import check_url

__all__ = ["Link", "comparable_words", "links_of_issue"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the letter.

    Attributes:
        words: What a reader clicks on.
        url: Where it leads.
        words_location: The place of the words.
        url_location: The place of the address; in a text, of the words that lead there.
        source_map: The file that the address is written in.
        path: The way to the value there that holds the address.
        block_id: The id of its block; None for the publication's own.
        surrounding_text: What else says what is behind it: the words after it in its text, a resource's format.
    """

    words: str
    url: str
    words_location: SymbolicLocation
    url_location: SymbolicLocation
    source_map: SourceMap
    path: KeyPath
    block_id: str | None = None
    surrounding_text: str = ""


_SURROUNDING_LENGTH = 60
_ADDRESS = re.compile(r"https?://[^\s<>«»\"]*[^\s<>«»\",.;:!?)\]…’']", re.IGNORECASE)


def links_of_issue(
    issue: Issue,
    publication: Publication,
    files: CheckedFiles,
    passages_of_block: Callable[[int], Sequence[Passage]],
) -> Iterator[Link]:
    """The links of `issue`, in its order; then those of `publication`. Blocks are asked for by their index."""
    drawn: set[str] = set()
    for index, block in enumerate(issue.blocks):
        for passage in passages_of_block(index):
            for start, end, url in passage.links:
                surrounding_text = passage.text[end : end + _SURROUNDING_LENGTH]
                words = passage.text[start:end]
                location = TextSpan(passage, start, end)
                yield Link(words, url, location, location, passage.source_map, passage.path, block.id, surrounding_text)
            yield from _bare_urls(passage)
        yield from _links_of_block(block, ("blocks", index), files)
        if isinstance(block, SnippetBlock) and block.use not in drawn:
            drawn.add(block.use)
            for path, button in parts_of(publication.snippets[block.use], Button, ("snippets", block.use)):
                yield _link_of_settings(button.label, button.url, path, files, block.id)
    yield from _links_of_settings(publication, files)


def _links_of_block(block: BlockBase, block_path: KeyPath, files: CheckedFiles) -> Iterator[Link]:
    """The links of `block` that are no text: of its buttons, its picture, its title."""
    surrounding_text = block.format or "" if isinstance(block, Resource) else ""

    def link(words: str, url: str, words_path: KeyPath, path: KeyPath, surrounding_text: str) -> Link:
        return Link(words, url, IssueValue(words_path), IssueValue(path), files.issue, path, block.id, surrounding_text)

    for path, button in parts_of(block, Button, block_path):
        yield link(button.label, button.url, (*path, "label"), (*path, "url"), surrounding_text)
    if isinstance(block, Resource) and block.url:
        yield link(block.title, block.url, (*block_path, "title"), (*block_path, "url"), surrounding_text)
    if isinstance(block, ImageBlock) and block.link:
        yield link(block.image.alt or "", block.link, (*block_path, "image", "alt"), (*block_path, "link"), "")
    if isinstance(block, Video) and block.transcript:
        # The template says what it is, with the film's title.
        path = (*block_path, "transcript")
        yield link(block.title, block.transcript, path, path, "transcript")


def _bare_urls(passage: Passage) -> Iterator[Link]:
    """Addresses that stand in a text as they are: most mail programs make links of them."""
    for match in _ADDRESS.finditer(passage.text):
        if any(start <= match.start() < end for start, end, _url in passage.links):
            continue
        try:
            url = check_url(match[0])
        except PydanticCustomError:
            continue  # no mail program makes a link of it either
        location = TextSpan(passage, *match.span())
        surrounding_text = passage.text[match.end() : match.end() + _SURROUNDING_LENGTH]
        yield Link(match[0], url, location, location, passage.source_map, passage.path, passage.block, surrounding_text)


def _links_of_settings(publication: Publication, files: CheckedFiles) -> Iterator[Link]:
    for number, profile in enumerate(publication.social):
        yield _link_of_settings(profile.label, profile.url, ("social", number), files)
    for words, url, words_path, path in (
        (publication.subscribe_label or "", publication.subscribe_url, ("subscribe_label",), ("subscribe_url",)),
        ("", publication.legal.notice_url, ("legal", "notice_url"), ("legal", "notice_url")),
    ):
        yield Link(words, url, SettingsValue(words_path), SettingsValue(path), *files.of_setting(path))


def _link_of_settings(words: str, url: str, path: KeyPath, files: CheckedFiles, block_id: str | None = None) -> Link:
    """The link at `path` of the settings, which has a label; `block_id` is the block that draws it."""
    words_location = SettingsValue((*path, "label"), block_id)
    url_path = (*path, "url")
    return Link(words, url, words_location, SettingsValue(url_path, block_id), *files.of_setting(url_path), block_id)


def comparable_words(words: str) -> str:
    """`words` as they are compared: in lower case, without arrows, quotes and stops around them."""
    return re.sub(r"^(?:[^\w+]|_)+|(?:[^\w+]|_)+$", "", re.sub(r"\s+", " ", words.casefold().replace("’", "'")))
