"""SendGrid's signature on what its webhook posts: ECDSA on P-256 over SHA-256, of the timestamp and the raw bytes."""

import base64
import re
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _

__all__ = ["SIGNATURE_HEADER", "TIMESTAMP_HEADER", "WebhookVerifier", "looks_signed"]

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
_MAX_AGE = timedelta(hours=26)
"""SendGrid tries for 24 hours; whether it signs each try anew it does not say."""
_MAX_SIGNATURE_LENGTH = 200
"""Characters of a signature in base64; there are 96 at most."""


class WebhookVerifier:
    """Tells SendGrid's calls from anybody else's.

    Args:
        key: Base64 of the public key (SPKI), as SendGrid's settings show it.

    Raises:
        WrongUsageError: it is no such key.
    """

    def __init__(self, key: str) -> None:
        try:
            public_key = serialization.load_der_public_key(base64.b64decode(key, validate=True))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise _not_a_key_error() from error
        if not isinstance(public_key, ec.EllipticCurvePublicKey) or not isinstance(public_key.curve, ec.SECP256R1):
            raise _not_a_key_error()
        self._key = public_key

    def verify(self, signature: str, timestamp: str, body: bytes, now: datetime) -> bool:
        """Whether SendGrid signed exactly these bytes, no longer ago than it would go on trying."""
        if not looks_signed(signature, timestamp, now):
            return False
        try:
            decoded = base64.b64decode(signature, validate=True)
            self._key.verify(decoded, timestamp.encode("ascii") + body, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


def looks_signed(signature: str, timestamp: str, now: datetime) -> bool:
    """Whether these headers are formed as SendGrid's, and recent. That costs nothing, and needs no body."""
    if len(signature) > _MAX_SIGNATURE_LENGTH or not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
        return False
    if abs(now.timestamp() - int(timestamp)) > _MAX_AGE.total_seconds():
        return False
    try:
        decoded = base64.b64decode(signature, validate=True)
        decode_dss_signature(decoded)
    except ValueError:  # binascii's own is one
        return False
    # Else it has bits that decode to nothing: not as it was sent.
    return base64.b64encode(decoded) == signature.encode("ascii")


def _not_a_key_error() -> WrongUsageError:
    return WrongUsageError(
        _("PVD_SENDGRID_WEBHOOK_KEY is no key that SendGrid signs with"),
        _("Copy the verification key from SendGrid's settings, Event Webhook, Security features."),
    )
