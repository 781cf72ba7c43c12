"""What the commands share: where they work, with which settings and which database, and how they are listed."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from pvd_mailer.i18n import _
from pvd_mailer.workspace import Workspace, find_workspace

if TYPE_CHECKING:  # a command that needs neither is spared their import
    from contextlib import AbstractContextManager

    from pvd_mailer.send.channels import Channel
    from pvd_mailer.services.context import AppContext
    from pvd_mailer.services.online import OnlineChecker
    from pvd_mailer.settings import Settings

__all__ = [
    "EXIT_BLOCKED",
    "EXIT_FAILED",
    "EXIT_INCOMPLETE",
    "EXIT_INTERRUPTED",
    "EXIT_UNFINISHED",
    "CliContext",
    "FullHelpCommand",
    "OrderedGroup",
    "channel_option",
    "form_option",
    "issue_argument",
    "load_context",
    "online_option",
]

EXIT_BLOCKED = 1
EXIT_FAILED = 3
EXIT_INCOMPLETE = 4
"""It has ended, and somebody was not served or is unknown: a person has to decide."""
EXIT_UNFINISHED = 5
"""It has stopped on the way, and somebody is still to be sent to: it can be gone on with."""
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class CliContext:
    """Where a command works, and with which settings."""

    workspace: Workspace
    settings: "Settings"

    def app_context(self, patience: float | None = None) -> "AbstractContextManager[AppContext]":
        """What services work with; `patience` as `open_app_context` has it."""
        from pvd_mailer.services.context import open_app_context

        return open_app_context(self.workspace, self.settings, patience)

    def online_checker(self) -> "OnlineChecker":
        """The network, as it is asked for pages and domains."""
        from pvd_mailer.services.online import OnlineChecker

        return OnlineChecker()

    def channel(self, name: str | None, app_context: "AppContext") -> "Channel":
        """The channel called `name`, or the one that the settings name."""
        from pvd_mailer.send.channels import open_channel

        return open_channel(name or self.settings.channel, self.settings, app_context.outbox)


def load_context() -> CliContext:
    """The workspace around the current folder, with its settings."""
    from pvd_mailer.settings import load_settings

    workspace = find_workspace()
    return CliContext(workspace, load_settings(workspace))


class FullHelpCommand(click.Command):
    """Shows its whole help in the list of commands, where click would cut it."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """The help, whole."""
        del limit
        return self.help or ""


class OrderedGroup(click.Group):
    """Lists the commands in the order of the work."""

    command_class = FullHelpCommand

    def get_short_help_str(self, limit: int = 45) -> str:
        """The help, whole."""
        del limit
        return self.help or ""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deferred: dict[str, str] = {}
        self._last = ""

    def add_deferred(self, commands: "dict[str, str]", last: str) -> None:
        """Add commands (name -> `module:attribute`) that are imported when they are wanted, listed before `last`."""
        self._deferred = commands
        self._last = last

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
        target = self._deferred.get(cmd_name)
        if target is None:
            return super().get_command(ctx, cmd_name)
        module, _colon, attribute = target.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):  # a slip in the table
            raise TypeError(target)
        return command


issue_argument = click.argument("issue_name", metavar=_("ISSUE"))
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
