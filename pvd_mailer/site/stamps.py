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
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed, sign_until

__all__ = ["FIELD", "UsedStamps", "read_stamp", "stamp"]

FIELD: Final = "form"
FASTEST: Final = timedelta(seconds=2)
LONGEST: Final = timedelta(hours=24)
MOST: Final = 100_000
"""Stamps that are remembered, some 25 MB: as many as the bounds for all let in while a stamp is good."""


def stamp(keys: KeyRing, now: datetime, wording: str = "") -> str:
    """What a form carries to say when it was handed out, and which `wording` it asks to agree to; each is another."""
    ref = f"{int(now.timestamp()):x}-{_digest(wording)}-{secrets.token_hex(8)}"
    return sign_until(keys, Purpose.FORM, ref, now + LONGEST)


def read_stamp(fields: Mapping[str, tuple[str, ...]], keys: KeyRing, now: datetime, wording: str = "") -> str | None:
    """The stamp among `fields`, by which it is known; None where a person has to press the button once more.

    It was handed out by us with this very `wording`, and looked at before it was sent. Whoever presses the button again
    agrees to what is on the page then.
    """
    try:
        given = read_timed(keys, Purpose.FORM, next(iter(fields.get(FIELD, ())), ""), now)
    except ExpiredTokenError:
        return None
    at, _dash, rest = (given or "").partition("-")
    digest, _dash, _own = rest.partition("-")
    looked_at = digest == _digest(wording) and now.timestamp() - int(at, 16) >= FASTEST.total_seconds()
    return given if looked_at else None


def _digest(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()[:16]


class UsedStamps:
    """Remembers which stamps have served, and for whom; nothing of an address is kept in clear."""

    def __init__(self, most: int = MOST) -> None:
        self._salt = secrets.token_bytes(16)
        self._most = most
        self._used: OrderedDict[str, bytes] = OrderedDict()

    def use(self, given: str, who: str) -> bool | None:
        """Whether `given` serves `who` now; None where it has served them before, False where it has served another.

        Somebody who sends a form twice has asked once. Somebody who goes back, mends a slip in the address and sends
        the old form means it: they have to be told that it is not taken.
        """
        mark = hashlib.blake2b(who.encode(), key=self._salt, digest_size=16).digest()
        before = self._used.get(given)
        if before is not None:
            return None if before == mark else False
        self._used[given] = mark
        if len(self._used) > self._most:
            self._used.popitem(last=False)
        return True

    def give_back(self, given: str) -> None:
        """What it was used for was not taken down: it may serve yet."""
        self._used.pop(given, None)
