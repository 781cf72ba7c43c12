"""The colours of every picture, and nothing else."""

INK = "#1d2b33"
TEAL_DEEP = "#0c4a4a"
TEAL = "#176664"
TEAL_MID = "#2f8380"
SAGE_DARK = "#6ba394"
SAGE = "#9cc4b5"
MIST = "#cfe1da"
CREAM = "#f8efdd"
MILK = "#fffaf0"
SAND = "#ecd9b4"
GLOW = "#f8e0ae"
OCHRE = "#e0a63f"
OCHRE_DARK = "#bd8128"
BRICK = "#c4623a"
BRICK_DARK = "#9a472a"
WOOD = "#7f5238"
SLATE = "#3f5866"
SLATE_LIGHT = "#7d95a0"
STONE = "#d6cdbd"
SILVER = "#c6cac8"
WINE = "#7c2a24"

FAIR = "#f2c8a4"
WHEAT = "#d9a074"
TAN = "#b67a52"
BROWN = "#8e5b41"


def mix(one: str, other: str, share: float) -> str:
    """The colour at `share` (0 to 1) of the way from `one` to `other`."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def shade(colour: str, depth: float = 0.2) -> str:
    """The same colour where the sun does not reach it."""
    return mix(colour, "#26323f", depth)
