"""The picture that stands for a letter without pictures where its page is shared: a card of its name, number and title.

Set in Source Serif Pro and Source Sans Pro (Adobe, SIL Open Font License 1.1), which are shipped: a server has no fonts
as a rule, Pillow's own has no accents, and the same letter gives the same card everywhere.
"""

from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

__all__ = ["CARD_FILE_NAME", "CARD_HEIGHT", "CARD_WIDTH", "Card", "draw_card"]

CARD_FILE_NAME: Final = "card.png"
CARD_WIDTH: Final = 1200
CARD_HEIGHT: Final = 630
"""In pixels: the shape that pages which show other pages cut pictures to (1.91 to 1)."""
_FONTS: Final = Path(__file__).parent / "fonts"
_SERIF: Final = _FONTS / "SourceSerifPro-Bold.otf"
_SANS: Final = _FONTS / "SourceSansPro-Semibold.otf"
_MARGIN: Final = 80
_SMALL_SIZE: Final = 38
_TITLE_SIZES: Final = range(92, 43, -4)
"""Of the title, the largest that fits."""
_MAX_TITLE_LINES: Final = 4
_LEADING: Final = 1.16
_TITLE_HEIGHT: Final = CARD_HEIGHT - 2 * 64 - 2 * 70
"""For the title, in height: between what stands above and below it."""
_MISSING: Final = "\ufdd0"
"""A character that no font has: it shows what is drawn in the place of those that are missing."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is on a card, and how it looks.

    Attributes:
        above: One line over the title.
        title: Up to four lines; what is longer ends in an ellipsis.
        below: One line under it.
        background: A colour, as `#rrggbb`; so are the next two, which are legible on it.
        strong: Of the title.
        soft: Of the other lines.
        is_serif: Whether the title has serifs.
    """

    above: str
    title: str
    below: str
    background: str
    strong: str
    soft: str
    is_serif: bool = True


@lru_cache(maxsize=64)
def _font(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _has_glyph(character: str, file: Path) -> bool:
    font = _font(file, 40)
    return bytes(font.getmask(character)) != bytes(font.getmask(_MISSING))


def _drawable_text(text: str, file: Path) -> str:
    """`text` with what the font has; a narrow space becomes a usual one, and signs it does not know go away."""
    text_with_usual_spaces = text.replace("\u202f", "\u00a0").replace("\u2009", "\u00a0").replace("\u2011", "-")
    return " ".join(
        "".join(
            character for character in text_with_usual_spaces if character.isspace() or _has_glyph(character, file)
        ).split(" ")
    ).strip()


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """`text` in lines of at most `width`, broken where there is a breaking space."""
    lines: list[str] = []
    for word in filter(None, text.split(" ")):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _wrap_balanced(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """As `_wrap`, in as many lines, of about the same length."""
    best = _wrap(text, font, width)
    low, high = width // 3, width
    while high - low > 8:  # noqa: PLR2004 - pixels
        middle = (low + high) // 2
        lines = _wrap(text, font, middle)
        if len(lines) == len(best) and all(font.getlength(line) <= middle for line in lines):
            best, high = lines, middle
        else:
            low = middle
    return best


def _ellipsize(line: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """`line`, or as much of it as fits before an ellipsis."""
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(f"{line}…") > width:
        line = line[:-1].rstrip(" \u00a0,;:.–—-")
    return f"{line}…"


def _fit_title(title: str, file: Path, width: int) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """The lines of `title`, and the font at the largest size at which they fit."""
    font = _font(file, _TITLE_SIZES[-1])
    for size in _TITLE_SIZES:
        font = _font(file, size)
        lines = _wrap(title, font, width)
        fits = len(lines) <= _MAX_TITLE_LINES and len(lines) * size * _LEADING <= _TITLE_HEIGHT
        if fits and all(font.getlength(line) <= width for line in lines):
            return _wrap_balanced(title, font, width), font
    lines = _wrap(title, font, width)
    if len(lines) > _MAX_TITLE_LINES:
        lines = [*lines[: _MAX_TITLE_LINES - 1], " ".join(lines[_MAX_TITLE_LINES - 1 :])]
    return [_ellipsize(line, font, width) for line in lines], font


@lru_cache(maxsize=1024)  # some 15 MB: as many letters as there are, since to draw one takes a third of a second
def draw_card(card: Card) -> bytes:
    """The card as a PNG of `CARD_WIDTH` by `CARD_HEIGHT` pixels; the same bytes for the same card."""
    width = CARD_WIDTH - 2 * _MARGIN
    image = Image.new("RGB", (CARD_WIDTH, CARD_HEIGHT), card.background)
    pen = ImageDraw.Draw(image)
    small, file = _font(_SANS, _SMALL_SIZE), _SERIF if card.is_serif else _SANS
    pen.text((_MARGIN, 64), _ellipsize(_drawable_text(card.above, _SANS), small, width), card.soft, small, anchor="la")
    lines, font = _fit_title(_drawable_text(card.title, file), file, width)
    step = font.size * _LEADING
    top = (CARD_HEIGHT - len(lines) * step) / 2 - 8  # halfway between the line above and the rule below
    for index, line in enumerate(lines):
        pen.text((_MARGIN, top + (index + 0.5) * step), line, card.strong, font, anchor="lm")
    pen.line([(_MARGIN, CARD_HEIGHT - 128), (CARD_WIDTH - _MARGIN, CARD_HEIGHT - 128)], card.soft, 2)
    pen.text(
        (_MARGIN, CARD_HEIGHT - 64),
        _ellipsize(_drawable_text(card.below, _SANS), small, width),
        card.soft,
        small,
        anchor="ls",
    )
    target = BytesIO()
    image.quantize(64).save(target, "PNG", optimize=True)
    return target.getvalue()
