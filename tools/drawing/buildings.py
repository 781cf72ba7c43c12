"""Houses, a bell tower, a small town; walls face the sun on the left, and are dark on their right."""

from dataclasses import dataclass

from drawing.canvas import Canvas
from drawing.palette import BRICK, BRICK_DARK, CREAM, INK, MILK, OCHRE, SAND, SLATE, TEAL, TEAL_MID, mix, shade
from drawing.scenery import bush, poplar, tree
from drawing.shapes import circle, path, rect, segment

__all__ = ["House", "bell_tower", "house", "row", "town", "window"]


@dataclass(frozen=True)
class House:
    """A house; `gable` turns its roof's end to us, `door` is the column whose lowest window is a door."""

    width: float
    height: float
    wall: str = CREAM
    roof: str = BRICK
    gable: bool = False
    columns: int = 2
    rows: int = 1
    door: int | None = None
    shutters: bool = False


def window(c: Canvas, x: float, y: float, width: float, height: float, *, shutters: bool = False) -> None:
    """A window from its upper left corner; its shutters are open."""
    if shutters:
        for left in (x - width * 0.5, x + width):
            c.fill(rect(left, y - 0.5, width * 0.5, height + 1), TEAL_MID)
    c.fill(rect(x, y, width, height), TEAL)
    c.fill([(x, y), (x + width * 0.7, y), (x, y + height * 0.6)], MILK, 0.3)


def house(c: Canvas, x: float, ground: float, it: House) -> None:
    """A house from its lower left corner."""
    w, top = it.width, ground - it.height
    dark, roof_dark = shade(it.wall, 0.22), shade(it.roof, 0.28)
    rise = w * 0.46 if it.gable else min(w * 0.36, it.height * 0.6)
    c.fill(rect(x + w * 0.7, top - rise * 0.95, w * 0.1, rise), roof_dark)
    if it.gable:
        front = [(x, ground), (x, top), (x + w / 2, top - rise), (x + w, top), (x + w, ground)]
        c.fill(front, it.wall)
        c.fill(
            [(x + w / 2, top - rise), (x + w, top), (x + w, ground), (x + w * 0.8, ground), (x + w * 0.8, top)], dark
        )
        e, t = w * 0.08, w * 0.1
        c.fill(
            [
                (x - e, top + e),
                (x + w / 2, top - rise),
                (x + w / 2, top - rise - t),
                (x - e - t * 0.5, top + e - t * 0.6),
            ],
            it.roof,
        )
        c.fill(
            [
                (x + w + e, top + e),
                (x + w / 2, top - rise),
                (x + w / 2, top - rise - t),
                (x + w + e + t * 0.5, top + e - t * 0.6),
            ],
            roof_dark,
        )
    else:
        c.fill(rect(x, top, w, it.height), it.wall)
        c.fill(rect(x + w * 0.8, top, w * 0.2, it.height), dark)
        left, right, ridge = x - w * 0.05, x + w * 1.05, top - rise
        c.fill([(left, top), (x + w * 0.1, ridge), (x + w * 0.9, ridge), (right, top)], it.roof)
        c.fill([(x + w * 0.9, ridge), (right, top), (x + w * 0.8, top), (x + w * 0.72, ridge)], roof_dark)
    _openings(c, x, ground, it)


def _openings(c: Canvas, x: float, ground: float, it: House) -> None:
    wide = it.width * 0.8
    pitch, storey = wide / it.columns, it.height / it.rows
    glass = min(pitch * 0.4, storey * 0.4)
    for line in range(it.rows):
        for column in range(it.columns):
            middle = x + pitch * (column + 0.5)
            y = ground - it.height + storey * line
            if line == it.rows - 1 and column == it.door:
                half, tall = glass * 0.62, storey * 0.62
                c.fill(rect(middle - half, ground - tall, half * 2, tall), BRICK_DARK)
                c.fill(segment(middle, ground - tall, half, 180, 360), BRICK_DARK)
            else:
                window(c, middle - glass / 2, y + storey * 0.28, glass, glass * 1.35, shutters=it.shutters)


def row(c: Canvas, x: float, ground: float, houses: tuple[House, ...]) -> None:
    """Houses wall to wall, from x to the right."""
    for it in houses:
        house(c, x, ground, it)
        x += it.width


def bell_tower(c: Canvas, x: float, ground: float, height: float, wall: str = CREAM, roof: str = SLATE) -> None:
    """A bell tower around x, with its spire, a clock and the openings of its bells."""
    s = height / 100
    dark = shade(wall, 0.22)
    c.fill(rect(x - 13 * s, ground - 62 * s, 26 * s, 62 * s), wall)
    c.fill(rect(x + 5 * s, ground - 62 * s, 8 * s, 62 * s), dark)
    c.fill([(x - 16 * s, ground - 61 * s), (x, ground - 100 * s), (x + 16 * s, ground - 61 * s)], roof)
    c.fill([(x, ground - 100 * s), (x + 16 * s, ground - 61 * s), (x + 4 * s, ground - 61 * s)], shade(roof, 0.35))
    c.fill(rect(x - 14.5 * s, ground - 63 * s, 29 * s, 3.5 * s), shade(wall, 0.35))
    for left in (-8, 0.5):
        c.fill(rect(x + left * s, ground - 54 * s, 5 * s, 10 * s), TEAL)
        c.fill(segment(x + (left + 2.5) * s, ground - 54 * s, 2.5 * s, 180, 360), TEAL)
    c.fill(circle(x - 1.5 * s, ground - 32 * s, 6 * s), MILK)
    c.line(
        [(x - 1.5 * s, ground - 35.5 * s), (x - 1.5 * s, ground - 32 * s), (x + 1 * s, ground - 31 * s)], 1.1 * s, INK
    )


def town(c: Canvas, x: float, ground: float, size: float) -> None:
    """A small town around its bell tower, about four times as wide as `size`; x is the tower's middle."""
    with c.placed(x, ground, size / 100):
        _quarter(c)


def _quarter(c: Canvas) -> None:
    far = mix(SAND, "#9cc4b5", 0.35)
    for x, width, height in ((-164, 50, 52), (-104, 52, 64), (64, 50, 60), (118, 52, 48)):
        house(c, x, -12, House(width, height, far, mix(BRICK, "#9cc4b5", 0.35), rows=2))
    poplar(c, -44, 0, 92)
    c.fill(rect(8, -46, 66, 46), shade(CREAM, 0.08))
    c.fill(path("M 4 -45 L 16 -68 L 68 -68 L 80 -45 Z"), SLATE)
    bell_tower(c, 0, 0, 160)
    row(
        c,
        -200,
        0,
        (House(54, 36, SAND, BRICK), House(46, 46, MILK, BRICK_DARK, gable=True), House(56, 40, CREAM, BRICK, rows=1)),
    )
    row(
        c,
        26,
        0,
        (House(50, 34, MILK, BRICK, gable=True, door=1), House(56, 42, SAND, BRICK_DARK), House(48, 34, CREAM, BRICK)),
    )
    house(c, -40, 2, House(34, 30, mix(OCHRE, CREAM, 0.5), BRICK_DARK, gable=True, columns=1, door=0))
    tree(c, -214, 4, 56)
    bush(c, -50, 4, 24)
    tree(c, 192, 4, 50)
