"""Floods the readers' site, with no proxy before it, while somebody reads: `python -m tests.site.flooding`.

The flood comes from one address of the loopback, and then from twenty; the reader has another. The attacker opens anew
what the site closes. A reader has to be answered within 2 s all the while, and the server to stay under 250 MB.
"""

import argparse
import contextlib
import http.client
import itertools
import multiprocessing
import re
import selectors
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from pvd_mailer import clock
from tests.sendgrid.events import SIGNATURE, TIMESTAMP, Signer
from tests.site.killing import HOST, start
from tests.workspace import PUBLICATION, IssueWorkspace

READER = "127.0.0.1"
SOURCES = (1, 20)
"""Addresses that a flood comes from: one network, and many."""
PAGES = ("/", f"/{PUBLICATION}/subscribe", f"/{PUBLICATION}/preferences", "/health")
SLOWEST = 2.0
"""In seconds: how long an answer may take."""
LARGEST = 250
"""In MB: how much the server may hold."""
CALL = 5_000_000
CHUNKS = 400_000


def raise_limit():
    """Have as many descriptors as the machine lets us."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - not everywhere

        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass(frozen=True)
class Flood:
    """What an attacker does.

    Attributes:
        count: Connections, held open all at once.
        first: What each of them sends at once.
        drip: What it sends every second after that.
    """

    name: str
    count: int
    first: bytes
    drip: bytes = b""


def forged():
    """Headers as a signed call has them; the signature is another's."""
    now = int(clock.now().timestamp())
    return {TIMESTAMP: str(now), SIGNATURE: Signer().headers(b"[]", now)[SIGNATURE]}


def floods():
    """The four of them."""

    def head(method, path, **headers):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n"

    form = head("POST", f"/{PUBLICATION}/subscribe", Content_Length=60_000) + b"\r\n"
    call = head("POST", "/events/sendgrid", Content_Length=CALL, **forged()) + b"\r\n" + b"x" * (CALL - 1)
    chunked = (
        head("POST", "/events/sendgrid", Transfer_Encoding="chunked", **forged()) + b"\r\n" + b"1\r\nx\r\n" * CHUNKS
    )
    return [
        Flood("half-open connections", 1000, head("GET", "/") + b"X-Slow: ", b"x"),
        Flood("slow bodies", 1000, form, b"x"),
        Flood("unfinished calls of the webhook", 100, call),
        Flood("calls in one-byte chunks", 8, chunked),
    ]


class Attacker:
    """Holds the connections of a flood open, from some addresses in turn."""

    def __init__(self, port, flood, sources):
        self.port, self.flood = port, flood
        self.sources = itertools.cycle(f"127.0.0.{2 + number}" for number in range(sources))
        self.chosen = selectors.DefaultSelector()
        self.opened = 0

    def _open(self):
        one = socket.socket()
        one.bind((next(self.sources), 0))
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", self.port))
        self.chosen.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE, memoryview(self.flood.first))
        self.opened += 1

    def _close(self, one):
        self.chosen.unregister(one)
        one.close()

    def _serve(self, key, mask):
        """Go on with one connection; False where the site has closed it."""
        try:
            if mask & selectors.EVENT_READ and not key.fileobj.recv(65536):
                return False
            if mask & selectors.EVENT_WRITE and key.data:
                left = key.data[key.fileobj.send(key.data[:262_144]) :]
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if left else 0)
                self.chosen.modify(key.fileobj, events, left)
        except BlockingIOError:
            pass
        except OSError:
            return False
        return True

    def run(self, seconds, ready):
        """Hold the flood up for so long; `ready` is set once it stands."""
        end = time.monotonic() + seconds
        drips = time.monotonic() + 1
        while time.monotonic() < end:
            for _missing in range(min(50, self.flood.count - len(self.chosen.get_map()))):
                self._open()
            for key, mask in self.chosen.select(0.05):
                if not self._serve(key, mask):
                    self._close(key.fileobj)
            if self.opened >= self.flood.count:
                ready.set()
            if self.flood.drip and time.monotonic() >= drips:
                drips += 1
                for key in list(self.chosen.get_map().values()):
                    if not key.data:
                        with contextlib.suppress(OSError):
                            key.fileobj.send(self.flood.drip)
        for key in list(self.chosen.get_map().values()):
            self._close(key.fileobj)


def attack(port, flood, sources, seconds, ready, opened):
    """An attacker, in a process of its own."""
    raise_limit()
    attacker = Attacker(port, flood, sources)
    attacker.run(seconds, ready)
    opened.value = attacker.opened


@dataclass
class Account:
    """What a reader met, and what the server held."""

    took: list = field(default_factory=list)
    failed: list = field(default_factory=list)
    opened: int = 0
    held: float = 0.0

    @property
    def is_well(self):
        return not self.failed and max(self.took, default=99) <= SLOWEST and self.held < LARGEST


def ask(port, path, method="GET", body=None, source=READER, timeout=20):
    """The status of an answer that is read to its end."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout, source_address=(source, 0))
    with contextlib.closing(link):
        link.request(method, path, body, {"Host": HOST})
        answer = link.getresponse()
        answer.read()
        return answer.status


def read(port, until, account):
    """Ask for one page after another, each by a connection of its own."""
    while not until.is_set():
        for path in PAGES:
            began = time.monotonic()
            try:
                status = ask(port, path)
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
            account.took.append(time.monotonic() - began)
            if status != 200:
                account.failed.append(status)
        time.sleep(0.1)


def memory(pid):
    """The server's resident memory in MB: now, and the most it was."""
    text = Path(f"/proc/{pid}/status").read_text("ascii")
    return tuple(int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1000 for name in ("VmRSS", "VmHWM"))


def flood_it(process, port, flood, seconds, sources=1):
    """One flood for so long, from so many networks; what came of it."""
    account = Account()
    ready, opened = multiprocessing.Event(), multiprocessing.Value("i", 0)
    attacker = multiprocessing.Process(target=attack, args=(port, flood, sources, seconds, ready, opened))
    attacker.start()
    ready.wait(seconds)
    ends = threading.Event()
    reader = threading.Thread(target=read, args=(port, ends, account))
    reader.start()
    while attacker.is_alive():
        account.held = max(account.held, memory(process.pid)[0])
        attacker.join(0.1)
    ends.set()
    reader.join()
    account.opened = opened.value
    return account


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.site.flooding")
    parser.add_argument("--seconds", type=float, default=20, help="how long each flood is held up")
    said = parser.parse_args()
    raise_limit()
    well = True
    with tempfile.TemporaryDirectory(prefix="pvd-flooding-") as root:
        issue_workspace = IssueWorkspace.start(Path(root) / "workspace")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = start(issue_workspace, port, PVD_SENDGRID_WEBHOOK_KEY=Signer().public_key)
        try:
            for path in PAGES:
                ask(port, path)
            print(f"a server at rest holds {memory(process.pid)[0]:.0f} MB", flush=True)
            for sources, flood in itertools.product(SOURCES, floods()):
                account = flood_it(process, port, flood, said.seconds, sources)
                well &= account.is_well
                print(
                    f"{flood.count:>5} {flood.name:<31} from {sources:>2} networks, {account.opened:>6} opened; "
                    f"a reader asked {len(account.took):>4} times, slowest answer "
                    f"{max(account.took, default=0):5.2f} s, not answered {len(account.failed):>3}; "
                    f"memory {account.held:4.0f} MB{'' if account.is_well else '  <- fails'}",
                    flush=True,
                )
                time.sleep(2)
        finally:
            process.terminate()
            ended = process.wait(60)
    print(f"SIGTERM ended it with {ended}")
    sys.exit(0 if well and ended == 0 else 1)


if __name__ == "__main__":
    main()
