"""Hands: the wrist is at (0, 0), the fingers point to the right, the thumb is above; a hand is 78 long."""

from math import cos, radians, sin

from drawing.canvas import Canvas
from drawing.palette import mix
from drawing.people.person import Person
from drawing.shapes import Point, Points, capsule, ellipse, path

__all__ = ["fingers_around", "flat_hand", "hand_round_strap", "palm", "pointing_hand", "thumb", "thumb_on"]

PALM = path("M -3 -11 C 8 -14 22 -20 38 -19 C 44 -18 45 18 39 19 C 24 20 8 14 -3 11 C -6 6 -6 -6 -3 -11 Z")
KNUCKLES: tuple[Point, ...] = ((37, -13.5), (39, -4.5), (38, 4.5), (35, 13))
LENGTHS = (31, 35, 32, 25)
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


def flat_hand(c: Canvas, person: Person) -> None:
    """A hand that lies on something."""
    fingers = [
        capsule(knuckle, _ray(knuckle, angle, length), 5.8, 4.6)
        for knuckle, angle, length in zip(KNUCKLES, FLAT, LENGTHS, strict=True)
    ]
    _limb(c, person, [PALM, capsule((8, -8), (36, -26), 7.5, 5), *fingers])
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


def thumb(c: Canvas, person: Person) -> None:
    """The thumb that closes a fist: out of the ball of the hand, bent over the first two fingers."""
    joints = [capsule((8, -4), (19, -18), 9, 7.4), capsule((19, -18), (34, -11), 7.4, 5.8)]
    for joint in (capsule((14, -12), (19, -18), 9.2, 8.6), capsule((19, -18), (34, -11), 8.6, 7)):
        c.fill(joint, person.skin_line)
    c.lit(joints, person.skin, person.skin_shade, 2, 1.6)
    c.fill(ellipse(34, -12, 3.4, 2.6), mix(person.skin, "#ffe1d2", 0.45))


def thumb_on(c: Canvas, person: Person) -> None:
    """The thumb that lies on what the fingers hold from behind; `palm` and the fingers are drawn before."""
    c.fill(capsule((30, -9), (54, -10), 8.6, 6.8), person.skin_line)
    c.lit(
        [capsule((20, -6), (30, -9), 9, 7.6), capsule((30, -9), (54, -10), 7.6, 5.7)],
        person.skin,
        person.skin_shade,
        2,
        1.6,
    )
    c.fill(ellipse(54.5, -10.5, 3.8, 2.9), mix(person.skin, "#ffe1d2", 0.45))


def hand_round_strap(c: Canvas, person: Person) -> None:
    """The back of a hand whose fingers go round a strap, 46 before the wrist; the thumb closes over it from above."""
    palm(c, person)
    for start, length in zip(KNUCKLES, (13, 16, 15, 12), strict=True):
        _finger(c, person, (start[0] - 3, start[1]), (start[0] + length, start[1] * 0.96), 5.4, 5)
    c.fill(capsule((20, -14), (45, -22), 8.4, 6.8), person.skin_line)
    c.lit(
        [capsule((10, -6), (22, -15), 9, 7.4), capsule((22, -15), (45, -22), 7.4, 5.7)],
        person.skin,
        person.skin_shade,
        2,
        1.6,
    )
