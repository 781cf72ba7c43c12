"""The docstrings under a class's attributes, read from its source when somebody asks for the JSON Schema."""

import ast
import inspect
import textwrap
from itertools import pairwise

__all__ = ["attribute_docstrings"]


def attribute_docstrings(cls: type) -> dict[str, str]:
    """Attribute -> the docstring below it, for those that `cls` itself defines; nothing where there is no source."""
    try:
        source = inspect.getsource(cls)
    except OSError:
        return {}
    definition = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - it is the source of a class
    return {
        statement.target.id: inspect.cleandoc(following.value.value)
        for statement, following in pairwise(definition.body)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
        and isinstance(following.value.value, str)
    }
