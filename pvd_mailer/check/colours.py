"""Colours as CSS writes them, and how far two of them stand apart (WCAG 2.2)."""

from dataclasses import dataclass
from functools import lru_cache

from tinycss2.color3 import parse_color

__all__ = ["BLACK", "WHITE", "Colour", "colour", "contrast"]

_LINEAR_BELOW = 0.04045


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green, blue and opacity, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, behind: "Colour") -> "Colour":
        """What is seen of this colour before another one, which is opaque."""
        if self.alpha == 1:
            return self

        def mixed(mine: float, other: float) -> float:
            return mine * self.alpha + other * (1 - self.alpha)

        return Colour(mixed(self.red, behind.red), mixed(self.green, behind.green), mixed(self.blue, behind.blue))

    def __str__(self) -> str:
        return "#" + "".join(f"{round(part * 255):02x}" for part in (self.red, self.green, self.blue))


BLACK = Colour(0, 0, 0)
WHITE = Colour(1, 1, 1)


@lru_cache(maxsize=512)
def colour(written: str) -> Colour | None:
    """The colour that CSS means by `written`; None where it is none, or depends on its surroundings."""
    found = parse_color(written)
    if found is None or isinstance(found, str):
        return None
    return Colour(found.red, found.green, found.blue, found.alpha)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= _LINEAR_BELOW else ((part + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=512)
def _luminance(one: Colour) -> float:
    return 0.2126 * _linear(one.red) + 0.7152 * _linear(one.green) + 0.0722 * _linear(one.blue)


def contrast(one: Colour, other: Colour) -> float:
    """From 1, the same, to 21, black on white; both are opaque."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
