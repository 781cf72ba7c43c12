"""Before an approval: what is hosted is compared with the letter's own files, over real HTTP."""

import gzip
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pvd_mailer.approve.hosted_files import compare_hosted
from pvd_mailer.journal import sent_tests
from pvd_mailer.site.views.archive_pages import ArchivePages
from tests.archive.hosted_workspace import RICH
from tests.workspace import PUBLICATION


class _Shelf(BaseHTTPRequestHandler):
    """Gives what its server has, or what its server is told to do."""

    def do_GET(self):
        found = self.server.files.get(self.path)
        if callable(found):
            found(self)
        elif found is None:
            self.send_error(404)
        else:
            self.give(found)

    def give(self, data, status=200, **headers):
        self.send_response(status)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True  # the client has seen enough

    def log_message(self, *_arguments):
        """Say nothing."""


@contextmanager
def shelf(files):
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shelf)
    server.files = files
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def trickle(handler):
    """A byte at a time, for longer than anybody waits."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        try:
            handler.wfile.write(b"x")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.05)


def to(target):
    return lambda handler: handler.give(b"", 302, location=target)


def silence(_handler):
    time.sleep(3)


def endless(handler):
    handler.give(b"y" * 50_000_000)


BOMB = gzip.compress(b"x" * 50_000_000)
"""Made once and beforehand: made while a reader waits it would be a slow server instead."""

CASES = {
    "missing": (None, "hosted-missing"),
    "gone": (lambda handler: handler.give(b"", 410), "hosted-missing"),
    "forbidden": (lambda handler: handler.give(b"x" * 1000, 403), "hosted-missing"),
    "altered": (b"y" * 1000, "hosted-different"),
    "cut": (b"x" * 999, "hosted-different"),
    "longer": (b"x" * 1001, "hosted-different"),
    "empty": (b"", "hosted-different"),
    "oversized": (endless, "hosted-different"),
    "compressed": (lambda handler: handler.give(gzip.compress(b"x" * 1000), content_encoding="gzip"), None),
    "a-bomb": (
        lambda handler: handler.give(BOMB, content_encoding="gzip"),
        "hosted-different",
    ),
    "mislabelled": (lambda handler: handler.give(b"x" * 1000, content_encoding="gzip"), "hosted-unreachable"),
    "slow": (trickle, "hosted-unreachable"),
    "silent": (silence, "hosted-unreachable"),
    "away": (to("https://elsewhere.example/a"), "hosted-elsewhere"),
    "to-a-file": (to("file:///etc/passwd"), "hosted-elsewhere"),
    "in-a-circle": (to("/a"), "hosted-elsewhere"),
    "within": (to("/b"), None),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_not_as_it_should_be_is_named(case):
    given, rule = CASES[case]
    with shelf({"/a": given, "/b": b"x" * 1000}) as server:
        found = compare_hosted({f"{server}/a": b"x" * 1000, f"{server}/b": b"x" * 1000}, file_timeout=1.0)
        assert [(one.rule, one.location.file) for one in found] == ([(rule, f"{server}/a")] if rule else [])
        assert all(one.hint and one.message for one in found)


def test_a_server_that_is_not_there_is_told_of_in_words():
    with shelf({}) as server:
        pass
    (found,) = compare_hosted({f"{server}/a": b"x"}, file_timeout=1.0)
    assert found.rule == "hosted-unreachable"
    assert found.message == "the server cannot be reached or does not answer: ConnectError"


def test_as_many_as_a_letter_has_are_asked_for_a_few_at_once():
    at_once, most, lock = 0, 0, threading.Lock()

    def counted(handler):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1  # before the answer: whoever has it may ask for the next at once
        handler.give(b"x")

    with shelf({f"/{number}": counted for number in range(30)}) as server:
        assert compare_hosted({f"{server}/{number}": b"x" for number in range(30)}) == []
    assert most <= 4


APPROVE = ("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox", "--check-hosted")


def published(run, folder):
    run("publish", folder, "--issue", "1")
    return {
        f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_an_approval_stops_until_everything_is_hosted(hosted_workspace, run, tmp_path, monkeypatch):
    with shelf({}) as server:
        monkeypatch.setenv("PVD_STATIC_URL", server)
        ran = run(*APPROVE)
        assert ran.code == 1
        assert ran.err.count("hosted-missing") == 3
        assert f"{server}/{PUBLICATION}/1/un-webinaire.ics" in ran.err
        assert "is not approved" in run("send", "1").err
    with shelf({}) as server:
        monkeypatch.setenv("PVD_STATIC_URL", server)
        files = published(run, tmp_path / "out")
        (picture,) = [path for path in files if path.startswith("/images/")]
        # A server that recompresses pictures.
        broken = {**files, picture: files[picture] + b"\x00"}
    with shelf(broken) as server:
        monkeypatch.setenv("PVD_STATIC_URL", server)
        fresh = published(run, tmp_path / "again")  # calendars name the address they are at
        broken_here = {**fresh, picture: fresh[picture] + b"\x00"}
        _replace(broken, broken_here)
        ran = run(*APPROVE)
        assert ran.code == 1
        assert ran.err.count("hosted-different") == 1
        assert f"{server}{picture}" in ran.err
        _replace(broken, fresh)
        ran = run(*APPROVE)
        assert ran.code == 0, ran.err
        assert "3 files are there, to the byte" in ran.out
    assert hosted_workspace


def _replace(files, others):
    files.clear()
    files.update(others)


def test_where_nothing_is_hosted_it_says_so(hosted_workspace, run, monkeypatch):
    monkeypatch.delenv("PVD_STATIC_URL")
    ran = run(*APPROVE)
    assert ran.code == 2
    assert "nothing of this letter is hosted" in ran.err
    assert hosted_workspace


def test_the_letter_is_kept_first_where_the_site_is_the_host(hosted_workspace, run, monkeypatch):
    monkeypatch.delenv("PVD_STATIC_URL")
    asked = []

    def from_the_database(handler):
        library = ArchivePages(hosted_workspace.with_settings().site)
        parts = handler.path.strip("/").split("/")
        asked.append(handler.path)
        found = library.picture(parts[-1]) if len(parts) == 2 else library.calendar(parts[0], int(parts[1]), parts[2])
        handler.give(found.body)

    class Any(dict):
        def get(self, _path):
            return from_the_database

    with shelf(Any()) as server:
        monkeypatch.setenv("PVD_PUBLIC_URL", server)
        ran = run(*APPROVE)
        assert ran.code == 0, ran.err
        assert len(asked) == 3
        with hosted_workspace.database.read() as connection:
            (kept,) = sent_tests.tested_letters(connection, PUBLICATION, 1)
            assert sent_tests.accepted_tests_of(connection, kept) == []  # nobody has had it as a test
        # A second letter of the issue, with another hour: until it is approved, readers have the first one's.
        hosted_workspace.issue_workspace.write(RICH.replace("2023-03-23 13:30", "2023-03-22 13:30"))
        ran = run(*APPROVE, "--again")
        assert ran.code == 0, ran.err
