"""What each reader of a call would get, and the bytes that SendGrid would see of it."""

import base64
import json

from tests.sendgrid.ledger import Accepted, digest_of

__all__ = ["bare", "charset", "messages"]


def charset(part):
    """The charset that SendGrid sends `part` in: it looks at the characters and at nothing else."""
    try:
        part.encode("latin-1")
    except UnicodeEncodeError:
        return "utf-8"
    return "us-ascii" if part.isascii() else "iso-8859-1"


def _digest(call):
    pictures = [one["content"] for one in call.get("attachments", [])]
    return digest_of(call["subject"], *(one["value"] for one in call["content"]), *pictures)


def bare(call):
    """A call's recipients with nothing but what a ledger's file holds: cheap for thousands."""
    digest = _digest(call)
    for one in call["personalizations"]:
        arguments = call.get("custom_args", {}) | one.get("custom_args", {})
        ref, call_id = arguments.get("pvd_recipient", ""), arguments.get("pvd_call", "")
        for person in one["to"]:
            yield Accepted(ref, person["email"], call_id, digest)


def messages(call):
    """Each recipient's message, filled in."""
    parts = {one["type"]: one["value"] for one in call["content"]}
    pictures = {one.get("content_id"): base64.b64decode(one["content"]) for one in call.get("attachments", [])}
    common = json.dumps({name: value for name, value in call.items() if name != "personalizations"})
    for one, plain in zip(call["personalizations"], bare(call), strict=True):

        def filled(text, one=one):
            for key, value in one.get("substitutions", {}).items():
                text = text.replace(key, value)
            return text

        headers = call.get("headers", {}) | one.get("headers", {})
        if "reply_to" in call:
            headers["Reply-To"] = call["reply_to"]["email"]
        yield Accepted(
            plain.ref,
            plain.address,
            plain.call,
            plain.digest,
            name=one["to"][0].get("name", ""),
            subject=filled(call["subject"]),
            html=filled(parts.get("text/html", "")),
            text=filled(parts.get("text/plain", "")),
            headers={name.lower(): value for name, value in headers.items()},
            pictures=pictures,
            raw=json.dumps(one) + common,
        )
