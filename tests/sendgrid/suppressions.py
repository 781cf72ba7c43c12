"""The suppression lists, as SendGrid's API shows them: newest first, at most 500 a page."""

from urllib.parse import parse_qs, urlsplit

__all__ = ["LISTS", "answer"]

LISTS = ("bounces", "blocks", "invalid_emails", "spam_reports", "unsubscribes")
MOST = 500


def _no(status, message):
    return status, {"errors": [{"message": message, "field": None, "help": None}]}


def answer(fake, handler):
    """The status and the JSON of a GET."""
    parts = urlsplit(handler.path)
    fake.asked.append(handler.path)
    name = parts.path.rpartition("/")[2]
    if parts.path == "/v3/mail/send":
        return _no(405, "Method Not Allowed")
    if parts.path != f"/v3/suppression/{name}" or name not in LISTS:
        return _no(404, "Not Found")
    if handler.headers.get("Authorization") != f"Bearer {fake.key}":
        return _no(401, "The provided authorization grant is invalid, expired, or revoked")
    if not fake.may_read:
        return _no(403, "access forbidden")
    try:
        query = {key: int(value) for key, (value,) in parse_qs(parts.query, strict_parsing=True).items()}
    except ValueError:
        return _no(400, "invalid query")
    if query.keys() - {"start_time", "end_time", "limit", "offset"} or not 1 <= query.get("limit", MOST) <= MOST:
        return _no(400, "invalid query")
    start, end = query.get("start_time", 0), query.get("end_time", 2**40)
    found = [one for one in reversed(fake.lists[name]) if start <= one["created"] <= end]
    offset = query.get("offset", 0)
    return 200, found[offset : offset + query.get("limit", MOST)]
