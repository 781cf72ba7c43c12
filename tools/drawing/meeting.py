"""The regional meetings: four people around the map of a town."""

from drawing.buildings import town
from drawing.canvas import Canvas
from drawing.palette import (
    BRICK,
    BROWN,
    CREAM,
    FAIR,
    INK,
    MILK,
    MIST,
    OCHRE,
    SAGE,
    SAND,
    SILVER,
    SLATE,
    TAN,
    TEAL,
    TEAL_DEEP,
    TEAL_MID,
    WOOD,
    mix,
    shade,
)
from drawing.people.body import Hand, outline, reach
from drawing.people.figure import bust
from drawing.people.hands import flat_hand, pointing_hand
from drawing.people.person import Person
from drawing.shapes import Point, capsule, circle, ellipse, hill, path, rect, rounded, segment

__all__ = ["meeting"]

EDGE = 404
"""Where the table's far edge is."""


def meeting(c: Canvas) -> None:
    """Four people around a table on which the map of a town is spread."""
    c.fill(rect(0, 0, 1200, 600), mix(SAND, CREAM, 0.55))
    c.fill([(96, 40), (420, 40), (1000, 600), (520, 600)], MILK, 0.5)
    _window_on_town(c)
    _board(c, 802, 50)
    people = (
        (205, 208, Person(TEAL, TAN, "#2a1d18", "cropped", 0.7, 1.12, beard=True, gaze=0.8)),
        (464, 196, Person(BRICK, FAIR, "#7a4427", "bob", 0.5, 1, "vee", mouth="speaks", gaze=0.7)),
        (
            752,
            206,
            Person(
                SLATE, FAIR, SILVER, "grey", -0.5, 1.1, "jacket", mouth="listens", glasses=True, old=True, gaze=-0.8
            ),
        ),
        (992, 210, Person(OCHRE, BROWN, "#2a1d18", "bun", -0.8, 1, mouth="beams", gaze=-0.8)),
    )
    for x, chin, person in people:
        with c.placed(x, chin, 1.26):
            bust(c, person)
            with c.inside(outline(person.build)):
                c.fill(rect(-100, (EDGE - chin) / 1.26 - 7, 200, 60), INK, 0.16)
    table = [(96, EDGE), (1104, EDGE), (1320, 600), (-120, 600)]
    c.lit(table, WOOD, shade(WOOD, 0.3), 14)
    with c.inside(table):
        for x, _, person in people:
            c.fill(ellipse(x + 16, EDGE, 112 * person.build, 34), INK, 0.3)
    _spread_map(c)
    _mug(c, 1146, 540)
    acts = (_rests, _points, _rests_wide, _shows)
    for (x, chin, person), act in zip(people, acts, strict=True):
        with c.placed(x, chin, 1.26):
            act(c, person)


def _lay(c: Canvas, person: Person, elbow: Point, wrist: Point, side: int, hand: Hand, angle: float) -> None:
    """A forearm on the table from its elbow to the hand, which points inward; its shadow is on the table."""
    c.fill(capsule((elbow[0] + 7, elbow[1] + 8), (wrist[0] + 7, wrist[1] + 8), 18, 15), INK, 0.22)
    with c.placed(wrist[0] + 4, wrist[1] + 5, angle=angle, mirrored=side > 0):
        c.fill(capsule((6, 0), (56, 2), 14, 12), INK, 0.2)

    def with_wrist(c: Canvas, person: Person) -> None:
        c.lit([(-2, -10.5), (16, -12.5), (16, 12.5), (-2, 10.5)], person.skin, person.skin_shade, 3, 2)
        with c.placed(9, 0):
            hand(c, person)

    reach(c, person, elbow, wrist, side, with_wrist, angle, mirrored=side > 0)


def _rests(c: Canvas, person: Person) -> None:
    _lay(c, person, (-98, 172), (-56, 198), -1, flat_hand, 20)
    _lay(c, person, (100, 170), (80, 214), 1, flat_hand, -58)


def _points(c: Canvas, person: Person) -> None:
    _lay(c, person, (-92, 176), (-56, 216), -1, flat_hand, 44)
    _lay(c, person, (88, 162), (98, 206), 1, pointing_hand, -120)


def _rests_wide(c: Canvas, person: Person) -> None:
    _lay(c, person, (-96, 172), (-52, 204), -1, flat_hand, 24)
    _lay(c, person, (98, 172), (74, 220), 1, flat_hand, -66)


def _shows(c: Canvas, person: Person) -> None:
    _lay(c, person, (-94, 168), (-78, 222), -1, flat_hand, 66)
    _lay(c, person, (96, 176), (44, 208), 1, flat_hand, -26)


def _mug(c: Canvas, x: float, y: float) -> None:
    """A mug that stands at (x, y)."""
    c.fill(ellipse(x + 14, y - 2, 34, 9), INK, 0.25)
    c.line(segment(x + 20, y - 32, 15, -90, 90), 7, shade(BRICK, 0.25))
    c.lit(rounded(x - 24, y - 62, 46, 64, 7), BRICK, shade(BRICK), 11)
    c.fill(ellipse(x - 1, y - 60, 23, 5), shade(BRICK, 0.5))


def _window_on_town(c: Canvas) -> None:
    c.fill(rect(40, 40, 250, 230), MILK)
    pane = rect(54, 54, 222, 202)
    with c.inside(pane):
        c.fill(pane, MIST)
        c.fill(circle(98, 88, 96), mix(MIST, CREAM, 0.8))
        c.fill(circle(98, 88, 22), OCHRE)
        c.fill(hill([(40, 220), (140, 196), (290, 214)], 280), SAGE)
        town(c, 150, 250, 66)
    c.fill(rect(160, 54, 8, 202), MILK)
    c.fill(rect(54, 120, 222, 8), MILK)
    c.fill(rect(32, 268, 268, 12), mix(SAND, WOOD, 0.25))


def _board(c: Canvas, x: float, y: float) -> None:
    """Coloured notes on a board."""
    c.fill(rect(x + 6, y + 6, 120, 126), shade(SAND, 0.12))
    c.fill(rect(x, y, 120, 126), TEAL_DEEP)
    for i, colour in enumerate((OCHRE, CREAM, SAGE, BRICK)):
        c.fill(rect(x + 14 + i % 2 * 50, y + 16 + i // 2 * 52, 42, 42), colour)


def _spread_map(c: Canvas) -> None:
    sheet = [(190, 442), (1010, 442), (1124, 600), (76, 600)]
    c.fill([(x + 6, y + 6) for x, y in sheet], shade(WOOD, 0.4))
    c.fill(sheet, MILK)
    with c.inside(sheet):
        river = path(
            "M 60 596 C 260 510 420 570 560 540 C 700 510 820 476 1140 476"
            " L 1140 506 C 840 506 720 546 580 574 C 420 606 330 556 160 620 L 60 620 Z"
        )
        c.fill(river, SAGE)
        for street in (
            [(320, 440), (420, 520), (470, 600)],
            [(120, 486), (600, 506), (1080, 466)],
            [(620, 440), (690, 520), (800, 600)],
        ):
            c.line(street, 9, SAND)
        for x, y, colour in (
            (350, 470, OCHRE),
            (470, 466, BRICK),
            (520, 520, TEAL_MID),
            (690, 462, OCHRE),
            (742, 560, BRICK),
            (860, 520, TEAL_MID),
            (340, 580, OCHRE),
            (600, 582, OCHRE),
        ):
            c.fill([(x, y), (x + 44, y), (x + 50, y + 20), (x - 2, y + 20)], colour)
    c.lit(path("M 662 578 C 642 552 642 518 662 518 C 682 518 682 552 662 578 Z"), BRICK, shade(BRICK), 5)
    c.fill(circle(661, 538, 7), MILK)
