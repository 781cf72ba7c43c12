"""The signed event webhook, as SendGrid posts it."""

import base64
import json
import secrets
import time
import urllib.request

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

__all__ = ["Signer", "event", "post"]

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"


class Signer:
    """Signs with ECDSA on P-256 over SHA-256."""

    def __init__(self):
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public_key(self):
        """Base64 of the SPKI, as SendGrid's settings page shows it."""
        spki = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(spki).decode()

    def headers(self, body, timestamp=None):
        """The two headers for `body`: signed is the timestamp, then the bytes."""
        stamp = str(int(time.time()) if timestamp is None else timestamp)
        signature = self._key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {SIGNATURE: base64.b64encode(signature).decode(), TIMESTAMP: stamp}


def event(accepted, kind, **more):
    """One event about `accepted`, its custom arguments flattened in."""
    said = {
        "email": accepted.address,
        "timestamp": int(time.time()),
        "event": kind,
        "sg_event_id": secrets.token_urlsafe(16),
        "sg_message_id": f"{secrets.token_urlsafe(16)}.recvd-0",
        "smtp-id": f"<{secrets.token_hex(8)}@geopod-ismtpd-1>",
        "pvd_recipient": accepted.ref,
        "pvd_call": accepted.call,
    }
    usual = {
        "delivered": {"response": "250 OK"},
        "bounce": {"type": "bounce", "reason": "550 5.1.1 unknown user", "status": "5.1.1"},
        "dropped": {"reason": "Bounced Address"},
        "deferred": {"response": "451 try later", "attempt": "1"},
    }
    return said | usual.get(kind, {}) | more


def post(signer, url, events, timestamp=None):
    """POST `events` in one array, and give back the status."""
    body = json.dumps(events).encode()
    headers = {"Content-Type": "application/json", **signer.headers(body, timestamp)}
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - a loopback address of a test
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the same
        return response.status
