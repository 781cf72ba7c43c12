"""How a list of messages shows a letter: what of its subject and preheader has room, and what has not."""

from dataclasses import dataclass

__all__ = ["Cut", "Line", "on_computer", "on_phone"]

# In characters, about: programs cut by width, and differ. Gmail in a window of 1280 px has one line for both; phones
# give the subject a line of its own, and the preheader two.
COMPUTER = 110
PHONE_SUBJECT = 40
PHONE_PREHEADER = 80


@dataclass(frozen=True, slots=True)
class Cut:
    """A text, in what is seen and what is not."""

    seen: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One letter in a list of messages."""

    subject: Cut
    preheader: Cut


def _cut(text: str, room: int) -> Cut:
    if len(text) <= room:
        return Cut(text)
    room = max(room - 1, 0)  # the programs' own "…" takes room
    return Cut(text[:room], text[room:])


def on_computer(subject: str, preheader: str) -> Line:
    """The preheader has the room that the subject leaves."""
    return Line(_cut(subject, COMPUTER), _cut(preheader, max(COMPUTER - len(subject) - 3, 0)))


def on_phone(subject: str, preheader: str) -> Line:
    """Each has its own room."""
    return Line(_cut(subject, PHONE_SUBJECT), _cut(preheader, PHONE_PREHEADER))
