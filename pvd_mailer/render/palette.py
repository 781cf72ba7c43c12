"""Colours computed from a publication's few: tints, lines, and texts that keep 4.5:1 on what is behind them.

Contrast and luminance as WCAG 2.2 defines them (success criterion 1.4.3).
"""

from dataclasses import dataclass
from functools import lru_cache

from pvd_mailer.issue.publication import Palette

__all__ = ["Colours", "compute_colours", "contrast_between", "mix_colours"]

_MIN_CONTRAST = 4.5


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]  # noqa: PLR2004 - sRGB's constants
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_between(colour: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix_colours(colour: str, other: str, share: float) -> str:
    """`share` (0 to 1) of `colour`, the rest of `other`."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _legible(colour: str, *backgrounds: str) -> str:
    """`colour`, moved towards black or white until it keeps 4.5:1 on everything `backgrounds`."""
    pole = "#000000" if _luminance(backgrounds[0]) > 0.18 else "#ffffff"  # noqa: PLR2004 - where black and white contrast alike
    for step in range(21):
        candidate = mix_colours(pole, colour, step / 20)
        if all(contrast_between(candidate, background) >= _MIN_CONTRAST for background in backgrounds):
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
def compute_colours(palette: Palette, light_accent: str | None = None) -> Colours:
    """The colours of the light mode or, given the `light_accent` accent of the light one, of the dark mode.

    The masthead keeps the house colour at night, a shade deeper; everything else takes the dark palette's accent.
    """
    is_dark = light_accent is not None
    tint = mix_colours(palette.accent, palette.sheet, 0.16 if is_dark else 0.08)
    tile = mix_colours(palette.accent, palette.sheet, 0.26 if is_dark else 0.14)
    backgrounds = (palette.sheet, tint, palette.paper, tile)
    band = mix_colours("#000000", light_accent, 0.12) if light_accent else palette.accent
    on_band = _legible(palette.ink if is_dark else "#ffffff", band)
    button = palette.accent
    return Colours(
        paper=palette.paper,
        sheet=palette.sheet,
        ink=_legible(palette.ink, *backgrounds),
        muted=_legible(palette.muted, *backgrounds),
        accent=_legible(palette.accent, *backgrounds),
        line=mix_colours(palette.ink, palette.sheet, 0.22 if is_dark else 0.16),
        tint=tint,
        tile=tile,
        band=band,
        on_band=on_band,
        soft_on_band=_legible(mix_colours(on_band, band, 0.78), band),
        button=button,
        on_button=_legible(palette.paper if is_dark else "#ffffff", button),
    )
