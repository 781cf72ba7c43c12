"""Colours as CSS writes them, and how far two of them stand apart (WCAG 2.2)."""

from dataclasses import dataclass
from functools import lru_cache

from tinycss2.color3 import parse_color

__all__ = ["BLACK", "WHITE", "RgbColour", "contrast_ratio", "parse_colour"]

_LINEAR_BELOW = 0.04045


@dataclass(frozen=True, slots=True)
class RgbColour:
    """Red, green, blue and opacity, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

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
        return "#" + "".join(f"{round(channel * 255):02x}" for channel in (self.red, self.green, self.blue))


BLACK = RgbColour(0, 0, 0)
WHITE = RgbColour(1, 1, 1)


@lru_cache(maxsize=512)
def parse_colour(css: str) -> RgbColour | None:
    """The colour that CSS means by `css`; None where it is none, or depends on its surroundings."""
    parsed = parse_color(css)
    if parsed is None or isinstance(parsed, str):
        return None
    return RgbColour(parsed.red, parsed.green, parsed.blue, parsed.alpha)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= _LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=512)
def _luminance(colour: RgbColour) -> float:
    return 0.2126 * _linear(colour.red) + 0.7152 * _linear(colour.green) + 0.0722 * _linear(colour.blue)


def contrast_ratio(first: RgbColour, second: RgbColour) -> float:
    """From 1, the same, to 21, black on white; both are opaque."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
