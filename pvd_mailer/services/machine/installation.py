"""What stands in the way of a send on this machine: a database that cannot be used, or one that is empty."""

from pvd_mailer.database import Database
from pvd_mailer.database.migrate import database_revision, prepare_database
from pvd_mailer.errors import PvdError
from pvd_mailer.journal import dispatches
from pvd_mailer.services.context import database_file, open_workspace_database
from pvd_mailer.settings import Settings
from pvd_mailer.subscribers.queries import count_by_state
from pvd_mailer.workspace import Workspace

__all__ = ["check_database", "empty_database_name", "is_empty_database"]


def check_database(workspace: Workspace, settings: Settings) -> None:
    """Look whether the database can be used, where there is one. Nothing is written.

    Raises:
        PvdError: it cannot; the error says why, and what to do.
    """
    if settings.secret_database_url or database_file(workspace).exists():
        with open_workspace_database(workspace, settings) as database:
            if database_revision(database) is not None:  # where it is empty, `prepare_database` would fill it
                prepare_database(database)


def empty_database_name(workspace: Workspace, settings: Settings) -> str | None:
    """The name of the database if it holds nothing, and so may not be the one that was meant."""
    try:
        if settings.secret_database_url or database_file(workspace).exists():
            with open_workspace_database(workspace, settings) as database:
                if database.exists and (database_revision(database) is None or is_empty_database(database)):
                    return database.display_name()
    except PvdError:  # `check_database` tells of it
        return None
    return None


def is_empty_database(database: Database) -> bool:
    """Whether nobody is in it and nothing was sent from it.

    Raises:
        DatabaseError: it cannot be read.
    """
    with database.read() as connection:
        return not sum(count_by_state(connection).values()) and not dispatches.started_dispatches(connection)
