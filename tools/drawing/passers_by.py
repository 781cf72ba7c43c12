"""People far off: small figures of seven and a half heads, walking."""

from drawing.canvas import Canvas
from drawing.palette import INK, WHEAT, shade
from drawing.scenery import cast
from drawing.shapes import capsule, circle, path

__all__ = ["passer_by"]


def passer_by(c: Canvas, x: float, ground: float, height: float, top: str, legs: str, look: int) -> None:
    """Somebody who walks to the right (`look` 1) or to the left (-1), too far off to have a face."""
    cast(c, x + height * 0.1, ground, height * 0.36, height * 0.025)
    with c.placed(x, ground, height / 150, mirrored=look < 0):
        c.fill(capsule((0, -76), (-15, -8), 9, 5), shade(legs, 0.35))
        c.fill(capsule((-16, -5), (-8, -3), 4, 3), INK)
        c.fill(capsule((2, -76), (14, -8), 9, 5), legs)
        c.fill(capsule((14, -5), (23, -3), 4, 3), INK)
        c.fill(capsule((-2, -120), (-18, -84), 6.5, 5), shade(top, 0.35))
        c.lit(
            path("M -7 -130 C -16 -128 -16 -116 -14 -104 L -12 -68 L 14 -68 L 15 -104 C 16 -118 15 -128 7 -130 Z"),
            top,
            shade(top),
            6,
        )
        c.fill(capsule((0, -136), (0, -128), 5, 5), shade(WHEAT))
        c.lit(capsule((0, -143), (1, -139), 9, 8), WHEAT, shade(WHEAT), 4)
        c.fill(path("M 8 -148 C 4 -154 -8 -154 -10 -144 C -11 -138 -9 -134 -6 -132 C -4 -138 -2 -144 8 -148 Z"), INK)
        c.lit([capsule((2, -120), (6, -98), 6.5, 5.5), capsule((6, -98), (18, -84), 5.5, 4)], top, shade(top, 0.3), 3)
        c.fill(circle(20, -82, 4), WHEAT)
