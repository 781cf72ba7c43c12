"""What fits where: the sizes of pictures, of figures, and of titles with long words on a narrow phone.

A letter cannot measure its text: each program sets it in a font of its own. Widths here are those of bold Georgia,
which is the widest of the fonts that our readers have.
"""

import re

__all__ = ["THINNEST", "break_after_colon", "figure_size", "phone_size_class", "picture_size", "short_label"]

THINNEST = 4
"""CSS pixels of the width of a picture; one of 1 by 4,000 pixels is pressed to it."""
NARROWEST_TEXT = 280
"""CSS pixels that a text has on a phone of 320, between two margins of 20."""
_EM_PER_SIGN = 0.6
"""Width of a letter in bold Georgia, in em; the mean of French words is 0.56."""
_EM_PER_FIGURE = 0.58
"""Width of a digit in bold Helvetica, in em, with what stands between two."""
_PHONE_SIZES = (22, 18, 15)
"""What a title may be set in on a phone whose longest word is too wide otherwise; `.fit22` and so on in head.css."""
_HALF_LINE = 31
"""Signs of half a title that stand on a line of 536 CSS pixels, in the size of a lead's title."""
_SHORT_HALF = 3
_COLON = re.compile("(?<=:) (?=[^ ])|(?<=\u00a0:) (?=[^ ])")


def picture_size(width: int, height: int, room: int, tallest: int) -> tuple[int, int]:
    """Width and height, in CSS pixels, of a picture of `width` by `height` pixels that fills `room`.

    One that would be higher than `tallest` gets narrower instead, down to a stroke: beyond that it is pressed.
    """
    wide = min(room, max(THINNEST, tallest * width / height))
    return round(wide), min(tallest, max(1, round(wide * height / width)))


def figure_size(value: str, largest: int, room: int = NARROWEST_TEXT - 24) -> int:
    """The size, in CSS pixels, of a figure that keeps to one line of `room`; at most `largest`."""
    return min(largest, max(24, int(room / (max(1, len(value)) * _EM_PER_FIGURE))))


def phone_size_class(text: str, size: int) -> str:
    """The class that sets `text` smaller on a phone, where its longest word is wider than the narrowest; or nothing."""
    longest = max(map(len, re.split(r"[ \-]", text)))
    if longest * _EM_PER_SIGN * size <= NARROWEST_TEXT:
        return ""
    fitting = next((one for one in _PHONE_SIZES if longest * _EM_PER_SIGN * one <= NARROWEST_TEXT), _PHONE_SIZES[-1])
    return f" fit{fitting}"


def break_after_colon(text: str) -> tuple[str, str] | None:
    """The two lines of a title that a colon parts, where each fits on one; None where it is not so."""
    halves = _COLON.split(text, maxsplit=1)
    if len(halves) != 2 or not all(_SHORT_HALF < len(half) <= _HALF_LINE for half in halves):  # noqa: PLR2004 - halves
        return None
    return halves[0], halves[1]


def short_label(label: str, word: str) -> str:
    """`word`, where `label` begins with it and says more; empty where it does not.

    A narrow button shows the word alone and is named by the whole label, which begins with what is seen: who speaks to
    the screen finds it (WCAG 2.5.3).
    """
    plain = label.replace("'", "’")
    return word if plain.casefold().startswith(f"{word.casefold()} ") else ""
