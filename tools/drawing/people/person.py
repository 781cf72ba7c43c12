"""What somebody looks like."""

from dataclasses import dataclass

from drawing.palette import FAIR, INK, mix

__all__ = ["Person"]


@dataclass(frozen=True)
class Person:
    """One person.

    Attributes:
        hair_style: A name of `HAIR` in `hair.py`.
        turn: Where the face looks: from -1, to the left of the picture, to 1, to its right.
        gaze: Where the eyes look, in the same way; 0 is straight ahead.
        from_side: The head is seen from the side, looking to the right.
        build: The breadth of the shoulders; 1 is a young woman's.
        neckline: `crew`, `vee`, `shirt` or `jacket`.
        mouth: A name of `CLOSED` or `OPEN` in `face.py`.
    """

    top: str
    skin: str = FAIR
    hair: str = INK
    hair_style: str = "short"
    turn: float = 0
    build: float = 1
    neckline: str = "crew"
    under: str = "#fffaf0"
    mouth: str = "smiles"
    glasses: bool = False
    beard: bool = False
    old: bool = False
    gaze: float = 0
    from_side: bool = False

    @property
    def skin_shade(self) -> str:
        """The skin where the sun does not reach it."""
        return mix(self.skin, "#7a3320", 0.24)

    @property
    def skin_line(self) -> str:
        """The lines of a face and between fingers."""
        return mix(self.skin, "#5d2417", 0.5)
