"""Square pictures of services and resources, shown at 72 to 88 pixels: one thing each, in bold shapes."""

from itertools import pairwise
from math import cos, radians, sin

from drawing.buildings import House, bell_tower, house
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
from drawing.scenery import cast, sky, table, tree
from drawing.shapes import Points, circle, ellipse, hill, leaf, path, rect, rounded, segment, turned

__all__ = [
    "crate",
    "grants",
    "guide",
    "library",
    "migration",
    "mountain_path",
    "schoolyard",
    "tools",
    "town_entrance",
    "webinar",
]


def webinar(c: Canvas) -> None:
    """A laptop with a leaf on its screen."""
    table(c, SAGE, TEAL_MID)
    cast(c, 300, 520, 440, 18)
    c.fill(rounded(96, 116, 408, 330, 26), INK)
    c.fill(rounded(118, 138, 364, 286, 8), MILK)
    blade = path("M 206 376 C 180 250 260 168 402 172 C 412 300 340 396 206 376 Z")
    c.lit(blade, TEAL_MID, TEAL, 26, 14)
    c.line(path("M 184 406 C 220 340 280 280 344 232"), 13, TEAL_DEEP)
    c.fill([(96, 440), (504, 440), (560, 500), (40, 500)], SLATE_LIGHT)
    c.fill([(216, 452), (384, 452), (396, 478), (204, 478)], SLATE)
    c.fill(rounded(36, 494, 528, 24, 12), INK)


def guide(c: Canvas) -> None:
    """A standing book with a leaf and a sun on its cover, and a ribbon."""
    table(c, SAND, OCHRE)
    cast(c, 320, 530, 340, 20)
    c.fill([(430, 84), (486, 112), (486, 512), (430, 532)], MILK)
    for x in (446, 462):
        c.line([(x, 108), (x, 516)], 4, STONE)
    c.lit(rounded(124, 76, 322, 460, 14), TEAL, TEAL_DEEP, 10)
    c.fill(
        path("M 138 76 L 172 76 L 172 536 L 138 536 C 130 536 124 530 124 522 L 124 90 C 124 82 130 76 138 76 Z"),
        TEAL_DEEP,
    )
    c.fill(circle(308, 250, 104), OCHRE)
    c.lit(path("M 236 372 C 212 262 274 176 400 172 C 410 290 350 388 236 372 Z"), SAGE, SAGE_DARK, 22, 12)
    c.line(path("M 216 402 C 248 340 298 286 344 232"), 11, TEAL_DEEP)
    c.fill(rounded(222, 446, 172, 22, 11), MILK)
    c.fill([(362, 536), (400, 536), (400, 590), (381, 570), (362, 590)], BRICK)


def grants(c: Canvas) -> None:
    """A magnifier finds a house."""
    table(c, GLOW, OCHRE)
    c.lit(turned(rounded(364, 396, 64, 210, 30), -45, 396, 396), BRICK, BRICK_DARK, 20, 6)
    c.line([(360, 360), (400, 400)], 38, INK)
    c.fill(circle(240, 240, 186), INK)
    glass = circle(240, 240, 154)
    c.fill(glass, MIST)
    with c.inside(glass):
        c.fill(circle(164, 160, 150), mix(MIST, CREAM, 0.8))
        c.fill(rect(70, 316, 360, 100), SAGE_DARK)
        house(c, 154, 320, House(170, 92, MILK, BRICK, gable=True, columns=1, door=0))
    c.line(segment(240, 240, 128, 196, 246), 14, MILK)


def town_entrance(c: Canvas) -> None:
    """A road between trees leads to a small town and its bell tower."""
    sky(c, 110, 118, 52)
    c.fill(hill([(0, 320), (200, 280), (420, 320), (600, 276)], 600), SAGE)
    bell_tower(c, 312, 372, 300)
    house(c, 172, 374, House(110, 76, CREAM, BRICK))
    house(c, 350, 374, House(128, 66, MILK, BRICK_DARK, gable=True))
    c.fill(rect(0, 368, 600, 232), SAGE_DARK)
    c.fill([(280, 368), (336, 368), (560, 600), (40, 600)], SLATE)
    for top, low in ((384, 412), (440, 486), (528, 600)):
        near, far = (top - 340) * 0.05, (low - 340) * 0.05
        c.fill([(307 - near, top), (307 + near, top), (306 + far, low), (306 - far, low)], MILK)
    for x, ground, height in ((150, 420, 170), (470, 420, 170), (62, 520, 300), (546, 520, 300)):
        cast(c, x + 10, ground, height * 0.36, height * 0.03)
        tree(c, x, ground, height)


def mountain_path(c: Canvas) -> None:
    """A path winds up a mountain towards the sun; a signpost shows two ways."""
    sky(c, 122, 150, 56)
    c.lit([(170, 520), (410, 96), (700, 520)], TEAL, TEAL_DEEP, 0)
    c.fill([(410, 96), (700, 520), (452, 520), (470, 380), (420, 300)], TEAL_DEEP)
    c.fill([(410, 96), (356, 192), (390, 180), (414, 206), (438, 178), (475, 192)], MILK)
    c.fill([(410, 96), (475, 192), (438, 178), (420, 200)], STONE)
    c.fill(hill([(0, 420), (180, 380), (420, 430), (600, 400)], 600), SAGE_DARK)
    way = path(
        "M 250 600 C 330 540 520 540 470 470 C 440 430 300 450 320 404"
        " C 334 372 420 380 416 346 C 412 318 372 320 380 290"
    )
    for i, stretch in enumerate(pairwise(way)):
        c.line(stretch, 50 - 42 * i / len(way), SAND)
    c.lit(rect(112, 300, 26, 260), WOOD, shade(WOOD, 0.4), 9)
    c.lit([(84, 312), (206, 312), (240, 344), (206, 376), (84, 376)], OCHRE, OCHRE_DARK, 9, 7)
    c.lit([(166, 394), (62, 394), (28, 424), (62, 454), (166, 454)], BRICK, BRICK_DARK, 9, 7)


def tools(c: Canvas) -> None:
    """A hammer and a saw crossed over a workbench."""
    table(c, TEAL_MID, OCHRE, 500)
    c.fill(rect(0, 500, 600, 16), GLOW)
    with c.placed(300, 282, angle=38):
        c.lit(rounded(-24, -120, 48, 360, 20), OCHRE, OCHRE_DARK, 14)
        c.lit(
            path(
                "M -110 -206 L 62 -206 C 104 -204 132 -176 146 -132 C 112 -152 88 -150 62 -142 L 62 -116 L -110 -116 Z"
            ),
            SLATE,
            INK,
            8,
            14,
        )
    with c.placed(300, 282, angle=-40):
        blade = [(-40, -230), (8, -230), (44, 110), (-52, 110)]
        c.lit(blade, MILK, STONE, 14)
        for i in range(11):
            y = -216 + i * 29
            c.fill([(-41 - i * 1.0, y), (-62 - i * 1.0, y + 15), (-42 - i * 1.0, y + 29)], MILK)
        c.lit(
            path("M -64 96 L 62 96 C 74 150 70 210 40 246 L -40 246 C -66 210 -74 150 -64 96 Z"), BRICK, BRICK_DARK, 14
        )
        c.fill(rounded(-24, 134, 48, 76, 22), TEAL_MID)


def migration(c: Canvas) -> None:
    """An arrow leads from the towers of a city to a house in the country."""
    sky(c, 96, 112, 46)
    c.fill(hill([(0, 470), (300, 452), (600, 440)], 600), SAGE_DARK)
    for x, width, height, colour in ((130, 96, 230, SLATE_LIGHT), (40, 116, 320, SLATE)):
        c.lit(rect(x, 480 - height, width, height), colour, shade(colour, 0.35), width * 0.24)
        for y in range(int(510 - height), 450, 52):
            for column in (0.12, 0.42):
                c.fill(rect(x + width * column, y, width * 0.2, 28), GLOW)
    tree(c, 552, 482, 150)
    house(c, 356, 482, House(172, 112, CREAM, BRICK, gable=True, columns=1, door=0))
    c.fill(hill([(0, 486), (300, 474), (600, 480)], 600), TEAL_MID)
    arc = segment(282, 268, 150, 218, 336, 150)
    c.line(arc, 34, OCHRE)
    end, low = arc[-1]
    c.fill([(end - 64, low - 6), (end + 66, low - 38), (end + 26, low + 78)], OCHRE)


def crate(c: Canvas) -> None:
    """A crate of vegetables: carrots, tomatoes, a lettuce, a leek."""
    table(c, MIST, SAGE_DARK, 456)
    cast(c, 310, 530, 430, 20)
    for angle, light in ((-124, TEAL_MID), (-100, SAGE_DARK), (-82, TEAL_MID)):
        c.lit(leaf(148, 330, 236, 66, angle), light, TEAL, 14, 4)
    for x, angle in ((250, -104), (300, -88), (352, -72)):
        for spread in (-16, 0, 16):
            c.line(
                [(x, 240), (x + 120 * cos(radians(angle + spread)), 240 + 120 * sin(radians(angle + spread)))],
                13,
                TEAL_MID,
            )
    for x, angle in ((236, 6), (300, 0), (364, -6)):
        c.lit(
            turned(
                path(f"M {x - 34} 236 C {x - 34} 210 {x + 34} 210 {x + 34} 236 L {x + 16} 400 L {x - 16} 400 Z"),
                angle,
                x,
                300,
            ),
            OCHRE,
            OCHRE_DARK,
            16,
        )
    for x, y in ((430, 270), (494, 300), (416, 326)):
        c.lit(circle(x, y, 50), BRICK, BRICK_DARK, 16, 8)
        c.fill(circle(x - 6, y - 42, 10), TEAL)
    c.lit([circle(130, 318, 58), circle(196, 316, 60), circle(160, 282, 54)], SAGE_DARK, TEAL_MID, 16, 8)
    c.lit(rect(60, 340, 480, 186), WOOD, shade(WOOD, 0.4), 20)
    for y in (340, 408, 476):
        c.lit(rect(52, y, 496, 50), mix(OCHRE, SAND, 0.45), OCHRE_DARK, 16, 6)
    for x in (84, 500):
        for y in (365, 433, 501):
            c.fill(circle(x, y, 6), WOOD)


def library(c: Canvas) -> None:
    """A shelf: three books and the model of a house."""
    c.fill(rect(0, 0, 600, 600), SAGE)
    c.fill(circle(120, 110, 380), mix(SAGE, MILK, 0.35))
    for x, width, height, colour in ((64, 74, 300, TEAL), (142, 64, 250, OCHRE), (210, 72, 326, BRICK)):
        c.lit(rounded(x, 452 - height, width, height, 8), colour, shade(colour, 0.3), width * 0.24)
        c.fill(rect(x, 452 - height + 44, width * 0.76, 24), CREAM)
    house(c, 320, 452, House(210, 140, MILK, BRICK, gable=True, columns=2, door=1))
    c.lit(rounded(20, 450, 560, 46, 8), WOOD, shade(WOOD, 0.4), 14, 14)
    for x in (96, 462):
        c.fill([(x, 496), (x + 42, 496), (x + 42, 520), (x, 570)], shade(WOOD, 0.4))


def schoolyard(c: Canvas) -> None:
    """A tree in the middle of a round bench, and a hopscotch, before a school."""
    sky(c, 84, 92, 44)
    c.fill(rect(330, 170, 270, 200), CREAM)
    c.fill([(306, 174), (350, 96), (600, 96), (600, 174)], BRICK)
    for x in (372, 470, 568):
        c.fill(rect(x, 214, 56, 80), TEAL)
        c.fill([(x, 214), (x + 40, 214), (x, 262)], MILK, 0.3)
    c.fill(hill([(0, 350), (200, 340), (330, 352)], 600), SAGE_DARK)
    c.fill(rect(0, 364, 600, 236), SAND)
    c.fill(hill([(0, 372), (140, 364), (330, 400), (250, 600)], 600), SAGE)
    c.fill(ellipse(230, 520, 180, 36), INK, 0.16)
    _seat(c, 184, 478)
    tree(c, 184, 474, 400, TEAL_MID, TEAL)
    _hopscotch(c)


def _seat(c: Canvas, x: float, y: float) -> None:
    """A round bench."""
    c.fill([*segment(x, y, 148, 0, 180, 34), *segment(x, y + 34, 148, 180, 0, 34)], OCHRE_DARK)
    c.fill(ellipse(x, y + 34, 148, 34), OCHRE_DARK)
    c.fill(ellipse(x, y, 148, 34), OCHRE)
    c.fill(ellipse(x, y - 4, 88, 18), shade(WOOD, 0.4))


def _hopscotch(c: Canvas) -> None:
    """Squares of chalk that come nearer."""
    squares: tuple[Points, ...] = (
        [(440, 390), (504, 390), (512, 430), (434, 430)],
        [(378, 438), (468, 438), (467, 490), (364, 490)],
        [(477, 438), (564, 438), (584, 490), (478, 490)],
        [(408, 499), (540, 499), (556, 600), (392, 600)],
    )
    for square, colour in zip(squares, (MILK, BRICK, MILK, OCHRE), strict=True):
        c.fill(square, colour)
