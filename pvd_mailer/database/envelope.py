"""The envelope of a backup: the age format with a passphrase, so that the standard tool `age` opens it as well."""

from typing import IO

from pvd_mailer.database.age import MAGIC, BrokenError, WrongPassphraseError, opened
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, ngettext

__all__ = ["LEAST", "BackupError", "check_passphrase", "is_enveloped", "open_envelope"]

LEAST = 12
"""A passphrase has so many characters or more: the file holds people's addresses and the signing key."""


class BackupError(PvdError):
    """A backup cannot be written, or what is said to be one cannot be read."""


def check_passphrase(passphrase: str) -> None:
    """Look at a passphrase before anything is encrypted with it.

    Raises:
        WrongUsageError: it is too short.
    """
    if len(passphrase) < LEAST or len(set(passphrase)) < LEAST // 3:
        raise WrongUsageError(
            ngettext(
                "the passphrase is too weak: it needs {n} character or more",
                "the passphrase is too weak: it needs {n} characters or more",
                LEAST,
            ).format(n=LEAST),
            _("Take four or five words that do not belong together. Keep it apart from the backups."),
        )


def is_enveloped(start: bytes) -> bool:
    """Whether a file that begins with `start` is encrypted with a passphrase in the age format."""
    return start.startswith(MAGIC)


def open_envelope(source: IO[bytes], passphrase: str, name: str) -> IO[bytes]:
    """What is in the envelope, decrypted as it is read; `name` is what the file is called in messages.

    Closing it closes `source`. A part that was changed is a `BrokenError` (a ValueError) where it is read.

    Raises:
        BackupError: the passphrase is another one, the file is damaged, or it is no backup.
        OSError: it cannot be read.
    """
    if not is_enveloped(source.read(len(MAGIC))):
        raise not_a_backup(name)
    try:
        return opened(source, passphrase)
    except WrongPassphraseError as error:
        raise BackupError(
            _("the passphrase does not open {file}").format(file=name),
            _("Type the one that it was made with. Nothing was changed."),
        ) from error
    except BrokenError as error:
        raise damaged(name) from error
    except MemoryError as error:
        raise BackupError(
            _("this machine has too little memory to open {file}").format(file=name),
            _("Close other programs, or open it on a machine like the one that made it. Nothing was changed."),
        ) from error


def not_a_backup(name: str) -> BackupError:
    """Say that a file is something else."""
    return BackupError(
        _("{file} is not a backup of pvd-mailer").format(file=name),
        _("Name a file that `pvd-mailer backup` has written. Nothing was changed."),
    )


def damaged(name: str) -> BackupError:
    """Say that a file was a backup once."""
    return BackupError(
        _("the backup {file} is damaged or cut short").format(file=name),
        _("Take another copy of it, or an older backup. Nothing was changed."),
    )
