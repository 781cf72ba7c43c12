"""What pictures share: the sky, the ground, trees, and what stands on a table. The sun is low, on the left."""

from drawing.canvas import Canvas
from drawing.palette import (
    CREAM,
    GLOW,
    INK,
    MILK,
    MIST,
    OCHRE,
    SAGE,
    SAGE_DARK,
    TEAL,
    TEAL_DEEP,
    TEAL_MID,
    WOOD,
    mix,
)
from drawing.shapes import circle, ellipse, leaf, path, rect, smooth

__all__ = ["bush", "cast", "cloud", "plant", "poplar", "sky", "table", "tree"]


def sky(c: Canvas, x: float, y: float, radius: float) -> None:
    """A morning sky: a low sun at (x, y) and the bands of its light."""
    c.fill(rect(0, 0, c.width, c.height), MIST)
    for reach, share in ((7.6, 0.35), (5.0, 0.6), (3.0, 0.85), (1.8, 1.0)):
        c.fill(circle(x, y, radius * reach), mix(MIST, CREAM if reach > 2 else GLOW, share))
    c.fill(circle(x, y, radius), OCHRE)


def table(c: Canvas, wall: str, floor: str, top: float = 470) -> None:
    """What an object stands before: a wall with the sun's light from the left, and a table from `top` down."""
    c.fill(rect(0, 0, c.width, c.height), wall)
    c.fill(circle(c.width * 0.2, c.height * 0.2, c.width * 0.62), mix(wall, MILK, 0.35))
    c.fill(rect(0, top, c.width, c.height), floor)


def cast(c: Canvas, x: float, y: float, width: float, height: float = 0) -> None:
    """A shadow on the ground, to the right of what stands at x."""
    c.fill(ellipse(x + width * 0.22, y, width * 0.6, height or width * 0.06), INK, 0.16)


def cloud(c: Canvas, x: float, y: float, width: float) -> None:
    """A long, low cloud around (x, y)."""
    c.line([(x - width / 2, y), (x + width * 0.3, y)], width * 0.1, MILK)
    c.line([(x - width * 0.2, y - width * 0.09), (x + width / 2, y - width * 0.09)], width * 0.1, MILK)


def tree(c: Canvas, x: float, ground: float, height: float, light: str = TEAL_MID, dark: str = TEAL) -> None:
    """A round tree."""
    h = height
    c.lit(path(
        f"M {x - h * 0.04} {ground} L {x - h * 0.025} {ground - h * 0.5} L {x + h * 0.025} {ground - h * 0.5}"
        f" L {x + h * 0.04} {ground} Z"
    ), WOOD, mix(WOOD, INK, 0.3), h * 0.025)  # fmt: skip
    crown = smooth(
        [
            (x, ground - h),
            (x + h * 0.3, ground - h * 0.8),
            (x + h * 0.34, ground - h * 0.5),
            (x + h * 0.16, ground - h * 0.32),
            (x - h * 0.17, ground - h * 0.32),
            (x - h * 0.34, ground - h * 0.5),
            (x - h * 0.29, ground - h * 0.8),
        ],
        closed=True,
    )
    c.lit(crown, light, dark, h * 0.13, h * 0.04)


def poplar(c: Canvas, x: float, ground: float, height: float, light: str = TEAL, dark: str = TEAL_DEEP) -> None:
    """A slender tree."""
    h, w = height, height * 0.15
    c.line([(x, ground), (x, ground - h * 0.3)], h * 0.045, WOOD)
    crown = path(
        f"M {x} {ground - h}"
        f" C {x + w * 0.9} {ground - h * 0.75} {x + w * 1.3} {ground - h * 0.3} {x} {ground - h * 0.12}"
        f" C {x - w * 1.3} {ground - h * 0.3} {x - w * 0.9} {ground - h * 0.75} {x} {ground - h} Z"
    )
    c.lit(crown, light, dark, w * 0.7)


def bush(c: Canvas, x: float, ground: float, width: float, light: str = SAGE_DARK, dark: str = TEAL_MID) -> None:
    """A low bush whose middle is at x."""
    w = width
    c.lit(
        [
            ellipse(x - w * 0.25, ground - w * 0.12, w * 0.25, w * 0.2),
            ellipse(x + w * 0.05, ground - w * 0.2, w * 0.28, w * 0.28),
            ellipse(x + w * 0.3, ground - w * 0.1, w * 0.2, w * 0.17),
            rect(x - w * 0.45, ground - w * 0.1, w * 0.9, w * 0.1),
        ],
        light,
        dark,
        w * 0.08,
        w * 0.05,
    )


def plant(c: Canvas, x: float, y: float, size: float, pot: str) -> None:
    """A plant in a pot that stands at (x, y)."""
    s = size / 100
    for angle, length in ((-150, 62), (-30, 62), (-120, 80), (-58, 80), (-90, 92)):
        c.lit(
            leaf(x, y - 42 * s, length * s, 26 * s, angle), SAGE if angle == -90 else SAGE_DARK, TEAL_MID, 5 * s, 4 * s
        )
    body = [(x - 30 * s, y - 48 * s), (x + 30 * s, y - 48 * s), (x + 22 * s, y), (x - 22 * s, y)]
    c.lit(body, pot, mix(pot, INK, 0.25), 12 * s)
