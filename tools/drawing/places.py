"""Banners on a square: the cinema, the town hall, the market hall."""

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
    TAN,
    TEAL,
    TEAL_DARK,
    TEAL_MID,
    TERRACOTTA,
    TERRACOTTA_DARK,
    WOOD,
    mix,
)
from drawing.people import Look, standing
from drawing.scenery import church, cloud, house, stall, sun, tree, window
from drawing.shapes import circle, ellipse, hill, rect, rounded, segment, smooth

__all__ = ["cinema", "market_hall", "trainees"]

LAMPLIGHT = "#f6dc9c"


def cinema(c: Canvas) -> None:
    """A small town's cinema at nightfall, and a family at its doors."""
    c.gradient(NIGHT, SLATE, 270)
    c.gradient(SLATE, mix(TERRACOTTA, PEACH, 0.7), 460, 270)
    for x, y, r in (
        (60, 60, 2),
        (140, 130, 1.6),
        (220, 50, 2.2),
        (304, 96, 1.6),
        (800, 52, 2.2),
        (880, 120, 1.6),
        (990, 60, 2),
        (1030, 150, 1.6),
        (700, 30, 1.6),
        (420, 36, 1.6),
    ):
        c.fill(circle(x, y, r), MILK)
    c.fill([*segment(930, 86, 30, 26, 266), *segment(942, 78, 26, 237, 55)], OCHRE_LIGHT)
    dusk = mix(NIGHT, SLATE, 0.35)
    for x, width, height, gable in (
        (20, 120, 130, False),
        (130, 110, 166, True),
        (820, 124, 150, False),
        (936, 130, 120, True),
    ):
        house(
            c,
            x,
            452,
            width,
            height,
            dusk,
            mix(dusk, INK, 0.5),
            gable=gable,
            shutter=mix(dusk, INK, 0.35),
            rows=2,
            pane=LAMPLIGHT,
        )
    c.fill(rect(0, 450, 1072, 86), mix(NIGHT, INK, 0.4))
    c.fill(rect(0, 450, 1072, 8), mix(SLATE, NIGHT, 0.3))
    _facade(c)
    c.fill([(348, 458), (724, 458), (830, 536), (242, 536)], LAMPLIGHT, 0.4)
    for x in (224, 848):
        _lamp(c, x, 470)
    for x, width in ((486, 44), (590, 44), (540, 28)):
        c.fill(ellipse(x, 524, width, 6), INK, 0.35)
    standing(c, 486, 524, 190, Look(TEAL_MID, NIGHT, TAN, INK, "short"), ((-1.16, 0.2), (1.3, 0.6)), back=True)
    standing(
        c,
        590,
        524,
        180,
        Look(OCHRE, TEAL_DARK, FAIR, TERRACOTTA_DARK, "long"),
        ((-1.3, 0.5), (1.16, 0.2)),
        back=True,
    )
    standing(c, 540, 524, 118, Look(TERRACOTTA, NIGHT, TAN, WOOD, "short"), ((-1.5, -1.3), (1.5, -1.25)), back=True)


def _facade(c: Canvas) -> None:
    wall = mix(CREAM, PEACH, 0.55)
    c.fill(rect(306, 170, 460, 282), wall)
    c.fill(rect(706, 170, 60, 282), INK, 0.1)
    c.fill(rect(298, 160, 476, 16), TERRACOTTA_DARK)
    for inset, top in ((60, 138), (120, 116)):
        c.fill(rect(306 + inset, top, 460 - 2 * inset, 180 - top), wall)
        c.fill(rect(300 + inset, top - 8, 472 - 2 * inset, 12), TERRACOTTA_DARK)
    _reel(c, 536, 204, 58)
    for x in (340, 372, 404, 652, 684, 716):
        c.fill(rounded(x - 6, 190, 22, 76, 11), mix(wall, TERRACOTTA, 0.3))
        c.fill(rounded(x - 3, 194, 16, 68, 8), LAMPLIGHT)
    c.fill(rect(306, 326, 460, 126), TEAL_DARK)
    for i in range(3):
        left = 418 + i * 82
        c.fill(rect(left, 338, 72, 114), OCHRE_DARK)
        c.fill(rect(left + 5, 343, 29, 109), LAMPLIGHT)
        c.fill(rect(left + 38, 343, 29, 109), LAMPLIGHT)
        c.line([(left + 30, 392), (left + 30, 412)], 3, OCHRE_DARK)
        c.line([(left + 42, 392), (left + 42, 412)], 3, OCHRE_DARK)
    for x, ground, one, other in ((326, SKY, TERRACOTTA, OCHRE), (676, PEACH, TEAL, TERRACOTTA)):
        c.fill(rect(x, 342, 70, 92), OCHRE)
        poster = rect(x + 5, 347, 60, 82)
        c.fill(poster, ground)
        with c.inside(poster):
            c.fill(circle(x + 42, 372, 14), other)
            c.fill(hill([(x, 410), (x + 24, 392), (x + 70, 414)], 440), one)
    c.fill(rect(282, 284, 508, 44), TERRACOTTA)
    c.fill(rect(282, 322, 508, 8), TERRACOTTA_DARK)
    for x in range(298, 790, 24):
        c.fill(circle(x, 306, 6.5), MILK)
        c.fill(circle(x, 306, 11), LAMPLIGHT, 0.35)


def _reel(c: Canvas, x: float, y: float, r: float) -> None:
    """The sign: a reel of film."""
    c.fill(circle(x, y, r + 20), LAMPLIGHT, 0.35)
    c.fill(circle(x, y, r), TEAL)
    c.fill(circle(x, y, r - 6), TEAL_DARK)
    for i in range(5):
        angle = radians(i * 72 - 90)
        c.fill(circle(x + cos(angle) * r * 0.55, y + sin(angle) * r * 0.55, r * 0.22), LAMPLIGHT)
    c.fill(circle(x, y, r * 0.12), LAMPLIGHT)


def _lamp(c: Canvas, x: float, ground: float) -> None:
    c.fill(circle(x, ground - 190, 46), LAMPLIGHT, 0.2)
    c.fill(circle(x, ground - 190, 28), LAMPLIGHT, 0.3)
    c.line([(x, ground), (x, ground - 176)], 6, INK)
    c.fill(rounded(x - 12, ground - 8, 24, 10, 4), INK)
    c.fill(
        [(x - 9, ground - 176), (x + 9, ground - 176), (x + 14, ground - 202), (x - 14, ground - 202)],
        LAMPLIGHT,
    )
    c.fill([(x - 17, ground - 201), (x + 17, ground - 201), (x, ground - 216)], INK)


def trainees(c: Canvas) -> None:
    """Three pupils film the interview of a man before a town hall."""
    c.gradient(SKY_DEEP, mix(SKY, MILK, 0.5), 400)
    sun(c, 120, 104, 40)
    cloud(c, 330, 128, 150)
    cloud(c, 640, 84, 130)
    c.fill(hill([(0, 380), (260, 330), (600, 372), (1072, 340)], 536), SAGE_LIGHT)
    for x, width, height, wall, roof in (
        (20, 110, 92, PEACH, TERRACOTTA),
        (136, 96, 112, MILK, TERRACOTTA_DARK),
        (238, 104, 84, OCHRE_LIGHT, TERRACOTTA),
    ):
        house(c, x, 432, width, height, wall, roof, rows=2, door=0)
    tree(c, 478, 436, 130)
    tree(c, 1052, 440, 220)
    c.fill(rect(0, 430, 1072, 106), SAND)
    c.fill(rect(0, 430, 1072, 6), mix(SAND, WOOD, 0.25))
    for x in range(-600, 1800, 170):
        c.line([(536 + (x - 536) * 0.7, 438), (x, 536)], 2, mix(SAND, WOOD, 0.16))
    _town_hall(c, 650, 434)
    for x, width in ((168, 50), (276, 62), (408, 48), (538, 48), (690, 56)):
        c.fill(ellipse(x, 518, width, 7), INK, 0.16)
    standing(c, 690, 518, 286, Look(NIGHT, SLATE, FAIR, STONE, "short"), ((-0.95, -0.75), (1.16, 0.2)))
    c.fill([(674, 296), (706, 296), (690, 324)], MILK)
    c.line([(690, 314), (690, 346)], 6, TERRACOTTA)
    standing(c, 538, 518, 234, Look(TERRACOTTA, NIGHT, TAN, INK, "long"), ((-1.16, 0.2), (2.2, -2.8)))
    c.line([(610, 328), (628, 308)], 7, INK)
    c.fill(circle(632, 304, 11), INK)
    standing(c, 168, 518, 230, Look(OCHRE, TEAL_DARK, BROWN, INK, "curly"), ((-1.16, 0.2), (1.75, -2.0)))
    _camera(c, 276, 518)
    standing(c, 408, 518, 226, Look(TEAL_MID, NIGHT, FAIR, WOOD, "tail"), ((-0.5, -0.8), (0.75, -0.75)))
    c.fill(rounded(386, 366, 48, 36, 3), OCHRE_LIGHT)
    for row, width in enumerate((34, 28, 34)):
        c.line([(394, 375 + row * 9), (394 + width * 0.9, 375 + row * 9)], 2.5, SLATE)
    c.fill(circle(392, 397, 8), FAIR)
    c.fill(circle(428, 397, 8), FAIR)


def _camera(c: Canvas, x: float, ground: float) -> None:
    """A film camera on its tripod, turned to the right."""
    for dx in (-44, 4, 48):
        c.line([(x, ground - 128), (x + dx, ground)], 7, INK)
    c.fill(rounded(x - 16, ground - 140, 32, 18, 5), INK)
    c.fill(rounded(x - 44, ground - 194, 84, 56, 8), NIGHT)
    c.fill(rounded(x - 44, ground - 194, 84, 16, 8), SLATE)
    c.fill([(x + 40, ground - 176), (x + 66, ground - 186), (x + 66, ground - 146), (x + 40, ground - 156)], INK)
    c.fill(rect(x + 64, ground - 188, 6, 44), TEAL_MID)
    c.fill(circle(x + 14, ground - 158, 8), TERRACOTTA)
    c.fill(rounded(x - 68, ground - 186, 28, 20, 4), INK)
    c.line(
        smooth([(x - 30, ground - 194), (x - 20, ground - 212), (x + 16, ground - 212), (x + 26, ground - 194)]),
        6,
        INK,
    )


def _town_hall(c: Canvas, x: float, ground: float) -> None:
    wall = mix(SAND, MILK, 0.6)
    c.fill(rect(x, ground - 200, 380, 200), wall)
    c.fill(rect(x + 330, ground - 200, 50, 200), INK, 0.08)
    c.fill(
        [(x - 12, ground - 198), (x + 30, ground - 262), (x + 350, ground - 262), (x + 392, ground - 198)],
        SLATE,
    )
    c.fill(
        [(x + 350, ground - 262), (x + 392, ground - 198), (x + 340, ground - 198), (x + 320, ground - 262)],
        INK,
        0.15,
    )
    c.fill(rect(x + 130, ground - 244, 120, 244), MILK)
    c.fill([(x + 118, ground - 242), (x + 190, ground - 296), (x + 262, ground - 242)], mix(SAND, WOOD, 0.3))
    c.fill([(x + 138, ground - 247), (x + 190, ground - 286), (x + 242, ground - 247)], MILK)
    c.fill(circle(x + 190, ground - 222, 19), SLATE)
    c.fill(circle(x + 190, ground - 222, 15), MILK)
    c.line([(x + 190, ground - 232), (x + 190, ground - 222), (x + 197, ground - 218)], 2.5, INK)
    c.line([(x + 190, ground - 296), (x + 190, ground - 356)], 4, INK)
    flag = smooth(
        [
            (x + 192, ground - 354),
            (x + 212, ground - 348),
            (x + 232, ground - 354),
            (x + 232, ground - 326),
            (x + 212, ground - 320),
            (x + 192, ground - 326),
        ],
        closed=False,
    )
    c.fill(flag, TERRACOTTA)
    for column in (26, 84, 266, 324):
        for top in (176, 92):
            window(c, x + column, ground - top, 30, 48, TEAL_MID)
    for column in (148, 202):
        window(c, x + column, ground - 176, 30, 48, None)
    c.fill(rect(x + 118, ground - 118, 144, 10), mix(SAND, WOOD, 0.3))
    c.fill(segment(x + 190, ground - 62, 30, 180, 360), TEAL)
    c.fill(rect(x + 160, ground - 62, 60, 62), TEAL)
    c.line([(x + 190, ground - 90), (x + 190, ground)], 2.5, TEAL_DARK)
    for step in range(3):
        c.fill(rect(x + 142 - step * 10, ground - 8 + step * 6, 96 + step * 20, 7), (STONE, CREAM, STONE)[step])


def market_hall(c: Canvas) -> None:
    """An open market hall, its stalls, and the square around it."""
    c.gradient(SKY_DEEP, mix(PEACH, MILK, 0.6), 420)
    sun(c, 130, 110, 44)
    cloud(c, 330, 96, 130)
    cloud(c, 1010, 96, 130)
    c.fill(hill([(0, 360), (260, 320), (760, 350), (1072, 310)], 536), SAGE_LIGHT)
    church(c, 916, 432, 320)
    for x, width, height, wall, roof in (
        (10, 104, 110, PEACH, TERRACOTTA),
        (112, 92, 138, MILK, TERRACOTTA_DARK),
        (976, 110, 112, OCHRE_LIGHT, TERRACOTTA),
    ):
        house(c, x, 436, width, height, wall, roof, rows=2, door=0)
    c.fill(rect(0, 434, 1072, 102), SAND)
    for y in (462, 498):
        c.line([(0, y), (1072, y)], 2, mix(SAND, WOOD, 0.14))
    c.fill(rect(212, 250, 620, 190), mix(SAND, WOOD, 0.35))
    c.fill(rect(212, 250, 620, 40), INK, 0.2)
    for x, awning, goods in (
        (238, TERRACOTTA, (OCHRE, TERRACOTTA, SAGE_DARK)),
        (436, TEAL, (TERRACOTTA, SAGE, OCHRE_LIGHT)),
        (634, OCHRE, (SAGE_DARK, TERRACOTTA, PEACH)),
    ):
        stall(c, x, 442, 172, 116, awning, goods)
    c.fill([(178, 256), (300, 104), (744, 104), (866, 256)], TERRACOTTA)
    c.fill([(744, 104), (866, 256), (776, 256), (690, 104)], INK, 0.13)
    for i in range(1, 6):
        row = 104 + i * 25.5
        inset = 122 * (1 - (row - 104) / 152)
        c.line([(178 + inset, row), (866 - inset, row)], 1.5, TERRACOTTA_DARK)
    c.fill(rect(172, 250, 700, 12), TERRACOTTA_DARK)
    c.fill(rounded(296, 96, 452, 12, 5), TERRACOTTA_DARK)
    c.fill(rect(494, 62, 56, 40), mix(SAND, MILK, 0.5))
    c.fill([(482, 66), (522, 30), (562, 66)], SLATE)
    for x in (212, 416, 614, 818):
        c.fill(rect(x, 262, 16, 182), WOOD)
        c.fill(rect(x + 10, 262, 6, 182), INK, 0.2)
        for side in (-1, 1):
            c.line([(x + 8, 312), (x + 8 + side * 42, 264)], 8, WOOD)
        c.fill(rect(x - 5, 438, 26, 10), STONE)
    _visitors(c)
    tree(c, 1044, 470, 170)


def _visitors(c: Canvas) -> None:
    for x, width in ((120, 46), (382, 44), (590, 44), (650, 26), (772, 48)):
        c.fill(ellipse(x, 520, width, 7), INK, 0.15)
    standing(c, 120, 520, 214, Look(TEAL, NIGHT, FAIR, STONE, "bun"), ((-1.16, 0.2), (1.15, 0)))
    _basket(c, 158, 436)
    standing(c, 382, 520, 206, Look(CREAM, SLATE, BROWN, INK, "short"), ((-1.16, 0.2), (1.9, -2.3)), back=True)
    standing(
        c,
        590,
        520,
        200,
        Look(OCHRE, TEAL_DARK, FAIR, TERRACOTTA_DARK, "long"),
        ((-1.16, 0.2), (1.35, 0.35)),
        back=True,
    )
    standing(c, 650, 520, 122, Look(TERRACOTTA, NIGHT, FAIR, WOOD, "short"), ((-1.2, -1.0), (1.16, 0.2)), back=True)
    standing(c, 772, 520, 220, Look(SAGE_DARK, NIGHT, TAN, INK, "short"), ((-1.1, 0), (1.16, 0.2)))
    _basket(c, 736, 428)


def _basket(c: Canvas, x: float, y: float) -> None:
    """A basket that hangs from a hand at (x, y)."""
    c.fill(circle(x - 8, y + 24, 10), SAGE)
    c.fill(circle(x + 9, y + 24, 9), TERRACOTTA)
    c.line(segment(x, y + 26, 22, 180, 360), 4, OCHRE_DARK)
    c.fill([(x - 26, y + 24), (x + 26, y + 24), (x + 19, y + 50), (x - 19, y + 50)], OCHRE)
    c.line([(x - 24, y + 33), (x + 24, y + 33)], 2, OCHRE_DARK)
