"""A body down to the waist: neck, torso, arms."""

from collections.abc import Callable
from math import hypot

from drawing.canvas import Canvas
from drawing.palette import INK, mix, shade
from drawing.people.person import Person
from drawing.shapes import Point, Points, capsule, ellipse, path

__all__ = ["Hand", "arm", "outline", "reach", "torso"]

Hand = Callable[[Canvas, Person], None]
"""What draws a hand, and what it holds, from the wrist at (0, 0) to the right."""

NECK = path("M -17.5 -26 L 17.5 -26 L 17.5 14 C 20 24 30 28 38 32 L -38 32 C -30 28 -20 24 -17.5 14 Z")


def outline(build: float) -> Points:
    """The torso of somebody, from the neck to below the hip."""
    b = build
    return path(
        f"M -20 18 C -28 30 {-52 * b} 34 {-66 * b} 44 C {-80 * b} 54 {-82 * b} 78 {-78 * b} 108"
        f" C {-68 * b} 150 {-62 * b} 190 {-62 * b} 226 C {-62 * b} 260 {-70 * b} 300 {-72 * b} 340"
        f" L {72 * b} 340 C {70 * b} 300 {62 * b} 260 {62 * b} 226 C {62 * b} 190 {68 * b} 150 {78 * b} 108"
        f" C {82 * b} 78 {80 * b} 54 {66 * b} 44 C {52 * b} 34 28 30 20 18 C 10 28 -10 28 -20 18 Z"
    )


def torso(c: Canvas, person: Person) -> None:
    """Neck and torso; the head comes after."""
    c.lit(NECK, person.skin, person.skin_shade, 6)
    with c.inside(NECK):
        c.fill(ellipse(4, -18, 36, 30), person.skin_shade)
    shape = outline(person.build)
    dark = shade(person.top)
    c.lit(shape, person.top, dark, 16, 0)
    with c.inside(shape):
        NECKLINES[person.neckline](c, person, dark)


def _crew(c: Canvas, person: Person, dark: str) -> None:
    c.fill(path("M -28 14 C -22 40 22 40 28 14 Z"), dark)
    c.fill(path("M -21 12 C -16 31 16 31 21 12 Z"), person.skin_shade)


def _vee(c: Canvas, person: Person, dark: str) -> None:
    c.fill(path("M -27 16 L 0 66 L 27 16 Z"), dark)
    c.fill(path("M -20 12 L 0 54 L 20 12 Z"), person.skin)
    c.fill(path("M -18 12 C -10 22 12 24 19 14 L 8 38 Z"), person.skin_shade)


def _shirt(c: Canvas, person: Person, dark: str) -> None:
    c.fill(path("M -20 12 L 0 44 L 20 12 Z"), person.skin_shade)
    c.line([(0, 44), (0, 340)], 2, dark)
    c.fill(path("M -22 14 L -30 30 L -14 52 L 0 42 Z"), mix(person.top, INK, 0.1))
    c.fill(path("M 22 14 L 30 30 L 14 52 L 0 42 Z"), dark)
    for y in (84, 128, 172):
        c.fill(ellipse(4, y, 2.4, 2.4), dark)


def _jacket(c: Canvas, person: Person, dark: str) -> None:
    c.fill(path("M -22 12 L -14 340 L 20 340 L 22 12 Z"), person.under)
    c.fill(path("M -18 12 L 0 40 L 18 12 Z"), person.skin_shade)
    c.fill(path("M -20 14 L -26 26 L -10 50 L 0 38 Z"), shade(person.under, 0.06))
    c.fill(path("M 20 14 L 26 26 L 10 50 L 0 38 Z"), shade(person.under, 0.16))
    c.fill(path("M 8 50 L 20 340 L 26 340 L 26 50 Z"), shade(person.under, 0.16))
    c.fill(path("M -24 18 L -44 62 L -34 76 L -42 88 L -12 190 L -16 96 Z"), mix(person.top, "#ffffff", 0.1))
    c.fill(path("M 24 18 L 44 62 L 34 76 L 42 88 L 14 190 L 20 96 Z"), dark)


NECKLINES = {"crew": _crew, "vee": _vee, "shirt": _shirt, "jacket": _jacket}


def arm(c: Canvas, person: Person, elbow: Point, wrist: Point, side: int) -> None:
    """A sleeved arm from the shoulder of `side` (-1 is the picture's left) to the wrist; it throws a shadow."""
    shoulder = (side * 60 * person.build, 65)
    mid = (shoulder[0] + (elbow[0] - shoulder[0]) * 0.4, shoulder[1] + (elbow[1] - shoulder[1]) * 0.4)
    sleeves = [capsule(shoulder, elbow, 22, 17), capsule(elbow, wrist, 17, 13)]
    for sleeve in (capsule(mid, elbow, 16, 16), sleeves[1]):
        c.fill([(x + 3, y + 2.5) for x, y in sleeve], shade(person.top, 0.3))
    c.lit(sleeves, person.top, shade(person.top, 0.18), 7, 3)


def reach(
    c: Canvas,
    person: Person,
    elbow: Point,
    wrist: Point,
    side: int,
    hand: Hand,
    angle: float,
    *,
    mirrored: bool = False,
) -> None:
    """An arm and its hand, turned clockwise by `angle` degrees; a `mirrored` one points to the left to begin with."""
    arm(c, person, elbow, wrist, side)
    with c.placed(*wrist, angle=angle, mirrored=mirrored):
        hand(c, person)
    length = hypot(wrist[0] - elbow[0], wrist[1] - elbow[1])
    dx, dy = (wrist[0] - elbow[0]) / length, (wrist[1] - elbow[1]) / length
    cuff = [
        (wrist[0] + a * dx - b * dy, wrist[1] + a * dy + b * dx)
        for a, b in ((-9, -15), (5, -14.5), (5, 14.5), (-9, 15))
    ]
    c.lit(cuff, shade(person.top, 0.08), shade(person.top, 0.26), 7, 2)
