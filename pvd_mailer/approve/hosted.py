"""What a letter leads to, compared with what is hosted: a picture that is missing there is missing for everybody."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import httpx

from pvd_mailer.findings import Finding, Place, Severity
from pvd_mailer.i18n import N_, _, language, speak

__all__ = ["PATIENCE", "compare"]

AT_ONCE = 4
HOPS = 3
PATIENCE = 20.0
"""Seconds that one file may take, all together."""

_WORDS = {
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


def compare(wanted: Mapping[str, bytes], patience: float = PATIENCE) -> list[Finding]:
    """What is not hosted as it should be, a finding each; `wanted` has the bytes by address."""
    spoken = language()
    limits = httpx.Limits(max_connections=AT_ONCE)
    timeout = httpx.Timeout(patience / 2, pool=None)
    headers = {"accept-encoding": "identity", "user-agent": "pvd-mailer"}
    with httpx.Client(limits=limits, timeout=timeout, headers=headers) as client, ThreadPoolExecutor(AT_ONCE) as pool:

        def look(one: tuple[str, bytes]) -> Finding | None:
            speak(spoken)
            return _look(client, *one, patience)

        return [found for found in pool.map(look, wanted.items()) if found]


def _finding(rule: str, address: str, found: str = "") -> Finding:
    message, hint = _WORDS[rule]
    return Finding(rule, Severity.BLOCKING, _(message).format(found=found), _(hint), Place(address))


def _look(client: httpx.Client, address: str, wanted: bytes, patience: float) -> Finding | None:
    end = time.monotonic() + patience
    url = httpx.URL(address)
    try:
        for _hop in range(HOPS):
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
                return None if _is(response, wanted, end) else _finding("hosted-different", address)
        return _finding("hosted-elsewhere", address, str(url.path))
    except (TimeoutError, httpx.TimeoutException):
        return _finding("hosted-unreachable", address, _("no answer in time"))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _finding("hosted-unreachable", address, type(error).__name__)


def _is(response: httpx.Response, wanted: bytes, end: float) -> bool:
    """Whether the body is `wanted`; no more is read than that takes.

    Raises:
        TimeoutError: it trickles.
    """
    read = bytearray()
    for piece in response.iter_bytes():
        read += piece
        if not wanted.startswith(read):
            return False
        if time.monotonic() > end:
            raise TimeoutError
    return bytes(read) == wanted
