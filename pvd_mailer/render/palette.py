"""Colours computed from a publication's few: tints, lines, and texts that keep 4.5:1 on what is behind them.

Contrast and luminance as WCAG 2.2 defines them (success criterion 1.4.3).
"""

from dataclasses import dataclass
from functools import lru_cache

from pvd_mailer.issue.publication import Palette

__all__ = ["Colours", "compute", "contrast", "mix"]

AA = 4.5


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # noqa: PLR2004 - sRGB's constants
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """`share` (0 to 1) of `one`, the rest of `other`."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _legible(colour: str, *behind: str) -> str:
    """`colour`, moved towards black or white until it keeps 4.5:1 on everything `behind`."""
    pole = "#000000" if _luminance(behind[0]) > 0.18 else "#ffffff"  # noqa: PLR2004 - where black and white contrast alike
    for step in range(21):
        candidate = mix(pole, colour, step / 20)
        if all(contrast(candidate, back) >= AA for back in behind):
            return candidate
    return pole


@dataclass(frozen=True, slots=True)
class Colours:
    """Every colour that the templates draw with, in one mode."""

    paper: str
    sheet: str
    ink: str
    muted: str
    accent: str
    """The accent as text, legible on sheet, tint and paper."""
    line: str
    tint: str
    """A faint accent, behind what stands out."""
    tile: str
    """A less faint one, behind a date."""
    band: str
    """Behind the masthead."""
    on_band: str
    soft_on_band: str
    button: str
    on_button: str


@lru_cache(maxsize=64)
def compute(palette: Palette, house: str | None = None) -> Colours:
    """The colours of the light mode or, given the `house` accent of the light one, of the dark mode.

    The masthead keeps the house colour at night, a shade deeper; everything else takes the dark palette's accent.
    """
    dark = house is not None
    tint = mix(palette.accent, palette.sheet, 0.16 if dark else 0.08)
    tile = mix(palette.accent, palette.sheet, 0.26 if dark else 0.14)
    behind = (palette.sheet, tint, palette.paper, tile)
    band = mix("#000000", house, 0.12) if house else palette.accent
    on_band = _legible(palette.ink if dark else "#ffffff", band)
    button = palette.accent
    return Colours(
        paper=palette.paper,
        sheet=palette.sheet,
        ink=_legible(palette.ink, *behind),
        muted=_legible(palette.muted, *behind),
        accent=_legible(palette.accent, *behind),
        line=mix(palette.ink, palette.sheet, 0.22 if dark else 0.16),
        tint=tint,
        tile=tile,
        band=band,
        on_band=on_band,
        soft_on_band=_legible(mix(on_band, band, 0.78), band),
        button=button,
        on_button=_legible(palette.paper if dark else "#ffffff", button),
    )
