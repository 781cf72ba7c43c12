"""The stamp that a form carries: who handed it out, when, for which wording; and that it serves once.

What was used is remembered in this process alone. After a restart, and in another process that serves the same site,
a stamp that was used may serve once more until its day is over. The bounds on mails to one mailbox are in the database,
and hold all the same.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pvd_mailer.keys import KeyRing
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed_token, sign_timed_token

__all__ = ["STAMP_FIELD", "UsedStamps", "form_stamp", "read_stamp"]

STAMP_FIELD: Final = "form"
_MIN_FILL_TIME: Final = timedelta(seconds=2)
_MAX_AGE: Final = timedelta(hours=24)
_MAX_REMEMBERED: Final = 100_000
"""Stamps that are remembered, some 25 MB: as many as the bounds for all let in while a stamp is good."""


def form_stamp(keys: KeyRing, now: datetime, wording: str = "") -> str:
    """What a form carries to say when it was handed out, and which `wording` it asks to agree to; each is another."""
    ref = f"{int(now.timestamp()):x}-{_digest(wording)}-{secrets.token_hex(8)}"
    return sign_timed_token(keys, Purpose.FORM, ref, now + _MAX_AGE)


def read_stamp(fields: Mapping[str, tuple[str, ...]], keys: KeyRing, now: datetime, wording: str = "") -> str | None:
    """The stamp among `fields`, by which it is known; None where a person has to press the button once more.

    It was handed out by us with this very `wording`, and looked at before it was sent. Whoever presses the button again
    agrees to what is on the page then.
    """
    try:
        stamp = read_timed_token(keys, Purpose.FORM, next(iter(fields.get(STAMP_FIELD, ())), ""), now)
    except ExpiredTokenError:
        return None
    issued_at, _dash, rest = (stamp or "").partition("-")
    digest, _dash, _own = rest.partition("-")
    is_valid = digest == _digest(wording) and now.timestamp() - int(issued_at, 16) >= _MIN_FILL_TIME.total_seconds()
    return stamp if is_valid else None


def _digest(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()[:16]


class UsedStamps:
    """Remembers which stamps have served, and for whom; nothing of an address is kept in clear."""

    def __init__(self, max_remembered: int = _MAX_REMEMBERED) -> None:
        self._salt = secrets.token_bytes(16)
        self._max_remembered = max_remembered
        self._used: OrderedDict[str, bytes] = OrderedDict()

    def use(self, stamp: str, address_key: str) -> bool | None:
        """Whether `stamp` serves `address_key` now; None where it has served them before, False where another.

        Somebody who sends a form twice has asked once. Somebody who goes back, mends a slip in the address and sends
        the old form means it: they have to be told that it is not taken.
        """
        mark = hashlib.blake2b(address_key.encode(), key=self._salt, digest_size=16).digest()
        earlier_mark = self._used.get(stamp)
        if earlier_mark is not None:
            return None if earlier_mark == mark else False
        self._used[stamp] = mark
        if len(self._used) > self._max_remembered:
            self._used.popitem(last=False)
        return True

    def release(self, stamp: str) -> None:
        """What it was used for was not taken down: it may serve yet."""
        self._used.pop(stamp, None)
