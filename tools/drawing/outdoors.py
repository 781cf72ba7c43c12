"""Banners in the open air: the barometer, the greenway, ageing well."""

from drawing.canvas import Canvas
from drawing.palette import (
    BROWN,
    CREAM,
    FAIR,
    INK,
    MILK,
    NIGHT,
    OCHRE,
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
    WOOD,
    mix,
)
from drawing.people import Look, arm, head, joint, seated, sitting_back
from drawing.scenery import birds, church, cloud, heart, house, lit, poplar, sun, town, tree
from drawing.shapes import Points, circle, ellipse, hill, rect, rounded, segment, smooth

__all__ = ["barometer", "greenway", "growing_old"]


def barometer(c: Canvas) -> None:
    """Three young people on a hill look at a small town in the morning."""
    c.gradient(SKY_DEEP, mix(PEACH, MILK, 0.5), 380)
    sun(c, 500, 150, 46)
    cloud(c, 150, 116, 150)
    cloud(c, 920, 120, 180)
    c.fill(
        hill([(0, 300), (160, 268), (380, 300), (620, 255), (860, 290), (1072, 250)], 536),
        mix(SAGE_LIGHT, SKY, 0.4),
    )
    c.fill(hill([(0, 345), (220, 322), (520, 352), (760, 330), (1072, 345)], 536), SAGE_LIGHT)
    town(c, 720, 374, 118)
    c.fill(hill([(0, 392), (300, 368), (640, 376), (900, 372), (1072, 382)], 536), SAGE)
    c.fill(hill([(0, 440), (330, 404), (700, 440), (1072, 412)], 536), SAGE_DARK)
    crest = [(0, 424), (180, 426), (460, 464), (760, 502), (1072, 518)]
    c.fill(hill(crest, 536), TEAL)
    for x, y in ((40, 424), (470, 466), (560, 478), (690, 494), (860, 508)):
        _tuft(c, x, y)
    birds(c, [(610, 176), (646, 158), (672, 188)])
    sitting_back(c, 330, 452, 320, Look(CREAM, NIGHT, FAIR, WOOD, "short"))
    sitting_back(c, 214, 440, 320, Look(OCHRE, TEAL_DARK, BROWN, INK, "bun"))
    sitting_back(c, 98, 430, 320, Look(TERRACOTTA, NIGHT, TAN, INK, "curly"))


def _tuft(c: Canvas, x: float, y: float) -> None:
    for dx, height in ((-6, 10), (0, 16), (6, 11)):
        c.line([(x, y + 3), (x + dx, y - height)], 2.5, TEAL)


def greenway(c: Canvas) -> None:
    """Two cyclists on a greenway between fields and a village."""
    c.gradient(SKY_DEEP, mix(SKY, MILK, 0.6), 320)
    sun(c, 150, 112, 44)
    cloud(c, 470, 118, 150)
    cloud(c, 860, 84, 190)
    c.fill(hill([(0, 262), (200, 238), (460, 272), (760, 226), (1072, 262)], 536), mix(SAGE_LIGHT, SKY, 0.35))
    town(c, 566, 306, 56)
    c.fill(hill([(0, 300), (300, 286), (620, 312), (1072, 304)], 536), SAGE_LIGHT)
    _furrows(
        c,
        [(0, 318), (260, 306), (520, 336), (640, 440), (0, 440)],
        (420, 250),
        OCHRE_LIGHT,
        mix(OCHRE_LIGHT, OCHRE, 0.5),
    )
    _furrows(
        c,
        [(500, 334), (800, 318), (1072, 326), (1072, 440), (620, 440)],
        (700, 250),
        SAGE,
        mix(SAGE, SAGE_DARK, 0.6),
    )
    for x, height in ((832, 92), (864, 104), (898, 96)):
        poplar(c, x, 338 + height * 0.1, height)
    c.fill(hill([(0, 420), (400, 408), (760, 412), (1072, 404)], 536), SAGE_DARK)
    for x, height in ((66, 216), (196, 176), (1014, 226)):
        tree(c, x, 424, height, TEAL_MID, TEAL)
    c.fill(hill([(0, 446), (400, 436), (760, 438), (1072, 432)], 536), SAND)
    c.fill(hill([(0, 502), (400, 494), (760, 496), (1072, 490)], 536), TEAL)
    for x in range(20, 1072, 96):
        c.line([(x, 470 - x * 0.012), (x + 44, 470 - (x + 44) * 0.012)], 4, MILK)
    for x in (60, 190, 520, 560, 905, 1010):
        _flower(c, x, 516)
    _cyclist(c, 330, 482, Look(TERRACOTTA, NIGHT, FAIR, WOOD), TEAL_DARK, OCHRE)
    _cyclist(c, 776, 480, Look(OCHRE, TEAL_DARK, BROWN, INK), TERRACOTTA, CREAM)


def _furrows(c: Canvas, field: Points, vanishing: tuple[float, float], light: str, dark: str) -> None:
    """A field whose rows run towards a point."""
    vx, vy = vanishing
    c.fill(field, light)
    with c.inside(field):
        for x in range(-900, 2000, 110):
            c.fill([(vx, vy), (x, 470), (x + 50, 470)], dark)


def _flower(c: Canvas, x: float, y: float) -> None:
    for dx, dy, colour in ((0, 0, OCHRE_LIGHT), (16, 8, TERRACOTTA), (-14, 9, MILK)):
        c.line([(x + dx, y + dy), (x + dx, y + dy + 16)], 2, SAGE_DARK)
        c.fill(circle(x + dx, y + dy, 4.5), colour)


def _cyclist(c: Canvas, x: float, ground: float, look: Look, frame: str, helmet: str) -> None:
    """Somebody who rides to the right."""
    r = 46
    axle = ground - r
    rear, front, crank = (x - 72, axle), (x + 74, axle), (x - 6, axle + 6)
    saddle, fork = (x - 30, axle - 62), (x + 52, axle - 66)
    c.fill(ellipse(x, ground + 1, 118, 6), INK, 0.14)
    hip, shoulder = (x - 30, axle - 80), (x + 20, axle - 158)
    _leg(c, hip, (crank[0] - 12, crank[1] - 20), mix(look.bottom, SLATE, 0.35))
    for wheel in (rear, front):
        c.line(circle(*wheel, r - 2.5), 5, INK)
        for dx, dy in ((1, 0), (0.5, 0.87), (-0.5, 0.87)):
            c.line(
                [
                    (wheel[0] - dx * (r - 5), wheel[1] - dy * (r - 5)),
                    (wheel[0] + dx * (r - 5), wheel[1] + dy * (r - 5)),
                ],
                1.4,
                SLATE,
            )
        c.fill(circle(*wheel, 5), INK)
    for one, other in (
        (rear, crank),
        (crank, saddle),
        (saddle, fork),
        (crank, fork),
        (rear, saddle),
        (fork, front),
    ):
        c.line([one, other], 6, frame)
    c.line([saddle, (saddle[0] - 2, saddle[1] - 12)], 5, INK)
    c.fill(rounded(saddle[0] - 22, saddle[1] - 18, 38, 9, 4.5), INK)
    handle = (fork[0] + 12, fork[1] - 22)
    c.line([fork, (fork[0] - 3, fork[1] - 18), handle], 5, INK)
    c.fill(rounded(rear[0] - 34, axle - 54, 50, 42, 8), look.top)
    c.fill(rounded(rear[0] - 34, axle - 54, 50, 14, 7), INK, 0.18)
    c.fill(circle(*crank, 12), INK)
    c.line(
        [(shoulder[0] + 6, shoulder[1] - 8), (shoulder[0] + 18, shoulder[1] - 26)],
        17,
        mix(look.skin, INK, 0.1),
    )
    c.line([(hip[0], hip[1] + 2), shoulder], 50, look.top)
    foot = (crank[0] + 8, crank[1] + 26)
    c.line([crank, foot], 5, INK)
    _leg(c, hip, foot, look.bottom)
    arm(c, (shoulder[0] + 2, shoulder[1] + 4), handle, 36, look, -1)
    head(c, shoulder[0] + 25, shoulder[1] - 42, 24, look)
    c.fill(segment(shoulder[0] + 25, shoulder[1] - 47, 28, 172, 352), helmet)
    c.line([(shoulder[0] - 2, shoulder[1] - 44), (shoulder[0] + 57, shoulder[1] - 50)], 5, mix(helmet, INK, 0.2))


def _leg(c: Canvas, hip: tuple[float, float], foot: tuple[float, float], colour: str) -> None:
    knee = joint(hip, (foot[0], foot[1] - 8), 62, -1)
    c.line([hip, knee], 34, colour)
    c.line([knee, (foot[0] - 2, foot[1] - 10)], 25, colour)
    c.fill(rounded(foot[0] - 16, foot[1] - 14, 42, 14, 7), INK)


def growing_old(c: Canvas) -> None:
    """Two old people on a bench under a tree, and a house with a heart."""
    c.gradient(mix(SKY_DEEP, SKY, 0.4), mix(PEACH, MILK, 0.6), 360)
    sun(c, 620, 112, 40)
    cloud(c, 60, 150, 130)
    cloud(c, 970, 104, 160)
    c.fill(hill([(0, 300), (240, 262), (520, 300), (800, 250), (1072, 292)], 536), mix(SAGE_LIGHT, SKY, 0.3))
    church(c, 560, 330, 110)
    for x, width, height, roof in ((470, 62, 34, TERRACOTTA), (616, 58, 30, TERRACOTTA)):
        house(c, x, 334, width, height, mix(SAND, MILK, 0.5), mix(roof, SAND, 0.25))
    c.fill(hill([(0, 352), (320, 326), (640, 334), (1072, 318)], 536), SAGE_LIGHT)
    c.fill(hill([(0, 410), (340, 382), (720, 396), (1072, 376)], 536), SAGE)
    path = [
        *smooth([(800, 404), (790, 430), (690, 462), (560, 536)]),
        *smooth([(760, 536), (800, 480), (862, 440), (850, 404)]),
    ]
    c.fill(path, SAND)
    _home(c, 700, 410)
    tree(c, 990, 420, 170, SAGE_DARK, TEAL_MID)
    _great_tree(c, 300, 470)
    c.fill(hill([(0, 500), (300, 484), (560, 536), (700, 600)], 640), SAGE_DARK)
    c.fill(ellipse(330, 494, 190, 12), INK, 0.14)
    _bench(c, 196, 494, 274)
    seated(c, 276, 494, 258, Look(TEAL, SLATE, FAIR, STONE, "bald"), ((-1.0, -0.1), (0.55, -0.05)))
    seated(c, 392, 494, 246, Look(TERRACOTTA, NIGHT, TAN, MILK, "bun"), ((-0.5, -0.1), (0.5, -0.1)))
    c.line([(240, 424), (232, 492)], 5, WOOD)
    c.line(smooth([(240, 424), (236, 412), (226, 414)]), 5, WOOD)
    for x in (640, 668, 900, 936):
        for dx, colour in ((0, TERRACOTTA), (12, OCHRE_LIGHT)):
            c.line([(x + dx, 470), (x + dx, 456)], 2, SAGE_DARK)
            c.fill(circle(x + dx, 454, 5), colour)


def _home(c: Canvas, x: float, ground: float) -> None:
    house(c, x, ground, 214, 128, MILK, TERRACOTTA, gable=True, columns=3, door=1)
    c.fill(heart(x + 107, ground - 168, 24), TERRACOTTA)
    c.fill(rounded(x - 30, ground - 34, 60, 36, 18), SAGE_DARK)
    c.fill(rounded(x + 178, ground - 28, 66, 30, 15), SAGE_DARK)
    c.fill(rect(x + 90, ground - 3, 34, 5), STONE)


def _great_tree(c: Canvas, x: float, ground: float) -> None:
    trunk = smooth(
        [
            (x - 34, ground + 24),
            (x - 18, ground - 60),
            (x - 22, ground - 210),
            (x + 16, ground - 210),
            (x + 18, ground - 60),
            (x + 36, ground + 24),
        ]
    )
    c.fill(trunk, WOOD)
    for dx, dy in ((-110, -250), (110, -262)):
        c.line([(x, ground - 150), (x + dx, ground + dy)], 14, WOOD)
    crown = smooth(
        [
            (x - 210, 236),
            (x - 190, 130),
            (x - 90, 60),
            (x + 30, 36),
            (x + 150, 84),
            (x + 222, 170),
            (x + 200, 252),
            (x + 90, 268),
            (x, 246),
            (x - 100, 270),
        ],
        closed=True,
    )
    lit(c, crown, TEAL_MID, TEAL, 34, 26)
    with c.inside(crown):
        for dx, dy, r in ((-110, 130, 44), (-10, 96, 30), (70, 170, 38), (-150, 205, 22)):
            c.fill(ellipse(x + dx, dy, r, r * 0.7), SAGE_DARK, 0.5)


def _bench(c: Canvas, x: float, ground: float, width: float) -> None:
    for dx in (26, width - 26):
        c.line([(x + dx, ground - 4), (x + dx, ground - 130)], 8, NIGHT)
    for dy in (128, 104):
        c.fill(rounded(x, ground - dy, width, 15, 5), OCHRE)
    c.fill(rounded(x - 6, ground - 66, width + 12, 16, 6), OCHRE)
    c.fill(rounded(x - 6, ground - 56, width + 12, 6, 3), INK, 0.2)
