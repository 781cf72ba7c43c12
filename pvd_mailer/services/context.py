"""What the services work with: a workspace, its settings, its open database and its keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.database import Database, open_database
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.keys import KeyRing, load_keys
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import Workspace

__all__ = ["AppContext", "database_file", "open_app_context", "open_workspace_database"]

_DATABASE_FILE = "pvd-mailer.sqlite"


@dataclass(frozen=True, slots=True)
class AppContext:
    """A workspace with its settings, its database and its keys."""

    workspace: Workspace
    settings: Settings
    database: Database
    keys: KeyRing

    @property
    def outbox(self) -> Path:
        """The Maildir that the outbox delivers into."""
        return self.workspace.var / "outbox"


def database_file(workspace: Workspace) -> Path:
    """The database's file where the settings name no other database."""
    return workspace.var / _DATABASE_FILE


@contextmanager
def open_workspace_database(
    workspace: Workspace, settings: Settings, patience: float | None = None
) -> Iterator[Database]:
    """The database as it is, of whatever version; `patience` as `open_database` has it. Closed at the end.

    Raises:
        WrongUsageError: its URL is none.
    """
    database = open_database(settings.secret_database_url, database_file(workspace), patience=patience)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_app_context(workspace: Workspace, settings: Settings, patience: float | None = None) -> Iterator[AppContext]:
    """The database of this version, made where there is none yet, and the keys that it is bound to.

    Raises:
        DatabaseError: it cannot be reached, is of another version, or belongs to other keys.
    """
    with open_workspace_database(workspace, settings, patience) as database:
        prepare_database(database)
        keys = load_keys(settings.keys_path)
        ensure_same_keys(database, keys)
        yield AppContext(workspace, settings, database, keys)
