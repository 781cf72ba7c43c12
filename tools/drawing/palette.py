"""The colours of every picture, and nothing else."""

INK = "#1f2a33"
NIGHT = "#16343a"
TEAL_DARK = "#0b4745"
TEAL = "#0f5e5c"
TEAL_MID = "#3b8781"
SAGE_DARK = "#6a9c86"
SAGE = "#93bba6"
SAGE_LIGHT = "#c2d8c8"
SKY = "#d3e6e4"
SKY_DEEP = "#a6cecf"
CREAM = "#f3efe7"
MILK = "#fffaf0"
SAND = "#ead9bb"
PEACH = "#f0cdb0"
OCHRE_LIGHT = "#f2d291"
OCHRE = "#e0a84a"
OCHRE_DARK = "#b98231"
TERRACOTTA = "#c4623a"
TERRACOTTA_DARK = "#98482b"
WOOD = "#8d5f41"
STONE = "#d9d3c7"
SLATE = "#56707a"

FAIR = "#f1c9a5"
TAN = "#c98f66"
BROWN = "#8b5a3c"


def mix(one: str, other: str, share: float) -> str:
    """The colour at `share` (0 to 1) of the way from `one` to `other`."""
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
