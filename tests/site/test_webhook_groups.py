"""Calls of the webhook that come together: committed together, and each answered for itself."""

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from pvd_mailer.database import DatabaseError
from pvd_mailer.events.webhook_signature import WebhookVerifier
from pvd_mailer.services import events as services
from pvd_mailer.site.routes import webhook
from tests.preview.conftest import HANG, until
from tests.sendgrid.events import Signer
from tests.site.conftest import CLAIRE, serving
from tests.subscribers.people import person

CALLS = 12


class Callers:
    """Those who post, and the turn to store, which a test can hold back."""

    def __init__(self, monkeypatch):
        self.signer = Signer()
        self.began = int(time.time()) - 1000
        self.verified = 0
        self.groups = []
        self._turn = threading.Event()
        self._turn.set()
        self._pool = ThreadPoolExecutor(CALLS + 1)
        verify, ingest = WebhookVerifier.verify, services.ingest_webhook

        def counted(*call):
            self.verified += 1
            return verify(*call)

        def in_turn(context, bodies):
            assert self._turn.wait(HANG)
            self.groups.append(len(bodies))
            return ingest(context, bodies)

        monkeypatch.setattr(WebhookVerifier, "verify", counted)
        monkeypatch.setattr(services, "ingest_webhook", in_turn)

    def body(self, number):
        """One event, of its own for each number."""
        said = {"event": "deferred", "email": CLAIRE, "timestamp": self.began + number, "response": "451 later"}
        return json.dumps([said]).encode()

    def post(self, site, number):
        body = self.body(number)
        return site.call(webhook.WEBHOOK_PATH, "POST", body, self.signer.headers(body))

    @contextmanager
    def together(self, site, numbers):
        """One call in the middle of its transaction, and one for each of `numbers` that waits for the next; answers."""
        self._turn.clear()
        begun = self.verified
        answers = [self._pool.submit(self.post, site, 900)]
        until(lambda: self.verified == begun + 1, "the first call")
        answers += [self._pool.submit(self.post, site, number) for number in numbers]
        until(lambda: self.verified == begun + 1 + len(numbers), "the others")
        try:
            yield answers
        finally:
            self._turn.set()

    def all(self, site, numbers):
        """The answers to calls that come together; the one before them left out."""
        with self.together(site, numbers) as answers:
            pass
        return [answer.result() for answer in answers][1:]

    def close(self):
        self._turn.set()
        self._pool.shutdown()


@pytest.fixture
def callers(monkeypatch):
    made = Callers(monkeypatch)
    yield made
    made.close()


@pytest.fixture
def events_site(issue_workspace, database, monkeypatch, callers):
    """A site that takes events, with one subscriber; each test runs with both kinds of database."""
    key = callers.signer.public_key
    with serving(issue_workspace, database, monkeypatch, sendgrid_webhook_key=key) as running:
        running.line.join(person(CLAIRE, "Claire", "Exemple"))
        yield running


@contextmanager
def commits(database, act=lambda: None):
    """The transactions of requests that were about to be committed and could write; `act` is called before each.

    The thread of the mails erases expired requests when the server starts, sooner or later.
    """
    seen = []

    def committing(connection):
        if connection.get_execution_options().get("pvd_writes") and threading.current_thread().name != "postman":
            seen.append(connection)
            act()

    event.listen(database.engine, "commit", committing)
    yield seen
    event.remove(database.engine, "commit", committing)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), HANG).close()
    except ConnectionRefusedError:
        return False
    return True


def stored(site, callers):
    """The numbers of the events that were stored, in their order."""
    began = datetime.fromtimestamp(callers.began, UTC)
    return sorted(int((row["at"] - began).total_seconds()) for row in site.events())


def test_calls_that_come_together_are_one_transaction(events_site, callers):
    with commits(events_site.database) as seen:
        answers = callers.all(events_site, range(CALLS))
    assert [answer.status for answer in answers] == [200] * CALLS
    assert {json.loads(answer.body)["stored"] for answer in answers} == {1}
    assert callers.groups == [1, CALLS]
    assert len(seen) == 2
    assert stored(events_site, callers) == [*range(CALLS), 900]


def test_a_call_that_comes_alone_waits_for_nobody(events_site, callers):
    for number in range(3):
        assert callers.post(events_site, number).status == 200
        assert stored(events_site, callers) == list(range(number + 1))
    assert callers.groups == [1, 1, 1]


def test_the_same_event_in_two_calls_of_one_transaction_is_stored_once(events_site, callers):
    answers = callers.all(events_site, [7, 7, 7, 8])
    told = sorted((json.loads(answer.body)["stored"], json.loads(answer.body)["known"]) for answer in answers)
    assert told == [(0, 1), (0, 1), (1, 0), (1, 0)]
    assert callers.groups == [1, 4]
    assert stored(events_site, callers) == [7, 8, 900]


def test_a_call_that_cannot_be_stored_does_not_take_its_neighbours_along(events_site, callers, monkeypatch):
    ingest = services.ingest_events
    faulty = datetime.fromtimestamp(callers.began + 3, UTC)

    def fail(connection, told, *more, **options):
        done = ingest(connection, told, *more, **options)
        if any(one.at == faulty for one in told):
            raise ArithmeticError  # when all of it was written, before the commit
        return done

    monkeypatch.setattr(services, "ingest_events", fail)
    answers = callers.all(events_site, range(6))
    assert [answer.status for answer in answers] == [200, 200, 200, 500, 200, 200]
    assert stored(events_site, callers) == [0, 1, 2, 4, 5, 900]


def test_where_the_commit_fails_nobody_is_told_that_it_is_stored(events_site, callers):
    broken = threading.Event()

    def fail():
        if broken.is_set():
            raise DatabaseError("no space is left")

    with commits(events_site.database, fail):
        broken.set()
        answers = callers.all(events_site, range(5))
        assert [(answer.status, answer.headers["Retry-After"]) for answer in answers] == [(503, "60")] * 5
        assert stored(events_site, callers) == []
        broken.clear()
        again = callers.all(events_site, range(5))
    assert [json.loads(answer.body)["stored"] for answer in again] == [1] * 5
    assert stored(events_site, callers) == [*range(5), 900]


def test_whoever_hangs_up_harms_nobody(events_site, callers):
    body = callers.body(50)
    lines = [f"{name}: {value}\r\n" for name, value in callers.signer.headers(body).items()]
    head = f"POST {webhook.WEBHOOK_PATH} HTTP/1.1\r\nHost: 127.0.0.1:{events_site.port}\r\n{''.join(lines)}"
    with callers.together(events_site, [1, 2]) as answers:
        begun = callers.verified
        with socket.create_connection(("127.0.0.1", events_site.port), HANG) as gone:
            gone.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            until(lambda: callers.verified == begun + 1, "the call")
        answers.append(callers._pool.submit(events_site.call, "/health"))
        assert answers[-1].result().status == 200
    assert [answer.result().status for answer in answers] == [200] * 4
    until(lambda: stored(events_site, callers) == [1, 2, 50, 900], "all of them")


def test_a_call_that_waited_too_long_is_told_so_and_stored_all_the_same(events_site, callers, monkeypatch):
    monkeypatch.setattr(webhook, "_ANSWER_TIMEOUT", 0.3)
    with callers.together(events_site, [1, 2]) as answers:
        assert [answer.result().status for answer in answers] == [503] * 3
    until(lambda: stored(events_site, callers) == [1, 2, 900], "all of them")
    assert json.loads(callers.post(events_site, 1).body)["known"] == 1


def test_more_calls_than_may_wait_are_asked_to_come_back(issue_workspace, database, monkeypatch, callers):
    monkeypatch.setattr(webhook, "_MAX_WAITING_BYTES", 2 * webhook._MIN_WEIGHT)
    key = callers.signer.public_key
    with serving(issue_workspace, database, monkeypatch, sendgrid_webhook_key=key) as running:
        running.line.join(person(CLAIRE))
        with callers.together(running, [1, 2]) as answers:
            refused = callers.post(running, 3)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "60")
        assert [answer.result().status for answer in answers] == [200] * 3
        assert callers.post(running, 3).status == 200
        assert stored(running, callers) == [1, 2, 3, 900]


def test_a_server_that_is_told_to_stop_answers_what_it_stores(issue_workspace, database, monkeypatch, callers):
    key = callers.signer.public_key
    with serving(issue_workspace, database, monkeypatch, sendgrid_webhook_key=key) as running:
        running.line.join(person(CLAIRE))
        waiting = callers.together(running, range(5))
        answers = waiting.__enter__()

        def go_on_once_nobody_listens():
            until(lambda: not listens(running.port), "the end of listening")
            waiting.__exit__(None, None, None)

        threading.Thread(target=go_on_once_nobody_listens).start()
    acknowledged = []
    for number, answer in zip([900, *range(5)], answers, strict=True):
        try:
            if answer.result().status == 200:
                acknowledged.append(number)
        except (OSError, http.client.HTTPException):
            continue
    assert sorted(acknowledged) == stored(running, callers) == [*range(5), 900]
