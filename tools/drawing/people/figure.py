"""A whole figure down to the waist, but for the arms, which hold things."""

from drawing.canvas import Canvas
from drawing.people.body import torso
from drawing.people.face import head
from drawing.people.hair import hair_behind
from drawing.people.person import Person
from drawing.people.profile import profile, profile_hair_behind

__all__ = ["bust"]


def bust(c: Canvas, person: Person) -> None:
    """Hair, torso and head of somebody whose chin is at (0, 0)."""
    if person.from_side:
        profile_hair_behind(c, person)
        torso(c, person)
        profile(c, person)
        return
    with c.placed(2.5 * person.turn, 0):
        hair_behind(c, person)
    torso(c, person)
    head(c, person)
