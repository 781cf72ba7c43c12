"""The trainees: two pupils interview a man before a town hall."""

from drawing.buildings import House, row, window
from drawing.canvas import Canvas
from drawing.palette import (
    BRICK,
    BROWN,
    CREAM,
    FAIR,
    INK,
    MILK,
    OCHRE,
    SAGE,
    SAND,
    SILVER,
    SLATE,
    TEAL_DEEP,
    TEAL_MID,
    WHEAT,
    shade,
)
from drawing.people.body import arm, reach
from drawing.people.figure import bust
from drawing.people.hands import fingers_around, fist, open_hand, palm
from drawing.people.person import Person
from drawing.scenery import cloud, sky, tree
from drawing.shapes import circle, hill, path, rect, rounded, segment

__all__ = ["interview"]


def interview(c: Canvas) -> None:
    """A pupil films, another holds the microphone out to a man, before a town hall."""
    sky(c, 92, 120, 42)
    cloud(c, 560, 60, 140)
    c.fill(hill([(0, 380), (300, 340), (620, 390), (1200, 360)], 600), SAGE)
    row(
        c,
        40,
        440,
        (
            House(120, 96, CREAM, BRICK, rows=2),
            House(96, 116, SAND, shade(BRICK, 0.2), rows=2),
            House(116, 84, MILK, BRICK, rows=2),
        ),
    )
    tree(c, 452, 448, 150)
    _town_hall(c, 524, 446)
    tree(c, 1176, 452, 200)
    c.fill(rect(0, 440, 1200, 160), SAND)
    c.fill([(524, 440), (1104, 440), (1200, 480), (580, 480)], shade(SAND, 0.16))
    with c.placed(952, 236, 1.42):
        _answers(c, Person(SLATE, FAIR, SILVER, "grey", -0.8, 1.16, "jacket", laughs=True, old=True))
    with c.placed(572, 262, 1.36):
        _asks(c, Person(BRICK, WHEAT, "#2a1d18", "tail", 0.8, 0.96, "vee"))
    with c.placed(160, 272, 1.36):
        _films(c, Person(OCHRE, BROWN, "#2a1d18", "cropped", 0.8, 1, "crew"))


def _answers(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-92, 204), (-80, 330), -1)
    reach(c, person, (100, 196), (118, 104), 1, open_hand, 94, mirrored=True)


def _asks(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-76, 204), (-60, 330), -1)
    reach(c, person, (94, 194), (142, 98), 1, _hand_with_microphone, -22)


def _hand_with_microphone(c: Canvas, person: Person) -> None:
    palm(c, person)
    with c.placed(27, 0, angle=14):
        c.lit(path("M -6 -34 L 6 -34 L 4 52 L -4 52 Z"), SLATE, INK, 3)
        c.lit(circle(0, -44, 15), SLATE, INK, 5, 2)
        c.line([(-13, -37), (13, -37)], 3, SAGE)
    fingers_around(c, person)


def _films(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-76, 204), (-52, 330), -1)
    for foot in (-60, 6, 66):
        c.line([(128, 150), (128 + foot, 330)], 8, INK)
    c.lit(rounded(92, 70, 88, 62, 8), SLATE, INK, 10)
    c.fill(rounded(92, 70, 88, 14, 6), TEAL_MID)
    c.lit(path("M 180 84 L 208 76 L 208 128 L 180 120 Z"), INK, "#10181e", 4)
    c.fill(rounded(112, 132, 34, 14, 4), INK)
    c.fill(circle(158, 112, 7), BRICK)
    c.line(path("M 104 70 C 108 46 164 46 168 70"), 7, INK)
    reach(c, person, (76, 204), (84, 134), 1, fist, -34)


def _town_hall(c: Canvas, x: float, ground: float) -> None:
    """A town hall from its lower left corner, 580 wide."""
    wall, dark = CREAM, shade(CREAM, 0.2)
    c.fill(rect(x, ground - 196, 580, 196), wall)
    c.fill(rect(x + 530, ground - 196, 50, 196), dark)
    c.fill([(x - 16, ground - 194), (x + 36, ground - 262), (x + 544, ground - 262), (x + 596, ground - 194)], SLATE)
    c.fill(
        [(x + 544, ground - 262), (x + 596, ground - 194), (x + 528, ground - 194), (x + 500, ground - 262)],
        shade(SLATE, 0.4),
    )
    c.fill(rect(x + 224, ground - 270, 132, 270), MILK)
    c.fill(rect(x + 326, ground - 270, 30, 270), dark)
    c.fill([(x + 210, ground - 268), (x + 290, ground - 326), (x + 370, ground - 268)], BRICK)
    c.fill([(x + 290, ground - 326), (x + 370, ground - 268), (x + 318, ground - 268)], shade(BRICK, 0.3))
    c.fill(circle(x + 276, ground - 226, 26), SLATE)
    c.fill(circle(x + 276, ground - 226, 20), MILK)
    c.line([(x + 276, ground - 240), (x + 276, ground - 226), (x + 286, ground - 220)], 3.5, INK)
    for column in (34, 128, 392, 474):
        for top in (172, 88):
            window(c, x + column, ground - top, 36, 52, shutters=True)
    for column in (238, 284):
        window(c, x + column, ground - 176, 28, 46)
    c.fill(segment(x + 276, ground - 66, 32, 180, 360), TEAL_DEEP)
    c.fill(rect(x + 244, ground - 66, 64, 66), TEAL_DEEP)
