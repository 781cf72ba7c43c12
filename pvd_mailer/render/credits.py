"""Whose the small pictures of a rubric are: one line at its end, since no credit fits under a picture of 144 pixels."""

from collections.abc import Iterable, Iterator

from pvd_mailer.issue.blocks import Article, BlockBase, Briefs, Event, Image, Resource

__all__ = ["credit_line"]

_SIGN = "©"


def credit_line(blocks: Iterable[BlockBase]) -> str:
    """The credits of the small pictures of `blocks`, each once, in the order of the pictures; empty where none is.

    Owners that stand after the same words share them: "Photos © A, B".
    """
    credits_by_words: dict[str, list[str]] = {}
    for image in _small_pictures(blocks):
        if image.credit:
            words, sign, owner = image.credit.partition(_SIGN)
            alike = credits_by_words.setdefault(words + sign if owner.strip() else image.credit, [])
            if image.credit not in alike:
                alike.append(image.credit)
    return " · ".join(
        ", ".join([alike[0], *(other.partition(_SIGN)[2].strip() for other in alike[1:])])
        for alike in credits_by_words.values()
    )


def _small_pictures(blocks: Iterable[BlockBase]) -> Iterator[Image]:
    for block in blocks:
        pictures: list[Image | None] = []
        if isinstance(block, Event | Resource) or (isinstance(block, Article) and block.image_position != "top"):
            pictures = [block.image]
        elif isinstance(block, Briefs):
            pictures = [item.image for item in block.items]
        yield from (picture for picture in pictures if picture)
