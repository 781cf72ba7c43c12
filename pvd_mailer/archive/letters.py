"""Which letters are in the archive: those that somebody got, of each issue the one that left last."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from pvd_mailer.database import Connection
from pvd_mailer.journal import ApprovalRecord, Dispatch, blob_store, dispatches
from pvd_mailer.journal.queries.totals import has_accepted
from pvd_mailer.letter.bundle import LetterManifest, read_manifest

__all__ = ["ArchivedLetter", "archived_letters", "load_manifest"]


@dataclass(frozen=True, slots=True)
class ArchivedLetter:
    """A letter that can be read on the web.

    Attributes:
        digest: The digest of its manifest.
        first_sent_at: When the issue left for the first time.
        sent_at: When this letter of it did.
    """

    publication: str
    number: int
    digest: str
    manifest: LetterManifest
    seal: ApprovalRecord
    first_sent_at: datetime
    sent_at: datetime

    @property
    def day(self) -> date:
        """The day on which the issue left, where the publication is."""
        return self.first_sent_at.astimezone(ZoneInfo(self.seal.zone)).date()


@lru_cache(maxsize=512)
def _read(_digest: str, data: bytes) -> LetterManifest:
    return read_manifest(data)


def load_manifest(connection: Connection, digest: str) -> LetterManifest:
    """What the sealed letter with that digest says of itself.

    Raises:
        DatabaseError: its bytes are not those that were sealed.
    """
    return _read(digest, blob_store.get_blob(connection, digest))


def archived_letters(connection: Connection) -> list[ArchivedLetter]:
    """The archive, the newest issue first.

    A rehearsal and a test are no sending, and a letter that reached nobody was not sent. Where the letter that left
    last is not for the web, neither is one before it: somebody took it back.
    """
    issues: dict[tuple[str, int], list[Dispatch]] = {}
    for dispatch in dispatches.started_dispatches(connection):
        if (
            not dispatch.approval.rehearsal
            and not dispatch.approval.from_record
            and has_accepted(connection, dispatch.id)
        ):
            issues.setdefault((dispatch.publication, dispatch.number), []).append(dispatch)
    letters = []
    for (publication, number), sends in issues.items():
        first, last = sends[0].started_at, sends[-1].started_at
        if first and last and sends[-1].approval.archive:
            digest = sends[-1].letter
            manifest = load_manifest(connection, digest)
            letters.append(ArchivedLetter(publication, number, digest, manifest, sends[-1].approval, first, last))
    return sorted(letters, key=lambda letter: (letter.first_sent_at, letter.number), reverse=True)
