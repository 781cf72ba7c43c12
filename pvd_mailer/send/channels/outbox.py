"""A Maildir on this machine: the letter as a mail program would receive it, and nothing leaves."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pvd_mailer.errors import reason
from pvd_mailer.letter import Letter
from pvd_mailer.letter.mime import build
from pvd_mailer.private import create_file, make_folder
from pvd_mailer.send.channels.base import Cause, Consignment, Outcome, Result, Sender
from pvd_mailer.send.channels.reasons import interrupted, no_address

__all__ = ["Outbox", "OutboxSession"]


def _sync(folder: Path) -> None:
    """Make the names in `folder` last through a power cut, where the system has a way to ask for it."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class OutboxSession:
    """Writes messages into the Maildir at `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there: set[str] | None = None
        self._is_cut = False

    def abort(self) -> None:
        """Write no other message."""
        self._is_cut = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _known(self) -> set[str]:
        if self._there is None:
            for folder in (self._folder, *(self._folder / part for part in ("tmp", "new", "cur"))):
                make_folder(folder)
            # A mail program moves what was read to cur/ and may add flags after the name.
            self._there = {
                path.name.partition(":")[0].partition(";")[0]
                for part in ("new", "cur")
                for path in (self._folder / part).iterdir()
            }
        return self._there

    def _write(self, key: str, message: bytes) -> None:
        waiting = self._folder / "tmp" / key
        try:
            waiting.unlink(missing_ok=True)  # of a run that was killed
            with create_file(waiting) as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(self._folder / "new" / key)
        except OSError:
            waiting.unlink(missing_ok=True)
            raise
        _sync(self._folder / "new")

    def deliver(self, consignment: Consignment) -> Iterator[tuple[str | None, Result]]:
        """Write one message a recipient, unless one with its key is there: that is the same message."""
        try:
            there = self._known()
            for addressee in consignment.addressees:
                if self._is_cut:
                    yield None, interrupted(Outcome.NOT_SENT)
                    return
                if addressee.ref not in there:
                    try:
                        message = build(consignment.letter, consignment.envelope(addressee))
                    except ValueError:
                        yield addressee.ref, no_address()
                        continue
                    self._write(addressee.ref, message)
                    there.add(addressee.ref)
                yield addressee.ref, Result(Outcome.ACCEPTED)
        except OSError as error:
            yield None, Result(Outcome.NOT_SENT, Cause.DISK, reason(error), halts=True)


class Outbox:
    """Delivers into the Maildir at `folder`.

    A message is written to `tmp/`, synced, and renamed into `new/`, so that a reader sees it whole or not at all. Its
    name is the recipient's key, without the `:2,` of other Maildirs, which Windows does not allow.
    """

    name = "outbox"
    identity = "outbox"
    leaves = False
    batch_size = 100
    lanes = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def session(self) -> OutboxSession:
        """Nothing is touched before the first message."""
        return OutboxSession(self._folder)

    def vet(self, letter: Letter, sender: Sender) -> None:
        """A disk takes every letter."""
