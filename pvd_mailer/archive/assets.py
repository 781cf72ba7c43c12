"""What letters lead to: their pictures and the files for calendars, of any letter that was sealed or tested.

A reader follows such a link in a letter that is not in the archive, and an editor in one that has not left.
"""

import re
from collections.abc import Iterator

from pvd_mailer.archive.letters import load_manifest
from pvd_mailer.database import Connection
from pvd_mailer.database.states import DispatchState
from pvd_mailer.journal import Dispatch, blob_store, dispatches, sent_tests
from pvd_mailer.letter.bundle import LetterManifest

__all__ = ["find_calendar", "find_picture", "hosted_letters", "picture_media_type"]

_PICTURE = re.compile(r"([0-9a-f]{20})\.(png|jpg|gif)")
_MAGIC_BYTES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "gif": b"GIF8"}
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}


def picture_media_type(name: str) -> str:
    """The media type of a picture that is called so."""
    return _TYPES[name.rpartition(".")[2]]


def find_picture(connection: Connection, name: str) -> bytes | None:
    """The picture that letters call `name`, which is made from its digest; None where there is none.

    The database keeps other bytes under digests too. What does not begin as its name says is not a picture.
    """
    match = _PICTURE.fullmatch(name)
    if match is None:
        return None
    blobs_found = blob_store.blobs_by_prefix(connection, match[1])
    return next((data for data in blobs_found if data.startswith(_MAGIC_BYTES[match[2]])), None)


def _has_files(dispatch: Dispatch) -> bool:
    return dispatch.state is not DispatchState.VOID and (
        dispatch.state is not DispatchState.CANCELLED or bool(dispatch.started_at)
    )


def _letters(connection: Connection, publication: str, number: int) -> Iterator[str]:
    """The letters of an issue, the one that counts most first: approved last, then tested last, then rehearsed."""
    issue_dispatches = [
        dispatch for dispatch in dispatches.dispatches_of_issue(connection, number, publication) if _has_files(dispatch)
    ]
    yield from (dispatch.letter for dispatch in issue_dispatches if not dispatch.approval.rehearsal)
    yield from sent_tests.tested_letters(connection, publication, number)
    yield from (dispatch.letter for dispatch in issue_dispatches if dispatch.approval.rehearsal)


def find_calendar(connection: Connection, publication: str, number: int, name: str) -> bytes | None:
    """The file for a calendar that the issue's letters call `name`; None where there is none."""
    for letter in dict.fromkeys(_letters(connection, publication, number)):
        digest = load_manifest(connection, letter).calendars.get(name)
        if digest:
            return blob_store.get_blob(connection, digest)
    return None


def hosted_letters(connection: Connection) -> list[tuple[str, int, LetterManifest]]:
    """Publication, number and letter of all that was approved for real, the newest first; they lead to files."""
    approved = dispatches.dispatches_in_state(connection, tuple(DispatchState))
    real_dispatches = [
        dispatch for dispatch in reversed(approved) if _has_files(dispatch) and not dispatch.approval.rehearsal
    ]
    return [
        (dispatch.publication, dispatch.number, load_manifest(connection, dispatch.letter))
        for dispatch in real_dispatches
    ]
