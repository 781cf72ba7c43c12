"""The letters that everybody may read, and the files that letters lead to, out of the database."""

from collections.abc import Callable, Collection, Mapping

from pvd_mailer import archive
from pvd_mailer.archive import ArchivedLetter, PageContext
from pvd_mailer.journal import blob_store, dispatches
from pvd_mailer.services.context import AppContext

__all__ = [
    "Renderer",
    "hosted_files",
    "latest_publication",
    "list_letters",
    "load_hosted_calendar",
    "load_hosted_picture",
    "render_archived_letter",
]

Renderer = Callable[[ArchivedLetter, Callable[[str], bytes], PageContext], str]
"""What makes a text of a letter, of its stored parts by their digests, and of where it is read."""


def latest_publication(context: AppContext, names: Collection[str]) -> str | None:
    """Which of the publications `names` was sent last; None where none of them was.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        return dispatches.last_sent_publication(connection, list(names))


def list_letters(context: AppContext) -> list[ArchivedLetter]:
    """The archive, the newest issue first."""
    with context.database.read() as connection:
        return archive.archived_letters(connection)


def render_archived_letter(
    context: AppContext, letter: ArchivedLetter, render: Renderer, page_context: PageContext
) -> str:
    """What `render` makes of `letter`, whose parts are read from one state of the database."""
    with context.database.read() as connection:
        return render(letter, lambda digest: blob_store.get_blob(connection, digest), page_context)


def load_hosted_calendar(context: AppContext, publication: str, number: int, name: str) -> bytes | None:
    """The calendar file that the issue's letters call `name`; None where there is none."""
    with context.database.read() as connection:
        return archive.find_calendar(connection, publication, number, name)


def load_hosted_picture(context: AppContext, name: str) -> bytes | None:
    """The picture that letters call `name`; None where there is none."""
    with context.database.read() as connection:
        return archive.find_picture(connection, name)


def hosted_files(context: AppContext, publications: Collection[str], present: Collection[str]) -> Mapping[str, bytes]:
    """The pictures and calendars of all letters that were approved for real, by path.

    Args:
        context: Where.
        publications: Whose calendars; pictures are of all.
        present: Paths that are there already, and are left out.
    """
    files: dict[str, bytes] = {}
    with context.database.read() as connection:
        letters = archive.hosted_letters(connection)
    for publication, number, manifest in letters:
        digests = {f"images/{picture.name}": picture.digest for picture in manifest.pictures}
        if publication in publications:
            digests |= {f"{publication}/{number}/{name}": digest for name, digest in manifest.calendars.items()}
        with context.database.read() as connection:
            for path, digest in digests.items():
                if path not in files and path not in present:
                    files[path] = blob_store.get_blob(connection, digest)
    return files
