"""A head from the side, looking to the right; a mirrored figure looks to the left."""

from drawing.canvas import Canvas
from drawing.palette import BRICK, INK, MILK, WINE, mix
from drawing.people.person import Person
from drawing.shapes import Points, circle, ellipse, path, segment

__all__ = ["profile", "profile_hair_behind"]

FACE = path(
    "M -2 -101 C 20 -101 33 -90 34 -70 C 34 -64 31 -60 32 -56 C 35 -49 41 -42 43 -37 C 44 -33 40 -31 35 -31"
    " C 34 -29 35 -27 37 -25 C 39 -22 37 -20 34 -19 C 37 -17 37 -13 33 -11 C 31 -9 34 -4 31 1 C 27 6 17 5 10 2"
    " C 0 -2 -8 -10 -12 -20 C -20 -22 -30 -28 -36 -38 C -46 -52 -48 -72 -40 -84 C -32 -96 -18 -101 -2 -101 Z"
)
EAR = ellipse(-9, -44, 7.5, 10.5)
LID = path("M 17 -54 C 20 -59 26 -59 30 -55")
BROW = path("M 13 -65 C 18 -71 26 -72 33 -67 C 27 -69 20 -68 14 -62.5 Z")
SMILE = path("M 35 -19.5 C 29 -16 24 -17 21.5 -22")

TIED = path(
    "M 31 -89 C 25 -104 12 -111 -8 -110 C -38 -109 -55 -88 -51 -60 C -49 -44 -42 -31 -30 -24"
    " C -26 -30 -22 -34 -19 -40 C -18 -54 -10 -57 -3 -58 C 2 -72 14 -84 31 -89 Z"
)
TAIL = path(
    "M -34 -96 C -66 -110 -88 -84 -82 -48 C -79 -26 -86 -8 -98 8 C -70 6 -54 -18 -56 -48 C -57 -62 -50 -70 -40 -74 Z"
)
CROPPED = path(
    "M 33 -84 C 28 -101 14 -109 -6 -108 C -36 -108 -53 -88 -50 -60 C -49 -46 -44 -34 -34 -27"
    " C -28 -32 -24 -40 -19 -52 C -14 -58 -8 -58 -4 -50 L 2 -52 C 3 -62 4 -72 9 -80 C 17 -84 26 -85 33 -84 Z"
)
BEFORE: dict[str, Points] = {"tail": TIED, "cropped": CROPPED}
BEHIND: dict[str, Points] = {"tail": TAIL}


def profile_hair_behind(c: Canvas, person: Person) -> None:
    """The hair that hangs behind the head."""
    if person.hair_style in BEHIND:
        c.fill(BEHIND[person.hair_style], mix(person.hair, "#101820", 0.25))


def profile(c: Canvas, person: Person) -> None:
    """A head above its chin at (0, 0)."""
    c.lit(FACE, person.skin, person.skin_shade, 6, 1)
    with c.inside(FACE):
        c.fill(ellipse(18, -31, 7.5, 5.5), BRICK, 0.22)
        c.fill(ellipse(25.5, -51, 5, 4.6), MILK)
        c.fill(ellipse(27, -51, 3.2, 4.8), INK)
        c.fill(circle(27.6, -53, 1.2), MILK)
        c.line(LID, 2.3, INK)
        c.line(SMILE, 2.6, WINE)
        c.line(path("M 34 -32 C 31 -31 30 -33 31 -36"), 1.6, person.skin_line)
    c.lit(BEFORE[person.hair_style], mix(person.hair, "#ffe0b0", 0.06), person.hair, 7, 3)
    c.lit(EAR, person.skin, person.skin_shade, 3)
    c.line(segment(-9, -44, 3.2, 110, 290), 1.6, person.skin_line)
    c.fill(BROW, mix(person.hair, INK, 0.25))
