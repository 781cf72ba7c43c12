"""The commands that keep what must not be lost: backup, restore, upgrade."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pvd_mailer import clock
from pvd_mailer.cli.confirm import confirm
from pvd_mailer.cli.context import CliContext, FullHelpCommand, load_context
from pvd_mailer.cli.sending.reconcile import print_reconciled
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext

if TYPE_CHECKING:  # a command that needs none of them is spared their import
    from datetime import datetime

    from pvd_mailer.services.machine.backups import Backup, CreatedBackup, Restored, RestoreResult

__all__ = ["backup_command", "restore_command", "upgrade_command"]

PASSPHRASE_VARIABLE = "PVD_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable
_MEGABYTE = 1_000_000


def _passphrase(*, twice: bool) -> str:
    """The passphrase of backups: the environment's, or asked for where somebody sits at a terminal."""
    from pvd_mailer.services.machine.backups import check_passphrase

    passphrase = os.environ.get(PASSPHRASE_VARIABLE, "")
    if not passphrase and sys.stdin.isatty():
        passphrase = click.prompt(_("Passphrase of the backup"), hide_input=True, confirmation_prompt=twice, err=True)
    if not passphrase:
        raise WrongUsageError(
            _("a backup is always encrypted, and there is no passphrase"),
            _("Set the environment variable {variable}, or run the command at a terminal.").format(
                variable=PASSPHRASE_VARIABLE
            ),
        )
    if twice:
        check_passphrase(passphrase)
    return passphrase


def _print_backup(cli_context: CliContext, created: "CreatedBackup") -> None:
    if created.lacks_keys:
        click.echo(
            _(
                "Take care: the key that this database's links were signed with is not at {file}. "
                "The backup is without it."
            ).format(file=cli_context.settings.keys_path),
            err=True,
        )
    backup = created.backup
    click.echo(
        _("Backed up, encrypted and read back: {file} ({size}).").format(
            file=cli_context.workspace.display_path(backup.file), size=_size_text(backup)
        )
    )
    click.echo("  " + _contents_text(backup.manifest.count("subscribers"), backup.manifest.count("dispatches")))


def _size_text(backup: "Backup") -> str:
    return _("{n} MB").format(n=f"{backup.size / _MEGABYTE:.1f}".replace(".", _(".")))


def _contents_text(subscribers: int, dispatches: int) -> str:
    parts = [
        ngettext("{n} subscriber", "{n} subscribers", subscribers).format(n=subscribers),
        ngettext("{n} dispatch", "{n} dispatches", dispatches).format(n=dispatches),
    ]
    return ", ".join(parts)


def _utc_text(moment: "datetime") -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@click.command(
    "backup",
    cls=FullHelpCommand,
    help=_("Write everything to FILE, encrypted: subscribers, journal, letters and keys. A send may be at work."),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path, dir_okay=False))
def backup_command(file: Path) -> int:
    """Make a backup."""
    from pvd_mailer.services.machine.backups import create_backup

    cli_context = load_context()
    created = create_backup(
        cli_context.workspace, cli_context.settings, lambda: _passphrase(twice=True), file, clock.now()
    )
    _print_backup(cli_context, created)
    click.echo(_("Keep it on another machine, and the passphrase apart from it: without it nobody can open the file."))
    return 0


@click.command(
    "restore",
    cls=FullHelpCommand,
    help=_(
        "Put the backup FILE in the place of what the database holds. Nothing is sent, and nobody is written to twice."
    ),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help=_("Replace what is there without asking; it is backed up first."))
def restore_command(file: Path, *, yes: bool) -> int:
    """Restore a backup."""
    from pvd_mailer.services.machine.backups import open_backup, restore_backup

    cli_context = load_context()
    passphrase = _passphrase(twice=False)
    with open_backup(file, passphrase) as archive:
        manifest = archive.manifest
        click.echo(
            _("This backup was made on {when} by version {version}:").format(
                when=_utc_text(manifest.made_at), version=manifest.program
            )
        )
        click.echo("  " + _contents_text(manifest.count("subscribers"), manifest.count("dispatches")))
        had_keys = cli_context.settings.keys_path.exists()
        restored = restore_backup(
            cli_context.workspace,
            cli_context.settings,
            archive,
            clock.now(),
            passphrase=passphrase,
            confirm=lambda name: _confirm_replacement(name, yes=yes),
            on_backup=lambda created: _print_backup(cli_context, created),
        )
        has_keys = archive.keys is not None
    _print_restored(restored.result, _utc_text(manifest.made_at))
    print_reconciled(restored.reconciled)
    _print_keys(cli_context, restored, _utc_text(manifest.made_at), has_keys=has_keys, had_keys=had_keys)
    return 0


def _print_keys(cli_context: CliContext, restored: "Restored", made_at: str, *, has_keys: bool, had_keys: bool) -> None:
    if not has_keys:
        click.echo(
            _("The backup held no key: links already sent work only if {file} is the right one.").format(
                file=cli_context.settings.keys_path
            )
        )
    elif not had_keys or restored.replaced_keys is not None:
        click.echo(
            _(
                "The keys are those of the backup, of {date}. If one of them was revoked since, it signs and opens"
                " links again: look with `pvd-mailer keys list`, and revoke it anew."
            ).format(date=made_at)
        )
    if restored.replaced_keys is not None:
        click.echo(
            _("Another key was in place of the backup's; it is kept as {file}.").format(file=restored.replaced_keys)
        )


def _confirm_replacement(name: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsageError(
            _("the database {file} is not empty").format(file=name),
            _("Add --yes to replace what it holds; it is backed up first."),
        )
    confirm(_("Replace what the database {file} holds? It is backed up first.").format(file=name))


def _print_restored(restored: "RestoreResult", made_at: str) -> None:
    click.echo(_("Restored."))
    quarantine = restored.quarantine
    if quarantine.void:
        click.echo(
            ngettext(
                "{n} approval is void, and no schedule is left: {ids}. Approve again what is still to be sent.",
                "{n} approvals are void, and no schedule is left: {ids}. Approve again what is still to be sent.",
                len(quarantine.void),
            ).format(n=len(quarantine.void), ids=", ".join(quarantine.void))
        )
    if quarantine.paused:
        click.echo(
            ngettext(
                "{n} dispatch is paused: {ids}.", "{n} dispatches are paused: {ids}.", len(quarantine.paused)
            ).format(n=len(quarantine.paused), ids=", ".join(quarantine.paused))
        )
    if quarantine.unknown:
        click.echo(
            ngettext(
                "{n} recipient may have been written to since the backup, and is unknown: see `pvd-mailer status`.",
                "{n} recipients may have been written to since the backup, and are unknown: see `pvd-mailer status`.",
                quarantine.unknown,
            ).format(n=quarantine.unknown)
        )
    if restored.unsubscribed:
        click.echo(
            ngettext(
                "{n} person had left since, and stays away.",
                "{n} people had left since, and stay away.",
                restored.unsubscribed,
            ).format(n=restored.unsubscribed)
        )
    if restored.forgotten:
        click.echo(
            ngettext(
                "{n} person had been forgotten since, and is back, unsubscribed: run `subscribers forget` again.",
                "{n} people had been forgotten since, and are back, unsubscribed: run `subscribers forget` again.",
                restored.forgotten,
            ).format(n=restored.forgotten)
        )
    click.echo(
        _(
            "Whoever else left or was forgotten after {when} is on the list again: take them out before you send."
        ).format(when=made_at)
    )


@click.command(
    "upgrade",
    cls=FullHelpCommand,
    help=_("Bring the database up to this version of the program, after an encrypted backup."),
)
@click.option(
    "--backup",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Where the backup goes; under var/backups/ if not given."),
)
def upgrade_command(file: Path | None) -> int:
    """Upgrade the database."""
    from pvd_mailer.services.machine.backups import upgrade

    cli_context = load_context()
    steps = upgrade(
        cli_context.workspace,
        cli_context.settings,
        clock.now(),
        passphrase=lambda: _passphrase(twice=True),
        file=file,
        on_backup=lambda created: _print_backup(cli_context, created),
    )
    if steps is None:
        click.echo(_("The database is up to date: there is nothing to do."))
        return 0
    click.echo(_("The database is up to date. Steps carried out: {steps}.").format(steps=", ".join(steps) or "–"))
    return 0
