"""All addresses of a letter: a few at once, one at a time for each host, and not twice a day."""

import hashlib
import json
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import httpx

from pvd_mailer import __version__
from pvd_mailer.online.fetch import FetchedPage, fetch_page
from pvd_mailer.online.http_client import CONNECT_TIMEOUT, REQUEST_TIMEOUT, AddressPolicy, GuardedTransport
from pvd_mailer.online.results import LinkFault, LinkResult

__all__ = ["LinkChecker", "ResponseCache"]

_CONCURRENCY = 6
_HOST_PAUSE = 0.4
"""Seconds between two requests to one host."""
_LETTER_TIMEOUT = 180.0
"""Seconds for all of a letter: what is left then is not asked."""
CACHE_SECONDS = 86_400
_USER_AGENT = f"pvd-mailer/{__version__} (looks at the links of a newsletter before it is sent)"
_HOST_FAULTS = (LinkFault.NO_HOST, LinkFault.PRIVATE, LinkFault.REFUSED, LinkFault.TIMEOUT)
"""Faults of a host, which its other pages share: they are not waited for once more."""


class _HostThrottle:
    """One request at a time for each host, with a pause in between."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._host_locks: dict[str, threading.Lock] = {}
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def wait_for(self, host: str) -> Iterator[None]:
        """Wait for `host` to be free."""
        with self._lock:
            host_lock = self._host_locks.setdefault(host, threading.Lock())
        with host_lock:
            wait = self._last.get(host, 0.0) + self._pause - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                yield
            finally:
                self._last[host] = time.monotonic()


@dataclass(frozen=True)
class ResponseCache:
    """Good answers of the last day, on disk, a file each; what was wrong is asked again each time."""

    folder: Path
    now: float = field(default_factory=time.time)

    def _file(self, url: str) -> Path:
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"

    def get(self, url: str) -> LinkResult | None:
        """The answer of the last day for `url`; None where there is none that can be read."""
        file = self._file(url)
        try:
            record = json.loads(file.read_text("utf-8"))
            if record.pop("url") != url or not 0 <= self.now - record.pop("at") < CACHE_SECONDS:
                return None
            return LinkResult(**record)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def put(self, url: str, result: LinkResult) -> None:
        """Keep `result`, if it is a good one; a disk that is full loses nothing but time."""
        if not result.is_good:
            return
        text = json.dumps({"url": url, "at": self.now} | asdict(result), ensure_ascii=False)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = self._file(url).with_suffix(f".{threading.get_ident()}")
            partial.write_text(text, encoding="utf-8")
            partial.replace(self._file(url))
        except OSError:
            return

    def remove_old(self) -> None:
        """Take away what is older than a day."""
        for file in self.folder.glob("*"):
            try:
                if self.now - file.stat().st_mtime > CACHE_SECONDS:
                    file.unlink()
            except OSError:
                continue


@dataclass(frozen=True)
class LinkChecker:
    """Asks pages of the web.

    Attributes:
        policy: Where connections may go; tests allow the loopback, nobody else does.
        ssl_context: Which certificates are trusted; the system's where None.
        pause: Seconds between two requests to one host.
        timeout: Seconds for all.
    """

    policy: AddressPolicy = field(default_factory=AddressPolicy)
    ssl_context: ssl.SSLContext | None = None
    pause: float = _HOST_PAUSE
    timeout: float = _LETTER_TIMEOUT

    def check(self, urls: Iterable[str], cache: ResponseCache | None = None) -> Mapping[str, LinkResult]:
        """What became of each of `urls`, http and https ones, by the address as it is given."""
        unique_urls = list(dict.fromkeys(urls))
        results: dict[str, LinkResult] = {}
        if cache is not None:
            cache.remove_old()
            results = {url: cached for url in unique_urls if (cached := cache.get(url)) is not None}
        hosts: dict[str, dict[str, list[str]]] = {}
        for url in unique_urls:
            if url not in results:
                page = urldefrag(url).url
                hosts.setdefault(urlsplit(page).netloc.lower(), {}).setdefault(page, []).append(url)
        end = time.monotonic() + self.timeout
        headers = {"user-agent": _USER_AGENT, "accept-encoding": "identity", "accept": "text/html,*/*;q=0.8"}
        timeout = httpx.Timeout(REQUEST_TIMEOUT, connect=CONNECT_TIMEOUT)
        throttle = _HostThrottle(self.pause)
        with (
            httpx.Client(
                transport=GuardedTransport(self.policy, self.ssl_context),
                headers=headers,
                timeout=timeout,
                trust_env=False,
            ) as client,
            ThreadPoolExecutor(_CONCURRENCY) as pool,
        ):

            def of_host(pages: Mapping[str, list[str]]) -> dict[str, LinkResult]:
                return _check_host(client, pages, throttle, end)

            for host_results in pool.map(of_host, hosts.values()):
                results |= host_results
                if cache is not None:
                    for url, result in host_results.items():
                        cache.put(url, result)
        return {url: results[url] for url in unique_urls}


def _check_host(
    client: httpx.Client, pages: Mapping[str, list[str]], throttle: _HostThrottle, end: float
) -> dict[str, LinkResult]:
    """The answers for the addresses of one host, by page."""
    results: dict[str, LinkResult] = {}
    host_fault: LinkResult | None = None
    for address, urls in pages.items():
        if host_fault is not None:
            page = FetchedPage(host_fault)
        elif time.monotonic() > end:
            page = FetchedPage(LinkResult(fault=LinkFault.NOT_ASKED))
        else:
            page = fetch_page(client, address, throttle.wait_for)
            result = page.result
            if result.fault in _HOST_FAULTS and urlsplit(result.final).netloc == urlsplit(address).netloc:
                host_fault = result
        for url in urls:
            results[url] = replace(page.result, anchor=page.has_anchor(urldefrag(url).fragment))
    return results
