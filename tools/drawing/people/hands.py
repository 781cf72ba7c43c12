"""Hands: the wrist is at (0, 0), the fingers point to the right, the thumb is above; a hand is 78 long."""

from math import cos, radians, sin

from drawing.canvas import Canvas
from drawing.people.person import Person
from drawing.shapes import Point, Points, capsule, path

__all__ = ["fingers_around", "fist", "flat_hand", "open_hand", "palm", "pointing_hand"]

PALM = path("M -3 -11 C 8 -14 22 -20 38 -19 C 44 -18 45 18 39 19 C 24 20 8 14 -3 11 C -6 6 -6 -6 -3 -11 Z")
KNUCKLES: tuple[Point, ...] = ((37, -13.5), (39, -4.5), (38, 4.5), (35, 13))
LENGTHS = (31, 35, 32, 25)
OPEN = (-16, -5, 6, 19)
FLAT = (-7, -2, 3, 9)


def _ray(start: Point, angle: float, length: float) -> Point:
    return (start[0] + length * cos(radians(angle)), start[1] + length * sin(radians(angle)))


def _finger(c: Canvas, person: Person, start: Point, end: Point, first: float = 5.6, last: float = 4.6) -> None:
    """A finger, with the line that tells it from what it lies on."""
    c.fill(capsule(start, end, first + 1.1, last + 1.1), person.skin_line)
    c.lit(capsule(start, end, first, last), person.skin, person.skin_shade, 1.6, 1.2)


def _limb(c: Canvas, person: Person, shapes: list[Points]) -> None:
    c.lit(shapes, person.skin, person.skin_shade, 3, 2)


def palm(c: Canvas, person: Person) -> None:
    """The palm alone, for what fingers are drawn over later."""
    _limb(c, person, [PALM])


def _spread(c: Canvas, person: Person, angles: tuple[int, ...], thumb: Points) -> None:
    fingers = [
        capsule(knuckle, _ray(knuckle, angle, length), 5.8, 4.6)
        for knuckle, angle, length in zip(KNUCKLES, angles, LENGTHS, strict=True)
    ]
    _limb(c, person, [PALM, thumb, *fingers])


def open_hand(c: Canvas, person: Person) -> None:
    """A raised hand, its fingers spread."""
    _spread(c, person, OPEN, capsule((10, -8), (34, -36), 8, 5))
    c.line(path("M 16 -8 C 22 -2 22 6 18 12"), 1.6, person.skin_line)


def flat_hand(c: Canvas, person: Person) -> None:
    """A hand that lies on something."""
    _spread(c, person, FLAT, capsule((8, -8), (36, -26), 7.5, 5))
    for (x, y), angle in zip(((37, -9), (39, 0), (37, 9)), (-4, 1, 6), strict=True):
        c.line([(x, y), _ray((x, y), angle, 25)], 1.5, person.skin_line)


def pointing_hand(c: Canvas, person: Person) -> None:
    """The index is stretched, the other fingers are bent, the thumb lies on them."""
    _limb(c, person, [PALM, capsule((34, -13), (74, -17), 6.2, 4.6)])
    for y, reach in ((14, 30), (5, 33), (-4, 34)):
        _finger(c, person, (43, y), (reach - 6, y + 1), 5.6, 5.2)
    _finger(c, person, (10, -8), (36, -9), 7, 5.2)


def fingers_around(c: Canvas, person: Person) -> None:
    """Four fingers that close around a handle, which runs up through the palm; the thumb is above."""
    for y in (15, 5, -5, -15):
        _finger(c, person, (37, y), (17, y + 0.5), 5.8, 5.4)


def fist(c: Canvas, person: Person) -> None:
    """A hand that closes around something behind it."""
    palm(c, person)
    fingers_around(c, person)
