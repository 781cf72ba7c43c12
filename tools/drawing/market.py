"""The market hall, wide."""

from drawing.buildings import House, bell_tower, row
from drawing.canvas import Canvas
from drawing.palette import (
    BRICK,
    BRICK_DARK,
    CREAM,
    MILK,
    OCHRE,
    OCHRE_DARK,
    SAGE,
    SAGE_DARK,
    SAND,
    SLATE,
    STONE,
    TEAL,
    TEAL_DEEP,
    TEAL_MID,
    WOOD,
    mix,
    shade,
)
from drawing.passers_by import passer_by
from drawing.scenery import cast, cloud, sky, tree
from drawing.shapes import circle, hill, rect, segment

__all__ = ["market_hall"]


def market_hall(c: Canvas) -> None:
    """An open market hall with its stalls, a bell tower, a few people far off on the square."""
    sky(c, 108, 128, 44)
    cloud(c, 1040, 70, 150)
    c.fill(hill([(0, 390), (300, 340), (760, 372), (1200, 330)], 600), SAGE)
    row(c, -20, 474, (House(120, 112, CREAM, BRICK, rows=2), House(104, 136, SAND, BRICK_DARK, rows=2)))
    c.fill(rect(1016, 396, 190, 78), shade(CREAM, 0.08))
    c.fill([(1006, 398), (1030, 350), (1220, 350), (1220, 398)], SLATE)
    bell_tower(c, 1020, 474, 352)
    c.fill(rect(0, 470, 1200, 130), SAND)
    c.fill([(200, 474), (980, 474), (1130, 520), (300, 520)], shade(SAND, 0.14))
    _hall(c)
    for x, height, top, legs, look in (
        (112, 104, BRICK, TEAL_DEEP, 1),
        (176, 98, TEAL_MID, SLATE, -1),
        (1064, 106, OCHRE, TEAL_DEEP, -1),
        (574, 102, TEAL, SLATE, 1),
    ):
        passer_by(c, x, 548, height, top, legs, look)
    cast(c, 1156, 560, 80, 6)
    tree(c, 1150, 560, 200)


def _hall(c: Canvas) -> None:
    """The hall, from (190, 130) to (960, 480)."""
    c.fill(rect(230, 290, 690, 186), mix(SAND, WOOD, 0.28))
    c.fill(rect(230, 290, 690, 44), shade(WOOD, 0.5))
    for x, colour, goods in (
        (262, BRICK, (OCHRE, BRICK, SAGE_DARK)),
        (486, TEAL, (BRICK, SAGE, OCHRE)),
        (710, OCHRE, (SAGE_DARK, BRICK, CREAM)),
    ):
        _stall(c, x, 482, colour, goods)
    c.fill([(186, 292), (330, 130), (826, 130), (970, 292)], BRICK)
    c.fill([(826, 130), (970, 292), (850, 292), (760, 130)], shade(BRICK, 0.26))
    for i in range(1, 6):
        y = 130 + i * 27
        inset = 144 * (1 - (y - 130) / 162)
        c.line([(188 + inset, y), (968 - inset, y)], 2, shade(BRICK, 0.16))
    c.fill(rect(180, 288, 796, 14), BRICK_DARK)
    c.fill(rect(326, 122, 504, 12), BRICK_DARK)
    c.fill(rect(540, 84, 76, 42), CREAM)
    c.fill(rect(594, 84, 22, 42), shade(CREAM, 0.22))
    c.fill([(524, 88), (578, 44), (632, 88)], SLATE)
    c.fill([(578, 44), (632, 88), (596, 88)], shade(SLATE, 0.35))
    for x in (230, 454, 678, 902):
        c.lit(rect(x, 302, 20, 182), WOOD, shade(WOOD, 0.4), 7)
        for side in (-1, 1):
            c.line([(x + 10, 356), (x + 10 + side * 48, 306)], 9, WOOD)
        c.fill(rect(x - 6, 476, 32, 12), STONE)


def _stall(c: Canvas, x: float, ground: float, colour: str, goods: tuple[str, str, str]) -> None:
    """A stall under its striped awning, 168 wide."""
    c.fill(rect(x + 6, ground - 56, 156, 56), mix(WOOD, SAND, 0.35))
    c.fill(rect(x + 128, ground - 56, 34, 56), shade(mix(WOOD, SAND, 0.35), 0.2))
    for i, ware in enumerate(goods):
        left = x + 12 + i * 50
        for dx, dy in ((7, 0), (21, 0), (35, 0), (14, -10), (28, -10)):
            c.lit(circle(left + dx, ground - 66 + dy, 8), ware, shade(ware), 3, 2)
        c.fill(rect(left - 2, ground - 66, 46, 16), OCHRE_DARK)
    for post in (x + 8, x + 156):
        c.line([(post, ground), (post, ground - 130)], 5, WOOD)
    for i in range(8):
        tone = colour if i % 2 == 0 else MILK
        left = x - 8 + i * 23
        c.fill(segment(left + 11.5, ground - 112, 11.5, 0, 180), shade(tone, 0.14))
        c.fill(
            [
                (x + 4 + i * 20, ground - 148),
                (x + 24 + i * 20, ground - 148),
                (left + 23, ground - 112),
                (left, ground - 112),
            ],
            tone,
        )
