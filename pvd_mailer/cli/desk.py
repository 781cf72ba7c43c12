"""What the commands share: where they work, with which settings and which database, and how they are listed."""

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from pvd_mailer.i18n import _
from pvd_mailer.settings import Settings, load_settings
from pvd_mailer.workspace import Workspace, find_workspace

if TYPE_CHECKING:  # a command that needs neither is spared their import
    from collections.abc import Iterator

    from pvd_mailer.database import Database
    from pvd_mailer.keys import KeyRing
    from pvd_mailer.send.channels import Channel
    from pvd_mailer.workflow import Office
    from pvd_mailer.workflow.asking import Outside

__all__ = [
    "BLOCKED",
    "DEFAULT",
    "INCOMPLETE",
    "UNFINISHED",
    "Command",
    "Commands",
    "Desk",
    "channel_option",
    "form_option",
    "issue_argument",
    "online_option",
    "open_desk",
]

BLOCKED = 1
DEFAULT = "pvd-mailer.sqlite"
"""The database's file below `var/` where no other database is named."""
INCOMPLETE = 4
"""It has ended, and somebody was not served or is unknown: a person has to decide."""
UNFINISHED = 5
"""It has stopped on the way, and somebody is still to be sent to: it can be gone on with."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a command works, and with which settings."""

    workspace: Workspace
    settings: Settings

    @contextmanager
    def database(self, patience: float | None = None) -> "Iterator[Database]":
        """The database of audience and journal, made where there is none yet; `patience` as `open_database` has it."""
        from pvd_mailer.database import open_database
        from pvd_mailer.database.migrate import prepare

        opened = open_database(self.settings.secret_database_url, self.workspace.var / DEFAULT, patience=patience)
        try:
            prepare(opened)
            yield opened
        finally:
            opened.close()

    def keys(self) -> "KeyRing":
        """The keys that readers' links are signed with, made where there are none yet."""
        from pvd_mailer.keys import load_keys

        return load_keys(self.settings.keys_path)

    @contextmanager
    def office(self, patience: float | None = None) -> "Iterator[Office]":
        """What the stages that write need: the database, and the keys that its links are signed with."""
        from pvd_mailer.database.binding import bind_keys
        from pvd_mailer.workflow import Office

        with self.database(patience) as database:
            keys = self.keys()
            bind_keys(database, keys)
            yield Office(self.workspace, self.settings, database, keys)

    def outside(self) -> "Outside":
        """The network, as it is asked for pages and domains."""
        from pvd_mailer.workflow.asking import Outside

        return Outside()

    def channel(self, name: str | None, office: "Office") -> "Channel":
        """The channel called `name`, or the one that the settings name."""
        from pvd_mailer.send.channels import open_channel

        return open_channel(name or self.settings.channel, self.settings, office.outbox)


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

    def get_short_help_str(self, limit: int = 45) -> str:
        """The help, whole."""
        del limit
        return self.help or ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deferred: dict[str, str] = {}
        self._last = ""

    def defer(self, commands: "dict[str, str]", before: str) -> None:
        """Add commands (name -> `module:attribute`) that are imported when they are wanted, listed before `before`."""
        self._deferred = commands
        self._last = before

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were added."""
        del ctx
        return [
            *(name for name in self.commands if name != self._last),
            *self._deferred,
            *([self._last] if self._last else []),
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now if it was deferred."""
        place = self._deferred.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _colon, attribute = place.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, click.Command):  # a slip in the table
            raise TypeError(place)
        return found


issue_argument = click.argument("wanted", metavar=_("ISSUE"))
form_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help=_("How to print.")
)
online_option = click.option(
    "--online",
    is_flag=True,
    help=_("Also ask the network: each link and hosted picture, and the sender's domain (SPF, DKIM, DMARC)."),
)
channel_option = click.option(
    "--channel",
    type=click.Choice(["outbox", "smtp", "sendgrid"]),
    help=_("How the letter leaves; without it, as the settings say. `outbox` is a Maildir on this machine."),
)
