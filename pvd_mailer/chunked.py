"""Any iterable in lists of a bounded length (`itertools.batched` from Python 3.12 on)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["chunked"]

_T = TypeVar("_T")


def chunked(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """`items` in their order, in lists of `size`; the last one may be shorter. No item, no list."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk
