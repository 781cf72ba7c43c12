"""Small pictures of services: replays, webinars, guide, grants, town gates, mentoring, workshop."""

from math import cos, radians, sin

from drawing.canvas import Canvas
from drawing.palette import (
    BROWN,
    CREAM,
    FAIR,
    INK,
    MILK,
    NIGHT,
    OCHRE,
    OCHRE_DARK,
    OCHRE_LIGHT,
    PEACH,
    SAGE,
    SAGE_DARK,
    SAGE_LIGHT,
    SAND,
    SKY,
    SKY_DEEP,
    SLATE,
    STONE,
    TEAL,
    TEAL_DARK,
    TEAL_MID,
    TERRACOTTA,
    TERRACOTTA_DARK,
    WOOD,
    mix,
)
from drawing.people import Look, standing
from drawing.scenery import backdrop, birds, church, house, lit, poplar, sun, tree
from drawing.shapes import Points, circle, ellipse, hill, leaf, moved, rect, rounded, segment, smooth, turned

__all__ = ["grants", "guide", "mentoring", "replays", "town_gate", "webinars", "workshop"]


def replays(c: Canvas) -> None:
    """A screen with its play button, between a branch and a basketball hoop."""
    backdrop(c, SKY, mix(SKY, MILK, 0.5), mix(SKY_DEEP, SAGE, 0.4))
    _branch(c, 66, 318)
    _hoop(c, 408, 322)
    c.fill(rounded(126, 84, 228, 158, 12), INK, 0.14)
    c.fill(rounded(120, 76, 228, 158, 12), INK)
    screen = rounded(131, 87, 206, 136, 5)
    with c.inside(screen):
        c.fill(screen, TEAL_MID)
        c.fill(hill([(131, 190), (200, 160), (270, 186), (337, 158)], 230), TEAL)
        c.fill(circle(176, 122, 15), OCHRE_LIGHT)
    c.fill(circle(234, 152, 36), MILK)
    c.fill([(225, 136), (252, 152), (225, 168)], TERRACOTTA)
    c.line([(225, 136), (252, 152), (225, 168), (225, 136)], 5, TERRACOTTA)
    c.fill([(214, 234), (254, 234), (262, 294), (206, 294)], SLATE)
    c.fill([(234, 234), (254, 234), (262, 294), (234, 294)], INK, 0.15)
    c.fill(rounded(180, 288, 108, 14, 7), INK)


def _branch(c: Canvas, x: float, ground: float) -> None:
    stem = smooth([(x, ground), (x - 4, ground - 80), (x + 8, ground - 160), (x + 2, ground - 226)])
    c.line(stem, 5, WOOD)
    for dy, angle, length in (
        (50, -150, 52),
        (76, -30, 50),
        (112, -148, 54),
        (138, -34, 46),
        (172, -140, 44),
        (192, -40, 40),
    ):
        lit(c, leaf(x + 2, ground - dy, length, length * 0.46, angle), SAGE_DARK, TEAL_MID, 3, 4)
    lit(c, leaf(x + 2, ground - 218, 48, 22, -92), SAGE_DARK, TEAL_MID, 3, 2)
    c.fill(ellipse(x, ground, 26, 5), INK, 0.14)


def _hoop(c: Canvas, x: float, ground: float) -> None:
    c.fill(ellipse(x + 20, ground, 30, 5), INK, 0.14)
    c.line([(x + 20, ground - 3), (x + 20, ground - 210)], 8, SLATE)
    c.fill(rounded(x - 36, ground - 250, 88, 66, 6), MILK)
    c.line(
        [
            (x - 10, ground - 232),
            (x + 26, ground - 232),
            (x + 26, ground - 202),
            (x - 10, ground - 202),
            (x - 10, ground - 232),
        ],
        3,
        TERRACOTTA,
    )
    for i in range(4):
        c.line([(x - 16 + i * 16, ground - 190), (x - 4 + i * 11, ground - 152)], 1.8, SLATE)
        c.line([(x + 32 - i * 16, ground - 190), (x + 20 - i * 11, ground - 152)], 1.8, SLATE)
    c.line([(x - 18, ground - 190), (x + 34, ground - 190)], 6, TERRACOTTA)
    ball = circle(x - 24, ground - 22, 22)
    lit(c, ball, OCHRE, OCHRE_DARK, 6, 5)
    with c.inside(ball):
        c.line([(x - 46, ground - 22), (x - 2, ground - 22)], 2, INK)
        c.line(circle(x - 52, ground - 22, 22), 2, INK)
        c.line(circle(x + 4, ground - 22, 22), 2, INK)


def webinars(c: Canvas) -> None:
    """A laptop with a leaf on its screen, and speech bubbles."""
    backdrop(c, SAGE_LIGHT, mix(SAGE_LIGHT, MILK, 0.5), SAGE)
    _bubble(c, 22, 92, 84, 56, TERRACOTTA, 1)
    _bubble(c, 374, 64, 90, 60, OCHRE, -1)
    c.fill(rounded(122, 96, 236, 168, 12), INK)
    c.fill(rounded(134, 108, 212, 144, 4), MILK)
    c.fill(circle(240, 180, 58), SAGE_LIGHT)
    blade = leaf(206, 218, 100, 62, -48)
    lit(c, blade, TEAL_MID, TEAL, 10, 4)
    c.line([(192, 233), (258, 160)], 4, MILK)
    for t, angle in ((0.36, -5), (0.36, -92), (0.62, -5), (0.62, -92)):
        x, y = 206 + 67 * t, 218 - 74 * t
        c.line([(x, y), (x + 17 * cos(radians(angle)), y + 17 * sin(radians(angle)))], 3, MILK)
    c.fill([(96, 264), (384, 264), (412, 292), (68, 292)], SLATE)
    c.fill(rounded(66, 288, 348, 14, 7), INK)
    c.fill([(200, 264), (280, 264), (284, 274), (196, 274)], INK, 0.35)


def _bubble(c: Canvas, x: float, y: float, width: float, height: float, colour: str, side: int) -> None:
    """A speech bubble with two lines; its tail points right (1) or left (-1)."""
    tail = x + width / 2 + side * width * 0.22
    c.fill(
        [(tail - 11, y + height - 2), (tail + 11, y + height - 2), (tail + side * 20, y + height + 20)],
        colour,
    )
    c.fill(rounded(x, y, width, height, 16), colour)
    for row, share in enumerate((0.62, 0.42)):
        c.line(
            [
                (x + width * 0.18, y + height * (0.37 + row * 0.27)),
                (x + width * (0.18 + share), y + height * (0.37 + row * 0.27)),
            ],
            6,
            MILK,
        )


def guide(c: Canvas) -> None:
    """A green guide that stands before another book."""
    backdrop(c, PEACH, mix(PEACH, MILK, 0.55), mix(PEACH, TERRACOTTA, 0.4))
    c.fill(ellipse(250, 318, 150, 9), INK, 0.16)
    back = turned(rounded(214, 70, 150, 230, 6), 9, 290, 300)
    c.fill(back, TERRACOTTA)
    c.fill(turned(rect(350, 72, 14, 226), 9, 290, 300), TERRACOTTA_DARK)
    c.fill([(308, 66), (322, 76), (322, 320), (308, 316)], CREAM)
    for i in range(3):
        c.line([(311 + i * 4, 74 + i * 2), (311 + i * 4, 314)], 1, STONE)
    cover = rounded(136, 56, 176, 262, 6)
    c.fill(cover, TEAL)
    with c.inside(cover):
        c.fill(rect(136, 56, 18, 262), TEAL_DARK)
        c.fill(circle(240, 156, 62), OCHRE_LIGHT)
        c.fill(hill([(154, 246), (220, 216), (312, 240)], 330), SAGE)
        c.fill(hill([(154, 268), (240, 256), (312, 274)], 330), SAGE_DARK)
        c.line([(228, 262), (228, 184)], 8, WOOD)
        c.line([(228, 222), (248, 198)], 5, WOOD)
        lit(c, ellipse(228, 160, 38, 46), SAGE_LIGHT, SAGE_DARK, 12, 8)
        c.fill(rounded(172, 76, 122, 9, 4.5), MILK)
        c.fill(rounded(172, 92, 78, 7, 3.5), SAGE)
        c.fill([(154, 56), (214, 56), (154, 190)], MILK, 0.08)
    c.fill([(276, 318), (276, 290), (290, 290), (290, 334), (283, 325), (276, 334)], OCHRE)


def grants(c: Canvas) -> None:
    """A magnifier over cards, and a bell."""
    backdrop(c, OCHRE_LIGHT, mix(OCHRE_LIGHT, MILK, 0.55), mix(OCHRE_LIGHT, OCHRE, 0.6))
    for x, y, angle, colour, paper in (
        (52, 84, -11, SAGE_DARK, SKY),
        (140, 70, 8, TERRACOTTA, CREAM),
        (92, 96, -3, TEAL, MILK),
    ):
        card = rounded(x, y, 190, 214, 10)
        cx, cy = x + 95, y + 107
        c.fill(moved(turned(card, angle, cx, cy), 4, 5), INK, 0.12)
        c.fill(turned(card, angle, cx, cy), paper)
        c.fill(turned(rounded(x + 18, y + 18, 154, 54, 6), angle, cx, cy), colour)
        for row, width in enumerate((130, 108, 122, 72)):
            c.fill(turned(rounded(x + 18, y + 92 + row * 24, width, 9, 4.5), angle, cx, cy), STONE)
    c.line([(306, 258), (366, 318)], 22, TERRACOTTA_DARK)
    c.line([(294, 246), (312, 264)], 14, INK)
    lens = circle(248, 200, 62)
    c.fill(circle(248, 200, 70), INK)
    with c.inside(lens):
        c.fill(lens, SKY)
        house(c, 204, 240, 88, 48, MILK, TERRACOTTA, gable=True, columns=3, door=1)
        c.fill(rect(182, 240, 140, 40), SAGE)
        c.fill(segment(248, 200, 62, 150, 260), MILK, 0.3)
    _bell(c, 402, 110)


def _bell(c: Canvas, x: float, y: float) -> None:
    c.fill(circle(x, y - 44, 8), OCHRE_DARK)
    c.fill(circle(x, y + 34, 11), OCHRE_DARK)
    bell = smooth(
        [
            (x - 46, y + 26),
            (x - 32, y + 6),
            (x - 28, y - 22),
            (x, y - 44),
            (x + 28, y - 22),
            (x + 32, y + 6),
            (x + 46, y + 26),
        ]
    )
    lit(c, bell, OCHRE, OCHRE_DARK, 12, 0)
    c.fill(rounded(x - 50, y + 20, 100, 12, 6), OCHRE_DARK)
    for side in (-1, 1):
        c.line(smooth([(x + side * 50, y - 38), (x + side * 60, y - 18), (x + side * 60, y + 4)]), 5, TERRACOTTA)
    c.fill(circle(x + 28, y - 32, 15), TERRACOTTA)


def town_gate(c: Canvas) -> None:
    """A road under trees to a village and its church."""
    c.gradient(SKY_DEEP, mix(PEACH, MILK, 0.6), 230)
    sun(c, 92, 74, 26)
    birds(c, [(330, 62), (352, 52)], 7)
    c.fill(hill([(0, 196), (120, 176), (300, 200), (480, 168)], 360), mix(SAGE_LIGHT, SKY, 0.3))
    church(c, 226, 214, 128)
    for x, width, height, wall, roof, gable in (
        (142, 36, 26, PEACH, TERRACOTTA, False),
        (174, 32, 30, MILK, TERRACOTTA_DARK, True),
        (246, 34, 24, MILK, TERRACOTTA, True),
        (280, 40, 26, OCHRE_LIGHT, TERRACOTTA, False),
        (318, 30, 24, MILK, TERRACOTTA_DARK, True),
    ):
        house(c, x, 216, width, height, wall, roof, gable=gable)
    c.fill(hill([(0, 222), (240, 212), (480, 220)], 360), SAGE)
    c.fill([(232, 214), (248, 214), (420, 360), (60, 360)], SLATE)
    c.fill([(227, 214), (233, 214), (78, 360), (30, 360)], SAND)
    c.fill([(247, 214), (253, 214), (450, 360), (402, 360)], SAND)
    for near, far in ((0.0, 0.12), (0.24, 0.4), (0.56, 0.84)):
        top, low = 218 + 142 * near, 218 + 142 * far
        c.fill(
            [
                (240 - 1 - 3 * near, top),
                (240 + 1 + 3 * near, top),
                (240 + 1 + 3 * far, low),
                (240 - 1 - 3 * far, low),
            ],
            MILK,
        )
    for t in (0.08, 0.26, 0.54, 0.95):
        tall = 40 + 150 * t
        for side in (-1, 1):
            root = 240 + side * (112 + 122 * t)
            c.fill(ellipse(root + tall * 0.1, 218 + 118 * t, tall * 0.24, tall * 0.03), INK, 0.14)
            tree(
                c,
                root,
                218 + 118 * t,
                tall,
                SAGE_DARK if t < 0.2 else TEAL_MID,
                TEAL_MID if t < 0.2 else TEAL,
            )


def mentoring(c: Canvas) -> None:
    """Two people on a winding path to a flag on a hill."""
    c.gradient(mix(PEACH, SKY, 0.2), mix(PEACH, MILK, 0.5), 300)
    sun(c, 104, 84, 30)
    c.fill(hill([(0, 230), (110, 186), (240, 232), (480, 200)], 360), mix(SAGE_LIGHT, PEACH, 0.25))
    mountain = hill([(120, 340), (220, 216), (320, 108), (360, 94), (404, 116), (480, 216), (560, 320)], 360)
    lit(c, mountain, SAGE, SAGE_DARK, 46, 0)
    path = [(350, 98), (336, 124), (376, 150), (322, 182), (384, 222), (270, 262), (330, 304), (220, 350)]
    widths = (5, 7, 9, 12, 15, 19, 24, 30)
    _winding(c, path, widths)
    c.line([(352, 98), (352, 40)], 4, INK)
    c.fill([(354, 40), (402, 54), (354, 70)], TERRACOTTA)
    c.fill(hill([(0, 312), (130, 296), (300, 336), (480, 322)], 360), TEAL)
    for x, height in ((40, 128), (84, 96)):
        poplar(c, x, 318, height, TEAL_MID, TEAL_DARK)
    c.fill(ellipse(190, 338, 62, 6), INK, 0.2)
    standing(c, 164, 338, 152, Look(OCHRE, NIGHT, BROWN, INK, "short"), ((-1.16, 0.2), (1.0, -0.2)), back=True)
    standing(c, 216, 338, 130, Look(TERRACOTTA, SLATE, FAIR, WOOD, "tail"), ((-1.1, 0.1), (2.2, -3.0)), back=True)


def _winding(c: Canvas, path: Points, widths: tuple[int, ...]) -> None:
    """A path that grows wider as it comes nearer."""
    curve = smooth(path, steps=24)
    for i, (x, y) in enumerate(curve):
        at = min(i / 24, len(widths) - 1.001)
        width = widths[int(at)] + (widths[int(at) + 1] - widths[int(at)]) * (at % 1)
        c.fill(ellipse(x, y, width / 2, width / 4 + 1), SAND)


def workshop(c: Canvas) -> None:
    """A workbench: tools on the wall, a vice, a little wooden house."""
    c.fill(rect(0, 0, 480, 360), mix(SAND, MILK, 0.35))
    c.fill(rounded(48, 36, 384, 160, 10), mix(TEAL_MID, SAGE, 0.25))
    c.fill(rounded(48, 36, 384, 10, 5), MILK, 0.18)
    _hammer(c, 104, 60)
    _saw(c, 158, 70)
    _square(c, 322, 62)
    for x, colour in ((384, TERRACOTTA), (408, OCHRE)):
        c.line([(x, 66), (x, 104)], 11, colour)
        c.line([(x, 110), (x, 160)], 4, STONE)
    c.fill(rect(0, 262, 480, 22), OCHRE)
    c.fill(rect(0, 262, 480, 6), OCHRE_LIGHT)
    c.fill(rect(0, 284, 480, 76), mix(WOOD, OCHRE, 0.2))
    c.fill(rect(0, 284, 480, 8), INK, 0.2)
    for x in (60, 300):
        c.fill(rounded(x, 304, 120, 44, 5), mix(WOOD, OCHRE, 0.4))
        c.fill(rounded(x + 46, 318, 28, 10, 5), INK)
    house(c, 196, 262, 88, 62, mix(SAND, OCHRE, 0.35), TERRACOTTA, gable=True, columns=3, door=1, shutter=None)
    _vice(c, 358, 262)
    for i, colour in enumerate((TEAL, TERRACOTTA, OCHRE_LIGHT)):
        c.line([(88 + i * 14, 240), (80 + i * 20, 204 + i % 2 * 8)], 5, colour)
    c.fill(rounded(74, 218, 60, 44, 6), SLATE)
    c.fill(rect(112, 220, 16, 42), INK, 0.14)
    for x, y in ((150, 258), (162, 255), (170, 259)):
        c.line(segment(x, y, 6, 190, 420), 2, mix(SAND, OCHRE, 0.5))


def _hammer(c: Canvas, x: float, y: float) -> None:
    c.line([(x, y + 18), (x, y + 110)], 10, OCHRE)
    c.fill(rounded(x - 30, y, 46, 24, 4), INK)
    c.fill([(x + 14, y + 2), (x + 38, y + 12), (x + 14, y + 20)], INK)


def _saw(c: Canvas, x: float, y: float) -> None:
    teeth = [(x + 128 - i * 8 - (4 if n else 0), y + 44 + (7 if n else 0)) for i in range(14) for n in (0, 1)]
    c.fill([(x + 16, y + 22), (x + 128, y + 6), (x + 128, y + 44), *teeth, (x + 16, y + 44)], CREAM)
    c.fill(rounded(x - 14, y + 2, 44, 54, 14), TERRACOTTA)
    c.fill(rounded(x - 2, y + 16, 18, 26, 8), mix(TEAL_MID, SAGE, 0.25))


def _square(c: Canvas, x: float, y: float) -> None:
    c.fill(rect(x, y, 14, 106), OCHRE)
    c.fill(rect(x, y + 92, 44, 14), STONE)
    for i in range(6):
        c.line([(x + 2, y + 12 + i * 13), (x + (9 if i % 2 else 6), y + 12 + i * 13)], 1.6, INK)


def _vice(c: Canvas, x: float, ground: float) -> None:
    c.fill(rounded(x - 4, ground - 14, 78, 14, 4), INK)
    c.fill(rect(x + 14, ground - 34, 42, 24), TEAL_DARK)
    c.fill(rounded(x, ground - 58, 26, 30, 4), TEAL)
    c.fill(rounded(x + 44, ground - 58, 26, 30, 4), TEAL)
    c.fill(rect(x + 26, ground - 84, 18, 50), mix(SAND, OCHRE, 0.5))
    c.line([(x + 68, ground - 42), (x + 96, ground - 42)], 6, SLATE)
    c.line([(x + 96, ground - 60), (x + 96, ground - 24)], 5, SLATE)
