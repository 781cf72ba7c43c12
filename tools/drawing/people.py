"""People, faceless and friendly: standing, seated, from the front or from behind."""

from dataclasses import dataclass
from math import acos, atan2, cos, hypot, sin

from drawing.canvas import Canvas
from drawing.palette import FAIR, INK, mix
from drawing.shapes import Point, Points, circle, ellipse, rect, rounded, segment, smooth

Hands = tuple[Point, Point]
"""The left and the right hand, in sevenths of the height from the hip."""

REST = ((-1.16, 0.2), (1.16, 0.2))

__all__ = ["Hands", "Look", "arm", "head", "joint", "seated", "sitting_back", "standing"]


@dataclass(frozen=True)
class Look:
    """What somebody looks like; `hair_style` is short, long, bun, curly, tail or bald."""

    top: str
    bottom: str = INK
    skin: str = FAIR
    hair: str = INK
    hair_style: str = "short"


def head(c: Canvas, x: float, y: float, r: float, look: Look, *, back: bool = False) -> None:
    """A head; from behind, all hair."""
    style, hair = look.hair_style, look.hair
    if style == "tail":
        c.fill(ellipse(x + r * 0.95, y + r * 0.55, r * 0.34, r * 0.95), hair)
    if style == "bun":
        c.fill(circle(x, y - r * 1.12, r * 0.48), hair)
    if style == "curly":
        for dx, dy in (
            (-0.85, -0.25),
            (-0.65, -0.75),
            (-0.1, -1.0),
            (0.5, -0.85),
            (0.88, -0.3),
            (0.92, 0.1),
            (-0.92, 0.1),
        ):
            c.fill(circle(x + dx * r, y + dy * r, r * 0.42), hair)
    c.fill(circle(x, y, r), hair if back and style != "bald" else look.skin)
    if style == "bald":
        for side in (-1, 1):
            c.fill(ellipse(x + side * r * 0.9, y + r * 0.05, r * 0.24, r * 0.42), hair)
    elif not back:
        c.fill(segment(x, y, r * 1.06, 180, 360), hair)
        with c.inside(circle(x, y, r)):
            c.fill(ellipse(x + r * 0.14, y + r * 0.42, r * 0.96, r * 0.92), look.skin)


def _long_hair(c: Canvas, x: float, y: float, r: float, colour: str) -> None:
    c.fill(rounded(x - r * 1.12, y - r * 0.9, r * 2.24, r * 2.5, r * 0.9), colour)


def joint(start: Point, end: Point, bone: float, bend: int) -> Point:
    """The elbow or knee of a limb of two equal bones; it bends to the side that `bend` (1 or -1) says."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    reach = min(hypot(dx, dy), 1.98 * bone)
    angle = atan2(dy, dx) + bend * acos(reach / (2 * bone))
    return (start[0] + bone * cos(angle), start[1] + bone * sin(angle))


def arm(c: Canvas, shoulder: Point, hand: Point, u: float, look: Look, side: int) -> None:
    """An arm, sleeved down to the wrist; its elbow points down and to `side` (-1 is left, 1 is right)."""
    elbows = (joint(shoulder, hand, 1.18 * u, bend) for bend in (-1, 1))
    elbow = max(elbows, key=lambda point: side * point[0] + point[1])
    c.line([elbow, hand], 0.42 * u, look.skin)
    c.fill(circle(*hand, 0.29 * u), look.skin)
    wrist = (elbow[0] + (hand[0] - elbow[0]) * 0.66, elbow[1] + (hand[1] - elbow[1]) * 0.66)
    c.line([shoulder, elbow, wrist], 0.56 * u, look.top)


def _torso(x: float, shoulder: float, hip: float, u: float) -> Points:
    return smooth(
        [
            (x - 0.42 * u, shoulder - 0.12 * u),
            (x + 0.42 * u, shoulder - 0.12 * u),
            (x + 0.9 * u, shoulder + 0.22 * u),
            (x + 0.82 * u, (shoulder + hip) / 2),
            (x + 0.78 * u, hip),
            (x, hip + 0.12 * u),
            (x - 0.78 * u, hip),
            (x - 0.82 * u, (shoulder + hip) / 2),
            (x - 0.9 * u, shoulder + 0.22 * u),
        ],
        closed=True,
    )


def _body(c: Canvas, x: float, hip: float, u: float, look: Look, hands: Hands, *, back: bool) -> None:
    """Torso, neck, head and arms; hands are in units of `u` from (x, hip)."""
    shoulder = hip - 2.35 * u
    crown = shoulder - 1.0 * u
    if look.hair_style == "long" and not back:
        _long_hair(c, x, crown, 0.66 * u, look.hair)
    c.line([(x, shoulder), (x, shoulder - 0.55 * u)], 0.46 * u, mix(look.skin, INK, 0.1))
    torso = _torso(x, shoulder, hip, u)
    c.fill(torso, look.top)
    with c.inside(torso):
        c.fill(rect(x + 0.45 * u, shoulder - u, u, 5 * u), INK, 0.1)
    head(c, x, crown, 0.66 * u, look, back=back)
    if look.hair_style == "long" and back:
        _long_hair(c, x, crown, 0.66 * u, look.hair)
    for side, (hx, hy) in zip((-1, 1), hands, strict=True):
        arm(c, (x + side * 0.66 * u, shoulder + 0.28 * u), (x + hx * u, hip + hy * u), u, look, side)


def standing(
    c: Canvas, x: float, ground: float, height: float, look: Look, hands: Hands = REST, *, back: bool = False
) -> None:
    """Somebody standing; `hands` is the left one and the right one."""
    u = height / 7
    hip = ground - 2.95 * u
    for side in (-1, 1):
        foot = x + side * 0.44 * u
        c.line([(x + side * 0.38 * u, hip), (foot, ground - 0.25 * u)], 0.68 * u, look.bottom)
        c.fill(rounded(foot - 0.36 * u, ground - 0.32 * u, 0.72 * u, 0.32 * u, 0.15 * u), INK)
    _body(c, x, hip, u, look, hands, back=back)


def seated(c: Canvas, x: float, ground: float, height: float, look: Look, hands: Hands) -> None:
    """Somebody on a bench, seen from the front; `height` is as if standing."""
    u = height / 7
    hip = ground - 1.75 * u
    for side in (-1, 1):
        knee = (x + side * 0.46 * u, hip + 0.22 * u)
        foot = x + side * 0.5 * u
        c.line([knee, (foot, ground - 0.25 * u)], 0.62 * u, mix(look.bottom, INK, 0.2))
        c.fill(rounded(foot - 0.36 * u, ground - 0.32 * u, 0.72 * u, 0.32 * u, 0.15 * u), INK)
        c.fill(ellipse(knee[0], knee[1], 0.46 * u, 0.42 * u), look.bottom)
    _body(c, x, hip, u, look, hands, back=False)


def sitting_back(
    c: Canvas, x: float, ground: float, height: float, look: Look, hands: Hands = ((-1.3, 0.3), (1.3, 0.3))
) -> None:
    """Somebody who sits on the ground, seen from behind; `height` is as if standing."""
    u = height / 7
    c.fill(ellipse(x, ground - 0.3 * u, 1.25 * u, 0.5 * u), look.bottom)
    _body(c, x, ground - 0.45 * u, u, look, hands, back=True)
