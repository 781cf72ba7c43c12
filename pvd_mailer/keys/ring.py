"""A key ring: what signs readers' links, and what may never change, as values."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pvd_mailer import clock

__all__ = ["KeyRing", "full_key_id", "key_id", "make_keys", "with_new_key", "without_keys"]

_ID_LENGTH: Final = 8
"""Hexadecimal digits by which people tell keys apart."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Secrets; `repr` shows none.

    Attributes:
        signing: Oldest first. The last one signs, all of them verify: a link in a letter of last year still works.
        opposition: Keys the hashes of the opposition list, and what else must stay the same. It is never rotated: the
            hashes could not be made again.
        created: Id of a signing key -> when it was made, where that is known: keys of before have no date.
        revoked: Ids of keys that were ended, in full: a backup that still holds one does not bring it back.
    """

    signing: tuple[str, ...]
    opposition: str
    created: Mapping[str, datetime] = field(default_factory=dict, compare=False)
    revoked: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"KeyRing({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Tells two key rings apart, and gives nothing of them away; the same after a rotation."""
        return hashlib.sha256(b"pvd-mailer key ring\0" + self.opposition.encode()).hexdigest()[:16]

    def opposition_digest(self, address_key: str) -> str:
        """What stays of somebody who was forgotten: a keyed hash of the canonical address, 64 hexadecimal digits."""
        return hmac.new(self.opposition.encode(), address_key.encode(), hashlib.sha256).hexdigest()

    def trace(self, address_key: str) -> str:
        """By which an event is known again that names an address and no recipient of ours: 32 hexadecimal digits.

        It goes when the person is forgotten.
        """
        return self.opposition_digest(address_key)[:32]

    def message_tag(self, ref: str) -> str:
        """What makes the Message-ID of a letter one that only we can write: 20 hexadecimal digits.

        A report that gives it back comes from somebody who had that very letter. Of the key that is never rotated: a
        recipient who is sent the letter again after a rotation gets the same Message-ID, and a late report is known.
        """
        payload = b"pvd-mailer message\0" + ref.encode()
        return hmac.new(self.opposition.encode(), payload, hashlib.sha256).hexdigest()[:20]

    def is_message_tag(self, ref: str, tag: str) -> bool:
        """Whether `tag` is that of `ref`."""
        return hmac.compare_digest(self.message_tag(ref), tag)

    def to_json(self) -> str:
        """The file's text."""
        data: dict[str, Any] = {"signing": list(self.signing), "opposition": self.opposition}
        if self.created:
            data["made"] = {name: created_at.isoformat() for name, created_at in self.created.items()}
        if self.revoked:
            data["revoked"] = sorted(self.revoked)
        return json.dumps(data, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "KeyRing":
        """The key ring that `text` holds.

        Raises:
            ValueError: it holds none.
        """
        try:
            data: Any = json.loads(text)
        except RecursionError as error:
            raise ValueError from error
        if not isinstance(data, dict) or not isinstance(data.get("signing"), list) or not data["signing"]:
            raise ValueError
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate is neither signed with nor written again
        keys = [*data["signing"], data.get("opposition")]
        if not all(isinstance(key, str) and len(key) >= 32 for key in keys):  # noqa: PLR2004 - 128 bits in hexadecimal
            raise ValueError
        created, revoked = data.get("made", {}), data.get("revoked", [])
        if not isinstance(created, dict) or not isinstance(revoked, list):
            raise ValueError  # noqa: TRY004 - of a file that is damaged, whatever it holds
        dates = {str(name): datetime.fromisoformat(str(created_at)) for name, created_at in created.items()}
        if any(created_at.tzinfo is None for created_at in dates.values()):
            raise ValueError
        return cls(tuple(keys[:-1]), keys[-1], dates, frozenset(map(str, revoked)))


def full_key_id(key: str) -> str:
    """By which a key that was ended is known again, 64 hexadecimal digits; it gives nothing of the key away."""
    return hashlib.sha256(b"pvd-mailer signing key\0" + key.encode()).hexdigest()


def key_id(key: str) -> str:
    """By which people name a signing key, 8 hexadecimal digits; it gives nothing of the key away."""
    return full_key_id(key)[:_ID_LENGTH]


def make_keys() -> KeyRing:
    """A new key ring."""
    key = secrets.token_hex(32)
    return KeyRing((key,), secrets.token_hex(32), {key_id(key): clock.now()})


def with_new_key(keys: KeyRing) -> KeyRing:
    """`keys` with a new one that signs from now on; the others still verify."""
    key = secrets.token_hex(32)
    return replace(keys, signing=(*keys.signing, key), created={**keys.created, key_id(key): clock.now()})


def without_keys(keys: KeyRing, ids: Collection[str]) -> KeyRing:
    """`keys` without those whose ids are named; where the one that signs is among them, a new one signs.

    Raises:
        ValueError: one of `ids` is no key of the ring.
    """
    known = {key_id(key): key for key in keys.signing}
    if not ids or not set(ids) <= set(known):
        raise ValueError
    remaining = tuple(key for key in keys.signing if key_id(key) not in ids)
    ring = replace(
        keys,
        signing=remaining,
        created={revoked_id: created_at for revoked_id, created_at in keys.created.items() if revoked_id not in ids},
        revoked=keys.revoked | {full_key_id(known[revoked_id]) for revoked_id in ids},
    )
    return ring if remaining and remaining[-1] == keys.signing[-1] else with_new_key(ring)
