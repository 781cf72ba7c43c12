"""What can be kept by whoever asks: an answer with its digest and its date, and no body where the asker has it."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["Document", "conditional_response"]


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes that are the same for everybody.

    Attributes:
        modified: When they became what they are; None where that is not known.
        cache: The Cache-Control header.
        headers: More of them.
    """

    body: bytes
    media_type: str
    modified: datetime | None = None
    cache: str = "public, max-age=300"
    headers: dict[str, str] = field(default_factory=dict)


def conditional_response(request: Request, document: Document) -> Response:
    """`document`, or 304 where the asker's copy is the same (RFC 9110, 13)."""
    etag = f'"{hashlib.sha256(document.body).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": document.cache, **document.headers}
    if document.modified:
        headers["last-modified"] = format_datetime(
            document.modified.astimezone(UTC).replace(microsecond=0), usegmt=True
        )
    if _is_unchanged(request, etag, document.modified):
        return Response(status_code=304, headers=headers)
    return Response(document.body, media_type=document.media_type, headers=headers)


def _is_unchanged(request: Request, tag: str, modified: datetime | None) -> bool:
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None:  # it alone counts where it is given
        return if_none_match.strip() == "*" or tag in {
            known_etag.strip().removeprefix("W/") for known_etag in if_none_match.split(",")
        }
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        known_date = parsedate_to_datetime(since)
    except (TypeError, ValueError, OverflowError):
        return False
    return modified.replace(microsecond=0) <= (known_date if known_date.tzinfo else known_date.replace(tzinfo=UTC))
