"""What a letter may weigh: Gmail cuts the HTML part at about 102 KB, and providers add to it on the way."""

import re
from collections.abc import Mapping

from pvd_mailer.letter.letter import PLACEHOLDER_FIELDS, Letter

__all__ = ["MAX_HTML_BYTES", "MAX_STYLE_BYTES", "html_size", "style_size"]

MAX_HTML_BYTES = 90_000
"""Bytes of the HTML part, in UTF-8, with a reader's own values filled in."""
MAX_STYLE_BYTES = 8_000
"""Bytes of its `<style>`: Gmail drops what is past 8 to 16 KB."""
_STYLE = re.compile(r"(?is)<style\b[^>]*>(.*?)</style>")


def html_size(letter: Letter, longest_values: Mapping[str, str]) -> int:
    """The bytes of the HTML part as the reader gets it whose values (by field) are `longest_values`."""
    return len(letter.fill_html({field: longest_values.get(field, "") for field in PLACEHOLDER_FIELDS}).encode())


def style_size(letter: Letter) -> int:
    """The bytes inside its `<style>` elements."""
    return sum(len(match[1].encode()) for match in _STYLE.finditer(letter.html))
