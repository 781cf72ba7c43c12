"""The barometer of the small towns: three young people above theirs."""

from drawing.buildings import town
from drawing.canvas import Canvas
from drawing.palette import (
    BRICK,
    BROWN,
    FAIR,
    INK,
    MILK,
    OCHRE,
    SAGE,
    SAGE_DARK,
    SAND,
    TEAL,
    TEAL_DEEP,
    TEAL_MID,
    WHEAT,
    shade,
)
from drawing.people.body import arm, outline, reach
from drawing.people.figure import bust
from drawing.people.hands import hand_round_strap, palm, pointing_hand, thumb_on
from drawing.people.person import Person
from drawing.scenery import cloud, poplar, sky
from drawing.shapes import hill, path, rect, rounded

__all__ = ["barometer"]


def barometer(c: Canvas) -> None:
    """Three young people above their small town: one points to it, one holds its map."""
    sky(c, 92, 176, 42)
    cloud(c, 660, 66, 150)
    c.fill(hill([(0, 330), (300, 270), (640, 320), (960, 262), (1200, 290)], 600), SAGE)
    town(c, 1038, 372, 122)
    c.fill(hill([(0, 400), (320, 372), (700, 400), (1000, 366), (1200, 372)], 600), SAGE_DARK)
    for x, height in ((36, 150), (92, 118)):
        poplar(c, x, 404, height)
    c.fill(hill([(0, 500), (400, 470), (820, 486), (1200, 440)], 600), TEAL_MID)
    with c.placed(244, 270, 1.52):
        _with_bag(c, Person(BRICK, BROWN, "#2a1d18", "afro", 0.7, 1, mouth="laughs"))
    with c.placed(784, 278, 1.52):
        _pointing(c, Person(OCHRE, FAIR, "#6b3d25", "long", -0.7, 1, "vee", mouth="beams"))
    with c.placed(514, 260, 1.55):
        _with_map(c, Person(TEAL, WHEAT, "#33241c", "quiff", 0.5, 1.12, "shirt"))


def _with_bag(c: Canvas, person: Person) -> None:
    bust(c, person)
    with c.inside(outline(person.build)):
        for side in (-1, 1):
            strap = path(
                f"M {side * 42} 20 C {side * 48} 60 {side * 47} 130 {side * 58} 250 L {side * 39} 250"
                f" C {side * 29} 130 {side * 29} 60 {side * 24} 20 Z"
            )
            c.lit(strap, TEAL_DEEP, INK, 2)
            c.lit(rounded(side * 42 - 14, 178, 28, 17, 3), OCHRE, shade(OCHRE), 4, 2)
    arm(c, person, (78, 204), (66, 330), 1)
    reach(c, person, (-96, 200), (-80, 146), -1, hand_round_strap, -26)


def _pointing(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-74, 200), (-66, 330), -1)
    reach(c, person, (98, 192), (158, 118), 1, pointing_hand, -36)


def _with_map(c: Canvas, person: Person) -> None:
    bust(c, person)
    for side in (-1, 1):
        reach(c, person, (side * 136, 200), (side * 103, 164), side, palm, side * 34, mirrored=side > 0)
    _folded_map(c)
    for side in (-1, 1):
        with c.placed(side * 103, 164, angle=side * 34, mirrored=side > 0):
            thumb_on(c, person)


def _folded_map(c: Canvas) -> None:
    """A map in four folds, from (-72, 96) to (72, 196)."""
    xs = (-72, -36, 0, 36, 72)
    upper_edge = [(x, 96 + i % 2 * 7) for i, x in enumerate(xs)]
    sheet = [*upper_edge, *((x, y + 98) for x, y in reversed(upper_edge))]
    c.fill([(x + 4, y + 5) for x, y in sheet], TEAL_DEEP)
    c.fill(sheet, MILK)
    with c.inside(sheet):
        c.fill(
            path(
                "M -80 150 C -40 130 -20 176 20 168 C 50 162 60 180 80 176"
                " L 80 190 C 60 196 50 178 20 184 C -24 192 -40 148 -80 168 Z"
            ),
            SAGE,
        )
        for road in ([(-60, 90), (-34, 130), (0, 140), (40, 120), (80, 128)], [(-6, 210), (0, 140), (14, 90)]):
            c.line(road, 5, SAND)
        for x, y, colour in (
            (-66, 106, OCHRE),
            (-22, 112, BRICK),
            (24, 104, OCHRE),
            (52, 140, TEAL_MID),
            (-50, 178, TEAL_MID),
        ):
            c.fill(rect(x, y, 16, 12), colour)
        for left in (-36, 36):
            c.fill(rect(left, 80, 36, 140), INK, 0.09)
