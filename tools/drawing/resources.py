"""Small pictures of resources: the study, the farms, the project library, the schoolyard."""

from drawing.canvas import Canvas
from drawing.palette import (
    BROWN,
    CREAM,
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
    TEAL_MID,
    TERRACOTTA,
    TERRACOTTA_DARK,
    WOOD,
    mix,
)
from drawing.people import Look, standing
from drawing.scenery import church, cloud, house, lit, stall, sun, tree, window
from drawing.shapes import Points, circle, ellipse, hill, leaf, rect, rounded, segment, turned

__all__ = ["farms", "library", "migration", "schoolyard"]


def migration(c: Canvas) -> None:
    """Arrows to and fro between a city and a village."""
    c.gradient(SKY_DEEP, mix(SKY, MILK, 0.6), 300)
    c.fill(circle(240, 250, 170), MILK, 0.25)
    c.fill(hill([(0, 292), (150, 280), (320, 288), (480, 262)], 360), SAGE_LIGHT)
    for x, width, height, colour in (
        (22, 44, 150, SLATE),
        (108, 46, 168, TEAL_MID),
        (62, 52, 206, TEAL),
        (146, 36, 116, SLATE),
    ):
        _tower(c, x, 300, width, height, colour)
    church(c, 386, 296, 124)
    for x, width, height, wall, roof, gable in (
        (318, 44, 30, MILK, TERRACOTTA, True),
        (352, 34, 26, PEACH, TERRACOTTA_DARK, False),
        (402, 48, 32, OCHRE_LIGHT, TERRACOTTA, False),
    ):
        house(c, x, 300, width, height, wall, roof, gable=gable)
    tree(c, 302, 302, 54)
    tree(c, 462, 302, 66)
    c.fill(hill([(0, 300), (240, 294), (480, 300)], 360), SAGE)
    c.fill(hill([(0, 336), (240, 322), (480, 338)], 360), SAGE_DARK)
    _arrow(c, segment(262, 138, 106, 208, 342, 86), TERRACOTTA)
    _arrow(c, segment(256, 180, 62, 22, 148, 50), OCHRE)


def _tower(c: Canvas, x: float, ground: float, width: float, height: float, colour: str) -> None:
    c.fill(rect(x, ground - height, width, height), colour)
    c.fill(rect(x + width * 0.76, ground - height, width * 0.24, height), INK, 0.15)
    for row in range(int(height // 18) - 1):
        for column in range(3):
            left, top = x + width * (0.14 + column * 0.26), ground - height + 10 + row * 18
            c.fill(
                rect(left, top, width * 0.15, 9),
                OCHRE_LIGHT if (row * 5 + column * 3 + int(x)) % 4 == 0 else SKY,
            )


def _arrow(c: Canvas, curve: Points, colour: str) -> None:
    """A curved arrow; its head follows the last stretch."""
    c.line(curve, 12, colour)
    (x0, y0), (x, y) = curve[-4], curve[-1]
    length = ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5
    dx, dy = (x - x0) / length, (y - y0) / length
    c.fill([(x + dx * 24, y + dy * 24), (x - dy * 20, y + dx * 20), (x + dy * 20, y - dx * 20)], colour)


def farms(c: Canvas) -> None:
    """A market stall before fields and a farm."""
    c.gradient(mix(SKY_DEEP, SKY, 0.3), mix(PEACH, MILK, 0.6), 220)
    sun(c, 84, 66, 26)
    cloud(c, 250, 66, 84)
    c.fill(hill([(0, 168), (160, 142), (330, 168), (480, 138)], 360), SAGE_LIGHT)
    _barn(c, 352, 178)
    tree(c, 464, 182, 70)
    field = hill([(0, 190), (240, 172), (480, 182)], 300)
    c.fill(field, SAGE)
    with c.inside(field):
        for x in range(-700, 1200, 76):
            c.fill([(250, 110), (x, 320), (x + 36, 320)], SAGE_DARK)
    c.fill(rect(0, 296, 480, 64), SAND)
    c.fill(rect(0, 296, 480, 4), mix(SAND, WOOD, 0.25))
    c.fill(ellipse(200, 336, 172, 8), INK, 0.14)
    stall(c, 52, 336, 296, 190, TERRACOTTA, (SAGE_DARK, OCHRE, TERRACOTTA))
    c.fill(ellipse(402, 338, 44, 7), INK, 0.14)
    for dx, colour in ((-22, TERRACOTTA), (0, OCHRE_LIGHT), (20, TERRACOTTA)):
        c.fill(circle(402 + dx, 292, 14), colour)
    for angle in (-120, -92, -64):
        c.fill(leaf(402, 292, 44, 17, angle), TEAL_MID)
    c.fill([(362, 294), (442, 294), (434, 338), (370, 338)], OCHRE_DARK)
    for y in (304, 318):
        c.fill(rect(364, y, 76, 5), OCHRE)


def _barn(c: Canvas, x: float, ground: float) -> None:
    c.fill(rect(x, ground - 36, 92, 40), mix(TERRACOTTA, SAND, 0.2))
    c.fill(rect(x + 74, ground - 36, 18, 40), INK, 0.1)
    c.fill([(x - 6, ground - 34), (x + 12, ground - 62), (x + 80, ground - 62), (x + 98, ground - 34)], SLATE)
    c.fill(rect(x + 32, ground - 26, 28, 30), MILK)
    c.line([(x + 32, ground - 26), (x + 60, ground + 3)], 2.5, TERRACOTTA)
    c.line([(x + 60, ground - 26), (x + 32, ground + 3)], 2.5, TERRACOTTA)
    c.fill(rounded(x - 28, ground - 70, 22, 74, 10), STONE)
    c.fill(segment(x - 17, ground - 60, 11, 180, 360), SLATE)


def library(c: Canvas) -> None:
    """Shelves with books, a model of a market hall, a little house, a plant."""
    c.fill(rect(0, 0, 480, 360), mix(SAGE_LIGHT, MILK, 0.3))
    c.fill(rounded(66, 34, 360, 300, 8), INK, 0.12)
    c.fill(rounded(58, 26, 360, 300, 8), WOOD)
    for y in (40, 184):
        c.fill(rect(72, y, 332, 128), mix(SAND, MILK, 0.2))
        c.fill(rect(72, y, 332, 10), INK, 0.1)
        c.fill(rect(72, y, 8, 128), INK, 0.07)
    _books(
        c,
        88,
        168,
        ((18, 96, TEAL), (24, 84, TERRACOTTA), (16, 102, OCHRE), (22, 90, SAGE_DARK), (18, 98, NIGHT)),
    )
    _model_hall(c, 216, 168)
    c.fill([(344, 140), (384, 140), (378, 168), (350, 168)], TERRACOTTA)
    for angle, length in ((-140, 46), (-116, 58), (-90, 62), (-64, 58), (-40, 46)):
        lit(c, leaf(364, 142, length, 18, angle), SAGE_DARK, TEAL_MID, 2, 2)
    house(c, 92, 312, 84, 52, MILK, TERRACOTTA, gable=True, columns=3, door=1)
    _books(c, 204, 312, ((24, 92, OCHRE_LIGHT), (18, 104, TEAL_MID), (22, 86, TERRACOTTA_DARK)))
    c.fill(turned(rect(278, 216, 18, 96), -14, 296, 312), TEAL)
    c.fill(turned(rect(278, 230, 18, 8), -14, 296, 312), OCHRE_LIGHT)
    for i, (width, colour) in enumerate(((84, TERRACOTTA), (72, SAGE), (78, NIGHT))):
        c.fill(rounded(316, 296 - i * 17, width, 16, 3), colour)
        c.fill(rect(326, 296 - i * 17, 6, 16), CREAM)
    lit(c, circle(352, 244, 17), OCHRE, OCHRE_DARK, 5, 4)
    c.fill(rounded(342, 256, 20, 7, 3), INK)


def _books(c: Canvas, x: float, ground: float, books: tuple[tuple[float, float, str], ...]) -> None:
    for width, height, colour in books:
        c.fill(rounded(x, ground - height, width, height, 2), colour)
        c.fill(rect(x, ground - height + 12, width, 6), CREAM)
        c.fill(rect(x + width * 0.75, ground - height, width * 0.25, height), INK, 0.12)
        x += width + 1


def _model_hall(c: Canvas, x: float, ground: float) -> None:
    for dx in (8, 36, 64, 92):
        c.line([(x + dx + 6, ground - 4), (x + dx + 6, ground - 44)], 5, WOOD)
    c.fill([(x, ground - 40), (x + 28, ground - 86), (x + 84, ground - 86), (x + 112, ground - 40)], TERRACOTTA)
    c.fill(
        [(x + 84, ground - 86), (x + 112, ground - 40), (x + 92, ground - 40), (x + 72, ground - 86)],
        INK,
        0.14,
    )
    c.fill(rounded(x - 4, ground - 43, 120, 6, 3), TERRACOTTA_DARK)
    c.fill(rect(x + 2, ground - 6, 108, 6), STONE)


def schoolyard(c: Canvas) -> None:
    """A schoolyard with trees, a hopscotch, a round bench and a kitchen garden."""
    c.gradient(SKY_DEEP, mix(SKY, MILK, 0.6), 200)
    sun(c, 204, 36, 18)
    cloud(c, 410, 58, 84)
    school = rect(150, 92, 270, 104)
    c.fill(school, mix(SAND, MILK, 0.55))
    c.fill(rect(376, 92, 44, 104), INK, 0.08)
    c.fill([(142, 94), (164, 56), (406, 56), (428, 94)], TERRACOTTA)
    c.fill(rect(266, 28, 38, 30), mix(SAND, MILK, 0.55))
    c.fill([(260, 32), (285, 10), (310, 32)], SLATE)
    c.fill(circle(285, 44, 8), OCHRE)
    for x in (172, 222, 322, 372):
        window(c, x, 118, 26, 38, TEAL_MID)
    c.fill(segment(285, 148, 18, 180, 360), TEAL)
    c.fill(rect(267, 148, 36, 48), TEAL)
    c.fill(rect(0, 194, 480, 166), SAND)
    c.fill(rect(0, 186, 150, 10), SAGE_DARK)
    c.fill(rect(420, 186, 60, 10), SAGE_DARK)
    c.fill(hill([(0, 214), (120, 212), (200, 262), (150, 360)], 360), SAGE)
    c.fill(ellipse(96, 292, 82, 22), INK, 0.14)
    c.fill(ellipse(96, 284, 78, 22), OCHRE_DARK)
    c.fill(ellipse(96, 277, 78, 22), OCHRE)
    c.fill(ellipse(96, 275, 52, 13), mix(WOOD, INK, 0.25))
    tree(c, 96, 280, 220, TEAL_MID, TEAL)
    tree(c, 446, 238, 150, SAGE_DARK, TEAL_MID)
    _hopscotch(c)
    _garden(c, 344, 296)
    c.fill(ellipse(236, 262, 26, 4), INK, 0.16)
    standing(c, 236, 262, 92, Look(TERRACOTTA, NIGHT, BROWN, INK, "curly"), ((-1.9, -2.0), (1.9, -2.0)))


def _hopscotch(c: Canvas) -> None:
    """Chalk squares that come nearer."""
    colours = (MILK, OCHRE_LIGHT, MILK, PEACH)
    for i, (top, bottom) in enumerate(((268, 286), (288, 308), (310, 332), (334, 360))):
        one, other = (top - 180) * 0.2, (bottom - 180) * 0.2
        sides = (-1, 1) if i % 2 else (0,)
        for side in sides:
            shift = side * 1.05
            c.fill(
                [
                    (236 + (shift - 1) * one, top),
                    (236 + (shift + 1) * one, top),
                    (236 + (shift + 1) * other, bottom),
                    (236 + (shift - 1) * other, bottom),
                ],
                colours[i],
            )


def _garden(c: Canvas, x: float, y: float) -> None:
    """A raised bed with rows of vegetables."""
    c.fill(ellipse(x + 60, y + 46, 76, 7), INK, 0.14)
    c.fill(rounded(x - 8, y + 8, 136, 38, 4), WOOD)
    c.fill(rect(x - 8, y + 24, 136, 3), INK, 0.25)
    c.fill(rounded(x - 4, y + 2, 128, 12, 5), mix(WOOD, INK, 0.4))
    for i in range(5):
        for angle in (-130, -90, -50):
            c.fill(leaf(x + 10 + i * 26, y + 8, 24, 11, angle), SAGE_DARK if angle == -90 else TEAL_MID)
        if i % 2:
            c.fill(circle(x + 10 + i * 26, y + 2, 6), TERRACOTTA)
