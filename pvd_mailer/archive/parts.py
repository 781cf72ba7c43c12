"""What letters lead to: their pictures and the files for calendars, of any letter that was sealed or tested.

A reader follows such a link in a letter that is not in the archive, and an editor in one that has not left.
"""

import re
from collections.abc import Iterator

from pvd_mailer.archive.shelf import manifest_of
from pvd_mailer.database import Connection
from pvd_mailer.database.states import DispatchState
from pvd_mailer.journal import Dispatch, blobs, dispatches, sent_tests
from pvd_mailer.letter.sealed import Manifest

__all__ = ["calendar", "hosted", "kind_of_picture", "picture"]

_PICTURE = re.compile(r"([0-9a-f]{20})\.(png|jpg|gif)")
_SIGNS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "gif": b"GIF8"}
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}


def kind_of_picture(name: str) -> str:
    """The media type of a picture that is called so."""
    return _TYPES[name.rpartition(".")[2]]


def picture(connection: Connection, name: str) -> bytes | None:
    """The picture that letters call `name`, which is made from its digest; None where there is none.

    The database keeps other bytes under digests too. What does not begin as its name says is not a picture.
    """
    match = _PICTURE.fullmatch(name)
    if match is None:
        return None
    found = blobs.beginning_with(connection, match[1])
    return next((data for data in found if data.startswith(_SIGNS[match[2]])), None)


def _counts(one: Dispatch) -> bool:
    return one.state is not DispatchState.VOID and (one.state is not DispatchState.CANCELLED or bool(one.started_at))


def _letters(connection: Connection, publication: str, number: int) -> Iterator[str]:
    """The letters of an issue, the one that counts most first: approved last, then tested last, then rehearsed."""
    found = [one for one in dispatches.of_issue(connection, number, publication) if _counts(one)]
    yield from (one.letter for one in found if not one.seal.rehearsal)
    yield from sent_tests.letters_of(connection, publication, number)
    yield from (one.letter for one in found if one.seal.rehearsal)


def calendar(connection: Connection, publication: str, number: int, name: str) -> bytes | None:
    """The file for a calendar that the issue's letters call `name`; None where there is none."""
    for letter in dict.fromkeys(_letters(connection, publication, number)):
        digest = manifest_of(connection, letter).calendars.get(name)
        if digest:
            return blobs.get(connection, digest)
    return None


def hosted(connection: Connection) -> list[tuple[str, int, Manifest]]:
    """Publication, number and letter of all that was approved for real, the newest first; they lead to files."""
    approved = dispatches.by_state(connection, tuple(DispatchState))
    wanted = [one for one in reversed(approved) if _counts(one) and not one.seal.rehearsal]
    return [(one.publication, one.number, manifest_of(connection, one.letter)) for one in wanted]
