"""Who was accepted, written down before the answer: in memory, and one line a recipient in a file."""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Accepted", "Ledger", "digest_of", "read_ledger"]


@dataclass(frozen=True, repr=False)
class Accepted:
    """One message that the far side took, as its reader would get it."""

    ref: str
    address: str
    call: str
    """The call's id where the message carries one."""
    digest: str
    """Of what was handed over, before anything of a reader is filled in."""
    name: str = ""
    subject: str = ""
    html: str = ""
    text: str = ""
    headers: dict = field(default_factory=dict)
    """By their names in lower case."""
    pictures: dict = field(default_factory=dict)
    """Bytes by content id."""
    raw: str = ""
    """Everything that this reader's provider could see of the message."""


def digest_of(*parts):
    """A digest of texts and bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:32]


class Ledger:
    """Keeps what was accepted.

    Args:
        file: One line of JSON a recipient is appended to it, and flushed before the answer.
        keep: Whether the messages themselves stay in memory.
    """

    def __init__(self, file=None, *, keep=True):
        self._file = Path(file).open("a", encoding="utf-8") if file else None  # noqa: SIM115 - open as long as the server
        self._lock = threading.Lock()
        self._keep = keep
        self.accepted = []
        self.count = 0

    def write(self, messages):
        """Take note of `messages`, all or none of them."""
        with self._lock:
            if self._file:
                self._file.write(
                    "".join(
                        json.dumps({"ref": one.ref, "address": one.address, "call": one.call, "digest": one.digest})
                        + "\n"
                        for one in messages
                    )
                )
                self._file.flush()
            self.count += len(messages)
            if self._keep:
                self.accepted.extend(messages)

    def close(self):
        if self._file:
            self._file.close()


def read_ledger(file):
    """The lines of a ledger, as dicts."""
    return [json.loads(line) for line in Path(file).read_text("utf-8").splitlines()]
