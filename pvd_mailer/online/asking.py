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
from pvd_mailer.online.model import Answer, Fault
from pvd_mailer.online.network import CONNECT, TOTAL, Guard, Transport
from pvd_mailer.online.pages import Page, ask

__all__ = ["Asker", "Shelf"]

AT_ONCE = 6
PAUSE = 0.4
"""Seconds between two requests to one host."""
PATIENCE = 180.0
"""Seconds for all of a letter: what is left then is not asked."""
DAY = 86_400
_AGENT = f"pvd-mailer/{__version__} (looks at the links of a newsletter before it is sent)"
_NOBODY = (Fault.NO_HOST, Fault.PRIVATE, Fault.REFUSED, Fault.TIMEOUT)
"""Faults of a host, which its other pages share: they are not waited for once more."""


class _Courtesy:
    """One request at a time for each host, with a pause in between."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._doors: dict[str, threading.Lock] = {}
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for `host` to be free."""
        with self._lock:
            door = self._doors.setdefault(host, threading.Lock())
        with door:
            wait = self._last.get(host, 0.0) + self._pause - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                yield
            finally:
                self._last[host] = time.monotonic()


@dataclass(frozen=True)
class Shelf:
    """Good answers of the last day, on disk, a file each; what was wrong is asked again each time."""

    folder: Path
    now: float = field(default_factory=time.time)

    def _file(self, url: str) -> Path:
        return self.folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"

    def get(self, url: str) -> Answer | None:
        """The answer of the last day for `url`; None where there is none that can be read."""
        file = self._file(url)
        try:
            kept = json.loads(file.read_text("utf-8"))
            if kept.pop("url") != url or not 0 <= self.now - kept.pop("at") < DAY:
                return None
            return Answer(**kept)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def put(self, url: str, answer: Answer) -> None:
        """Keep `answer`, if it is a good one; a disk that is full loses nothing but time."""
        if not answer.is_good:
            return
        text = json.dumps({"url": url, "at": self.now} | asdict(answer), ensure_ascii=False)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self._file(url).with_suffix(f".{threading.get_ident()}")
            part.write_text(text, encoding="utf-8")
            part.replace(self._file(url))
        except OSError:
            return

    def tidy(self) -> None:
        """Take away what is older than a day."""
        for file in self.folder.glob("*"):
            try:
                if self.now - file.stat().st_mtime > DAY:
                    file.unlink()
            except OSError:
                continue


@dataclass(frozen=True)
class Asker:
    """Asks pages of the web.

    Attributes:
        guard: Where connections may go; tests allow the loopback, nobody else does.
        context: Which certificates are trusted; the system's where None.
        pause: Seconds between two requests to one host.
        patience: Seconds for all.
    """

    guard: Guard = field(default_factory=Guard)
    context: ssl.SSLContext | None = None
    pause: float = PAUSE
    patience: float = PATIENCE

    def pages(self, urls: Iterable[str], shelf: Shelf | None = None) -> Mapping[str, Answer]:
        """What became of each of `urls`, http and https ones, by the address as it is given."""
        wanted = list(dict.fromkeys(urls))
        found: dict[str, Answer] = {}
        if shelf is not None:
            shelf.tidy()
            found = {url: kept for url in wanted if (kept := shelf.get(url)) is not None}
        hosts: dict[str, dict[str, list[str]]] = {}
        for url in wanted:
            if url not in found:
                page = urldefrag(url).url
                hosts.setdefault(urlsplit(page).netloc.lower(), {}).setdefault(page, []).append(url)
        end = time.monotonic() + self.patience
        headers = {"user-agent": _AGENT, "accept-encoding": "identity", "accept": "text/html,*/*;q=0.8"}
        timeout = httpx.Timeout(TOTAL, connect=CONNECT)
        courtesy = _Courtesy(self.pause)
        with (
            httpx.Client(
                transport=Transport(self.guard, self.context), headers=headers, timeout=timeout, trust_env=False
            ) as client,
            ThreadPoolExecutor(AT_ONCE) as pool,
        ):

            def of_host(pages: Mapping[str, list[str]]) -> dict[str, Answer]:
                return _of_host(client, pages, courtesy, end)

            for answers in pool.map(of_host, hosts.values()):
                found |= answers
                if shelf is not None:
                    for url, answer in answers.items():
                        shelf.put(url, answer)
        return {url: found[url] for url in wanted}


def _of_host(
    client: httpx.Client, pages: Mapping[str, list[str]], courtesy: _Courtesy, end: float
) -> dict[str, Answer]:
    """The answers for the addresses of one host, by page."""
    found: dict[str, Answer] = {}
    nobody: Answer | None = None
    for address, urls in pages.items():
        if nobody is not None:
            page = Page(nobody)
        elif time.monotonic() > end:
            page = Page(Answer(fault=Fault.NOT_ASKED))
        else:
            page = ask(client, address, courtesy.turn)
            answer = page.answer
            if answer.fault in _NOBODY and urlsplit(answer.final).netloc == urlsplit(address).netloc:
                nobody = answer
        for url in urls:
            found[url] = replace(page.answer, anchor=page.has(urldefrag(url).fragment))
    return found
