"""The signed tokens in readers' links. A token says who and what for; it can be neither guessed nor changed.

Made with itsdangerous: HMAC-SHA256 over a purpose and the reader's opaque reference, so that a token for leaving
opens nothing else. It carries no address. One for leaving does not expire: a letter of last year must still let its
reader go. The others do (`sign_timed_token`): what they open is a person's own data.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from enum import StrEnum

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from pvd_mailer.keys import KeyRing

__all__ = [
    "MAX_TOKEN_LENGTH",
    "ExpiredTokenError",
    "Purpose",
    "TokenSigner",
    "read_timed_token",
    "read_token",
    "sign_timed_token",
]

MAX_TOKEN_LENGTH = 200
"""Of a token, in characters."""


class Purpose(StrEnum):
    """What a token is good for."""

    UNSUBSCRIBE = "unsubscribe"
    UNDO = "undo"
    """To take back what was done a moment ago."""
    CONFIRM = "confirm"
    """Of a request to subscribe, by its `requests.ref`."""
    PREFERENCES = "preferences"
    """To see, change and erase what is held."""
    FORM = "form"
    """Of a form of ours: when it was handed out."""


class ExpiredTokenError(Exception):
    """The token is ours, and its time is over."""


def _signer(keys: KeyRing, purpose: Purpose) -> Signer:
    return Signer(
        list(keys.signing),
        salt=f"pvd-mailer {purpose}".encode(),
        sep=".",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )


class TokenSigner:
    """Makes tokens of one purpose, thousands in a row: the key is derived once.

    They are what `itsdangerous.Signer.sign` gives; a test holds the two equal.
    """

    def __init__(self, keys: KeyRing, purpose: Purpose) -> None:
        self._mac = hmac.new(_signer(keys, purpose).derive_key(), digestmod=hashlib.sha256)

    def sign(self, ref: str) -> str:
        """A token for the subscriber with `ref` (letters, digits, `-` and `_`); safe in a URL's path."""
        mac = self._mac.copy()
        mac.update(ref.encode())
        return f"{ref}.{base64_encode(mac.digest()).decode()}"


def read_token(keys: KeyRing, purpose: Purpose, token: str) -> str | None:
    """The reference that `token` carries, or None where it is not one of ours, or was made for something else."""
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii():
        return None
    try:
        ref = _signer(keys, purpose).unsign(token).decode()
        signature = token.rpartition(".")[2]
        # The last sign has bits that decode to nothing: one token has one spelling.
        return ref if base64_encode(base64_decode(signature)) == signature.encode() else None
    except (BadData, UnicodeDecodeError):
        return None


def sign_timed_token(keys: KeyRing, purpose: Purpose, ref: str, expires_at: datetime) -> str:
    """A token for `ref` that is good until `expires_at`, to the second; safe in a URL's path."""
    return TokenSigner(keys, purpose).sign(f"{ref}~{int(expires_at.timestamp()):x}")


def read_timed_token(keys: KeyRing, purpose: Purpose, token: str, now: datetime) -> str | None:
    """The reference in a token made by `sign_timed_token`, or None where it is not one of ours, or for something else.

    Raises:
        ExpiredTokenError: it was one, until some time before `now`.
    """
    ref, _tilde, expiry = (read_token(keys, purpose, token) or "").rpartition("~")
    if not ref:
        return None
    if datetime.fromtimestamp(int(expiry, 16), UTC) < now:
        raise ExpiredTokenError
    return ref
