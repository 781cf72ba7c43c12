"""What stands where in a model: every picture, button or date of an issue, however deep, with the way to it."""

from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel

from pvd_mailer.issue.source_map import KeyPath

__all__ = ["parts_of", "title_around"]

_PartT = TypeVar("_PartT")


def parts_of(model: Any, kind: type[_PartT], path: KeyPath = ()) -> Iterator[tuple[KeyPath, _PartT]]:
    """Each part of `model` (itself too) that is a `kind`, in the order of its fields, with the way to it from `path`.

    Models, tuples and dicts of models are gone through; `kind` may be a mixin.
    """
    if isinstance(model, kind):
        yield path, model
    if isinstance(model, BaseModel):
        for name in type(model).model_fields:
            value = getattr(model, name)
            if isinstance(value, BaseModel | tuple | dict):
                yield from parts_of(value, kind, (*path, name))
    elif isinstance(model, tuple):
        for index, item in enumerate(model):
            yield from parts_of(item, kind, (*path, index))
    elif isinstance(model, dict):
        for key, item in model.items():
            yield from parts_of(item, kind, (*path, key))


def title_around(model: Any, steps: KeyPath) -> str:
    """The title of the innermost part of `model`, on the way of `steps`, that has one; empty where none has."""
    title = ""
    for step in (None, *steps):
        if step is not None:
            model = getattr(model, step) if isinstance(step, str) and isinstance(model, BaseModel) else model[step]
        own = getattr(model, "title", None)
        title = own if isinstance(own, str) and isinstance(model, BaseModel) else title
    return title
