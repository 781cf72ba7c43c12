"""Which letters are in the archive: those that somebody got, of each issue the one that left last."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from pvd_mailer.database import Connection
from pvd_mailer.journal import Dispatch, Seal, blobs, dispatches
from pvd_mailer.journal.account import has_reached
from pvd_mailer.letter.sealed import Manifest, read_manifest

__all__ = ["Archived", "manifest_of", "shelf"]


@dataclass(frozen=True, slots=True)
class Archived:
    """A letter that can be read on the web.

    Attributes:
        letter: The digest of its manifest.
        first_at: When the issue left for the first time.
        at: When this letter of it did.
    """

    publication: str
    number: int
    letter: str
    manifest: Manifest
    seal: Seal
    first_at: datetime
    at: datetime

    @property
    def day(self) -> date:
        """The day on which the issue left, where the publication is."""
        return self.first_at.astimezone(ZoneInfo(self.seal.zone)).date()


@lru_cache(maxsize=512)
def _read(_digest: str, data: bytes) -> Manifest:
    return read_manifest(data)


def manifest_of(connection: Connection, letter: str) -> Manifest:
    """What the sealed letter with that digest says of itself.

    Raises:
        DatabaseError: its bytes are not those that were sealed.
    """
    return _read(letter, blobs.get(connection, letter))


def shelf(connection: Connection) -> list[Archived]:
    """The archive, the newest issue first.

    A rehearsal and a test are no sending, and a letter that reached nobody was not sent. Where the letter that left
    last is not for the web, neither is one before it: somebody took it back.
    """
    issues: dict[tuple[str, int], list[Dispatch]] = {}
    for dispatch in dispatches.begun(connection):
        if not dispatch.seal.rehearsal and not dispatch.seal.from_record and has_reached(connection, dispatch.id):
            issues.setdefault((dispatch.publication, dispatch.number), []).append(dispatch)
    found = []
    for (publication, number), sent in issues.items():
        first, last = sent[0].started_at, sent[-1].started_at
        if first and last and sent[-1].seal.archive:
            letter = sent[-1].letter
            manifest = manifest_of(connection, letter)
            found.append(Archived(publication, number, letter, manifest, sent[-1].seal, first, last))
    return sorted(found, key=lambda one: (one.first_at, one.number), reverse=True)
