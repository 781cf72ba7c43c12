"""One page: asked for as a polite reader would, and what can be said of it."""

import re
import ssl
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from html import unescape
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from pvd_mailer.online.html_head import encoding_of, meta_refresh_target
from pvd_mailer.online.http_client import PrivateAddressError, UnknownHostError
from pvd_mailer.online.results import LinkFault, LinkResult

__all__ = ["FetchedPage", "fetch_page"]

MAX_REDIRECTS = 8
MAX_PAGE_BYTES = 1_000_000
"""Of a page: what comes after is not read."""
_HEAD_FAILS = frozenset({400, 403, 404, 405, 406, 409, 429, 500, 501, 502, 503})
"""Answers to HEAD that say nothing yet: many servers know GET alone."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TITLE = re.compile(rb"(?is)<title\b[^>]{0,1000}>(.{0,2000}?)</title>")
_ANCHOR = re.compile(rb"""(?is)\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ROUTE = re.compile(r"[/:=!~&]")
"""Fragments that a page's own program reads (`#/news`, `#:~:text=`) are no anchors."""
_MAX_TITLE_LENGTH = 120
_MAX_LENGTH_DIGITS = 12

Throttle = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What came for one address."""

    result: LinkResult
    body: bytes = b""
    is_complete: bool = False
    """Whether `body` is all of a page of HTML."""
    is_html: bool = False
    encoding: str = "utf-8"

    def has_anchor(self, fragment: str) -> bool | None:
        """Whether the page has an anchor of that name; None where that cannot be told."""
        if not self.body or not fragment or _ROUTE.search(fragment) or fragment.lower() == "top":
            return None
        spellings = {fragment, unquote(fragment), unquote(fragment, self.encoding)}
        for groups in _ANCHOR.findall(self.body):
            if unescape(next((part for part in groups if part), b"").decode(self.encoding, "replace")) in spellings:
                return True
        return False if self.is_complete else None


class _FetchFailed(Exception):  # noqa: N818 - it carries a fault, and is none
    def __init__(self, fault: LinkFault, final: str) -> None:
        super().__init__(fault)
        self.fault, self.final = fault, final


def fetch_page(client: httpx.Client, url: str, throttle: Throttle) -> FetchedPage:
    """The page at `url`, without its fragment. Nothing is raised: a fault is an answer as well."""
    start = time.monotonic()
    waited = [0.0]
    try:
        page = _follow_redirects(client, url, throttle, waited)
    except _FetchFailed as failure:
        page = FetchedPage(LinkResult(fault=failure.fault, final=failure.final))
    seconds = round(time.monotonic() - start - waited[0], 2)
    result = replace(page.result, seconds=seconds)
    if result.is_good and urlsplit(result.final).scheme == "http":
        result = replace(result, secure=_is_secure(client, result.final, throttle))
    return replace(page, result=result)


def _is_secure(client: httpx.Client, url: str, throttle: Throttle) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port if parts.port not in (None, 80) else None
    try:
        secure = parts._replace(scheme="https", netloc=f"{host}:{port}" if port else host).geturl()
        return _follow_redirects(client, secure, throttle, [0.0]).result.is_good
    except _FetchFailed:
        return False


def _follow_redirects(client: httpx.Client, url: str, throttle: Throttle, waited: list[float]) -> FetchedPage:
    """The page that `url` leads to in the end.

    Raises:
        _Stopped: it leads to none.
    """
    try:
        current = httpx.URL(url)
    except httpx.InvalidURL:
        raise _FetchFailed(LinkFault.SCHEME, url) from None
    method = "HEAD"
    for _hop in range(MAX_REDIRECTS):
        try:
            page, target = _request(client, method, current, throttle, waited)
        except _FetchFailed as failure:
            if method == "GET" or failure.fault not in (LinkFault.TIMEOUT, LinkFault.BROKEN):
                raise
            # Some servers leave HEAD without any answer.
            method = "GET"
            page, target = _request(client, method, current, throttle, waited)
        if method == "HEAD" and target is None and _wants_body(page):
            method = "GET"
            page, target = _request(client, method, current, throttle, waited)
        if target is None:
            return page
        if target.scheme not in ("http", "https") or not target.host:
            raise _FetchFailed(LinkFault.SCHEME, str(current))
        current = target
    raise _FetchFailed(LinkFault.LOOP, str(current))


def _wants_body(page: FetchedPage) -> bool:
    """Whether HEAD did not say enough: the title and the anchors of a page are in its body."""
    return page.result.status in _HEAD_FAILS or page.is_html


def _request(
    client: httpx.Client, method: str, url: httpx.URL, throttle: Throttle, waited: list[float]
) -> tuple[FetchedPage, httpx.URL | None]:
    """One request: the page, or where it leads on.

    Raises:
        _Stopped: there is no answer.
    """
    final = str(url)
    before = time.monotonic()
    with throttle(url.host):
        waited[0] += time.monotonic() - before
        try:
            with client.stream(method, url) as response:
                location = response.headers.get("location")
                if response.status_code in _REDIRECTS and location:
                    return FetchedPage(LinkResult(response.status_code, final=final)), _join_url(url, location)
                page = _read_page(response, final, has_body=method == "GET")
                target = meta_refresh_target(page.body, page.encoding, url) if page.result.is_good else None
                return page, target
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpx.HTTPError) as error:
            raise _FetchFailed(_classify_error(error), final) from None
        except httpx.InvalidURL:
            raise _FetchFailed(LinkFault.SCHEME, final) from None  # of a redirect, which httpx reads as well
        except (OSError, ValueError, RuntimeError):
            # A library's own fault with what a server sent is the server's.
            raise _FetchFailed(LinkFault.BROKEN, final) from None


def _join_url(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads.

    Raises:
        _Stopped: it is no address.
    """
    try:
        return url.join(location)
    except (httpx.InvalidURL, ValueError):
        raise _FetchFailed(LinkFault.SCHEME, str(url)) from None


def _classify_error(error: Exception) -> LinkFault:
    if isinstance(error, httpx.RemoteProtocolError):
        return (
            LinkFault.SCHEME
        )  # the transport raises httpcore's errors: this one is httpx's, of a redirect to no address
    if isinstance(error, UnknownHostError):
        return LinkFault.NO_HOST
    if isinstance(error, PrivateAddressError):
        return LinkFault.PRIVATE
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return LinkFault.TIMEOUT
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return LinkFault.CERTIFICATE
        cause = cause.__cause__ or cause.__context__
    return LinkFault.REFUSED if isinstance(error, httpcore.ConnectError) else LinkFault.BROKEN


def _read_page(response: httpx.Response, final: str, *, has_body: bool) -> FetchedPage:
    headers = response.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_html = kind in ("text/html", "application/xhtml+xml", "")
    length = headers.get("content-length", "")
    # Of a page the weight says nothing to a reader: it is documents that are weighed.
    size = int(length) if length.isdecimal() and len(length) <= _MAX_LENGTH_DIGITS and not is_html else None
    result = LinkResult(response.status_code, final=final, size=size)
    if not has_body or not is_html or headers.get("content-encoding", "identity") != "identity":
        return FetchedPage(result, is_html=is_html)
    body = bytearray()
    is_complete = True
    for piece in response.iter_raw():
        body += piece
        if len(body) > MAX_PAGE_BYTES:
            is_complete = False
            break
    title = _TITLE.search(body)
    encoding = encoding_of(headers.get("content-type", ""), body)
    text = unescape(title[1].decode(encoding, "replace")) if title else ""
    return FetchedPage(
        replace(result, title=" ".join(text.split())[:_MAX_TITLE_LENGTH]), bytes(body), is_complete, is_html, encoding
    )
