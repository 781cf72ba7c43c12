"""Colours computed from a publication's few: tints, lines, and texts that keep 4.5:1 on what is behind them."""

from dataclasses import dataclass
from functools import lru_cache

from pvd_mailer.colour import BLACK, WHITE, RgbColour, contrast_ratio, luminance, mix
from pvd_mailer.issue.publication import Palette

__all__ = ["Colours", "compute_colours"]

_MIN_CONTRAST = 4.5


def _legible(colour: RgbColour, *backgrounds: RgbColour) -> RgbColour:
    """`colour`, moved towards black or white until it keeps 4.5:1 on all `backgrounds`."""
    pole = BLACK if luminance(backgrounds[0]) > 0.18 else WHITE  # noqa: PLR2004 - where black and white contrast alike
    for step in range(21):
        candidate = mix(pole, colour, step / 20)
        if all(contrast_ratio(candidate, background) >= _MIN_CONTRAST for background in backgrounds):
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
    """A less faint one, behind a date and an alternative text."""
    panel: str
    """Between sheet and paper, behind the welcome."""
    highlight: str
    """Of kickers and dates, legible on the same as the accent."""
    faint_bar: str
    """Of a bar that another is compared with, under the ink; so dark that Thunderbird keeps it in its dark mode."""
    band: str
    """Behind the masthead, the key figure and the last call; by day nearly as dark, so that no program inverts it."""
    on_band: str
    soft_on_band: str
    button: str
    on_button: str


@lru_cache(maxsize=64)
def compute_colours(palette: Palette, light_accent: str | None = None) -> Colours:
    """The colours of the light mode or, given the `light_accent` accent of the light one, of the dark mode.

    The bands keep the house colour at night; everything else takes the dark palette's accent.
    """
    is_dark = light_accent is not None
    paper, sheet, ink, muted, accent = map(
        RgbColour.from_hex, (palette.paper, palette.sheet, palette.ink, palette.muted, palette.accent)
    )
    tint = mix(accent, sheet, 0.16 if is_dark else 0.08)
    tile = mix(accent, sheet, 0.26 if is_dark else 0.14)
    panel = mix(ink, sheet, 0.06) if is_dark else mix(paper, sheet, 0.7)
    backgrounds = (sheet, tint, paper, tile, panel)
    highlight = RgbColour.from_hex(palette.highlight) if palette.highlight else accent
    band = mix(BLACK, RgbColour.from_hex(light_accent or palette.accent), 0.22 if is_dark else 0.2)
    on_band = _legible(ink if is_dark else WHITE, band)
    return Colours(
        paper=palette.paper,
        sheet=palette.sheet,
        ink=str(_legible(ink, *backgrounds)),
        muted=str(_legible(muted, *backgrounds)),
        accent=str(_legible(accent, *backgrounds)),
        line=str(mix(ink, sheet, 0.22 if is_dark else 0.16)),
        tint=str(tint),
        tile=str(tile),
        panel=str(panel),
        highlight=str(_legible(highlight, *backgrounds)),
        faint_bar=str(mix(accent, sheet, 0.34 if is_dark else 0.32)),
        band=str(band),
        on_band=str(on_band),
        soft_on_band=str(_legible(mix(on_band, band, 0.78), band)),
        button=palette.accent,
        on_button=str(_legible(paper if is_dark else WHITE, accent)),
    )
