"""Shapes as lists of points, in the pixels of the finished picture."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import acos, atan2, ceil, cos, degrees, hypot, radians, sin

__all__ = [
    "Point",
    "Points",
    "capsule",
    "circle",
    "ellipse",
    "hill",
    "leaf",
    "mirrored",
    "path",
    "rect",
    "rounded",
    "segment",
    "smooth",
    "turned",
]

Point = tuple[float, float]
Points = Sequence[Point]

STEPS = 16
"""How many straight pieces make a curve."""


def rect(x: float, y: float, width: float, height: float) -> Points:
    """A rectangle from its upper left corner."""
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def ellipse(x: float, y: float, rx: float, ry: float) -> Points:
    """An ellipse around its centre."""
    return segment(x, y, rx, 0, 360, ry)


def circle(x: float, y: float, radius: float) -> Points:
    """A circle around its centre."""
    return segment(x, y, radius, 0, 360)


def segment(x: float, y: float, rx: float, start: float, end: float, ry: float | None = None) -> Points:
    """An arc closed by its chord; degrees run clockwise from the right."""
    steps = max(8, ceil(abs(end - start) / 4))
    angles = (radians(start + (end - start) * i / steps) for i in range(steps + 1))
    return [(x + rx * cos(a), y + (rx if ry is None else ry) * sin(a)) for a in angles]


def rounded(x: float, y: float, width: float, height: float, radius: float) -> Points:
    """A rectangle with round corners."""
    right, bottom = x + width - radius, y + height - radius
    left, top = x + radius, y + radius
    corners = ((left, top, 180), (right, top, 270), (right, bottom, 0), (left, bottom, 90))
    return [point for cx, cy, angle in corners for point in segment(cx, cy, radius, angle, angle + 90)]


def capsule(start: Point, end: Point, first: float, last: float) -> Points:
    """A limb: the hull of a circle of radius `first` around `start` and one of radius `last` around `end`."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = degrees(atan2(dy, dx))
    tangent = degrees(acos(max(-1, min(1, (first - last) / (hypot(dx, dy) or 1)))))
    return [
        *segment(*start, first, along + tangent, along + 360 - tangent),
        *segment(*end, last, along - tangent, along + tangent),
    ]


def smooth(points: Points, *, closed: bool = False) -> Points:
    """A soft curve through `points` (Catmull-Rom)."""
    ends = [points[-1], *points, points[0], points[1]] if closed else [points[0], *points, points[-1]]
    curve: list[Point] = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(STEPS):
            t = step / STEPS
            curve.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return curve if closed else [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def path(text: str) -> Points:
    """A shape as SVG writes it, with the absolute commands M, L, Q, C and Z alone (one stroke)."""
    points: list[Point] = []
    for command, numbers in _commands(text):
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        size = {"M": 1, "L": 1, "Q": 2, "C": 3}[command]
        for first in range(0, len(pairs), size):
            group = pairs[first : first + size]
            points.extend(group if size == 1 else _bezier(points[-1], *group))
    return points


def _commands(text: str) -> Iterator[tuple[str, list[float]]]:
    for command, rest in re.findall(r"([MLQC])([^MLQCZ]*)", text):
        yield command, [float(number) for number in rest.replace(",", " ").split()]


def _bezier(start: Point, *others: Point) -> Iterator[Point]:
    """The points of a Bézier curve after `start`, by De Casteljau's construction."""
    for step in range(1, STEPS + 1):
        level = [start, *others]
        while len(level) > 1:
            level = [(a + (c - a) * step / STEPS, b + (d - b) * step / STEPS) for (a, b), (c, d) in pairwise(level)]
        yield level[0]


def hill(points: Points, bottom: float) -> Points:
    """Everything under a soft crest, down to `bottom`."""
    return [*smooth(points), (points[-1][0], bottom), (points[0][0], bottom)]


def leaf(x: float, y: float, length: float, width: float, angle: float) -> Points:
    """A leaf from its stalk, pointing to `angle` (degrees, clockwise from the right)."""
    half = width / 2
    outline = [(0, 0), (0.28, -0.8), (0.6, -0.85), (1, 0), (0.6, 0.85), (0.28, 0.8)]
    return turned(smooth([(x + length * a, y + half * b) for a, b in outline], closed=True), angle, x, y)


def mirrored(points: Points) -> Points:
    """The same shape, its left on its right."""
    return [(-x, y) for x, y in points]


def turned(points: Points, angle: float, x: float, y: float) -> Points:
    """The same shape turned clockwise around a point, in degrees."""
    c, s = cos(radians(angle)), sin(radians(angle))
    return [(x + (px - x) * c - (py - y) * s, y + (px - x) * s + (py - y) * c) for px, py in points]
