"""Square pictures of events and of the figure of the month, shown at 144 and 300 pixels."""

from math import cos, radians, sin

from drawing.buildings import House, house, row, town
from drawing.canvas import Canvas
from drawing.palette import (
    BRICK,
    BRICK_DARK,
    CREAM,
    GLOW,
    INK,
    MILK,
    MIST,
    OCHRE,
    OCHRE_DARK,
    SAGE,
    SAGE_DARK,
    SAND,
    SLATE,
    SLATE_LIGHT,
    STONE,
    TEAL,
    TEAL_DEEP,
    TEAL_MID,
    WOOD,
    mix,
    shade,
)
from drawing.scenery import cast, plant, poplar, sky, table, tree
from drawing.shapes import Point, circle, ellipse, hill, path, rect, rounded, segment

__all__ = ["bench", "bicycle", "cinema", "museum", "replays", "tablet"]


def museum(c: Canvas) -> None:
    """A digital museum: a great screen with a painted landscape, a framed portrait, a bench, a tablet."""
    c.fill(rect(0, 0, 600, 600), TEAL)
    c.fill([(0, 0), (250, 0), (600, 480), (600, 600), (360, 600), (0, 120)], TEAL_MID, 0.35)
    c.fill(rect(0, 468, 600, 132), OCHRE_DARK)
    for x in (-260, 20, 300, 580, 860):
        c.line([(300 + (x - 300) * 0.66, 468), (x, 600)], 3, shade(OCHRE_DARK, 0.16))
    c.fill(rect(0, 456, 600, 14), TEAL_DEEP)
    c.fill(rect(52, 84, 366, 268), shade(TEAL, 0.4))
    c.fill(rect(40, 70, 366, 268), INK)
    _landscape(c)
    c.fill(rect(456, 122, 118, 150), shade(TEAL, 0.4))
    c.lit(rect(446, 110, 118, 150), OCHRE, OCHRE_DARK, 6, 6)
    c.fill(rect(460, 124, 90, 122), MIST)
    with c.inside(rect(460, 124, 90, 122)):
        c.lit(circle(503, 174, 24), BRICK, BRICK_DARK, 8)
        c.lit(ellipse(505, 252, 44, 48), TEAL_DEEP, INK, 12)
    _bench_and_tablet(c)


def _landscape(c: Canvas) -> None:
    """The painting on the screen, in (54, 84) to (392, 324)."""
    screen = rect(54, 84, 338, 240)
    with c.inside(screen):
        c.fill(screen, MIST)
        for reach, share in ((150, 0.5), (96, 0.8), (60, 1)):
            c.fill(circle(126, 150, reach), mix(MIST, GLOW, share))
        c.fill(circle(126, 150, 34), OCHRE)
        c.fill(hill([(54, 226), (150, 190), (270, 226), (392, 182)], 330), SAGE)
        c.fill(hill([(54, 262), (200, 234), (392, 250)], 330), SAGE_DARK)
        c.fill(path("M 232 240 C 200 262 280 280 180 326 L 300 326 C 330 290 226 262 250 240 Z"), MIST)
        town(c, 306, 246, 44)
        for x, height in ((84, 120), (116, 100)):
            poplar(c, x, 300, height)


def _bench_and_tablet(c: Canvas) -> None:
    cast(c, 216, 562, 250, 12)
    for x in (116, 300):
        c.lit(rect(x, 500, 18, 60), SLATE, INK, 6)
    c.lit(rounded(86, 478, 264, 34, 10), BRICK, BRICK_DARK, 10, 9)
    cast(c, 498, 566, 84, 9)
    c.lit([(486, 440), (510, 440), (516, 566), (480, 566)], STONE, shade(STONE), 10)
    with c.placed(498, 410, angle=-10):
        c.fill(rounded(-62, -44, 124, 84, 9), INK)
        c.fill(rect(-52, -35, 104, 66), SAGE)
        c.fill(hill([(-52, 14), (0, -10), (52, 16)], 31), TEAL_MID)
        c.fill(circle(-24, -14, 11), OCHRE)


def bicycle(c: Canvas) -> None:
    """A bicycle on a greenway before fields, a village and its bell tower."""
    sky(c, 116, 130, 44)
    c.fill(hill([(0, 300), (180, 258), (400, 262), (600, 226)], 600), SAGE)
    town(c, 328, 266, 50)
    c.fill(hill([(0, 316), (200, 262), (420, 262), (600, 290)], 600), SAGE_DARK)
    c.fill([(0, 352), (190, 330), (330, 440), (0, 440)], OCHRE)
    c.fill([(0, 384), (244, 372), (330, 440), (0, 440)], mix(OCHRE, SAND, 0.4))
    tree(c, 70, 400, 180)
    c.fill(hill([(0, 420), (300, 400), (600, 408)], 600), TEAL_MID)
    c.fill(hill([(0, 470), (300, 452), (600, 458)], 600), SAND)
    c.fill(hill([(0, 566), (300, 556), (600, 560)], 600), TEAL)
    cast(c, 320, 534, 360, 14)
    _bicycle(c)


def _bicycle(c: Canvas) -> None:
    rear, front, crank = (168, 440), (440, 440), (286, 446)
    seat, head_tube = (240, 300), (398, 290)
    for x, y in (rear, front):
        ring = [(x + 92 * cos(radians(a)), y + 92 * sin(radians(a))) for a in range(0, 361, 4)]
        c.line(ring, 11, INK)
        for angle in range(0, 180, 45):
            dx, dy = 86 * cos(radians(angle)), 86 * sin(radians(angle))
            c.line([(x - dx, y - dy), (x + dx, y + dy)], 2.5, SLATE_LIGHT)
        c.fill(circle(x, y, 11), SLATE)
    c.line([rear, crank, head_tube, (246, 322), rear], 12, BRICK)
    c.line([crank, seat], 12, BRICK)
    c.line([(390, 258), front], 12, BRICK_DARK)
    c.line(path("M 388 258 C 392 236 428 230 440 252"), 9, INK)
    c.fill(path("M 202 286 C 214 276 262 280 284 286 C 286 296 262 298 246 302 C 226 304 204 300 202 286 Z"), INK)
    c.fill(circle(*crank, 22), SLATE)
    c.line([crank, (308, 486)], 8, INK)
    c.line([(292, 490), (324, 486)], 9, INK)
    c.lit(rounded(404, 266, 84, 60, 8), OCHRE, OCHRE_DARK, 14, 6)
    for x in (428, 452):
        c.line([(x, 274), (x, 318)], 3, OCHRE_DARK)
    c.line(path("M 96 404 C 106 346 168 322 222 356"), 8, TEAL_DEEP)


def bench(c: Canvas) -> None:
    """A bench under a tree with a doctor's bag and a walking stick; behind it, a house."""
    sky(c, 104, 116, 42)
    c.fill(hill([(0, 330), (220, 286), (600, 320)], 600), SAGE)
    house(c, 392, 372, House(164, 112, CREAM, BRICK, columns=3, door=1))
    c.fill(hill([(0, 372), (300, 352), (600, 374)], 600), SAGE_DARK)
    c.fill(hill([(0, 470), (300, 440), (600, 466)], 600), TEAL_MID)
    _broad_tree(c)
    cast(c, 310, 556, 400, 16)
    for x in (112, 472):
        c.lit(rect(x, 440, 20, 116), INK, "#10181e", 8)
    for y in (376, 410):
        c.lit(rounded(84, y, 436, 24, 8), OCHRE, OCHRE_DARK, 8, 6)
    c.lit(rounded(72, 462, 460, 30, 9), OCHRE, OCHRE_DARK, 8, 9)
    _bag(c, 306, 462)
    c.line(path("M 474 552 L 438 384 C 430 346 384 350 388 384"), 13, WOOD)


def _broad_tree(c: Canvas) -> None:
    """A tree that gives its shade to the bench."""
    c.lit(path("M 122 520 C 136 440 138 360 134 260 L 178 260 C 174 360 178 440 196 520 Z"), WOOD, shade(WOOD, 0.4), 14)
    c.line([(160, 330), (228, 250)], 16, WOOD)
    crown = [
        ellipse(90, 190, 110, 84),
        ellipse(190, 130, 130, 96),
        ellipse(276, 210, 100, 76),
        ellipse(180, 226, 130, 66),
    ]
    c.lit(crown, TEAL, TEAL_DEEP, 34, 16)


def _bag(c: Canvas, x: float, ground: float) -> None:
    """A doctor's bag around x."""
    with c.placed(x, ground):
        c.line(path("M -34 -112 C -34 -152 34 -152 34 -112"), 11, INK)
        body = path("M -66 -112 L 66 -112 C 86 -80 88 -30 84 0 L -84 0 C -88 -30 -86 -80 -66 -112 Z")
        c.lit(body, SLATE, shade(SLATE, 0.45), 26)
        c.fill(rounded(-70, -120, 140, 16, 8), INK)
        c.fill(rect(-36, -58, 64, 20), MILK)
        c.fill(rect(-14, -80, 20, 64), MILK)


def tablet(c: Canvas) -> None:
    """A tablet on a table shows the plan of a town, with a mug beside it."""
    table(c, SAGE, mix(WOOD, OCHRE, 0.45))
    _mug(c, 482, 396)
    cast(c, 270, 520, 380, 16)
    c.fill(rounded(64, 122, 408, 390, 30), shade(INK, 0.3))
    c.fill(rounded(56, 116, 408, 390, 30), INK)
    screen = rounded(82, 142, 356, 338, 8)
    with c.inside(screen):
        c.fill(screen, MILK)
        c.fill(path("M 82 330 C 180 270 260 400 438 320 L 438 372 C 270 450 180 330 82 384 Z"), SAGE)
        for street in (
            [(170, 130), (196, 300), (170, 490)],
            [(70, 232), (250, 214), (450, 244)],
            [(330, 130), (318, 320), (350, 490)],
        ):
            c.line(street, 18, SAND)
        for x, y, width, height, colour in (
            (100, 160, 56, 50, SAND),
            (210, 156, 92, 40, MIST),
            (352, 160, 70, 54, OCHRE),
            (98, 400, 56, 62, OCHRE),
            (214, 420, 90, 44, BRICK),
            (364, 410, 60, 56, MIST),
            (360, 268, 62, 36, SAND),
        ):
            c.fill(rect(x, y, width, height), colour)
    for x, y, colour in ((252, 322, BRICK), (146, 296, TEAL)):
        _pin(c, x, y, colour)


def _mug(c: Canvas, x: float, y: float) -> None:
    """A mug from its upper left corner."""
    cast(c, x + 60, y + 96, 90, 10)
    c.line(segment(x + 76, y + 46, 22, -90, 90), 10, BRICK_DARK)
    c.lit(rounded(x, y, 82, 98, 12), BRICK, BRICK_DARK, 22)
    c.fill(ellipse(x + 41, y + 4, 41, 8), shade(BRICK_DARK, 0.3))


def _pin(c: Canvas, x: float, y: float, colour: str) -> None:
    """A pin whose point is at (x, y)."""
    with c.placed(x, y):
        c.lit(
            path("M 0 0 C -14 -34 -42 -50 -42 -82 C -42 -136 42 -136 42 -82 C 42 -50 14 -34 0 0 Z"),
            colour,
            shade(colour),
            12,
        )
        c.fill(circle(0, -82, 17), MILK)


def cinema(c: Canvas) -> None:
    """The lit front of a small town's cinema in the last light of the day."""
    c.fill(rect(0, 0, 600, 600), TEAL_DEEP)
    for reach, colour in ((450, mix(TEAL_DEEP, TEAL, 0.6)), (310, TEAL), (190, TEAL_MID), (96, SAGE_DARK)):
        c.fill(circle(58, 316, reach), colour)
    c.fill(circle(58, 316, 46), OCHRE)
    row(c, -30, 500, (House(128, 150, shade(SAND, 0.35), BRICK_DARK, rows=2),))
    row(c, 512, 500, (House(128, 170, shade(SAND, 0.45), shade(BRICK_DARK, 0.3), rows=2),))
    c.fill(rect(0, 496, 600, 104), shade(SLATE, 0.35))
    c.fill([(140, 500), (470, 500), (560, 600), (60, 600)], GLOW, 0.35)
    c.fill(rect(110, 150, 390, 350), CREAM)
    c.fill(rect(440, 150, 60, 350), shade(CREAM, 0.25))
    c.fill(rect(176, 104, 258, 50), CREAM)
    c.fill(rect(394, 104, 40, 50), shade(CREAM, 0.25))
    c.fill(rect(168, 94, 274, 16), BRICK_DARK)
    c.fill(rect(100, 144, 410, 16), BRICK_DARK)
    _reel(c, 290, 232, 66)
    c.fill(rect(110, 366, 390, 134), TEAL_DEEP)
    for x in (206, 310):
        c.fill(rect(x, 380, 92, 120), GLOW)
        c.fill(rect(x + 43, 380, 6, 120), OCHRE_DARK)
    for x, colour in ((128, BRICK), (424, TEAL_MID)):
        c.fill(rect(x, 384, 60, 84), OCHRE)
        c.fill(rect(x + 6, 390, 48, 72), MILK)
        c.fill(circle(x + 30, 418, 15), colour)
        c.fill(rect(x + 6, 440, 48, 22), colour)
    c.lit(rounded(84, 320, 442, 54, 8), BRICK, BRICK_DARK, 12, 8)
    for x in range(110, 520, 36):
        c.fill(circle(x, 345, 10), GLOW)


def _reel(c: Canvas, x: float, y: float, radius: float) -> None:
    """A reel of film."""
    c.lit(circle(x, y, radius), TEAL, TEAL_DEEP, 10)
    for i in range(5):
        angle = radians(i * 72 - 90)
        c.fill(circle(x + cos(angle) * radius * 0.56, y + sin(angle) * radius * 0.56, radius * 0.23), GLOW)
    c.fill(circle(x, y, radius * 0.13), GLOW)


def replays(c: Canvas) -> None:
    """A screen with a play button on a table, a ball and a plant beside it."""
    table(c, MIST, TEAL_MID)
    cast(c, 300, 500, 200, 14)
    c.lit([(262, 400), (338, 400), (352, 496), (248, 496)], SLATE, INK, 24)
    c.fill(rounded(210, 486, 180, 20, 10), INK)
    c.fill(rounded(66, 82, 468, 328, 26), INK)
    screen = rounded(90, 106, 420, 280, 8)
    with c.inside(screen):
        c.fill(screen, SAGE)
        c.fill(circle(150, 160, 120), mix(SAGE, GLOW, 0.4))
        c.fill(circle(150, 160, 40), OCHRE)
        c.fill(hill([(90, 310), (240, 250), (380, 310), (510, 250)], 400), SAGE_DARK)
        c.fill(hill([(90, 350), (300, 320), (510, 350)], 400), TEAL)
        c.fill(hill([(90, 372), (510, 372)], 400), TEAL)
    c.lit(circle(300, 246, 78), MILK, shade(MILK, 0.16), 9, 3)
    c.fill([(276, 200), (346, 246), (276, 292)], BRICK)
    c.line([(276, 200), (346, 246), (276, 292), (276, 200)], 8, BRICK)
    plant(c, 100, 540, 180, OCHRE)
    _ball(c, (496, 488), 56)


def _ball(c: Canvas, centre: Point, radius: float) -> None:
    """A basketball."""
    x, y = centre
    cast(c, x, y + radius, radius * 1.8, 12)
    c.lit(circle(x, y, radius), BRICK, BRICK_DARK, 14, 8)
    with c.inside(circle(x, y, radius)):
        c.line([(x - radius, y + 8), (x + radius, y - 14)], 5, INK)
        for side in (-1, 1):
            ring = segment(x + side * radius * 1.25, y, radius, 0, 360)
            c.line(ring, 5, INK)
