"""A Maildir on this machine: the letter as a mail program would receive it, and nothing leaves."""

import os
from pathlib import Path

from pvd_mailer.errors import reason
from pvd_mailer.send.channels.base import Outcome, Parcel, Result

__all__ = ["Outbox"]


class Outbox:
    """Delivers into the Maildir at `folder`.

    A message is written to `tmp/`, synced, and renamed into `new/`, so that a reader sees it whole or not at
    all. Its name is the parcel's key, without the `:2,` of other Maildirs, which Windows does not allow; a key
    that is there already is not delivered again.
    """

    name = "outbox"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        # A mail program moves what was read to cur/ and may add flags after the name.
        self._keys = {
            path.name.partition(":")[0].partition(";")[0]
            for part in ("new", "cur")
            for path in (folder / part).iterdir()
        }

    def deliver(self, parcel: Parcel) -> Result:
        """Write the parcel, unless its key is there."""
        if parcel.key in self._keys:
            return Result(Outcome.ALREADY)
        waiting = self.folder / "tmp" / parcel.key
        try:
            with waiting.open("wb") as file:
                file.write(parcel.message)
                file.flush()
                os.fsync(file.fileno())
            waiting.replace(self.folder / "new" / parcel.key)
        except OSError as error:
            waiting.unlink(missing_ok=True)
            return Result(Outcome.NOT_SENT, reason(error))
        self._keys.add(parcel.key)
        return Result(Outcome.ACCEPTED)
