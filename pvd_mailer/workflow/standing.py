"""Whether a site was started on the right database: a new one is made silently where the right one is not found."""

from contextlib import closing
from pathlib import Path

from pvd_mailer import clock
from pvd_mailer.audience.subscribers import counts
from pvd_mailer.database import Database, open_database
from pvd_mailer.database.binding import remembered
from pvd_mailer.database.leavers import drop_unknown, unknown_leavers
from pvd_mailer.database.migrate import prepare
from pvd_mailer.journal import dispatches
from pvd_mailer.workflow.leaving import SITE, leave
from pvd_mailer.workflow.office import Office

__all__ = ["is_new", "take_over"]

_AT_ONCE = 200


def is_new(database: Database) -> bool:
    """Whether nobody is in it and nothing was sent from it.

    Raises:
        DatabaseError: it cannot be read.
    """
    with database.read() as connection:
        return not sum(counts(connection).values()) and not dispatches.begun(connection)


def take_over(office: Office, beside: Path) -> int:
    """Let those go who left while the site ran on the file `beside`, because its own database was not named.

    Returns:
        How many were let go.

    Raises:
        DatabaseError: one of the two stands in the way.
    """
    database = office.database
    if not beside.exists() or (database.file is not None and database.file.resolve() == beside.resolve()):
        return 0
    gone = 0
    with closing(open_database(None, beside)) as other:
        if remembered(other) != office.keys.fingerprint:
            return 0
        prepare(other)
        with other.read() as connection:
            refs = list(unknown_leavers(connection))
        for start in range(0, len(refs), _AT_ONCE):
            group = refs[start : start + _AT_ONCE]
            with database.write() as connection:
                gone += sum(one.is_new for one in leave(connection, group, clock.now(), SITE).values())
            with other.write() as connection:
                drop_unknown(connection, group)
    return gone
