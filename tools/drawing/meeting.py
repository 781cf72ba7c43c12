"""The regional meetings: four people around the map of a town."""

from drawing.buildings import town
from drawing.canvas import Canvas
from drawing.palette import (
    BRICK,
    BROWN,
    CREAM,
    FAIR,
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
from drawing.people.body import reach
from drawing.people.figure import bust
from drawing.people.hands import fingers_around, flat_hand, open_hand, palm, pointing_hand
from drawing.people.person import Person
from drawing.shapes import circle, ellipse, hill, path, rect, rounded, segment

__all__ = ["meeting"]


def meeting(c: Canvas) -> None:
    """Four people around a table on which the map of a town is spread."""
    c.fill(rect(0, 0, 1200, 600), mix(SAND, CREAM, 0.55))
    c.fill([(96, 40), (420, 40), (1000, 600), (520, 600)], MILK, 0.5)
    _window_on_town(c)
    _board(c, 802, 50)
    table = [(110, 424), (1090, 424), (1320, 600), (-120, 600)]
    people = (
        (215, 232, Person(TEAL, TAN, "#2a1d18", "cropped", 0.6, 1.15, beard=True)),
        (468, 214, Person(BRICK, FAIR, "#7a4427", "bob", 0.4, 1, "vee", laughs=True)),
        (735, 226, Person(SLATE, FAIR, SILVER, "grey", -0.4, 1.12, "jacket", glasses=True, old=True)),
        (985, 228, Person(OCHRE, BROWN, "#2a1d18", "bun", -0.7, 1, laughs=True)),
    )
    for x, chin, person in people:
        with c.placed(x, chin, 1.3):
            bust(c, person)
    c.lit(table, WOOD, shade(WOOD, 0.3), 14)
    c.fill(rect(104, 420, 992, 8), mix(WOOD, OCHRE, 0.4))
    _spread_map(c)
    acts = (_points_and_rests, _explains, _holds_mug, _rests_both)
    for (x, chin, person), act in zip(people, acts, strict=True):
        with c.placed(x, chin, 1.3):
            act(c, person)


def _points_and_rests(c: Canvas, person: Person) -> None:
    reach(c, person, (-96, 176), (-64, 190), -1, flat_hand, 10)
    reach(c, person, (92, 172), (56, 214), 1, pointing_hand, -28, mirrored=True)


def _explains(c: Canvas, person: Person) -> None:
    reach(c, person, (-92, 178), (-48, 192), -1, flat_hand, 14)
    reach(c, person, (86, 176), (66, 104), 1, open_hand, 82, mirrored=True)


def _holds_mug(c: Canvas, person: Person) -> None:
    reach(c, person, (-96, 174), (-72, 204), -1, flat_hand, 20)
    reach(c, person, (94, 182), (48, 176), 1, _hand_with_mug, 4, mirrored=True)


def _hand_with_mug(c: Canvas, person: Person) -> None:
    palm(c, person)
    c.line(segment(50, -8, 15, -90, 90), 6, shade(BRICK, 0.1))
    c.lit(rounded(8, -44, 42, 68, 5), BRICK, shade(BRICK), 9)
    c.fill(ellipse(29, -42, 21, 4), shade(BRICK, 0.5))
    fingers_around(c, person)


def _rests_both(c: Canvas, person: Person) -> None:
    reach(c, person, (94, 176), (44, 190), 1, flat_hand, -12, mirrored=True)
    reach(c, person, (-94, 166), (-92, 196), -1, pointing_hand, -38, mirrored=True)


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
    sheet = [(262, 446), (938, 446), (1040, 600), (160, 600)]
    c.fill([(x + 6, y + 6) for x, y in sheet], shade(WOOD, 0.4))
    c.fill(sheet, MILK)
    with c.inside(sheet):
        river = path(
            "M 160 560 C 320 500 420 570 560 540 C 700 510 800 470 960 480"
            " L 1000 506 C 820 500 720 546 580 574 C 420 606 330 540 160 596 Z"
        )
        c.fill(river, SAGE)
        for street in (
            [(320, 440), (420, 520), (470, 600)],
            [(240, 480), (600, 506), (960, 470)],
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
    c.lit(path("M 612 548 C 592 522 592 488 612 488 C 632 488 632 522 612 548 Z"), BRICK, shade(BRICK), 5)
    c.fill(circle(611, 508, 7), MILK)
