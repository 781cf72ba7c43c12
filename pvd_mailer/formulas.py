"""A cell that a spreadsheet would take for a formula, and run: an apostrophe in front says that it is a text."""

import re

__all__ = ["escape_formula", "unescape_formula"]

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""With apostrophes before it, so that whoever takes one off gets back what there was."""


def escape_formula(text: str) -> str:
    """`text` as it can be written into a cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(text: str) -> str:
    """What `escape_formula` has made, as it was."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text
