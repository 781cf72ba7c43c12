"""The signed tokens in readers' links. A token says who and what for; it can be neither guessed nor changed.

Made with itsdangerous: HMAC-SHA256 over a purpose and the reader's opaque reference, so that a token for leaving
opens nothing else. It carries no address. It does not expire: a letter of last year must still let its reader go.
"""

import hashlib
from enum import StrEnum

from itsdangerous import BadSignature, Signer

from pvd_mailer.keys import KeyRing

__all__ = ["Purpose", "read_token", "sign"]

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


def sign(keys: KeyRing, purpose: Purpose, ref: str) -> str:
    """A token for the subscriber with `ref` (letters, digits, `-` and `_`); safe in a URL's path."""
    return _signer(keys, purpose).sign(ref).decode()


def read_token(keys: KeyRing, purpose: Purpose, token: str) -> str | None:
    """The reference that `token` carries, or None where it is not one of ours, or was made for something else."""
    if len(token) > MAX_LENGTH or not token.isascii():
        return None
    try:
        return _signer(keys, purpose).unsign(token).decode()
    except (BadSignature, UnicodeDecodeError):
        return None
