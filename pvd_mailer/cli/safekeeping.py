"""The commands that keep what must not be lost: backup, restore, upgrade."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pvd_mailer import clock
from pvd_mailer.cli.asking import agree
from pvd_mailer.cli.desk import DEFAULT, Command, Desk, open_desk
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext

if TYPE_CHECKING:  # a command that needs none of them is spared their import
    from collections.abc import Iterator
    from datetime import datetime

    from pvd_mailer.database import Database
    from pvd_mailer.database.backup import Backup
    from pvd_mailer.database.restore import Restored
    from pvd_mailer.keys import KeyRing

__all__ = ["backup", "restore", "upgrade"]

VARIABLE = "PVD_BACKUP_PASSPHRASE"
MEGABYTE = 1_000_000


def _passphrase(*, twice: bool) -> str:
    """The passphrase of backups: the environment's, or asked for where somebody sits at a terminal."""
    from pvd_mailer.database.envelope import check_passphrase

    said = os.environ.get(VARIABLE, "")
    if not said and sys.stdin.isatty():
        said = click.prompt(_("Passphrase of the backup"), hide_input=True, confirmation_prompt=twice, err=True)
    if not said:
        raise WrongUsageError(
            _("a backup is always encrypted, and there is no passphrase"),
            _("Set the environment variable {variable}, or run the command at a terminal.").format(variable=VARIABLE),
        )
    if twice:
        check_passphrase(said)
    return said


@contextmanager
def _opened(desk: Desk) -> "Iterator[Database]":
    """The database as it is, of whatever version."""
    from pvd_mailer.database import open_database

    database = open_database(desk.settings.secret_database_url, desk.workspace.var / DEFAULT)
    try:
        yield database
    finally:
        database.close()


def _own_keys(desk: Desk, database: "Database") -> "KeyRing | None":
    """The database's key ring, for a backup; None, and a warning, where another one or none is at hand."""
    from pvd_mailer.database.binding import remembered
    from pvd_mailer.keys import load_keys

    path = desk.settings.keys_path
    present = load_keys(path) if path.exists() else None
    known = remembered(database)
    if known is None or (present is not None and present.fingerprint == known):
        return present
    click.echo(
        _(
            "Take care: the key that this database's links were signed with is not at {file}. The backup is without it."
        ).format(file=path),
        err=True,
    )
    return None


def _back_up(desk: Desk, database: "Database", passphrase: str, file: Path) -> None:
    from pvd_mailer.database.backup import make_backup

    made = make_backup(database, _own_keys(desk, database), passphrase, file, clock.now())
    click.echo(
        _("Backed up, encrypted and read back: {file} ({size}).").format(
            file=desk.workspace.show(made.file), size=_size(made)
        )
    )
    click.echo("  " + _held(made.manifest.count("subscribers"), made.manifest.count("dispatches")))


def _size(made: "Backup") -> str:
    return _("{n} MB").format(n=f"{made.size / MEGABYTE:.1f}".replace(".", _(".")))


def _held(subscribers: int, dispatches: int) -> str:
    parts = [
        ngettext("{n} subscriber", "{n} subscribers", subscribers).format(n=subscribers),
        ngettext("{n} dispatch", "{n} dispatches", dispatches).format(n=dispatches),
    ]
    return ", ".join(parts)


def _moment(moment: "datetime") -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _spare(desk: Desk) -> Path:
    """Where a backup goes that nobody named."""
    from pvd_mailer.database.backup import backup_name

    return desk.workspace.var / "backups" / backup_name(clock.now())


@click.command(
    cls=Command,
    help=_("Write everything to FILE, encrypted: subscribers, journal, letters and keys. A send may be at work."),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> int:
    """Make a backup."""
    desk = open_desk()
    with _opened(desk) as database:
        _back_up(desk, database, _passphrase(twice=True), file)
    click.echo(_("Keep it on another machine, and the passphrase apart from it: without it nobody can open the file."))
    return 0


@click.command(
    cls=Command,
    help=_(
        "Put the backup FILE in the place of what the database holds. Nothing is sent, and nobody is written to twice."
    ),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help=_("Replace what is there without asking; it is backed up first."))
def restore(file: Path, *, yes: bool) -> int:
    """Restore a backup."""
    from pvd_mailer.cli.reconciling import tell_reconciled
    from pvd_mailer.database.backup import read_backup
    from pvd_mailer.database.lock import sender_lock
    from pvd_mailer.database.restore import is_empty, restore_with_keys
    from pvd_mailer.workflow.reconciling import reconcile_all

    desk = open_desk()
    passphrase = _passphrase(twice=False)
    archive = read_backup(file, passphrase)
    try:
        manifest = archive.manifest
        click.echo(
            _("This backup was made on {when} by version {version}:").format(
                when=_moment(manifest.made_at), version=manifest.program
            )
        )
        click.echo("  " + _held(manifest.count("subscribers"), manifest.count("dispatches")))
        had_keys = desk.settings.keys_path.exists()
        with _opened(desk) as database, sender_lock(database):
            if not is_empty(database):
                _agree(database, yes=yes)
                _back_up(desk, database, passphrase, _spare(desk))
            done, aside = restore_with_keys(database, archive, desk.settings.keys_path, clock.now())
            # Killed in between, the commands on such an issue ask for it.
            reconciled = reconcile_all(database, desk.workspace)
    finally:
        archive.close()
    _tell(done, _moment(manifest.made_at))
    tell_reconciled(reconciled)
    if archive.keys is None:
        click.echo(
            _("The backup held no key: links already sent work only if {file} is the right one.").format(
                file=desk.settings.keys_path
            )
        )
    elif not had_keys or aside is not None:
        click.echo(
            _(
                "The keys are those of the backup, of {date}. If one of them was revoked since, it signs and opens"
                " links again: look with `pvd-mailer keys list`, and revoke it anew."
            ).format(date=_moment(manifest.made_at))
        )
    if aside is not None:
        click.echo(_("Another key was in place of the backup's; it is kept as {file}.").format(file=aside))
    return 0


def _agree(database: "Database", *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsageError(
            _("the database {file} is not empty").format(file=database.shown()),
            _("Add --yes to replace what it holds; it is backed up first."),
        )
    agree(_("Replace what the database {file} holds? It is backed up first.").format(file=database.shown()))


def _tell(done: "Restored", made_at: str) -> None:
    click.echo(_("Restored."))
    still = done.standstill
    if still.void:
        click.echo(
            ngettext(
                "{n} approval is void, and no schedule is left: {ids}. Approve again what is still to be sent.",
                "{n} approvals are void, and no schedule is left: {ids}. Approve again what is still to be sent.",
                len(still.void),
            ).format(n=len(still.void), ids=", ".join(still.void))
        )
    if still.paused:
        click.echo(
            ngettext("{n} dispatch is paused: {ids}.", "{n} dispatches are paused: {ids}.", len(still.paused)).format(
                n=len(still.paused), ids=", ".join(still.paused)
            )
        )
    if still.unknown:
        click.echo(
            ngettext(
                "{n} recipient may have been written to since the backup, and is unknown: see `pvd-mailer status`.",
                "{n} recipients may have been written to since the backup, and are unknown: see `pvd-mailer status`.",
                still.unknown,
            ).format(n=still.unknown)
        )
    if done.left:
        click.echo(
            ngettext(
                "{n} person had left since, and stays away.", "{n} people had left since, and stay away.", done.left
            ).format(n=done.left)
        )
    if done.forgotten:
        click.echo(
            ngettext(
                "{n} person had been forgotten since, and is back, unsubscribed: run `subscribers forget` again.",
                "{n} people had been forgotten since, and are back, unsubscribed: run `subscribers forget` again.",
                done.forgotten,
            ).format(n=done.forgotten)
        )
    click.echo(
        _(
            "Whoever else left or was forgotten after {when} is on the list again: take them out before you send."
        ).format(when=made_at)
    )


@click.command(cls=Command, help=_("Bring the database up to this version of the program, after an encrypted backup."))
@click.option(
    "--backup",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Where the backup goes; under var/backups/ if not given."),
)
def upgrade(file: Path | None) -> int:
    """Upgrade the database."""
    from pvd_mailer.database import migrate
    from pvd_mailer.database.lock import sender_lock

    desk = open_desk()
    with _opened(desk) as database:
        try:
            migrate.prepare(database)
        except migrate.OutdatedError:
            pass
        else:
            click.echo(_("The database is up to date: there is nothing to do."))
            return 0
        passphrase = _passphrase(twice=True)
        with sender_lock(database):
            _back_up(desk, database, passphrase, file or _spare(desk))
            steps = migrate.upgrade(database)
    click.echo(_("The database is up to date. Steps carried out: {steps}.").format(steps=", ".join(steps) or "–"))
    return 0
