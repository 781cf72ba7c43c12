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
    SLATE_LIGHT,
    TEAL_DEEP,
    TEAL_MID,
    WHEAT,
    shade,
)
from drawing.people.body import arm, reach
from drawing.people.figure import bust
from drawing.people.hands import fingers_around, flat_hand, palm, thumb
from drawing.people.person import Person
from drawing.scenery import sky, tree
from drawing.shapes import circle, ellipse, hill, path, rect, rounded, segment

__all__ = ["interview"]


def interview(c: Canvas) -> None:
    """A pupil holds the microphone to the mouth of a man, who answers her; another films him, before a town hall."""
    sky(c, 128, 262, 42)
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
    tree(c, 398, 448, 130)
    _town_hall(c, 452, 446)
    tree(c, 1130, 452, 220)
    c.fill(rect(0, 440, 1200, 160), SAND)
    c.fill([(452, 440), (1032, 440), (1128, 480), (508, 480)], shade(SAND, 0.16))
    with c.placed(636, 218, 1.22):
        _answers(c, Person(SLATE, FAIR, SILVER, "grey", -1.3, 1.16, "jacket", mouth="speaks", old=True, gaze=-1))
    with c.placed(300, 246, 1.18):
        _asks(c, Person(BRICK, WHEAT, "#2a1d18", "tail", 0.8, 0.96, "vee", from_side=True))
    with c.placed(1082, 262, 1.48, mirrored=True):
        _films(c, Person(OCHRE, BROWN, "#2a1d18", "cropped", 0.8, 1, "crew", from_side=True))


def _answers(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-92, 204), (-84, 340), -1)
    with c.placed(16, 246, angle=-7):
        c.fill(rounded(-58, -50, 116, 84, 5), shade(SLATE, 0.4))
        c.lit(rounded(-62, -54, 116, 84, 5), TEAL_MID, shade(TEAL_MID), 6, 4)
        c.fill(rect(-50, -58, 34, 5), MILK)
    reach(c, person, (104, 196), (48, 240), 1, flat_hand, -14, mirrored=True)


def _asks(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-76, 204), (-64, 340), -1)
    reach(c, person, (136, 138), (190, 36), 1, _hand_with_microphone, -18)


def _hand_with_microphone(c: Canvas, person: Person) -> None:
    palm(c, person)
    with c.placed(27, 0, angle=32):
        c.lit(path("M -6 -34 L 6 -34 L 4 52 L -4 52 Z"), INK, "#10181e", 3)
        c.lit(rounded(-10, -36, 20, 8, 3), SILVER, shade(SILVER, 0.4), 4)
        c.lit(ellipse(0, -48, 14, 17), OCHRE, shade(OCHRE, 0.35), 6, 2)
    fingers_around(c, person)
    thumb(c, person)


def _films(c: Canvas, person: Person) -> None:
    bust(c, person)
    arm(c, person, (-76, 204), (-52, 330), -1)
    for foot in (-60, 6, 66):
        c.line([(114, 36), (114 + foot, 330)], 8, INK)
    with c.placed(112, -24, angle=-4):
        _camera(c)
    reach(c, person, (108, 188), (92, 82), 1, _hand_on_handle, -102)


def _hand_on_handle(c: Canvas, person: Person) -> None:
    palm(c, person)
    c.line([(52, 34), (27, 0), (0, -36)], 8, INK)
    fingers_around(c, person)
    thumb(c, person)


def _camera(c: Canvas) -> None:
    """A camera that looks to the right, from its foot at (0, 46) to its lens at (96, -8)."""
    c.fill(rounded(-20, 32, 40, 16, 4), INK)
    c.lit(rounded(-44, -32, 88, 66, 8), SLATE, INK, 10)
    c.fill(rounded(-44, -32, 88, 14, 6), TEAL_MID)
    c.fill(rounded(-66, -30, 26, 16, 4), INK)
    c.lit(rect(42, -18, 24, 36), INK, "#10181e", 4)
    c.lit(path("M 64 -20 L 92 -28 L 92 26 L 64 18 Z"), INK, "#10181e", 4)
    c.fill(ellipse(92, -1, 5, 27), SLATE_LIGHT)
    c.fill(circle(22, 14, 7), BRICK)
    c.line(path("M -32 -32 C -28 -56 28 -56 32 -32"), 7, INK)


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
