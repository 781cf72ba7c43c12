"""A head: ears, face, features and hair."""

from drawing.canvas import Canvas
from drawing.palette import BRICK, INK, MILK, SILVER, WINE, mix
from drawing.people.hair import hair_before
from drawing.people.person import Person
from drawing.shapes import Points, circle, ellipse, mirrored, path, rect, segment

__all__ = ["head"]

HALF = path("M 0 -101 C 26 -101 38 -83 38 -58 C 38 -38 34 -22 22 -9 C 14 -1 7 2 0 2")
FACE = [*HALF, *reversed(mirrored(HALF))]
LID = path("M -7.5 -51 C -5 -57 4 -58 8.5 -53")
BROW = path("M 7 -65.5 C 13 -69.5 21 -69.5 27.5 -63.5 C 21 -66.5 13 -66 7.5 -62.5 Z")
CLOSED: dict[str, tuple[Points, Points]] = {
    "smiles": (path("M -12 -22 C -7 -14 7 -14 12 -22"), []),
    "beams": (path("M -14 -23 C -8 -13 8 -13 14 -23"), path("M -4 -10 C -2 -9 2 -9 4 -10")),
    "listens": (path("M -8 -18 C -3 -15 5 -16 10 -21"), path("M -4 -12 C -2 -11 2 -11 4 -12")),
}
"""The line of the lips, and the shadow below them, if any."""
OPEN: dict[str, tuple[Points, Points, Points]] = {
    "speaks": (
        path("M -11 -22.5 C -5 -20.5 5 -20.5 11 -22.5 C 10 -14.5 5 -11.5 0 -11.5 C -5 -11.5 -10 -14.5 -11 -22.5 Z"),
        rect(-12, -26, 24, 6.4),
        ellipse(0, -11, 6, 2.4),
    ),
    "laughs": (
        path("M -13 -23 C -6 -20 6 -20 13 -23 C 12 -13 7 -9 0 -9 C -7 -9 -12 -13 -13 -23 Z"),
        path("M -20 -28 L 20 -28 L 20 -19 C 8 -15 -8 -15 -20 -19 Z"),
        ellipse(0, -8, 6, 3.4),
    ),
}
"""What the lips enclose, the teeth and the tongue."""
NOSE = path("M 2 -47 C 3 -41 6 -37 6 -34 C 6 -31 2 -30 -2 -31.5")
EAR = ellipse(0, 0, 7, 10)


def head(c: Canvas, person: Person) -> None:
    """A head above its chin at (0, 0), without the hair behind it; the neck belongs to the body."""
    _ears(c, person)
    c.lit(FACE, person.skin, person.skin_shade, 8, 1)
    with c.inside(FACE), c.placed(9 * person.turn, 0):
        _features(c, person)
    with c.placed(2.5 * person.turn, 0):
        hair_before(c, person)
    with c.placed(9 * person.turn, 0):
        _brows(c, person)
        if person.beard:
            _mouth(c, person)
        if person.glasses:
            _glasses(c, person)


def _ears(c: Canvas, person: Person) -> None:
    for side in (-1, 1):
        if side * person.turn < 0.6:
            with c.placed(side * 38 - 3 * person.turn, -46):
                c.lit(EAR, person.skin, person.skin_shade, 3 if side > 0 else 0)
                c.line(
                    segment(0, 0, 3, 110, 290), 1.6, person.skin_line if side < 0 else mix(person.skin_shade, WINE, 0.3)
                )


def _features(c: Canvas, person: Person) -> None:
    for side in (-1, 1):
        far = side * person.turn > 0
        x = side * (16 - (1.5 * abs(person.turn) if far else 0))
        c.fill(ellipse(side * 22, -31, 7.5, 5.5), BRICK, 0.22)
        with c.placed(x, 0, mirrored=side < 0):
            if person.gaze:
                c.fill(ellipse(0, -50.2, 7, 4.2), MILK)
            c.fill(ellipse(3 * person.gaze * side, -50, 3.9, 5), INK)
            c.line(LID, 2.3, INK)
        c.fill(circle(x + 1.3 + 3 * person.gaze, -52, 1.3), MILK)
        if person.old:
            c.line(path(f"M {side * 26} -45 C {side * 28} -43 {side * 30} -42 {side * 31} -39"), 1.5, person.skin_line)
    with c.placed(2.5 * person.turn, 0, mirrored=person.turn < -0.2):
        c.line(NOSE, 2.3, person.skin_line)
    if not person.beard:
        _mouth(c, person)


def _mouth(c: Canvas, person: Person) -> None:
    if person.mouth in OPEN:
        lips, teeth, tongue = OPEN[person.mouth]
        c.fill(lips, WINE)
        with c.inside(lips):
            c.fill(teeth, MILK)
            c.fill(tongue, BRICK)
        return
    lips, below = CLOSED[person.mouth]
    c.line(lips, 2.7, WINE)
    if below:
        c.line(below, 1.6, person.skin_line)


def _brows(c: Canvas, person: Person) -> None:
    colour = mix(person.hair, INK, 0.25) if person.hair != SILVER else mix(SILVER, INK, 0.35)
    for side in (-1, 1):
        with c.placed(0, 0, mirrored=side < 0):
            c.fill(BROW, colour)


def _glasses(c: Canvas, person: Person) -> None:
    for side in (-1, 1):
        c.line(circle(side * 16, -49, 12), 2.2, INK)
        c.line([(side * 28, -51), (side * 36 - 6 * person.turn, -53)], 2.2, INK)
    c.line(path("M -4 -51 C -2 -54 2 -54 4 -51"), 2.2, INK)
