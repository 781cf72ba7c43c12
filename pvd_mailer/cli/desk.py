"""What the commands share: where they work, with which settings and which database, and how they are listed."""

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from pvd_mailer.i18n import _
from pvd_mailer.settings import Settings, load_settings
from pvd_mailer.workspace import Workspace, find_workspace

if TYPE_CHECKING:  # a command that needs neither is spared their import
    from collections.abc import Iterator

    from pvd_mailer.database import Database
    from pvd_mailer.keys import KeyRing

__all__ = ["BLOCKED", "INCOMPLETE", "Command", "Commands", "Desk", "form_option", "issue_argument", "open_desk"]

BLOCKED = 1
INCOMPLETE = 4


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command works, and with which settings."""

    workspace: Workspace
    settings: Settings

    @contextmanager
    def database(self) -> "Iterator[Database]":
        """The database of audience and journal, made where there is none yet."""
        from pvd_mailer.database import open_database
        from pvd_mailer.database.migrate import prepare

        opened = open_database(self.settings.secret_database_url, self.workspace.var / "pvd-mailer.sqlite")
        try:
            prepare(opened)
            yield opened
        finally:
            opened.close()

    def keys(self) -> "KeyRing":
        """The keys that readers' links are signed with, made where there are none yet."""
        from pvd_mailer.keys import load_keys

        return load_keys(self.settings.keys_path)


def open_desk() -> Desk:
    """The workspace around the current folder, with its settings."""
    workspace = find_workspace()
    return Desk(workspace, load_settings(workspace))


class Command(click.Command):
    """Shows its whole help in the list of commands, where click would cut it."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """The help, whole."""
        del limit
        return self.help or ""


class Commands(click.Group):
    """Lists the commands in the order of the work."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added."""
        del ctx
        return list(self.commands)


issue_argument = click.argument("wanted", metavar=_("ISSUE"))
form_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help=_("How to print.")
)
