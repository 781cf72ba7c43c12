"""What several pictures share: sun, clouds, trees, houses, church, town."""

from drawing.canvas import Canvas
from drawing.palette import (
    INK,
    MILK,
    OCHRE,
    OCHRE_LIGHT,
    PEACH,
    SAGE_DARK,
    SAND,
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
from drawing.shapes import Points, circle, ellipse, moved, rect, rounded, smooth

__all__ = [
    "backdrop",
    "birds",
    "church",
    "cloud",
    "heart",
    "house",
    "lit",
    "poplar",
    "stall",
    "sun",
    "town",
    "tree",
    "window",
]


def lit(c: Canvas, shape: Points, light: str, dark: str, dx: float, dy: float) -> None:
    """A shape lit from the upper left: `dark` shows at its lower right edge."""
    c.fill(shape, dark)
    with c.inside(shape):
        c.fill(moved(shape, -dx, -dy), light)


def sun(c: Canvas, x: float, y: float, radius: float, colour: str = OCHRE_LIGHT) -> None:
    """A sun with two halos."""
    c.fill(circle(x, y, radius * 2.1), MILK, 0.22)
    c.fill(circle(x, y, radius * 1.5), MILK, 0.3)
    c.fill(circle(x, y, radius), colour)


def cloud(c: Canvas, x: float, y: float, width: float) -> None:
    """A flat-bottomed cloud; `x`, `y` is the middle of its base."""
    w = width
    c.fill(rounded(x - 0.5 * w, y - 0.16 * w, w, 0.16 * w, 0.08 * w), MILK)
    for dx, dy, r in ((-0.24, 0.15, 0.13), (-0.02, 0.22, 0.19), (0.22, 0.15, 0.14)):
        c.fill(circle(x + dx * w, y - dy * w, r * w), MILK)


def birds(c: Canvas, places: Points, size: float = 9, colour: str = SLATE) -> None:
    """A flight of birds, two strokes each."""
    for x, y in places:
        c.line(smooth([(x - size, y - size * 0.35), (x - size * 0.45, y - size * 0.5), (x, y)]), 2, colour)
        c.line(smooth([(x, y), (x + size * 0.45, y - size * 0.5), (x + size, y - size * 0.35)]), 2, colour)


def tree(c: Canvas, x: float, ground: float, height: float, light: str = SAGE_DARK, dark: str = TEAL_MID) -> None:
    """A round tree."""
    r = height * 0.36
    c.line([(x, ground), (x, ground - height * 0.45)], height * 0.07, WOOD)
    c.line([(x, ground - height * 0.3), (x + r * 0.45, ground - height * 0.48)], height * 0.04, WOOD)
    crown = ellipse(x, ground - height * 0.64, r * 0.92, r)
    lit(c, crown, light, dark, r * 0.3, r * 0.22)


def poplar(c: Canvas, x: float, ground: float, height: float, light: str = TEAL_MID, dark: str = TEAL) -> None:
    """A slender tree."""
    c.line([(x, ground), (x, ground - height * 0.3)], height * 0.05, WOOD)
    w = height * 0.15
    top, low = ground - height, ground - height * 0.12
    crown = smooth(
        [
            (x, top),
            (x + w * 0.8, top + height * 0.4),
            (x + w * 0.8, low - w),
            (x, low),
            (x - w * 0.8, low - w),
            (x - w * 0.8, top + height * 0.4),
        ],
        closed=True,
    )
    lit(c, crown, light, dark, w * 0.6, 0)


def window(
    c: Canvas,
    x: float,
    y: float,
    width: float,
    height: float,
    shutter: str | None = TEAL_MID,
    pane: str = SLATE,
) -> None:
    """A window with its shutters, from its upper left corner."""
    c.fill(rect(x, y, width, height), pane)
    c.fill([(x, y), (x + width * 0.6, y), (x, y + height * 0.7)], MILK, 0.25)
    if shutter:
        leaf = width * 0.45
        c.fill(rect(x - leaf - 0.5, y - 0.5, leaf, height + 1), shutter)
        c.fill(rect(x + width + 0.5, y - 0.5, leaf, height + 1), shutter)


def house(
    c: Canvas,
    x: float,
    ground: float,
    width: float,
    height: float,
    wall: str = MILK,
    roof: str = TERRACOTTA,
    *,
    gable: bool = False,
    shutter: str | None = TEAL_MID,
    columns: int = 2,
    rows: int = 1,
    door: int | None = None,
    pane: str = SLATE,
) -> None:
    """A house front; `height` is the wall's. `door` is the column whose lowest window is a door."""
    top = ground - height
    rise = width * 0.46 if gable else min(width * 0.34, height * 0.62)
    eaves = width * 0.05
    chimney = x + width * 0.68
    c.fill(rect(chimney, top - rise * 1.02, width * 0.1, rise), mix(roof, INK, 0.3))
    c.fill(rect(x, top, width, height), wall)
    if gable:
        c.fill([(x, top), (x + width / 2, top - rise), (x + width, top)], wall)
        c.fill(
            [
                (x + width / 2, top - rise),
                (x + width, top),
                (x + width, ground),
                (x + width * 0.86, ground),
                (x + width * 0.86, top),
            ],
            INK,
            0.07,
        )
        pitch = [
            (x - eaves, top + eaves * 0.9),
            (x + width / 2, top - rise),
            (x + width + eaves, top + eaves * 0.9),
        ]
        c.line(pitch, max(3, width * 0.07), roof)
    else:
        c.fill(rect(x + width * 0.84, top, width * 0.16, height), INK, 0.08)
        c.fill(rect(x, top, width, height * 0.07), INK, 0.12)
        slope = [
            (x - eaves, top + 1),
            (x + width * 0.07, top - rise),
            (x + width * 0.93, top - rise),
            (x + width + eaves, top + 1),
        ]
        c.fill(slope, roof)
        c.fill([slope[2], slope[3], (x + width * 0.84, top + 1), (x + width * 0.78, top - rise)], INK, 0.12)
    _openings(c, x, top, width, height, columns, rows, door, shutter, pane)


def _openings(
    c: Canvas,
    x: float,
    top: float,
    width: float,
    height: float,
    columns: int,
    rows: int,
    door: int | None,
    shutter: str | None,
    pane: str,
) -> None:
    pitch, storey = width / columns, height / rows
    wide = min(pitch * 0.36, storey * 0.4)
    for row in range(rows):
        for column in range(columns):
            left = x + pitch * (column + 0.5) - wide / 2
            if row == rows - 1 and column == door:
                tall, half = storey * 0.66, wide * 0.6
                c.fill(circle(left + wide / 2, top + height - tall + half, half), TERRACOTTA_DARK)
                c.fill(
                    rect(left + wide / 2 - half, top + height - tall + half, half * 2, tall - half),
                    TERRACOTTA_DARK,
                )
            else:
                window(c, left, top + storey * row + storey * 0.26, wide, wide * 1.35, shutter, pane)


def church(c: Canvas, x: float, ground: float, size: float, wall: str = SAND, roof: str = SLATE) -> None:
    """A church: its tower stands at `x`, the nave runs to the right; `size` is the height up to the cross."""
    s = size / 100
    c.fill(rect(x + 10 * s, ground - 34 * s, 52 * s, 34 * s), wall)
    c.fill(
        [
            (x + 8 * s, ground - 33 * s),
            (x + 14 * s, ground - 52 * s),
            (x + 58 * s, ground - 52 * s),
            (x + 65 * s, ground - 33 * s),
        ],
        roof,
    )
    for i in range(3):
        left = x + (20 + 14 * i) * s
        c.fill(rect(left, ground - 22 * s, 5 * s, 14 * s), SLATE)
        c.fill(circle(left + 2.5 * s, ground - 22 * s, 2.5 * s), SLATE)
    c.fill(rect(x - 11 * s, ground - 64 * s, 22 * s, 64 * s), mix(wall, MILK, 0.35))
    c.fill(rect(x + 4 * s, ground - 64 * s, 7 * s, 64 * s), INK, 0.1)
    c.fill([(x - 13 * s, ground - 63 * s), (x, ground - 95 * s), (x + 13 * s, ground - 63 * s)], roof)
    c.fill([(x, ground - 95 * s), (x + 13 * s, ground - 63 * s), (x + 3 * s, ground - 63 * s)], INK, 0.15)
    c.line([(x, ground - 100 * s), (x, ground - 93 * s)], max(1.6, 1.3 * s), INK)
    c.line([(x - 2.4 * s, ground - 97.5 * s), (x + 2.4 * s, ground - 97.5 * s)], max(1.6, 1.3 * s), INK)
    c.fill(circle(x, ground - 53 * s, 5 * s), MILK)
    c.line([(x, ground - 56 * s), (x, ground - 53 * s), (x + 2.2 * s, ground - 52 * s)], max(1.2, s), INK)
    for dx in (-5, 1.5):
        c.fill(rect(x + dx * s, ground - 41 * s, 3.5 * s, 9 * s), SLATE)


def town(c: Canvas, x: float, ground: float, size: float) -> None:
    """A small town's skyline, about five times as wide as `size`, centred on its church tower at `x`."""
    s = size / 100
    back = ((-150, 44, 60), (-92, 50, 66), (66, 52, 62), (128, 46, 56))
    for dx, w, h in back:
        house(
            c,
            x + dx * s,
            ground - 10 * s,
            w * s,
            h * s,
            mix(SAND, SKY_DEEP, 0.25),
            mix(TERRACOTTA, SKY_DEEP, 0.25),
            rows=2,
        )
    poplar(c, x - 40 * s, ground, 74 * s)
    church(c, x, ground - 6 * s, 150 * s)
    front = (
        (-226, 60, 34, PEACH, TERRACOTTA, False),
        (-176, 46, 44, MILK, TERRACOTTA_DARK, True),
        (-124, 58, 40, STONE, TERRACOTTA, False),
        (-64, 44, 36, OCHRE_LIGHT, TERRACOTTA_DARK, False),
        (22, 50, 30, MILK, TERRACOTTA, True),
        (78, 58, 44, PEACH, TERRACOTTA_DARK, False),
        (142, 46, 34, MILK, TERRACOTTA, True),
        (190, 54, 30, SAND, TERRACOTTA, False),
    )
    for dx, w, h, wall, roof, gable in front:
        house(
            c,
            x + dx * s,
            ground,
            w * s,
            h * s,
            wall,
            roof,
            gable=gable,
            rows=2 if h > 38 else 1,
            door=0 if h < 38 else None,
        )
    for dx, h in ((-240, 44), (-14, 34), (134, 40), (254, 50)):
        tree(c, x + dx * s, ground + 2, h * s)
    c.fill(rounded(x + 262 * s, ground - 10 * s, 30 * s, 12 * s, 6 * s), SAGE_DARK)
    c.fill(circle(x - 262 * s, ground - 3 * s, 9 * s), SAGE_DARK)


def heart(x: float, y: float, size: float) -> Points:
    """A heart around its middle; `size` is half its width."""
    right = [(0, -0.45), (0.3, -0.85), (0.75, -0.85), (1, -0.4), (0.8, 0.1), (0, 0.95)]
    half = smooth([(x + dx * size, y + dy * size) for dx, dy in right])
    return [*half, *((2 * x - px, py) for px, py in reversed(half))]


def stall(
    c: Canvas, x: float, ground: float, width: float, height: float, colour: str, goods: tuple[str, str, str]
) -> None:
    """A market stall under a striped awning; `goods` colours what its crates hold."""
    counter, drop = ground - height * 0.36, height * 0.3
    top = ground - height
    for side in (x + width * 0.06, x + width * 0.94):
        c.line([(side, ground), (side, top + drop)], max(3, width * 0.025), WOOD)
    c.fill(rect(x + width * 0.03, counter, width * 0.94, height * 0.36), mix(WOOD, SAND, 0.35))
    c.fill(rect(x + width * 0.03, counter, width * 0.94, height * 0.06), WOOD)
    crate = width * 0.28
    for i, ware in enumerate(goods):
        left = x + width * 0.07 + i * (crate + width * 0.015)
        r = crate / 7
        for row, count in ((0, 4), (1, 3)):
            for n in range(count):
                shift = r * 0.5 + row * r * 0.8
                lit(
                    c,
                    circle(left + shift + r + n * r * 1.5, counter - height * 0.1 - row * r * 1.1, r),
                    ware,
                    mix(ware, INK, 0.2),
                    r * 0.3,
                    r * 0.3,
                )
        c.fill(rect(left, counter - height * 0.1, crate, height * 0.13), mix(OCHRE, SAND, 0.4))
        c.fill(rect(left, counter - height * 0.045, crate, height * 0.015), WOOD)
    stripes = 8
    wide = width * 1.08 / stripes
    for i in range(stripes):
        left = x - width * 0.04 + i * wide
        shade = colour if i % 2 == 0 else MILK
        inset = width * 0.06
        upper = [(x + inset + (width - 2 * inset) * (i + n) / stripes, top) for n in (0, 1)]
        c.fill([*upper, (left + wide, top + drop), (left, top + drop)], shade)
        c.fill(circle(left + wide / 2, top + drop, wide / 2), mix(shade, INK, 0.1))
        c.fill([*upper, (left + wide, top + drop), (left, top + drop)], shade)


def backdrop(c: Canvas, wall: str, halo: str, floor: str) -> None:
    """What a small still life stands against: a wall, a pale disc, a floor."""
    c.fill(rect(0, 0, c.width, c.height), wall)
    c.fill(circle(c.width / 2, c.height * 0.47, c.height * 0.44), halo)
    c.fill(rect(0, c.height * 0.82, c.width, c.height * 0.18), floor)
