"""Where each block stands in the letter: the lead, the opening, the rubrics with cards in pairs, the closing.

The letter keeps the order of the issue's file; what a block looks like depends on where it stands in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from pvd_mailer.issue.blocks import (
    Article,
    BlockBase,
    Brief,
    Button,
    CallToAction,
    Editorial,
    Heading,
    Resource,
    Share,
)
from pvd_mailer.issue.publication import Snippet

__all__ = ["Layout", "Row", "Rubric", "lay_out", "split_rubrics", "target_url"]


@dataclass(frozen=True, slots=True)
class Rubric:
    """A heading and what stands under it; the opening of the letter has no heading."""

    heading: Heading | None
    blocks: tuple[BlockBase, ...]
    number: int
    """From 1; 0 for the opening."""

    @property
    def rows(self) -> tuple["Row", ...]:
        """The blocks as they are drawn, from above."""
        return tuple(_rows(self.blocks))


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one line across the letter: a block, or two cards side by side."""

    blocks: tuple[BlockBase, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The letter from above to below."""

    lead: Article | None
    """The article that the issue begins with: it is drawn across the letter, with the largest title."""
    welcome: Editorial | None
    """The editorial that follows it, or that the issue begins with: it shares a panel with the contents."""
    rubrics: tuple[Rubric, ...]
    call: CallToAction | None
    """What the letter asks for last; the only one in the band."""
    closing: tuple[CallToAction | Share, ...]
    """What follows it, in two quiet columns."""


def split_rubrics(blocks: Iterable[BlockBase]) -> tuple[Rubric, ...]:
    """`blocks` by the headings that open them."""
    rubrics: list[Rubric] = []
    heading: Heading | None = None
    rubric_blocks: list[BlockBase] = []

    def close() -> None:
        if heading or rubric_blocks:
            number = sum(1 for rubric in rubrics if rubric.heading) + 1 if heading else 0
            rubrics.append(Rubric(heading, tuple(rubric_blocks), number))
        rubric_blocks.clear()

    for block in blocks:
        if isinstance(block, Heading):
            close()
            heading = block
        elif isinstance(block, Share):
            # Passing the letter on belongs to the letter, not to its last rubric.
            close()
            heading = None
            rubric_blocks.append(block)
        else:
            rubric_blocks.append(block)
    close()
    return tuple(rubrics)


def lay_out(blocks: tuple[BlockBase, ...]) -> Layout:
    """Where each of `blocks` stands."""
    rest = list(blocks)
    lead = rest.pop(0) if rest and isinstance(rest[0], Article) else None
    welcome = rest.pop(0) if rest and isinstance(rest[0], Editorial) else None
    closing: list[CallToAction | Share] = []
    while rest and isinstance(rest[-1], CallToAction | Share):
        closing.insert(0, rest.pop())  # type: ignore[arg-type] # narrowed by the line above
    call = next((block for block in closing if isinstance(block, CallToAction)), None)
    if call:
        closing.remove(call)
    return Layout(lead, welcome, split_rubrics(rest), call, tuple(closing))  # type: ignore[arg-type] # popped where they are


def _rows(blocks: tuple[BlockBase, ...]) -> Iterator[Row]:
    """Resources that follow one another stand in pairs; an odd one comes first and has the line to itself."""
    for are_cards, run in groupby(blocks, lambda block: isinstance(block, Resource)):
        run_blocks = tuple(run)
        step = 2 if are_cards else 1
        start = len(run_blocks) % step
        if start:
            yield Row(run_blocks[:start])
        for index in range(start, len(run_blocks), step):
            yield Row(run_blocks[index : index + step])


def target_url(content: BlockBase | Brief | Snippet) -> str | None:
    """Where the title and the picture of `content` lead: a page on the web; None where there is none to follow."""
    links = [getattr(content, "link", None), *getattr(content, "buttons", ()), getattr(content, "url", None)]
    urls = [link.url if isinstance(link, Button) else link for link in links if link]
    return next((str(url) for url in urls if url.startswith(("https:", "http:"))), None)
