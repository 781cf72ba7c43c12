"""Lists of words that rules know, in `check/data/`: words between blanks."""

from functools import cache
from importlib.resources import files

__all__ = ["word_list"]


@cache
def word_list(name: str) -> tuple[str, ...]:
    """The words of `data/NAME.txt`, in its order."""
    return tuple((files("pvd_mailer.check") / "data" / f"{name}.txt").read_text("utf-8").split())
