"""Which links a letter may carry: http, https, mailto and tel, absolute, and nothing that hides where it leads."""

import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from markdown_it.common.normalize_url import normalizeLink
from pydantic import AfterValidator, StringConstraints, WithJsonSchema

from pvd_mailer.issue.base import clean_text, model_error

__all__ = ["ALLOWED_SCHEMES", "Url", "WebUrl", "check_url"]

ALLOWED_SCHEMES = ("http", "https", "mailto", "tel")
# Nothing to encode; most links are like this, and markdown-it takes its time over each.
_ASCII_URL = re.compile(r"[a-z]+:[A-Za-z0-9/._~?&=#@+,;:!$()*-]+")
_HOST = re.compile(r"[^\s@/?#\\<>\"'{}|^`\x00-\x20]+")


def check_url(value: str) -> str:
    """`value`, percent-encoded where it is not ASCII, if a letter may link to it.

    Raises:
        PydanticCustomError: the link is relative, of another scheme, without a host, or holds spaces.
    """
    value = clean_text(value.strip())
    if not value:
        raise model_error("empty")
    if value.startswith(("//", "\\", "/\\")):
        raise model_error("url-without-scheme", found=value[:80])
    if re.search(r"[\s<>\"\\`]", value):
        raise model_error("url-characters", found=value[:80])
    scheme, colon, rest = value.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise model_error("url-without-scheme", found=value[:80])
    if scheme.lower() not in ALLOWED_SCHEMES:
        raise model_error("url-scheme", found=scheme[:20])
    _CHECKS[scheme.lower()](value, rest)
    return value if _ASCII_URL.fullmatch(value) else str(normalizeLink(value))


def _check_web(value: str, rest: str) -> None:
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise model_error("url-host", found=value[:80]) from None
    if not rest.startswith("//") or not host or not _HOST.fullmatch(host) or host.startswith("."):
        raise model_error("url-host", found=value[:80])
    if "@" in parts.netloc:
        raise model_error("url-login", found=value[:80])


def _check_telephone(value: str, rest: str) -> None:
    if not re.fullmatch(r"\+?[0-9().-]{2,30}", rest):
        raise model_error("url-tel", found=value[:80])


def _check_mail_address(value: str, rest: str) -> None:
    if not re.fullmatch(r"[^@?]+@[^@?]+\.[^@?]+(\?.*)?", rest):
        raise model_error("url-mailto", found=value[:80])


_CHECKS: dict[str, Callable[[str, str], None]] = {
    "http": _check_web,
    "https": _check_web,
    "mailto": _check_mail_address,
    "tel": _check_telephone,
}
"""Scheme -> what looks at the whole link, and at what follows the colon."""


def _check_web_url(value: str) -> str:
    if not value.lower().startswith(("http:", "https:")):
        raise model_error("url-web", found=value[:80])
    return value


Url = Annotated[
    str,
    StringConstraints(strict=True, max_length=2000),
    AfterValidator(check_url),
    WithJsonSchema({"type": "string", "pattern": "^(https?://|mailto:|tel:)", "maxLength": 2000}),
]
WebUrl = Annotated[
    Url,
    AfterValidator(_check_web_url),
    WithJsonSchema({"type": "string", "pattern": "^https?://", "maxLength": 2000}),
]
