"""Writes an issue's file: whole or not at all, and never over what somebody else has just saved."""

import os
from pathlib import Path

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = ["save_if_unchanged"]


def save_if_unchanged(path: Path, before: bytes, after: bytes) -> None:
    """Put `after` in the place of `before` in the file at `path`.

    Raises:
        PvdError: the file does not hold `before` any more.
        OSError: it cannot be written.
    """
    path = path.resolve()  # where the name is a link, the link stays
    temporary = path.with_name(f".{path.name}.new")
    mode = path.stat().st_mode & 0o777
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        # As late as can be: an editor's window that saves in this very instant is the only one not seen.
        if path.read_bytes() != before:
            raise PvdError(
                _("{file} was saved by somebody else in the meantime, and was left alone").format(file=path.name),
                _("Run the same command again."),
            )
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
