"""The signed tokens in readers' links. A token says who and what for; it can be neither guessed nor changed.

Made with itsdangerous: HMAC-SHA256 over a purpose and the reader's opaque reference, so that a token for leaving
opens nothing else. It carries no address. It does not expire: a letter of last year must still let its reader go.
"""

import hashlib
import hmac
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_encode

from pvd_mailer.keys import KeyRing

__all__ = ["Purpose", "Stamp", "read_token"]

MAX_LENGTH = 200


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
        self._key = _signer(keys, purpose).derive_key()

    def sign(self, ref: str) -> str:
        """A token for the subscriber with `ref` (letters, digits, `-` and `_`); safe in a URL's path."""
        signature = base64_encode(hmac.digest(self._key, ref.encode(), "sha256"))
        return f"{ref}.{signature.decode()}"


def read_token(keys: KeyRing, purpose: Purpose, token: str) -> str | None:
    """The reference that `token` carries, or None where it is not one of ours, or was made for something else."""
    if len(token) > MAX_LENGTH or not token.isascii():
        return None
    try:
        return _signer(keys, purpose).unsign(token).decode()
    except (BadSignature, UnicodeDecodeError):
        return None
