"""A message as its reader's mail program sees it."""

import email
import email.policy
import hashlib

from tests.sendgrid.ledger import Accepted

__all__ = ["read_message"]


def read_message(raw, address=None, *, keep=True):
    """What is in `raw`, for `address` or else for whom its To names; without its parts if they are not kept."""
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    # Behind the place, the Message-ID of a letter has a tag.
    ref = ".".join((parsed["Message-ID"] or "").strip("<>").partition("@")[0].split(".")[:2])
    (reader,) = parsed["To"].addresses
    # RFC 6532: a header may be UTF-8, which the parser keeps as bytes it does not know.
    own = reader.addr_spec.encode("utf-8", "surrogateescape").decode()
    plain = {"ref": ref, "address": address or own, "digest": hashlib.sha256(raw).hexdigest()[:32]}
    if not keep:
        return Accepted(call="", **plain)
    parts = {
        part.get_content_type(): part.get_content().replace("\r\n", "\n")
        for part in parsed.walk()
        if part.get_content_maintype() == "text"
    }
    pictures = {
        part["Content-ID"].strip("<>"): part.get_content()
        for part in parsed.walk()
        if part.get_content_maintype() == "image"
    }
    return Accepted(
        call="",
        **plain,
        name=reader.display_name,
        subject=parsed["Subject"],
        html=parts["text/html"],
        text=parts["text/plain"],
        headers={name.lower(): str(value) for name, value in parsed.items()},
        pictures=pictures,
        raw=raw.decode("utf-8", "replace"),
    )
