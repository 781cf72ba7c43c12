"""A backup of everything, putting one back, and bringing the database up to this version."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pvd_mailer.database import Database
from pvd_mailer.database.backup.archive import BackupArchive
from pvd_mailer.database.backup.create import Backup, backup_name, make_backup, read_backup
from pvd_mailer.database.backup.encryption import check_passphrase
from pvd_mailer.database.backup.restore import RestoreResult, has_nothing_to_replace, restore_database_and_keys
from pvd_mailer.database.key_binding import stored_key_fingerprint
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.database.migrate import OutdatedDatabaseError, prepare_database, upgrade_database
from pvd_mailer.keys import load_keys
from pvd_mailer.services.context import open_workspace_database
from pvd_mailer.services.dispatches.sent_file_reconciliation import ReconciliationResult, reconcile_workspace
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import Workspace

__all__ = [
    "Backup",
    "BackupArchive",
    "CreatedBackup",
    "RestoreResult",
    "Restored",
    "check_passphrase",
    "create_backup",
    "default_backup_file",
    "open_backup",
    "restore_backup",
    "upgrade",
]


@dataclass(frozen=True, slots=True)
class CreatedBackup:
    """A backup that was made, read back and renamed into place.

    Attributes:
        backup: The file and what is in it.
        lacks_keys: Whether the key that the database's links were signed with was not at hand, and so is not in it.
    """

    backup: Backup
    lacks_keys: bool


def default_backup_file(workspace: Workspace, now: datetime) -> Path:
    """Where a backup goes that nobody named."""
    return workspace.var / "backups" / backup_name(now)


def create_backup(
    workspace: Workspace, settings: Settings, passphrase: Callable[[], str], file: Path, now: datetime
) -> CreatedBackup:
    """Write everything to `file`, encrypted; a send may be at work. `passphrase` is asked for once it is needed.

    Raises:
        WrongUsageError: there is nothing to back up, or `file` is there already.
        DatabaseError: the database cannot be read.
    """
    with open_workspace_database(workspace, settings) as database:
        return _create_backup(database, settings, passphrase(), file, now)


def _create_backup(database: Database, settings: Settings, passphrase: str, file: Path, now: datetime) -> CreatedBackup:
    path = settings.keys_path
    key_ring = load_keys(path) if path.exists() else None
    fingerprint = stored_key_fingerprint(database)
    lacks_keys = fingerprint is not None and (key_ring is None or key_ring.fingerprint != fingerprint)
    backup = make_backup(database, None if lacks_keys else key_ring, passphrase, file, now)
    return CreatedBackup(backup, lacks_keys)


@contextmanager
def open_backup(file: Path, passphrase: str) -> Iterator[BackupArchive]:
    """The backup in `file`, decrypted and checked; its scratch database is gone at the end.

    Raises:
        WrongUsageError: it is no backup, is broken, or the passphrase is another one.
    """
    archive = read_backup(file, passphrase)
    try:
        yield archive
    finally:
        archive.close()


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        result: Of the database.
        replaced_keys: Where another key ring than the backup's was put aside; None if there was none.
        reconciled: The issues whose `sent.json` knew more than the backup.
    """

    result: RestoreResult
    replaced_keys: Path | None
    reconciled: list[ReconciliationResult]


def restore_backup(
    workspace: Workspace,
    settings: Settings,
    archive: BackupArchive,
    now: datetime,
    *,
    passphrase: str,
    confirm: Callable[[str], None],
    on_backup: Callable[[CreatedBackup], None],
) -> Restored:
    """Put `archive` in the place of what the database holds, which is backed up first. Nothing is sent.

    Args:
        workspace: Where.
        settings: Which database, which key file.
        archive: What is put back.
        now: When.
        passphrase: Of the backup that is made first.
        confirm: Called with the database's name where it holds something; raises if a person says no.
        on_backup: Called with the backup that was made first.

    Raises:
        SenderBusyError: a send is at work.
        DatabaseError: the database cannot be written to.
    """
    with open_workspace_database(workspace, settings) as database, sender_lock(database):
        if not has_nothing_to_replace(database):
            confirm(database.display_name())
            on_backup(_create_backup(database, settings, passphrase, default_backup_file(workspace, now), now))
        result, replaced_keys = restore_database_and_keys(database, archive, settings.keys_path, now)
        # Killed in between, the commands on such an issue ask for it.
        return Restored(result, replaced_keys, reconcile_workspace(database, workspace))


def upgrade(
    workspace: Workspace,
    settings: Settings,
    now: datetime,
    *,
    passphrase: Callable[[], str],
    file: Path | None,
    on_backup: Callable[[CreatedBackup], None],
) -> tuple[str, ...] | None:
    """Bring the database up to this version, after a backup into `file` (under `var/backups/` if None).

    Returns:
        The steps that were carried out; None if it was up to date.

    Raises:
        SenderBusyError: a send is at work.
        DatabaseError: the database cannot be written to, or is of a newer version.
    """
    with open_workspace_database(workspace, settings) as database:
        try:
            prepare_database(database)
        except OutdatedDatabaseError:
            pass
        else:
            return None
        secret = passphrase()
        with sender_lock(database):
            on_backup(_create_backup(database, settings, secret, file or default_backup_file(workspace, now), now))
            return tuple(upgrade_database(database))
