"""A Maildir on this machine: the letter as a mail program would receive it, and nothing leaves."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from pvd_mailer.errors import os_error_reason
from pvd_mailer.letter import Letter
from pvd_mailer.letter.message_builder import MessageBuilder
from pvd_mailer.private import create_file, make_folder
from pvd_mailer.send.channels.base import DeliveryOutcome, DeliveryResult, FailureCause, SenderIdentity, SendRequest
from pvd_mailer.send.channels.reasons import interrupted_result, invalid_address_result

__all__ = ["Outbox", "OutboxSession"]


def _sync_folder(folder: Path) -> None:
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
        self._messages = MessageBuilder()
        self._existing_keys: set[str] | None = None
        self._is_aborted = False

    def abort(self) -> None:
        """Write no other message."""
        self._is_aborted = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def _load_keys(self) -> set[str]:
        if self._existing_keys is None:
            for folder in (self._folder, *(self._folder / part for part in ("tmp", "new", "cur"))):
                make_folder(folder)
            # A mail program moves what was read to cur/ and may add flags after the name.
            self._existing_keys = {
                path.name.partition(":")[0].partition(";")[0]
                for part in ("new", "cur")
                for path in (self._folder / part).iterdir()
            }
        return self._existing_keys

    def _write(self, key: str, message: bytes) -> None:
        temporary = self._folder / "tmp" / key
        try:
            temporary.unlink(missing_ok=True)  # of a run that was killed
            with create_file(temporary) as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._folder / "new" / key)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(self._folder / "new")

    def send(self, request: SendRequest) -> Iterator[tuple[str | None, DeliveryResult]]:
        """Write one message a recipient, unless one with its key is there: that is the same message."""
        try:
            existing_keys = self._load_keys()
            for recipient in request.recipients:
                if self._is_aborted:
                    yield None, interrupted_result(DeliveryOutcome.NOT_SENT)
                    return
                if recipient.ref not in existing_keys:
                    try:
                        message = self._messages.build(request.letter, request.envelope(recipient))
                    except ValueError:
                        yield recipient.ref, invalid_address_result()
                        continue
                    self._write(recipient.ref, message)
                    existing_keys.add(recipient.ref)
                yield recipient.ref, DeliveryResult(DeliveryOutcome.ACCEPTED)
        except OSError as error:
            yield (
                None,
                DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.DISK, os_error_reason(error), is_fatal=True),
            )


class Outbox:
    """Delivers into the Maildir at `folder`.

    A message is written to `tmp/`, synced, and renamed into `new/`, so that a reader sees it whole or not at all. Its
    name is the recipient's key, without the `:2,` of other Maildirs, which Windows does not allow.
    """

    name = "outbox"
    identity = "outbox"
    is_live = False
    batch_size = 100
    concurrency = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def session(self) -> OutboxSession:
        """Nothing is touched before the first message."""
        return OutboxSession(self._folder)

    def validate(self, letter: Letter, sender: SenderIdentity) -> None:
        """A disk takes every letter."""
