"""The envelope of a backup: the age format with a passphrase, so that the standard tool `age` opens it as well."""

from typing import IO

from pvd_mailer.database.backup.age import AGE_MAGIC, BrokenAgeFileError, WrongPassphraseError, open_age_file
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, ngettext

__all__ = ["MIN_PASSPHRASE_LENGTH", "BackupError", "check_passphrase", "decrypt_backup", "is_age_file"]

MIN_PASSPHRASE_LENGTH = 12
"""A passphrase has so many characters or more: the file holds people's addresses and the signing key."""


class BackupError(PvdError):
    """A backup cannot be written, or what is said to be one cannot be read."""


def check_passphrase(passphrase: str) -> None:
    """Look at a passphrase before anything is encrypted with it.

    Raises:
        WrongUsageError: it is too short.
    """
    if len(passphrase) < MIN_PASSPHRASE_LENGTH or len(set(passphrase)) < MIN_PASSPHRASE_LENGTH // 3:
        raise WrongUsageError(
            ngettext(
                "the passphrase is too weak: it needs {n} character or more",
                "the passphrase is too weak: it needs {n} characters or more",
                MIN_PASSPHRASE_LENGTH,
            ).format(n=MIN_PASSPHRASE_LENGTH),
            _("Take four or five words that do not belong together. Keep it apart from the backups."),
        )


def is_age_file(start: bytes) -> bool:
    """Whether a file that begins with `start` is encrypted with a passphrase in the age format."""
    return start.startswith(AGE_MAGIC)


def decrypt_backup(source: IO[bytes], passphrase: str, name: str) -> IO[bytes]:
    """What is in the envelope, decrypted as it is read; `name` is what the file is called in messages.

    Closing it closes `source`. A part that was changed is a `BrokenError` (a ValueError) where it is read.

    Raises:
        BackupError: the passphrase is another one, the file is damaged, or it is no backup.
        OSError: it cannot be read.
    """
    if not is_age_file(source.read(len(AGE_MAGIC))):
        raise not_a_backup_error(name)
    try:
        return open_age_file(source, passphrase)
    except WrongPassphraseError as error:
        raise BackupError(
            _("the passphrase does not open {file}").format(file=name),
            _("Type the one that it was made with. Nothing was changed."),
        ) from error
    except BrokenAgeFileError as error:
        raise damaged_backup_error(name) from error
    except MemoryError as error:
        raise BackupError(
            _("this machine has too little memory to open {file}").format(file=name),
            _("Close other programs, or open it on a machine like the one that made it. Nothing was changed."),
        ) from error


def not_a_backup_error(name: str) -> BackupError:
    """Say that a file is something else."""
    return BackupError(
        _("{file} is not a backup of pvd-mailer").format(file=name),
        _("Name a file that `pvd-mailer backup` has written. Nothing was changed."),
    )


def damaged_backup_error(name: str) -> BackupError:
    """Say that a file was a backup once."""
    return BackupError(
        _("the backup {file} is damaged or cut short").format(file=name),
        _("Take another copy of it, or an older backup. Nothing was changed."),
    )
