"""Whether a site was started on the right database: a new one is made silently where the right one is not found."""

from contextlib import closing
from pathlib import Path

from pvd_mailer.chunked import chunked
from pvd_mailer.database import open_database
from pvd_mailer.database.backup.suppressions import delete_unknown_unsubscribes, unknown_unsubscribes
from pvd_mailer.database.key_binding import stored_key_fingerprint
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.readers.unsubscribe import unsubscribe

__all__ = ["import_unknown_unsubscribes"]

_BATCH_SIZE = 200


def import_unknown_unsubscribes(context: AppContext, other_file: Path) -> int:
    """Let those go who left while the site ran on the file `other_file`, because its own database was not named.

    Returns:
        How many were let go.

    Raises:
        DatabaseError: one of the two stands in the way.
    """
    database = context.database
    if not other_file.exists() or (database.file is not None and database.file.resolve() == other_file.resolve()):
        return 0
    count = 0
    with closing(open_database(None, other_file)) as other_database:
        if stored_key_fingerprint(other_database) != context.keys.fingerprint:
            return 0
        prepare_database(other_database)
        with other_database.read() as connection:
            refs = list(unknown_unsubscribes(connection))
        for batch in chunked(refs, _BATCH_SIZE):
            count += sum(result.is_new for result in unsubscribe(context, batch).values())
            with other_database.write() as connection:
                delete_unknown_unsubscribes(connection, batch)
    return count
