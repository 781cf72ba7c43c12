"""A site with no proxy before it, and clients that keep it waiting: each wait ends, and everybody else is answered."""

import contextlib
import logging
import re
import select
import socket
import subprocess
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pvd_mailer.database import open_database
from pvd_mailer.site.connections import ConnectionLimits, Connections, Wait
from pvd_mailer.site.proxies import TrustedProxies
from pvd_mailer.web.allowance import Allowance
from tests.preview.conftest import HANG, until
from tests.send.line import sqlite_at
from tests.sendgrid.events import SIGNATURE, TIMESTAMP, Signer
from tests.site.conftest import CLAIRE, GONE, SUBSCRIBE, serving
from tests.site.flooding import ask, flood_it, floods
from tests.site.killing import HOST, start
from tests.site.test_serve import free_port
from tests.subscribers.people import person
from tests.workspace import PUBLICATION

OTHER = "127.0.0.2"
"""Where an attacker is; the reader is at 127.0.0.1."""
SIGNER = Signer()


@pytest.fixture
def site(issue_workspace, tmp_path, monkeypatch):
    """Makes a site whose bounds and settings a test chooses."""
    with contextlib.closing(open_database(sqlite_at(tmp_path), tmp_path)) as database:

        @contextmanager
        def make(bounds=None, allowance=None, **settings):
            with serving(
                issue_workspace, database, monkeypatch, bounds=bounds, allowance=allowance, **settings
            ) as served:
                yield served

        yield make


def connect(site_server, source=OTHER):
    link = socket.socket()
    link.settimeout(HANG)
    try:
        link.bind((source, 0))
    except OSError:
        pytest.skip(f"this machine has no address {source}")
    link.connect(("127.0.0.1", site_server.port))
    return link


def head(site_server, method, path, **headers):
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{site_server.port}"]
    return "\r\n".join(lines + [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]).encode()


def call(site_server, **headers):
    """The head of a call of the webhook, whose headers are as SendGrid's but for `headers`."""
    now = int(site_server.clock.now().timestamp())
    signed = {TIMESTAMP: now, SIGNATURE: SIGNER.headers(b"[]", now)[SIGNATURE]}
    return head(site_server, "POST", "/events/sendgrid", **(signed | headers)) + b"\r\n\r\n"


def is_open(link):
    """Whether the site has not closed it; what came on it is lost."""
    link.setblocking(False)
    try:
        while link.recv(65536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        pass
    finally:
        link.settimeout(HANG)
    return False


def closes(link):
    """Wait until the site has closed it."""
    until(lambda: not is_open(link), "the end of a connection")


def answer(link):
    """All that comes until the site closes the connection."""
    got = b""
    with contextlib.suppress(ConnectionError):
        while piece := link.recv(65536):
            got += piece
    return got


# too late


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_request_that_does_not_come_is_not_waited_for(site, sent):
    with site(ConnectionLimits(head=0.3)) as served, connect(served) as link:
        link.sendall(sent)
        closes(link)
        assert served.call(SUBSCRIBE).status == 200


def test_a_head_that_comes_a_byte_at_a_time_has_no_more_time_than_others(site):
    with site(ConnectionLimits(head=0.5)) as served, connect(served) as link:
        link.sendall(head(served, "GET", "/") + b"\r\nX-Slow: ")
        ended = threading.Event()

        def drip():
            with contextlib.suppress(OSError):
                while not ended.wait(0.05):
                    link.sendall(b"x")

        slow = threading.Thread(target=drip)
        slow.start()
        try:
            assert answer(link) == b""
        finally:
            ended.set()
            slow.join()


def test_the_next_request_on_a_connection_is_not_waited_for_longer(site):
    with site(ConnectionLimits(head=0.3)) as served, connect(served) as link:
        whole = head(served, "GET", "/health") + b"\r\n\r\n"
        link.sendall(whole + whole[:-2])
        got = answer(link)
        assert got.count(b"HTTP/1.1 200 OK") == 1


def test_a_body_that_does_not_come_is_answered_so(site):
    with site(allowance=Allowance(base_seconds=0.3)) as served, connect(served) as link:
        link.sendall(head(served, "POST", SUBSCRIBE, Content_Length=1000) + b"\r\n\r\n" + b"x" * 10)
        got = answer(link)
        assert got.startswith(b"HTTP/1.1 408")
        assert b"<h1>" in got


def test_a_body_that_keeps_coming_has_time_and_not_for_ever(site):
    def send(link, count):
        for _piece in range(count):
            link.sendall(b"x" * 1000)
            time.sleep(0.1)

    with site(allowance=Allowance(base_seconds=0.5, min_rate=1000, max_seconds=60)) as served, connect(served) as link:
        link.sendall(head(served, "POST", SUBSCRIBE, Content_Length=10_000) + b"\r\n\r\n")
        send(link, 10)
        assert link.recv(20).startswith(b"HTTP/1.1 422")
    with (
        site(allowance=Allowance(base_seconds=0.5, min_rate=1000, max_seconds=0.6), offers="") as served,
        connect(served) as link,
    ):
        link.sendall(head(served, "POST", SUBSCRIBE, Content_Length=60_000) + b"\r\n\r\n")
        with contextlib.suppress(OSError):
            send(link, 20)
        assert link.recv(20).startswith(b"HTTP/1.1 408")


def test_the_rest_of_a_body_that_nobody_wants_is_not_waited_for(site):
    with site(ConnectionLimits(discard=0.3)) as served, connect(served) as link:
        link.sendall(head(served, "GET", "/health", Content_Length=1000) + b"\r\n\r\n")
        got = answer(link)
        assert got.startswith(b"HTTP/1.1 200")


def test_a_body_that_nobody_wants_costs_its_connection_and_not_the_site(site):
    with site() as served, connect(served) as link:
        link.sendall(head(served, "GET", "/health", Content_Length=10**9) + b"\r\n\r\n")
        with contextlib.suppress(OSError):
            for _piece in range(1000):
                link.sendall(b"x" * 100_000)
            pytest.fail("a hundred megabytes were taken")


def test_an_answer_that_is_not_taken_is_not_kept(site):
    with site(ConnectionLimits(writing=0.5)) as served, closing(socket.socket()) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.settimeout(HANG)
        link.connect(("127.0.0.1", served.port))
        count = 2000
        asked = threading.Thread(target=_send_all, args=(link, (head(served, "GET", SUBSCRIBE) + b"\r\n\r\n") * count))
        asked.start()
        asked.join(HANG)
        assert not asked.is_alive()
        hung_up = select.poll()
        hung_up.register(link, select.POLLRDHUP)  # POLLHUP and POLLERR are told of anyway
        assert hung_up.poll(HANG * 1000)  # nothing is taken until then
        assert answer(link).count(b"HTTP/1.1 200 OK") < count
        assert served.call(SUBSCRIBE).status == 200


def _send_all(link, data):
    with contextlib.suppress(OSError):
        link.sendall(data)


# too many


def test_one_network_cannot_take_more_than_its_share_and_the_oldest_gives_way(site):
    with site(ConnectionLimits(waiting_per_network=5, min_wait=0)) as served, contextlib.ExitStack() as stack:
        other = stack.enter_context(connect(served, "127.0.0.3"))
        links = [stack.enter_context(connect(served)) for _number in range(5)]
        time.sleep(0.3)
        assert all(map(is_open, links))
        stack.enter_context(connect(served))
        closes(links[0])
        assert all(map(is_open, [*links[1:], other]))


def test_a_network_that_opens_without_a_pause_is_told_to_come_back(site):
    with site(ConnectionLimits(waiting_per_network=3, min_wait=60)) as served, contextlib.ExitStack() as stack:
        links = [stack.enter_context(connect(served)) for _number in range(3)]
        until(lambda: answer(stack.enter_context(connect(served))).startswith(b"HTTP/1.1 503"), "the refusal")
        got = answer(stack.enter_context(connect(served)))
        assert b"\r\nRetry-After: 60\r\n" in got
        assert all(map(is_open, links))
        assert served.call(SUBSCRIBE).status == 200


def test_a_town_hall_with_many_idle_connections_is_answered_on_every_new_one(site):
    with site(ConnectionLimits(waiting_per_network=5, min_wait=60)) as served, contextlib.ExitStack() as stack:
        for _number in range(20):
            link = stack.enter_context(connect(served))
            link.sendall(head(served, "GET", "/health") + b"\r\n\r\n")
            assert link.recv(100).startswith(b"HTTP/1.1 200")


def test_a_proxy_that_is_set_has_no_share_for_it_speaks_for_everybody(site):
    with (
        site(ConnectionLimits(waiting_per_network=3, min_wait=60), proxies=f"{OTHER},10.0.0.0/8") as served,
        contextlib.ExitStack() as stack,
    ):
        links = [stack.enter_context(connect(served)) for _number in range(20)]
        for link in links:
            link.sendall(head(served, "GET", "/health", X_Forwarded_For="192.0.2.1") + b"\r\n\r\n")
            assert link.recv(100).startswith(b"HTTP/1.1 200")
        assert all(map(is_open, links))


def test_a_site_full_of_half_open_connections_answers_a_reader(site):
    with site(ConnectionLimits(total=10)) as served, contextlib.ExitStack() as stack:
        links = [stack.enter_context(connect(served)) for _number in range(10)]
        for link in links:
            link.sendall(b"GET / HT")
        assert served.call(SUBSCRIBE).status == 200
        closes(links[0])
        assert all(map(is_open, links[1:]))


def test_idle_connections_give_way_before_those_that_ask(site):
    with site(ConnectionLimits(total=3)) as served, contextlib.ExitStack() as stack:
        first, idle, last = [stack.enter_context(connect(served)) for _number in range(3)]
        first.sendall(b"GET / HT")
        idle.sendall(head(served, "GET", "/health") + b"\r\n\r\n")
        assert idle.recv(10_000).startswith(b"HTTP/1.1 200")
        assert served.call("/health").status == 200
        closes(idle)
        assert is_open(first)
        assert is_open(last)


def test_where_all_are_being_answered_whoever_comes_is_told_to_come_back(site, monkeypatch):
    goes_on, at_work = threading.Event(), threading.Semaphore(0)

    def slow(*_all):
        at_work.release()
        goes_on.wait(HANG)

    monkeypatch.setattr("pvd_mailer.site.routes.health.ensure_ready", slow)
    with site(ConnectionLimits(total=2)) as served, contextlib.ExitStack() as stack:
        busy = [stack.enter_context(connect(served)) for _number in range(2)]
        for link in busy:
            link.sendall(head(served, "GET", "/ready") + b"\r\n\r\n")
            assert at_work.acquire(timeout=HANG)
        refused = served.call(SUBSCRIBE)
        goes_on.set()
        assert (refused.status, refused.headers["Retry-After"]) == (503, "60")
        assert refused.body.strip()
        assert [link.recv(100)[:12] for link in busy] == [b"HTTP/1.1 200"] * 2


def test_a_network_that_has_its_share_answered_leaves_the_rest_to_others(site, monkeypatch):
    goes_on, at_work = threading.Event(), threading.Semaphore(0)

    def slow(*_all):
        at_work.release()
        goes_on.wait(HANG)

    monkeypatch.setattr("pvd_mailer.site.routes.health.ensure_ready", slow)
    with site(ConnectionLimits(per_network=2)) as served, contextlib.ExitStack() as stack:
        for _number in range(2):
            link = stack.enter_context(connect(served))
            link.sendall(head(served, "GET", "/ready") + b"\r\n\r\n")
            assert at_work.acquire(timeout=HANG)
        refused = answer(stack.enter_context(connect(served)))
        others = served.call(SUBSCRIBE).status
        goes_on.set()
        assert refused.startswith(b"HTTP/1.1 503")
        assert others == 200


def test_the_log_says_that_there_were_too_many_and_not_who(site, caplog):
    with caplog.at_level(logging.INFO), site(ConnectionLimits(total=3)) as served, contextlib.ExitStack() as stack:
        for _number in range(10):
            stack.enter_context(connect(served))
        until(lambda: "too many connections" in caplog.text, "the line")
        served.call(SUBSCRIBE)
        assert OTHER not in caplog.text
    assert caplog.text.count("too many connections") == 1


class Client:
    """A connection of which a test says what it waits for."""

    def __init__(self, network="192.0.2.1/32", unsent=0):
        self.network, self.left, self.is_closed = network, unsent, False
        self.wait, self.waiting_since = Wait.SERVER, 0.0

    def unsent_bytes(self):
        return self.left

    def drop(self):
        self.is_closed = True

    def update_wait(self):
        pass


class Counted:
    """Connections whose time a test moves on."""

    def __init__(self, **bounds):
        self.time = 0.0
        self.all = Connections(
            ConnectionLimits(**bounds), TrustedProxies("10.0.0.0/8,2001:db8:1::/48"), lambda: self.time
        )

    def take(self, wait, **more):
        one = Client(**more)
        assert self.all.admit(one)
        self.all.set_wait(one, wait)
        return one

    def after(self, seconds):
        self.time += seconds
        self.all.sweep()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.sampled_from(Wait), st.floats(0, 3)), max_size=200))
def test_whatever_comes_the_bounds_hold_and_nobody_who_is_being_answered_is_closed(steps):
    counted = Counted(total=12, waiting_per_network=4, per_network=6)
    held = []
    for network, which, wait, seconds in steps:
        counted.time += seconds
        one = Client(None if network == 3 else f"192.0.2.{network}/32")
        if which > len(held):
            if counted.all.admit(one):
                held.append(one)
        elif which < len(held):
            counted.all.set_wait(held[which], wait)
        elif held:
            counted.all.remove(held.pop(0))
        assert not any(each.is_closed and each.wait is Wait.SERVER for each in held)
        held = [each for each in held if not each.is_closed]
        assert len(held) == len(counted.all) <= 12
        for name in {each.network for each in held if each.network}:
            same = [each for each in held if each.network == name]
            assert len(same) <= 6
            assert sum(each.wait is not Wait.SERVER for each in same) <= 4
    for each in held:
        counted.all.remove(each)
    assert len(counted.all) == 0


def test_a_slow_reader_of_a_long_answer_is_left_alone_and_one_who_takes_nothing_is_not():
    counted = Counted(writing=20, min_rate=500)
    slow, stuck = (counted.take(Wait.WRITING, unsent=1_000_000) for _number in range(2))
    counted.after(0)
    for _number in range(20):
        slow.left -= 11_000
        counted.after(21)
    assert (slow.is_closed, stuck.is_closed) == (False, True)
    slow.left = 0
    counted.after(100)
    assert not slow.is_closed


def test_answers_that_nobody_takes_are_bounded_all_together():
    counted = Counted(max_unsent=1_000_000)
    links = []
    for _number in range(4):
        links.append(counted.take(Wait.WRITING, unsent=400_000))
        counted.after(0.1)
    assert [one.is_closed for one in links] == [True, True, False, False]


def test_networks_are_as_wide_as_what_a_client_is_given():
    of = Counted().all.network_of
    assert of("192.0.2.1") == of("::ffff:192.0.2.1") != of("192.0.2.2")
    assert of("2001:db8::1") == of("2001:db8:0:ff::1") != of("2001:db8:0:100::1")
    assert of("127.0.0.1") is not None
    assert of("10.1.2.3") is None
    assert of("2001:db8:1::9") is None


# bodies


def test_calls_that_do_not_end_hold_a_bounded_memory_and_give_way(site):
    allowance = Allowance(max_memory=100_000)
    with (
        site(allowance=allowance, sendgrid_webhook_key=SIGNER.public_key) as served,
        connect(served) as first,
        connect(served) as second,
    ):
        served.line.join(person(CLAIRE, "Claire", "Exemple"))
        first.sendall(call(served, Content_Length=1_000_000) + b"x" * 90_000)
        until(lambda: allowance.held_bytes > 80_000, "the first body")
        assert served.call(served.link_of(CLAIRE), "POST", b"List-Unsubscribe=One-Click").status == 200
        assert served.state(CLAIRE) is GONE
        second.sendall(call(served, Content_Length=1_000_000) + b"x" * 90_000)
        got = answer(first)
        assert got.startswith(b"HTTP/1.1 503")
        assert re.search(rb"(?i)\r\nretry-after: \d+\r\n", got)
        assert is_open(second)
        body = b"[" + b" " * 60_000 + b"]"
        assert served.call("/events/sendgrid", "POST", body, SIGNER.headers(body)).status == 200
        assert answer(second).startswith(b"HTTP/1.1 503")
        until(lambda: allowance.held_bytes == 0, "the memory")
        assert not allowance.pending


def test_a_body_that_came_whole_gives_way_to_nobody(site, monkeypatch):
    goes_on, at_work = threading.Event(), threading.Event()

    def slow(*_all):
        at_work.set()
        goes_on.wait(HANG)
        return False

    monkeypatch.setattr("pvd_mailer.site.routes.webhook.WebhookVerifier.verify", slow)
    allowance = Allowance(max_memory=100_000)
    with site(allowance=allowance, sendgrid_webhook_key=SIGNER.public_key) as served, connect(served) as first:
        first.sendall(call(served, Content_Length=90_000) + b"x" * 90_000)
        assert at_work.wait(HANG)
        with connect(served) as second:
            second.sendall(call(served, Content_Length=90_000) + b"x" * 90_000)
            assert answer(second).startswith(b"HTTP/1.1 503")
        goes_on.set()
        assert first.recv(12) == b"HTTP/1.1 403"
        until(lambda: allowance.held_bytes == 0, "the memory")


def test_a_body_that_is_cut_holds_nothing(site):
    allowance = Allowance()
    with site(allowance=allowance) as served:
        with connect(served) as link:
            link.sendall(head(served, "POST", SUBSCRIBE, Content_Length=60_000) + b"\r\n\r\n" + b"x" * 50_000)
            until(lambda: allowance.held_bytes > 40_000, "the body")
        until(lambda: allowance.held_bytes == 0, "the memory")
        assert not allowance.pending


@pytest.mark.parametrize("key", ["", SIGNER.public_key])
@pytest.mark.parametrize(
    "wrong",
    [
        {TIMESTAMP: ""},
        {SIGNATURE: ""},
        {TIMESTAMP: "1600000000"},
        {TIMESTAMP: "99999999999"},
        {TIMESTAMP: "now"},
        {SIGNATURE: "signed"},
        {SIGNATURE: "AAAA" * 24},
        {SIGNATURE: "é"},
    ],
)
def test_a_call_that_cannot_be_sendgrids_is_refused_before_its_body_comes(site, key, wrong):
    with site(sendgrid_webhook_key=key) as served, connect(served) as link:
        link.settimeout(5)
        link.sendall(call(served, Content_Length=5_000_000, **wrong))
        assert link.recv(12).startswith(b"HTTP/1.1 40")


def test_a_call_whose_headers_may_be_sendgrids_is_read(site):
    with site(sendgrid_webhook_key=SIGNER.public_key) as served, connect(served) as link:
        link.sendall(call(served, Content_Length=2) + b"[]")
        assert link.recv(12).startswith(b"HTTP/1.1 200")


def test_a_body_in_very_small_pieces_is_refused_while_it_comes(site):
    with site(sendgrid_webhook_key=SIGNER.public_key) as served, connect(served) as link:
        sending = threading.Thread(
            target=_send_all, args=(link, call(served, Transfer_Encoding="chunked") + b"1\r\nx\r\n" * 400_000)
        )
        sending.start()
        got = answer(link)
        sending.join(HANG)
        assert got == b"" or got.startswith(b"HTTP/1.1 400")  # the answer may be lost with what was on its way
        assert served.call(SUBSCRIBE).status == 200


@pytest.mark.parametrize("size", [200, 4096])
def test_a_body_in_ordinary_chunks_is_taken(site, size):
    with site() as served, connect(served) as link:
        chunk = f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"
        link.sendall(
            head(served, "POST", SUBSCRIBE, Transfer_Encoding="chunked")
            + b"\r\n\r\n"
            + chunk * (60_000 // size)
            + b"0\r\n\r\n"
        )
        assert link.recv(12).startswith(b"HTTP/1.1 422")


def test_nonsense_behind_a_request_is_no_fault_of_the_program(site, caplog, monkeypatch):
    goes_on = threading.Event()
    monkeypatch.setattr("pvd_mailer.site.routes.health.ensure_ready", lambda *_all: goes_on.wait(HANG))
    with site() as served, connect(served) as link:
        link.sendall(head(served, "GET", "/ready", Transfer_Encoding="chunked") + b"\r\n\r\nnonsense\r\n")
        got = answer(link)
        goes_on.set()
        assert got.startswith(b"HTTP/1.1 400")
        assert served.call("/health").status == 200
    assert not any(record.levelno >= logging.ERROR for record in caplog.records), caplog.text


def test_nonsense_behind_an_answer_is_no_fault_of_the_program(site, caplog):
    with site() as served, connect(served) as link:
        link.sendall(head(served, "GET", "/health", Transfer_Encoding="chunked") + b"\r\n\r\n")
        assert link.recv(100).startswith(b"HTTP/1.1 200")
        link.sendall(b"nonsense\r\n")
        closes(link)
        assert served.call("/health").status == 200
    assert not any(record.levelno >= logging.ERROR for record in caplog.records), caplog.text


def test_requests_one_behind_another_are_answered_in_their_order(site):
    with site() as served, connect(served) as link:
        paths = ["/health", "/nowhere", "/ready", "/health"]
        last = head(served, "GET", "/robots.txt", Connection="close") + b"\r\n\r\n"
        link.sendall(b"".join(head(served, "GET", path) + b"\r\n\r\n" for path in paths) + last)
        assert re.findall(rb"HTTP/1\.1 (\d+)", answer(link)) == [b"200", b"404", b"200", b"200", b"200"]


# the machine's own bounds


def test_a_machine_that_allows_few_descriptors_is_not_filled(issue_workspace):
    pytest.importorskip("resource")
    port = free_port()
    limited = f"ulimit -n 240 && exec {' '.join(issue_workspace.command('serve', '--port', str(port)))}"
    process = subprocess.Popen(
        ["sh", "-c", limited],
        cwd=issue_workspace.root,
        env=issue_workspace.environment(PVD_PUBLIC_URL=f"https://{HOST}"),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )

    def answers():
        with contextlib.suppress(OSError):
            return ask(port, "/health", source="127.0.0.1") == 200
        return False

    try:
        with contextlib.ExitStack() as stack:
            until(answers, "the server")
            for _number in range(300):
                stack.enter_context(socket.create_connection(("127.0.0.1", port), HANG))
            assert ask(port, f"/{PUBLICATION}/subscribe", source="127.0.0.1") == 200
    finally:
        process.terminate()
        _out, said = process.communicate(timeout=HANG)
    assert "out of system resource" not in said
    assert process.returncode == 0


@pytest.mark.parametrize("number", range(4))
def test_a_reader_is_answered_through_a_flood(issue_workspace, number):
    """In small; `make flood` does it in earnest."""
    pytest.importorskip("resource")
    port = free_port()
    process = start(issue_workspace, port, PVD_SENDGRID_WEBHOOK_KEY=SIGNER.public_key)
    try:
        flood = floods()[number]
        account = flood_it(process, port, replace(flood, count=min(flood.count, 150)), 2)
        assert account.took
        assert account.failed == []
    finally:
        process.terminate()
        assert process.wait(HANG) == 0
