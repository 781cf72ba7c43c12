"""Every link that the issue and the publication's settings ask for, with its words and both of their places."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from pvd_mailer.check.locations import IssueValue, SettingsValue, SymbolicLocation, TextSpan
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import Button, ImageBlock, Resource, Video
from pvd_mailer.issue.source_map import KeyPath
from pvd_mailer.issue.urls import check_url

__all__ = ["Link", "comparable_words", "links_of_issue"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the issue.

    Attributes:
        words: What a reader clicks on.
        url: Where it leads.
        words_location: The place of the words.
        url_location: The place of the address; in a text, of the words that lead there.
        path: The way to the value that holds the address.
        block_id: The id of its block; None for the publication's own.
        surrounding_text: What else says what is behind it: the words after it in its text, a resource's format.
    """

    words: str
    url: str
    words_location: SymbolicLocation
    url_location: SymbolicLocation
    path: KeyPath
    block_id: str | None = None
    surrounding_text: str = ""


_SURROUNDING_LENGTH = 60
_ADDRESS = re.compile(r"https?://[^\s<>«»\"]*[^\s<>«»\",.;:!?)\]…’']", re.IGNORECASE)


def links_of_issue(
    issue: Issue, publication: Publication, passages_of_block: Callable[[int], Sequence[Passage]]
) -> Iterator[Link]:
    """The links of `issue`, in its order; then those of `publication`. Blocks are asked for by their index."""
    for index, block in enumerate(issue.blocks):
        block_path: KeyPath = ("blocks", index)
        for passage in passages_of_block(index):
            for start, end, url in passage.links:
                surrounding_text = passage.text[end : end + _SURROUNDING_LENGTH]
                words = passage.text[start:end]
                location = TextSpan(passage, start, end)
                yield Link(words, url, location, location, passage.path, block.id, surrounding_text)
            yield from _bare_urls(passage)
        surrounding_text = block.format or "" if isinstance(block, Resource) else ""
        for path, button in _buttons(block, block_path):
            words_location, url_location = IssueValue((*path, "label")), IssueValue((*path, "url"))
            yield Link(
                button.label, button.url, words_location, url_location, (*path, "url"), block.id, surrounding_text
            )
        if isinstance(block, ImageBlock) and block.link:
            path = (*block_path, "link")
            words_location = IssueValue((*block_path, "image", "alt"))
            yield Link(block.image.alt or "", block.link, words_location, IssueValue(path), path, block.id)
        if isinstance(block, Video) and block.transcript:
            # The template says what it is, with the film's title.
            path = (*block_path, "transcript")
            yield Link(block.title, block.transcript, IssueValue(path), IssueValue(path), path, block.id, "transcript")
    yield from _links_of_settings(publication)


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
        yield Link(match[0], url, location, location, passage.path, passage.block, surrounding_text)


def _buttons(model: BaseModel, path: KeyPath) -> Iterator[tuple[KeyPath, Button]]:
    for field in type(model).model_fields:
        value = getattr(model, field)
        if isinstance(value, Button):
            yield (*path, field), value
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, Button):
                    yield (*path, field, number), item
                elif isinstance(item, BaseModel):
                    yield from _buttons(item, (*path, field, number))


def _links_of_settings(publication: Publication) -> Iterator[Link]:
    for number, profile in enumerate(publication.social):
        path: KeyPath = ("social", number)
        yield Link(
            profile.label, profile.url, SettingsValue((*path, "label")), SettingsValue((*path, "url")), (*path, "url")
        )
    for path, url in (
        (("subscribe_url",), publication.subscribe_url),
        (("legal", "notice_url"), publication.legal.notice_url),
    ):
        yield Link("", url, SettingsValue(path), SettingsValue(path), path)


def comparable_words(words: str) -> str:
    """`words` as they are compared: in lower case, without arrows, quotes and stops around them."""
    return re.sub(r"^(?:[^\w+]|_)+|(?:[^\w+]|_)+$", "", re.sub(r"\s+", " ", words.casefold().replace("’", "'")))
