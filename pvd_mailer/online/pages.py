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

from pvd_mailer.online.heads import encoding_of, leads_to
from pvd_mailer.online.model import Answer, Fault
from pvd_mailer.online.network import PrivateAddressError, UnknownHostError

__all__ = ["Page", "ask"]

HOPS = 8
MOST_BYTES = 1_000_000
"""Of a page: what comes after is not read."""
_HEAD_FAILS = frozenset({400, 403, 404, 405, 406, 409, 429, 500, 501, 502, 503})
"""Answers to HEAD that say nothing yet: many servers know GET alone."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TITLE = re.compile(rb"(?is)<title\b[^>]{0,1000}>(.{0,2000}?)</title>")
_NAMED = re.compile(rb"""(?is)\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ROUTE = re.compile(r"[/:=!~&]")
"""Fragments that a page's own program reads (`#/news`, `#:~:text=`) are no anchors."""
TITLE_LENGTH = 120
MOST_DIGITS = 12

Turn = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Page:
    """What came for one address."""

    answer: Answer
    body: bytes = b""
    whole: bool = False
    """Whether `body` is all of a page of HTML."""
    is_page: bool = False
    encoding: str = "utf-8"

    def has(self, fragment: str) -> bool | None:
        """Whether the page has an anchor of that name; None where that cannot be told."""
        if not self.body or not fragment or _ROUTE.search(fragment) or fragment.lower() == "top":
            return None
        wanted = {fragment, unquote(fragment), unquote(fragment, self.encoding)}
        for groups in _NAMED.findall(self.body):
            if unescape(next((part for part in groups if part), b"").decode(self.encoding, "replace")) in wanted:
                return True
        return False if self.whole else None


class _Stopped(Exception):  # noqa: N818 - it carries a fault, and is none
    def __init__(self, fault: Fault, final: str) -> None:
        super().__init__(fault)
        self.fault, self.final = fault, final


def ask(client: httpx.Client, url: str, turn: Turn) -> Page:
    """The page at `url`, without its fragment. Nothing is raised: a fault is an answer as well."""
    start = time.monotonic()
    waited = [0.0]
    try:
        page = _followed(client, url, turn, waited)
    except _Stopped as stopped:
        page = Page(Answer(fault=stopped.fault, final=stopped.final))
    seconds = round(time.monotonic() - start - waited[0], 2)
    answer = replace(page.answer, seconds=seconds)
    if answer.is_good and urlsplit(answer.final).scheme == "http":
        answer = replace(answer, secure=_is_secure(client, answer.final, turn))
    return replace(page, answer=answer)


def _is_secure(client: httpx.Client, url: str, turn: Turn) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port if parts.port not in (None, 80) else None
    try:
        secure = parts._replace(scheme="https", netloc=f"{host}:{port}" if port else host).geturl()
        return _followed(client, secure, turn, [0.0]).answer.is_good
    except _Stopped:
        return False


def _followed(client: httpx.Client, url: str, turn: Turn, waited: list[float]) -> Page:
    """The page that `url` leads to in the end.

    Raises:
        _Stopped: it leads to none.
    """
    try:
        current = httpx.URL(url)
    except httpx.InvalidURL:
        raise _Stopped(Fault.SCHEME, url) from None
    method = "HEAD"
    for _hop in range(HOPS):
        try:
            page, target = _once(client, method, current, turn, waited)
        except _Stopped as stopped:
            if method == "GET" or stopped.fault not in (Fault.TIMEOUT, Fault.BROKEN):
                raise
            # Some servers leave HEAD without any answer.
            method = "GET"
            page, target = _once(client, method, current, turn, waited)
        if method == "HEAD" and target is None and _wants_body(page):
            method = "GET"
            page, target = _once(client, method, current, turn, waited)
        if target is None:
            return page
        if target.scheme not in ("http", "https") or not target.host:
            raise _Stopped(Fault.SCHEME, str(current))
        current = target
    raise _Stopped(Fault.LOOP, str(current))


def _wants_body(page: Page) -> bool:
    """Whether HEAD did not say enough: the title and the anchors of a page are in its body."""
    return page.answer.status in _HEAD_FAILS or page.is_page


def _once(
    client: httpx.Client, method: str, url: httpx.URL, turn: Turn, waited: list[float]
) -> tuple[Page, httpx.URL | None]:
    """One request: the page, or where it leads on.

    Raises:
        _Stopped: there is no answer.
    """
    final = str(url)
    before = time.monotonic()
    with turn(url.host):
        waited[0] += time.monotonic() - before
        try:
            with client.stream(method, url) as response:
                location = response.headers.get("location")
                if response.status_code in _REDIRECTS and location:
                    return Page(Answer(response.status_code, final=final)), _joined(url, location)
                page = _read(response, final, has_body=method == "GET")
                target = leads_to(page.body, page.encoding, url) if page.answer.is_good else None
                return page, target
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpx.HTTPError) as error:
            raise _Stopped(_fault(error), final) from None
        except httpx.InvalidURL:
            raise _Stopped(Fault.SCHEME, final) from None  # of a redirect, which httpx reads as well
        except (OSError, ValueError, RuntimeError):
            # A library's own fault with what a server sent is the server's.
            raise _Stopped(Fault.BROKEN, final) from None


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads.

    Raises:
        _Stopped: it is no address.
    """
    try:
        return url.join(location)
    except (httpx.InvalidURL, ValueError):
        raise _Stopped(Fault.SCHEME, str(url)) from None


def _fault(error: Exception) -> Fault:
    if isinstance(error, httpx.RemoteProtocolError):
        return Fault.SCHEME  # the transport raises httpcore's errors: this one is httpx's, of a redirect to no address
    if isinstance(error, UnknownHostError):
        return Fault.NO_HOST
    if isinstance(error, PrivateAddressError):
        return Fault.PRIVATE
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return Fault.TIMEOUT
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Fault.CERTIFICATE
        cause = cause.__cause__ or cause.__context__
    return Fault.REFUSED if isinstance(error, httpcore.ConnectError) else Fault.BROKEN


def _read(response: httpx.Response, final: str, *, has_body: bool) -> Page:
    headers = response.headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_page = kind in ("text/html", "application/xhtml+xml", "")
    length = headers.get("content-length", "")
    # Of a page the weight says nothing to a reader: it is documents that are weighed.
    size = int(length) if length.isdecimal() and len(length) <= MOST_DIGITS and not is_page else None
    answer = Answer(response.status_code, final=final, size=size)
    if not has_body or not is_page or headers.get("content-encoding", "identity") != "identity":
        return Page(answer, is_page=is_page)
    body = bytearray()
    whole = True
    for piece in response.iter_raw():
        body += piece
        if len(body) > MOST_BYTES:
            whole = False
            break
    title = _TITLE.search(body)
    encoding = encoding_of(headers.get("content-type", ""), body)
    text = unescape(title[1].decode(encoding, "replace")) if title else ""
    return Page(replace(answer, title=" ".join(text.split())[:TITLE_LENGTH]), bytes(body), whole, is_page, encoding)
