"""Hair: for each style what is behind the head, and what is before it."""

from math import cos, radians, sin

from drawing.canvas import Canvas
from drawing.palette import mix
from drawing.people.person import Person
from drawing.shapes import Points, circle, ellipse, path

__all__ = ["hair_before", "hair_behind"]

SHORT = path(
    "M -40 -46 C -46 -82 -34 -112 2 -113 C 36 -113 46 -86 40 -46 L 36 -50 C 37 -62 35 -70 30 -77"
    " C 14 -73 -6 -76 -17 -85 C -22 -76 -34 -72 -36 -50 Z"
)
CROPPED = path(
    "M -39 -48 C -45 -84 -30 -107 0 -107 C 30 -107 45 -84 39 -48 L 36 -52 C 37 -66 33 -76 26 -80"
    " C 10 -84 -10 -84 -26 -80 C -33 -76 -37 -66 -36 -52 Z"
)
QUIFF = path(
    "M -39 -46 C -46 -74 -42 -96 -28 -104 C -16 -120 22 -124 36 -110 C 46 -100 44 -70 39 -46 L 36 -52"
    " C 37 -62 35 -70 32 -76 C 22 -86 4 -88 -12 -80 C -24 -80 -34 -70 -36 -52 Z"
)
GREY = path(
    "M -41 -42 C -48 -80 -36 -108 -4 -110 C 32 -112 48 -82 41 -42 L 36 -48 C 37 -62 34 -74 26 -82"
    " C 12 -90 -14 -90 -25 -80 C -33 -72 -37 -62 -36 -48 Z"
)
PARTED = path(
    "M -12 -107 C -36 -106 -47 -84 -45 -52 C -45 -36 -46 -24 -44 -8 C -38 -22 -37 -42 -34 -56"
    " C -29 -70 -20 -81 -9 -89 C 6 -80 26 -74 34 -56 C 37 -42 38 -22 44 -8 C 46 -24 47 -40 46 -58"
    " C 44 -92 20 -111 -12 -107 Z"
)
LONG_BACK = path(
    "M -44 -60 C -46 -114 46 -114 46 -60 C 47 -30 56 10 52 50 C 34 62 -34 62 -52 50 C -56 10 -45 -30 -44 -60 Z"
)
BOB_BACK = path(
    "M -44 -60 C -46 -114 46 -114 46 -60 C 47 -40 54 -14 49 6 C 34 16 -34 16 -49 6 C -54 -14 -45 -40 -44 -60 Z"
)
TIED = path(
    "M -40 -44 C -46 -86 -28 -108 0 -108 C 29 -108 46 -86 40 -44 C 38 -62 32 -76 12 -86 C -12 -82 -34 -72 -40 -44 Z"
)
BEARD = path(
    "M -38 -50 C -38 -16 -22 9 0 9 C 22 9 38 -16 38 -50 C 36 -38 31 -32 23 -30 C 12 -33 6 -30 0 -28"
    " C -6 -30 -12 -33 -23 -30 C -31 -32 -36 -38 -38 -50 Z"
)


def _curls(radius: float, rx: float, ry: float, y: float, start: float, end: float, count: int) -> list[Points]:
    """Curls along an arc; degrees run clockwise from the right."""
    angles = [radians(start + (end - start) * i / (count - 1)) for i in range(count)]
    return [circle(rx * cos(a), y + ry * sin(a), radius) for a in angles]


AFRO_BACK = [ellipse(0, -66, 52, 48), *_curls(15, 47, 44, -66, 130, 410, 13)]
AFRO_FRONT = [*_curls(10, 37, 35, -61, 186, 354, 11)]
WAVES_FRONT = [ellipse(0, -96, 26, 15), *_curls(13, 33, 32, -70, 180, 360, 8)]

BEHIND: dict[str, list[Points]] = {
    "afro": AFRO_BACK,
    "long": [LONG_BACK],
    "bob": [BOB_BACK],
    "bun": [circle(4, -119, 20)],
    "tail": [
        path(
            "M -6 -96 C -40 -108 -66 -84 -62 -44 C -60 -18 -66 2 -74 14"
            " C -48 12 -36 -18 -38 -46 C -36 -70 -26 -84 -6 -96 Z"
        )
    ],
}
BEFORE: dict[str, list[Points]] = {
    "afro": AFRO_FRONT,
    "long": [PARTED],
    "bob": [PARTED],
    "bun": [TIED],
    "tail": [TIED],
    "short": [SHORT],
    "cropped": [CROPPED],
    "quiff": [QUIFF],
    "grey": [GREY],
    "waves": WAVES_FRONT,
}


def hair_behind(c: Canvas, person: Person) -> None:
    """The hair that the head hides in part."""
    for shape in BEHIND.get(person.hair_style, []):
        c.fill(shape, mix(person.hair, "#101820", 0.25) if person.hair_style != "afro" else person.hair)


def hair_before(c: Canvas, person: Person) -> None:
    """The beard, then the hair that frames the face; its sunny side is a little lighter."""
    if person.beard:
        c.fill(BEARD, person.hair)
    c.lit(BEFORE[person.hair_style], mix(person.hair, "#ffe0b0", 0.06), person.hair, 7, 3)
