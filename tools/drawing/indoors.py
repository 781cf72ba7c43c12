"""Banners between walls: the Micro-Folie, the tablet, the regional meeting."""

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
from drawing.people import Look, sitting_back, standing
from drawing.scenery import church, cloud, house, lit, poplar, sun, tree
from drawing.shapes import Points, circle, ellipse, hill, rect, rounded, smooth, turned

__all__ = ["meeting", "micro_folie", "tablet"]


def micro_folie(c: Canvas) -> None:
    """A digital museum: visitors before a great screen."""
    c.fill(rect(0, 0, 1072, 536), TEAL)
    c.fill(rect(0, 0, 1072, 34), TEAL_DARK)
    c.fill(rect(0, 420, 1072, 116), OCHRE_DARK)
    for x in range(-500, 1600, 120):
        c.line([(536 + (x - 536) * 0.75, 420), (x, 536)], 2, mix(OCHRE_DARK, INK, 0.18))
    c.fill(rect(0, 408, 1072, 12), TEAL_DARK)
    for x in (150, 922):
        c.fill([(x - 10, 40), (x + 10, 40), (x + 96, 300), (x - 96, 300)], OCHRE_LIGHT, 0.12)
        c.fill(rounded(x - 15, 26, 30, 22, 5), INK)
    _frame(c, 80, 120, 140, 170, PEACH)
    c.fill(circle(150, 190, 26), TERRACOTTA)
    c.fill(rounded(118, 222, 64, 56, 24), TEAL_MID)
    _frame(c, 852, 120, 140, 170, SAGE_LIGHT)
    c.fill([(922, 146), (972, 262), (872, 262)], OCHRE)
    c.fill([(922, 146), (972, 262), (922, 262)], OCHRE_DARK)
    c.fill(circle(896, 166, 14), MILK)
    c.fill(rect(266, 62, 540, 300), INK)
    _painting(c, rect(278, 74, 516, 276))
    c.fill([(278, 420), (794, 420), (900, 536), (172, 536)], MILK, 0.16)
    for x, width in ((372, 74), (694, 74), (534, 66)):
        c.fill(ellipse(x, 512, width, 8), INK, 0.2)
    standing(c, 372, 512, 292, Look(TERRACOTTA, NIGHT, FAIR, WOOD, "long"), ((-1.16, 0.2), (2.3, -3.2)), back=True)
    standing(c, 694, 512, 304, Look(CREAM, SLATE, BROWN, INK, "short"), back=True)
    c.fill(ellipse(534, 492, 74, 32), OCHRE)
    c.fill(ellipse(534, 484, 60, 22), mix(OCHRE, OCHRE_LIGHT, 0.5))
    c.fill(turned(rounded(560, 436, 62, 44, 5), -14, 590, 458), INK)
    c.fill(turned(rounded(565, 441, 52, 34, 3), -14, 590, 458), SKY)
    sitting_back(c, 534, 490, 222, Look(SAGE, TEAL_DARK, TAN, INK, "tail"), ((-1.2, 0.1), (1.25, -0.6)))


def _frame(c: Canvas, x: float, y: float, width: float, height: float, ground: str) -> None:
    c.fill(rect(x + 6, y + 8, width, height), INK, 0.25)
    c.fill(rect(x, y, width, height), OCHRE)
    c.fill(rect(x + 10, y + 10, width - 20, height - 20), ground)


def _painting(c: Canvas, screen: Points) -> None:
    """A painted landscape: hills, a river, poplars and a setting sun."""
    left, top = screen[0]
    with c.inside(screen):
        c.fill(screen, PEACH)
        c.fill(rect(left, top, 516, 70), mix(PEACH, SKY_DEEP, 0.55))
        c.fill(rect(left, top + 70, 516, 34), mix(PEACH, SKY_DEEP, 0.25))
        sun(c, left + 330, top + 108, 34, OCHRE)
        c.fill(
            hill(
                [(left, top + 140), (left + 150, top + 96), (left + 300, top + 146), (left + 516, top + 104)],
                top + 280,
            ),
            SAGE,
        )
        c.fill(hill([(left, top + 172), (left + 220, top + 160), (left + 516, top + 150)], top + 280), SAGE_DARK)
        river = [
            *smooth(
                [
                    (left + 300, top + 158),
                    (left + 250, top + 186),
                    (left + 330, top + 220),
                    (left + 170, top + 280),
                ]
            ),
            *smooth(
                [
                    (left + 360, top + 280),
                    (left + 420, top + 220),
                    (left + 290, top + 184),
                    (left + 312, top + 158),
                ]
            ),
        ]
        c.fill(river, SKY)
        for dx, height in ((70, 120), (104, 140), (140, 112), (430, 104), (462, 124)):
            poplar(c, left + dx, top + 190 + dx % 9, height, TEAL_MID, TEAL)
        house(c, left + 200, top + 184, 44, 26, MILK, TERRACOTTA)
        c.fill([screen[0], (left + 150, top), (left + 20, top + 276), (left, top + 276)], MILK, 0.1)


def tablet(c: Canvas) -> None:
    """Two hands hold a tablet that shows a map, a chart and a list."""
    c.fill(rect(0, 0, 1072, 536), SAGE_LIGHT)
    c.fill(circle(536, 300, 330), mix(SAGE_LIGHT, MILK, 0.45))
    _network(c)
    c.fill(rounded(262, 84, 560, 392, 30), INK, 0.16)
    for side in (-1, 1):
        _fingers(c, side)
    c.fill(rounded(256, 70, 560, 392, 30), INK)
    c.fill(circle(271, 266, 4), SLATE)
    c.fill(rounded(286, 94, 500, 344, 8), MILK)
    c.fill(rounded(286, 94, 500, 40, 8), TEAL)
    c.fill(rect(286, 118, 500, 16), TEAL)
    for i, colour in enumerate((TERRACOTTA, OCHRE, SAGE_LIGHT)):
        c.fill(circle(308 + i * 20, 114, 6), colour)
    c.fill(rounded(620, 107, 146, 14, 7), TEAL_MID)
    _map(c, rounded(304, 150, 256, 270, 8))
    _chart(c, 578, 150)
    _checklist(c, 578, 294)
    for side in (-1, 1):
        _thumb(c, side)


def _network(c: Canvas) -> None:
    """Places around the tablet, linked by dotted lines."""
    nodes = ((112, 120, TERRACOTTA), (168, 318, OCHRE), (960, 110, TEAL), (914, 306, TERRACOTTA))
    for x, y, _ in nodes:
        steps = 16
        for i in range(steps):
            c.fill(circle(x + (536 - x) * i / steps, y + (266 - y) * i / steps, 3), TEAL_MID)
    for x, y, colour in nodes:
        c.fill(circle(x + 3, y + 4, 50), INK, 0.12)
        c.fill(circle(x, y, 50), MILK)
        house(c, x - 24, y + 24, 48, 30, mix(colour, MILK, 0.7), colour, gable=True, columns=1, door=0)


def _map(c: Canvas, shape: Points) -> None:
    with c.inside(shape):
        c.fill(shape, SAND)
        c.fill(rect(304, 150, 90, 74), SAGE)
        c.fill(rect(476, 330, 90, 100), SAGE)
        c.line(smooth([(296, 372), (372, 340), (430, 372), (500, 300), (570, 286)]), 26, SKY_DEEP)
        for points in (
            [(304, 236), (560, 216)],
            [(402, 150), (424, 430)],
            [(304, 306), (470, 240), (560, 180)],
            [(498, 150), (520, 430)],
        ):
            c.line(points, 9, MILK)
        for x, y, w, h, colour in (
            (420, 170, 30, 30, PEACH),
            (456, 164, 28, 40, TERRACOTTA),
            (322, 252, 34, 26, PEACH),
            (368, 246, 28, 24, OCHRE),
            (440, 262, 34, 34, PEACH),
            (322, 396, 40, 24, TERRACOTTA),
            (378, 390, 30, 30, PEACH),
            (448, 396, 40, 30, OCHRE),
        ):
            c.fill(rounded(x, y, w, h, 3), colour)
    for x, y, colour in ((436, 232, TERRACOTTA), (348, 196, TEAL), (500, 372, TEAL)):
        c.fill([(x - 14, y - 26), (x + 14, y - 26), (x, y)], colour)
        c.fill(circle(x, y - 32, 16), colour)
        c.fill(circle(x, y - 32, 6), MILK)


def _chart(c: Canvas, x: float, y: float) -> None:
    c.fill(rounded(x, y, 190, 128, 8), SKY)
    for i, height in enumerate((38, 62, 50, 84, 100)):
        c.fill(
            rounded(x + 18 + i * 33, y + 114 - height, 22, height, 4),
            (TEAL_MID, TEAL_MID, TEAL_MID, TEAL, TERRACOTTA)[i],
        )


def _checklist(c: Canvas, x: float, y: float) -> None:
    c.fill(rounded(x, y, 190, 126, 8), CREAM)
    for i, width in enumerate((112, 88, 100)):
        top = y + 16 + i * 35
        c.fill(rounded(x + 16, top, 24, 24, 5), TEAL if i < 2 else STONE)
        if i < 2:
            c.line([(x + 22, top + 12), (x + 27, top + 17), (x + 35, top + 7)], 3.5, MILK)
        c.fill(rounded(x + 54, top + 7, width, 10, 5), SLATE if i < 2 else mix(STONE, SLATE, 0.4))


def _mirror(points: Points, side: int) -> Points:
    """The left hand's points, or the right hand's."""
    return points if side < 0 else [(1072 - x, y) for x, y in points]


def _fingers(c: Canvas, side: int) -> None:
    """The sleeve, and the palm behind the tablet."""
    skin, sleeve = FAIR, TERRACOTTA
    c.line(_mirror([(60, 600), (206, 452)], side), 108, sleeve)
    c.line(_mirror([(140, 446), (210, 520)], side), 22, mix(sleeve, INK, 0.2))
    c.line(_mirror([(196, 462), (240, 404)], side), 74, skin)
    c.fill(
        _mirror(
            smooth([(176, 430), (196, 372), (250, 340), (300, 360), (300, 480), (236, 494)], closed=True),
            side,
        ),
        skin,
    )


def _thumb(c: Canvas, side: int) -> None:
    """The thumb and the ball of the hand, before the tablet."""
    skin = FAIR
    c.fill(
        _mirror(
            smooth([(186, 470), (200, 404), (236, 380), (268, 420), (258, 466), (224, 496)], closed=True),
            side,
        ),
        skin,
    )
    c.line(_mirror(smooth([(226, 436), (262, 402), (292, 364)]), side), 36, skin)
    c.fill(_mirror(turned(ellipse(295, 360, 9, 13), 40, 295, 360), side), mix(skin, MILK, 0.55))


def meeting(c: Canvas) -> None:
    """Five people around a table where the map of a town is unfolded."""
    c.fill(rect(0, 0, 1072, 536), mix(PEACH, MILK, 0.45))
    c.fill(rect(0, 330, 1072, 206), mix(SAND, OCHRE_LIGHT, 0.35))
    c.fill(rect(0, 322, 1072, 8), mix(SAND, WOOD, 0.3))
    _view(c, 90, 60)
    _board(c, 730, 66)
    for x in (400, 672):
        c.line([(x, 0), (x, 58)], 3, INK)
        c.fill(smooth([(x - 42, 92), (x - 22, 62), (x + 22, 62), (x + 42, 92)]), TEAL)
        c.fill(ellipse(x, 92, 42, 6), OCHRE_LIGHT)
    standing(c, 356, 470, 340, Look(TEAL, NIGHT, BROWN, INK, "curly"), ((-1.16, 0.2), (1.15, 0.3)))
    standing(c, 536, 462, 340, Look(OCHRE, NIGHT, FAIR, TERRACOTTA_DARK, "long"), ((-0.95, 0.4), (1.1, 0.3)))
    standing(c, 716, 470, 346, Look(MILK, NIGHT, TAN, INK, "short"), ((-1.15, 0.35), (1.2, 0.2)))
    c.fill([(244, 356), (828, 356), (960, 500), (112, 500)], mix(WOOD, OCHRE, 0.35))
    c.fill(rect(112, 500, 848, 18), WOOD)
    c.fill(rect(112, 518, 848, 18), mix(WOOD, INK, 0.5))
    _unfolded(c)
    c.fill(ellipse(842, 430, 24, 9), MILK)
    c.fill(rounded(822, 404, 36, 28, 8), TERRACOTTA)
    c.fill(ellipse(840, 406, 18, 5), TERRACOTTA_DARK)
    c.fill(turned(rect(226, 436, 70, 40), -12, 260, 456), MILK)
    c.line([(236, 452), (282, 442)], 3, SLATE)
    c.line([(240, 464), (270, 457)], 3, SLATE)
    standing(c, 118, 640, 420, Look(TERRACOTTA, NIGHT, FAIR, WOOD, "bun"), ((-1.1, 0), (1.75, -1.15)))
    standing(c, 962, 646, 424, Look(SAGE_DARK, NIGHT, FAIR, STONE, "short"), ((-1.75, -1.1), (1.1, 0)))


def _view(c: Canvas, x: float, y: float) -> None:
    """A window on a church and a hill."""
    c.fill(rect(x - 12, y - 12, 204, 194), MILK)
    pane = rect(x, y, 180, 170)
    with c.inside(pane):
        c.fill(pane, SKY)
        cloud(c, x + 50, y + 50, 64)
        c.fill(hill([(x, y + 120), (x + 80, y + 100), (x + 180, y + 124)], y + 180), SAGE_LIGHT)
        church(c, x + 96, y + 150, 104)
        house(c, x + 20, y + 152, 44, 26)
        c.fill(hill([(x, y + 152), (x + 90, y + 144), (x + 180, y + 152)], y + 180), SAGE)
        tree(c, x + 16, y + 160, 50)
    c.fill(rect(x + 87, y, 6, 170), MILK)
    c.fill(rect(x - 20, y + 180, 220, 12), mix(SAND, WOOD, 0.3))


def _board(c: Canvas, x: float, y: float) -> None:
    """A board with notes of all colours."""
    c.fill(rounded(x + 5, y + 7, 250, 172, 8), INK, 0.12)
    c.fill(rounded(x, y, 250, 172, 8), TEAL)
    c.fill(rounded(x + 9, y + 9, 232, 154, 5), mix(SAGE_LIGHT, MILK, 0.4))
    for i, colour in enumerate((OCHRE_LIGHT, TERRACOTTA, MILK, SAGE, MILK, OCHRE, PEACH, SKY_DEEP)):
        left, top = x + 24 + (i % 4) * 53, y + 26 + (i // 4) * 66
        c.fill(turned(rect(left, top, 40, 44), (-4, 3, -2, 5)[i % 4], left + 20, top + 22), colour)
        for row in range(2):
            c.line([(left + 9, top + 16 + row * 11), (left + 30 - row * 8, top + 16 + row * 11)], 2.5, SLATE)


def _unfolded(c: Canvas) -> None:
    """The map on the table, in perspective."""

    def at(u: float, v: float) -> tuple[float, float]:
        """From the map's own square (0 to 1 each way) to the table."""
        y = 374 + 104 * v
        half = 190 + 82 * v
        return (536 - half + 2 * half * u, y)

    sheet = [at(0, 0), at(1, 0), at(1, 1), at(0, 1)]
    c.fill([(x + 4, y + 5) for x, y in sheet], INK, 0.18)
    c.fill(sheet, CREAM)
    with c.inside(sheet):
        c.fill([at(0, 0), at(0.28, 0), at(0.22, 0.45), at(0, 0.5)], SAGE)
        c.fill([at(0.72, 0.62), at(1, 0.5), at(1, 1), at(0.68, 1)], SAGE)
        c.line(smooth([at(-0.1, 0.8), at(0.25, 0.62), at(0.5, 0.78), at(0.74, 0.4), at(1.1, 0.3)]), 15, SKY_DEEP)
        for road in (
            ((0, 0.28), (1, 0.16)),
            ((0.36, -0.1), (0.42, 1.1)),
            ((0.62, -0.1), (0.6, 1.1)),
            ((0, 0.55), (0.6, 0.34), (1, 0.7)),
        ):
            c.line([at(*point) for point in road], 5, mix(SAND, OCHRE, 0.35))
        for u, v, colour in (
            (0.46, 0.3, TERRACOTTA),
            (0.52, 0.48, PEACH),
            (0.3, 0.36, PEACH),
            (0.68, 0.24, OCHRE),
            (0.24, 0.84, PEACH),
            (0.47, 0.9, TERRACOTTA),
            (0.82, 0.34, PEACH),
        ):
            c.fill([at(u, v), at(u + 0.06, v), at(u + 0.06, v + 0.1), at(u, v + 0.1)], colour)
        for u in (0.25, 0.5, 0.75):
            c.fill([at(u, 0), at(u + 0.012, 0), at(u + 0.012, 1), at(u, 1)], INK, 0.12)
    for u, v, colour in ((0.56, 0.36, TERRACOTTA), (0.2, 0.5, TEAL), (0.8, 0.66, OCHRE_DARK)):
        x, y = at(u, v)
        c.fill([(x - 9, y - 18), (x + 9, y - 18), (x, y)], colour)
        lit(c, circle(x, y - 23, 11), colour, mix(colour, INK, 0.2), 3, 2)
        c.fill(circle(x, y - 23, 4), MILK)
