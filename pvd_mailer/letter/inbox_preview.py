"""How a list of messages shows a letter: what of its subject and preheader has room, and what has not."""

from dataclasses import dataclass

__all__ = ["ClippedText", "InboxLine", "preview_on_computer", "preview_on_phone"]

# In characters, about: programs cut by width, and differ. Gmail in a window of 1280 px has one line for both; phones
# give the subject a line of its own, and the preheader two.
_COMPUTER_ROOM = 110
_PHONE_SUBJECT_ROOM = 40
_PHONE_PREHEADER_ROOM = 80


@dataclass(frozen=True, slots=True)
class ClippedText:
    """A text, in what is seen and what is not."""

    seen: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class InboxLine:
    """One letter in a list of messages."""

    subject: ClippedText
    preheader: ClippedText


def _clip(text: str, room: int) -> ClippedText:
    if len(text) <= room:
        return ClippedText(text)
    room = max(room - 1, 0)  # the programs' own "…" takes room
    return ClippedText(text[:room], text[room:])


def preview_on_computer(subject: str, preheader: str) -> InboxLine:
    """The preheader has the room that the subject leaves."""
    return InboxLine(_clip(subject, _COMPUTER_ROOM), _clip(preheader, max(_COMPUTER_ROOM - len(subject) - 3, 0)))


def preview_on_phone(subject: str, preheader: str) -> InboxLine:
    """Each has its own room."""
    return InboxLine(_clip(subject, _PHONE_SUBJECT_ROOM), _clip(preheader, _PHONE_PREHEADER_ROOM))
