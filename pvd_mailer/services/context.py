"""What the stages that write need at hand."""

from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.database import Database
from pvd_mailer.keys import KeyRing
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import Workspace

__all__ = ["AppContext"]


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
