"""A Maildir: which mails wait to be read, and how one is put away. No mail is ever deleted."""

import os
from collections.abc import Iterator
from heapq import nsmallest
from pathlib import Path

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.events.inbound import MAX_MAIL_BYTES
from pvd_mailer.i18n import _

__all__ = ["Maildir"]

_SLICE_SIZE = 50_000
"""Names held at once. The folder is listed anew for each slice, so that no flood of mails fills the memory."""
_SEEN_FLAG = "S"


class Maildir:
    """The Maildir at `folder`.

    Raises:
        WrongUsageError: it is none.
    """

    def __init__(self, folder: Path) -> None:
        if not ((folder / "new").is_dir() and (folder / "cur").is_dir()):
            raise WrongUsageError(
                _("{folder} is no Maildir: it has no new/ and cur/ in it").format(folder=folder),
                _("Name the folder into which your mail server, or a program such as mbsync, puts the mails."),
            )
        self._folder = folder

    def unseen(self) -> Iterator[Path]:
        """The mails that nobody has seen, the oldest names first, to the last one.

        What is left unread stays where it is, and must not stand in the way of what comes after it: each slice begins
        behind the one before. What is put away in the meantime is not met again.
        """
        last = ("", "")
        while names := nsmallest(
            _SLICE_SIZE, (name_and_part for name_and_part in self._names() if name_and_part > last)
        ):
            for name, subfolder in names:
                yield self._folder / subfolder / name
            last = names[-1]

    def _names(self) -> Iterator[tuple[str, str]]:
        for subfolder in ("new", "cur"):
            with os.scandir(self._folder / subfolder) as entries:
                for entry in entries:
                    # A mail program moves what it shows into cur/; whether it was read, its flags say.
                    is_seen = subfolder == "cur" and _SEEN_FLAG in _flags(entry.name)
                    if not is_seen and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                        yield entry.name, subfolder

    @staticmethod
    def read_head(mail: Path) -> bytes:
        """The first bytes of a mail, as many as are looked at; nothing where it is gone."""
        try:
            with mail.open("rb") as file:
                return file.read(MAX_MAIL_BYTES)
        except OSError:
            return b""

    def mark_seen(self, mail: Path) -> None:
        """Move a mail into cur/, as one that was seen.

        Raises:
            OSError: it cannot be moved.
        """
        separator = ";" if os.name == "nt" else ":"  # Windows allows no colon
        name, _mark, _rest = mail.name.replace(";", ":").partition(":")
        flags = "".join(sorted({*_flags(mail.name), _SEEN_FLAG}))
        target = self._folder / "cur" / f"{name}{separator}2,{flags}"
        if target.exists() and target != mail:
            return  # two mails of one name: the other one stays where it is
        mail.replace(target)


def _flags(name: str) -> str:
    head, separator, flags = name.replace(";", ":").rpartition(":2,")
    return flags if head and separator else ""
