"""Backups: one file with everything, encrypted, consistent while a send runs, read back before it is called done."""

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pvd_mailer.database.backup.age import create_age_file
from pvd_mailer.database.backup.archive import BackupArchive, BackupManifest, write_archive
from pvd_mailer.database.backup.encryption import BackupError, check_passphrase, damaged_backup_error, decrypt_backup
from pvd_mailer.database.engine import Database
from pvd_mailer.database.migrate import NewerDatabaseError, known_revisions, revision_of
from pvd_mailer.errors import WrongUsageError, os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing
from pvd_mailer.private import create_file

__all__ = ["Backup", "backup_name", "make_backup", "read_backup"]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and read back."""

    file: Path
    size: int
    manifest: BackupManifest


def backup_name(now: datetime) -> str:
    """The name of a backup that nobody named."""
    return f"pvd-mailer-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}.age"


def make_backup(database: Database, keys: KeyRing | None, passphrase: str, file: Path, now: datetime) -> Backup:
    """Write all that the database holds at one moment, and the key ring, to `file`: whole or not at all.

    What is not encrypted stays in memory, a little at a time. A send may be at work meanwhile. An older database is
    taken as it is.

    Raises:
        WrongUsageError: the passphrase is too short, the file is there already, or there is nothing to back up.
        BackupError: what was written does not read back.
        NewerError: the database is newer than this program.
        DatabaseError: the database cannot be read.
        OSError: the file cannot be written.
    """
    check_passphrase(passphrase)
    if file.exists():
        raise _file_exists_error(file)
    if not database.exists:
        raise _nothing_to_back_up(database)
    new_file = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    try:
        with database.read() as connection:
            revision = revision_of(connection)
            if revision is None:
                raise _nothing_to_back_up(database)
            if revision not in known_revisions():
                raise NewerDatabaseError(database)
            file.parent.mkdir(parents=True, exist_ok=True)
            with create_file(new_file) as target:
                encrypted = create_age_file(target, passphrase)
                manifest = write_archive(connection, revision, keys, now, encrypted)
                encrypted.close()
                target.flush()
                os.fsync(target.fileno())
        archive = read_backup(new_file, passphrase, file.name)
        archive.close()
        if archive.manifest != manifest:
            raise damaged_backup_error(file.name)
        _rename_new(new_file, file)
    finally:
        new_file.unlink(missing_ok=True)
    return Backup(file, file.stat().st_size, manifest)


def read_backup(file: Path, passphrase: str, name: str | None = None) -> BackupArchive:
    """Open a backup and check all of it; it stays on disk, encrypted, and is decrypted as it is read.

    `name` is what it is called in messages, where that is not its file's name.

    Raises:
        BackupError: it cannot be read, is damaged or something else, or the passphrase is another one.
    """
    name = name or file.name
    try:
        source = file.open("rb")
        try:
            archive = BackupArchive(decrypt_backup(source, passphrase, name), name)
        except BaseException:
            source.close()
            raise
    except OSError as error:
        raise BackupError(
            _("the backup {file} cannot be read: {reason}").format(file=file, reason=os_error_reason(error)),
            _("Check its name and its permissions."),
        ) from error
    try:
        archive.verify()
    except BaseException:
        archive.close()
        raise
    return archive


def _nothing_to_back_up(database: Database) -> WrongUsageError:
    return WrongUsageError(
        _("there is nothing to back up: the database {file} is empty").format(file=database.display_name()),
        _("Name the right one in PVD_DATABASE_URL, or import subscribers first."),
    )


def _file_exists_error(file: Path) -> WrongUsageError:
    return WrongUsageError(
        _("{file} is there already").format(file=file), _("Give the backup another name; none is overwritten.")
    )


def _rename_new(new_file: Path, file: Path) -> None:
    """Give it its name, which no other file has."""
    try:
        os.link(new_file, file)  # fails where it is there, unlike a rename
    except FileExistsError as error:
        raise _file_exists_error(file) from error
    except OSError:  # a file system without hard links
        if file.exists():
            raise _file_exists_error(file) from None
        new_file.replace(file)
    if os.name == "posix":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
