"""Every link that the issue and the publication's settings ask for, with its words and both of their places."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from pvd_mailer.check.rule import InFile, InSettings, InText, Where
from pvd_mailer.check.texts import Passage
from pvd_mailer.issue.blocks import Button, ImageBlock, Resource, Video
from pvd_mailer.issue.links import check_url
from pvd_mailer.issue.manuscript import Path

if TYPE_CHECKING:
    from pvd_mailer.check.subject import Subject

__all__ = ["Link", "links", "plainly"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the issue.

    Attributes:
        words: What a reader clicks on.
        url: Where it leads.
        said: The place of the words.
        to: The place of the address; in a text, of the words that lead there.
        path: The way to the value that holds the address.
        block: The id of its block; None for the publication's own.
        around: What else says what is behind it: the words after it in its text, a resource's format.
    """

    words: str
    url: str
    said: Where
    to: Where
    path: Path
    block: str | None = None
    around: str = ""


AROUND = 60
_ADDRESS = re.compile(r"https?://[^\s<>«»\"]*[^\s<>«»\",.;:!?)\]…’']", re.IGNORECASE)


def links(subject: "Subject") -> Iterator[Link]:
    """The links of `subject`, in the order of the issue; then those of the publication."""
    for index, block in enumerate(subject.issue.blocks):
        at: Path = ("blocks", index)
        for passage in subject.passages_of(index):
            for start, end, url in passage.links:
                around = passage.text[end : end + AROUND]
                words = passage.text[start:end]
                place = InText(passage, start, end)
                yield Link(words, url, place, place, passage.path, block.id, around)
            yield from _bare(passage)
        around = block.format or "" if isinstance(block, Resource) else ""
        for path, button in _buttons(block, at):
            said, to = InFile((*path, "label")), InFile((*path, "url"))
            yield Link(button.label, button.url, said, to, (*path, "url"), block.id, around)
        if isinstance(block, ImageBlock) and block.link:
            path = (*at, "link")
            said = InFile((*at, "image", "alt"))
            yield Link(block.image.alt or "", block.link, said, InFile(path), path, block.id)
        if isinstance(block, Video) and block.transcript:
            # The template says what it is, with the film's title.
            path = (*at, "transcript")
            yield Link(block.title, block.transcript, InFile(path), InFile(path), path, block.id, "transcript")
    yield from _settings(subject)


def _bare(passage: Passage) -> Iterator[Link]:
    """Addresses that stand in a text as they are: most mail programs make links of them."""
    for match in _ADDRESS.finditer(passage.text):
        if any(start <= match.start() < end for start, end, _url in passage.links):
            continue
        try:
            url = check_url(match[0])
        except PydanticCustomError:
            continue  # no mail program makes a link of it either
        said = InText(passage, *match.span())
        around = passage.text[match.end() : match.end() + AROUND]
        yield Link(match[0], url, said, said, passage.path, passage.block, around)


def _buttons(model: BaseModel, at: Path) -> Iterator[tuple[Path, Button]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Button):
            yield (*at, name), value
        elif isinstance(value, tuple):
            for number, part in enumerate(value):
                if isinstance(part, Button):
                    yield (*at, name, number), part
                elif isinstance(part, BaseModel):
                    yield from _buttons(part, (*at, name, number))


def _settings(subject: "Subject") -> Iterator[Link]:
    publication = subject.publication
    for number, one in enumerate(publication.social):
        path: Path = ("social", number)
        yield Link(one.label, one.url, InSettings((*path, "label")), InSettings((*path, "url")), (*path, "url"))
    for path, url in (
        (("subscribe_url",), publication.subscribe_url),
        (("legal", "notice_url"), publication.legal.notice_url),
    ):
        yield Link("", url, InSettings(path), InSettings(path), path)


def plainly(words: str) -> str:
    """`words` as they are compared: in lower case, without arrows, quotes and stops around them."""
    return re.sub(r"^(?:[^\w+]|_)+|(?:[^\w+]|_)+$", "", re.sub(r"\s+", " ", words.casefold().replace("’", "'")))
