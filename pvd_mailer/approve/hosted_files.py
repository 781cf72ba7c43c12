"""What a letter leads to, compared with what is hosted: a picture that is missing there is missing for everybody."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from pvd_mailer.findings import Finding, Location, Severity
from pvd_mailer.i18n import N_, _, language, set_language

__all__ = ["FILE_TIMEOUT", "compare_hosted"]

_CONCURRENCY = 4
_MAX_REDIRECTS = 3
FILE_TIMEOUT = 20.0
"""Seconds that one file may take, all together."""

_MESSAGES = {
    "hosted-missing": (
        N_("this file is not hosted: the server answered {found}"),
        N_("Publish it first (`pvd-mailer publish DIR --issue ISSUE`, then put DIR on the server)."),
    ),
    "hosted-different": (
        N_("what is hosted here is another file than the letter's"),
        N_("Publish again, put all of it on the server, and see that nothing there recompresses pictures."),
    ),
    "hosted-elsewhere": (
        N_("this address leads on to another one: {found}"),
        N_("Set PVD_STATIC_URL (or PVD_PUBLIC_URL) to the address where the files really are."),
    ),
    "hosted-unreachable": (
        N_("the server cannot be reached or does not answer: {found}"),
        N_("Open the address in a browser. If it works there, try again."),
    ),
}


def compare_hosted(expected: Mapping[str, bytes], file_timeout: float = FILE_TIMEOUT) -> list[Finding]:
    """What is not hosted as it should be, a finding each; `expected` has the bytes by address."""
    lang = language()
    limits = httpx.Limits(max_connections=_CONCURRENCY)
    timeout = httpx.Timeout(file_timeout / 2, pool=None)
    headers = {"accept-encoding": "identity", "user-agent": "pvd-mailer"}
    with (
        httpx.Client(limits=limits, timeout=timeout, headers=headers) as client,
        ThreadPoolExecutor(_CONCURRENCY) as pool,
    ):

        def look(item: tuple[str, bytes]) -> Finding | None:
            set_language(lang)
            return _check_file(client, *item, file_timeout)

        return [finding for finding in pool.map(look, expected.items()) if finding]


def _finding(rule: str, url: str, detail: str = "") -> Finding:
    message, hint = _MESSAGES[rule]
    return Finding(rule, Severity.BLOCKING, _(message).format(found=detail), _(hint), Location(url))


def _check_file(client: httpx.Client, address: str, expected: bytes, timeout: float) -> Finding | None:
    end = time.monotonic() + timeout
    url = httpx.URL(address)
    try:
        for _hop in range(_MAX_REDIRECTS):
            with client.stream("GET", url) as response:
                if response.has_redirect_location:
                    target = url.join(response.headers["location"])
                    # Mail programs and proxies follow within a host; elsewhere somebody else decides what is shown.
                    if (target.scheme, target.host, target.port) != (url.scheme, url.host, url.port):
                        return _finding("hosted-elsewhere", address, f"{target.scheme}://{target.host}")
                    url = target
                    continue
                if response.status_code != httpx.codes.OK:
                    return _finding("hosted-missing", address, str(response.status_code))
                return None if _body_equals(response, expected, end) else _finding("hosted-different", address)
        return _finding("hosted-elsewhere", address, str(url.path))
    except (TimeoutError, httpx.TimeoutException):
        return _finding("hosted-unreachable", address, _("no answer in time"))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _finding("hosted-unreachable", address, type(error).__name__)


def _body_equals(response: httpx.Response, expected: bytes, end: float) -> bool:
    """Whether the body is `expected`; no more is read than that takes.

    Raises:
        TimeoutError: it trickles.
    """
    received = bytearray()
    for piece in response.iter_bytes():
        received += piece
        if not expected.startswith(received):
            return False
        if time.monotonic() > end:
            raise TimeoutError
    return bytes(received) == expected
