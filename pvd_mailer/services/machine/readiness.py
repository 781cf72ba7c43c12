"""The database as a whole, for callers above: whether it is ready, and what they say where it is not.

`DatabaseError` is handed on from here, so that the site can answer it in words and need not know the database.
"""

from pvd_mailer.database import DatabaseError, database_in_use_error
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.keys import KeyRing
from pvd_mailer.services.context import AppContext

__all__ = ["DatabaseError", "busy_error", "ensure_ready"]


def ensure_ready(context: AppContext, keys: KeyRing) -> None:
    """Look that the database answers, has our tables, and belongs to the key ring `keys`.

    Raises:
        PvdError: it does not.
    """
    prepare_database(context.database)
    ensure_same_keys(context.database, keys)


def busy_error(context: AppContext) -> DatabaseError:
    """What is said where the database was waited for in vain."""
    return database_in_use_error(context.database)
