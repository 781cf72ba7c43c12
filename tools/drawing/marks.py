"""The marks of the two publications, each on a plate of its own that shows on light and on dark grounds."""

from drawing.canvas import Canvas
from drawing.palette import BRICK, CREAM, INK, MILK, OCHRE, SAND, TEAL, TEAL_DEEP, mix, shade
from drawing.shapes import Points, circle, path, rect, rounded, segment

__all__ = ["PLATE", "notebook", "roofs"]

PLATE: Points = rounded(4, 4, 232, 232, 52)


def _plate(c: Canvas) -> None:
    c.fill(rect(0, 0, 240, 240), mix(CREAM, SAND, 0.6))
    c.fill(rounded(9, 9, 222, 222, 47), CREAM)


def roofs(c: Canvas) -> None:
    """Three roofs of a small town before a rising sun."""
    _plate(c)
    c.fill(circle(82, 100, 42), OCHRE)
    c.fill([(24, 202), (24, 138), (68, 98), (112, 138), (112, 202)], TEAL)
    c.fill([(150, 202), (150, 148), (184, 114), (218, 148), (218, 202)], BRICK)
    c.fill([(96, 202), (96, 92), (130, 40), (164, 92), (164, 202)], CREAM)
    c.fill([(103, 202), (103, 96), (130, 54), (157, 96), (157, 202)], TEAL_DEEP)
    c.fill(circle(130, 112, 11), CREAM)
    c.fill(segment(130, 172, 12, 180, 360), CREAM)
    c.fill(rect(118, 172, 24, 30), CREAM)
    c.fill(rect(48, 152, 24, 24), CREAM)
    c.fill(rect(179, 162, 22, 22), CREAM)
    c.fill(rounded(18, 198, 206, 10, 5), INK)


def notebook(c: Canvas) -> None:
    """A notebook with a house on its cover, and a ribbon."""
    _plate(c)
    c.fill(rounded(62, 42, 138, 164, 14), shade(BRICK, 0.35))
    c.fill(rounded(66, 46, 126, 152, 8), MILK)
    c.fill(rounded(54, 34, 132, 164, 14), BRICK)
    c.fill(
        path("M 68 34 L 82 34 L 82 198 L 68 198 C 60 198 54 192 54 184 L 54 48 C 54 40 60 34 68 34 Z"),
        shade(BRICK, 0.35),
    )
    c.fill([(92, 146), (92, 106), (134, 68), (176, 106), (176, 146)], CREAM)
    c.fill([(124, 146), (124, 118), (144, 118), (144, 146)], shade(BRICK, 0.35))
    c.fill(rounded(92, 160, 84, 8, 4), OCHRE)
    c.fill([(148, 190), (170, 190), (170, 226), (159, 214), (148, 226)], OCHRE)
