"""The signed tokens in readers' links. A token says who and what for; it can be neither guessed nor changed.

Made with itsdangerous: HMAC-SHA256 over a purpose and the reader's opaque reference, so that a token for leaving
opens nothing else. It carries no address. It does not expire: a letter of last year must still let its reader go.
"""

import hashlib
from binascii import b2a_base64
from enum import StrEnum

from itsdangerous import BadSignature, Signer

from pvd_mailer.keys import KeyRing

__all__ = ["MAX_LENGTH", "Purpose", "Stamp", "read_token"]

MAX_LENGTH = 200
"""Of a token, in characters."""
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Purpose(StrEnum):
    """What a token is good for."""

    UNSUBSCRIBE = "unsubscribe"


def _signer(keys: KeyRing, purpose: Purpose) -> Signer:
    return Signer(
        list(keys.signing),
        salt=f"pvd-mailer {purpose}".encode(),
        sep=".",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )


class Stamp:
    """Makes tokens of one purpose, thousands in a row: the key is derived once.

    They are what `itsdangerous.Signer.sign` gives; a test holds the two equal.
    """

    def __init__(self, keys: KeyRing, purpose: Purpose) -> None:
        # HMAC (RFC 2104) with its two halves begun: `hmac.digest` would begin them for each of a thousand tokens.
        key = _signer(keys, purpose).derive_key().ljust(64, b"\0")
        self._inner = hashlib.sha256(key.translate(_INNER))
        self._outer = hashlib.sha256(key.translate(_OUTER))

    def sign(self, ref: str) -> str:
        """A token for the subscriber with `ref` (letters, digits, `-` and `_`); safe in a URL's path."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(ref.encode())
        outer.update(inner.digest())
        signature = b2a_base64(outer.digest(), newline=False).translate(_URL_SAFE)
        return f"{ref}.{signature[:43].decode()}"  # without the padding


def read_token(keys: KeyRing, purpose: Purpose, token: str) -> str | None:
    """The reference that `token` carries, or None where it is not one of ours, or was made for something else."""
    if len(token) > MAX_LENGTH or not token.isascii():
        return None
    try:
        return _signer(keys, purpose).unsign(token).decode()
    except (BadSignature, UnicodeDecodeError):
        return None
