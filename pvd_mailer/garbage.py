"""Python's search for garbage, held off while a letter is made: there is none to find, and each search costs time.

A letter is made of some ten thousand objects that live until it is whole and refer to each other in no circle. Python
counts what is made, and searches at every seven hundred, the whole process now and then.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

__all__ = ["collection_paused"]


@dataclass(slots=True)
class _Pauses:
    """Those under way, in all threads: the search is the process's, and goes on when the last one ends."""

    lock: Lock = field(default_factory=Lock)
    count: int = 0
    was_enabled: bool = False


_pauses = _Pauses()


@contextmanager
def collection_paused() -> Iterator[None]:
    """A stretch without a search for garbage, short and without waiting inside; afterwards all is as it was before."""
    with _pauses.lock:
        if _pauses.count == 0:
            _pauses.was_enabled = gc.isenabled()
            gc.disable()
        _pauses.count += 1
    try:
        yield
    finally:
        with _pauses.lock:
            _pauses.count -= 1
            if _pauses.count == 0 and _pauses.was_enabled:
                gc.enable()
