"""Colours as CSS writes them, what two of them give together, and how far they stand apart.

Luminance and contrast as WCAG 2.2 defines them (success criterion 1.4.3).
"""

from dataclasses import dataclass
from functools import lru_cache

from tinycss2.color3 import parse_color

__all__ = ["BLACK", "WHITE", "RgbColour", "contrast_ratio", "luminance", "mix", "parse_colour"]

_LINEAR_BELOW = 0.04045


@dataclass(frozen=True, slots=True)
class RgbColour:
    """Red, green, blue and opacity, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    @classmethod
    def from_hex(cls, text: str) -> "RgbColour":
        """The colour that `text` writes, as `#rrggbb`."""
        return cls.from_bytes(int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))

    @classmethod
    def from_bytes(cls, red: int, green: int, blue: int) -> "RgbColour":
        """An opaque colour by channels from 0 to 255."""
        return cls(red / 255, green / 255, blue / 255)

    @property
    def channels(self) -> tuple[int, int, int]:
        """Red, green and blue from 0 to 255, to the nearest."""
        return round(self.red * 255), round(self.green * 255), round(self.blue * 255)

    def over(self, background: "RgbColour") -> "RgbColour":
        """What is seen of this colour before another one, which is opaque."""
        if self.alpha == 1:
            return self

        def mixed(mine: float, other: float) -> float:
            return mine * self.alpha + other * (1 - self.alpha)

        return RgbColour(
            mixed(self.red, background.red), mixed(self.green, background.green), mixed(self.blue, background.blue)
        )

    def __str__(self) -> str:
        return "#" + "".join(f"{channel:02x}" for channel in self.channels)


BLACK = RgbColour(0, 0, 0)
WHITE = RgbColour(1, 1, 1)


@lru_cache(maxsize=512)
def parse_colour(css: str) -> RgbColour | None:
    """The colour that CSS means by `css`; None where it is none, or depends on its surroundings."""
    parsed = parse_color(css)
    if parsed is None or isinstance(parsed, str):
        return None
    return RgbColour(parsed.red, parsed.green, parsed.blue, parsed.alpha)


def mix(colour: RgbColour, other: RgbColour, share: float) -> RgbColour:
    """`share` (0 to 1) of `colour`, the rest of `other`: a colour that `#rrggbb` can write."""
    pairs = zip(colour.channels, other.channels, strict=True)
    return RgbColour.from_bytes(*(round(a * share + b * (1 - share)) for a, b in pairs))


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= _LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=512)
def luminance(colour: RgbColour) -> float:
    """How light `colour` is, from 0, black, to 1, white."""
    return 0.2126 * _linear(colour.red) + 0.7152 * _linear(colour.green) + 0.0722 * _linear(colour.blue)


def contrast_ratio(first: RgbColour, second: RgbColour) -> float:
    """From 1, the same, to 21, black on white; both are opaque."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
