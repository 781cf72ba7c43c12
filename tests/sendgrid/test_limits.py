"""The false SendGrid refuses what the real one refuses."""

import base64
import copy
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sendgrid import FakeSendGrid, Mix, read_ledger
from tests.sendgrid.events import SIGNATURE, TIMESTAMP
from tests.sendgrid.readers import charset
from tests.workspace import ROOT, environment

CALL = {
    "personalizations": [
        {
            "to": [{"email": "claire@example.org", "name": "Claire"}],
            "headers": {"List-Unsubscribe": "<mailto:x@example.org>"},
            "substitutions": {"-name-": "Claire"},
            "custom_args": {"pvd_recipient": "r1", "pvd_call": "c1"},
        },
        {"to": [{"email": "karim@example.org"}], "custom_args": {"pvd_recipient": "r2", "pvd_call": "c1"}},
    ],
    "from": {"email": "la-lettre@example.org", "name": "La lettre, à vous"},
    "subject": "Bonjour -name-",
    "content": [{"type": "text/plain", "value": "Bonjour -name- —"}, {"type": "text/html", "value": "<p>-name- —</p>"}],
}


@pytest.fixture(scope="module")
def fake_sendgrid():
    with FakeSendGrid() as server:
        yield server


def post(fake_sendgrid, call, *, key=None, path="/v3/mail/send", kind="application/json", method="POST"):
    body = call if isinstance(call, bytes) else json.dumps(call).encode()
    headers = {"Authorization": f"Bearer {key or fake_sendgrid.key}", "Content-Type": kind}
    request = urllib.request.Request(fake_sendgrid.url + path, body, headers, method=method)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - the same
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def changed(path, value):
    call = copy.deepcopy(CALL)
    *way, last = path
    place = call
    for step in way:
        place = place[step]
    place[last] = value
    return call


def people(count):
    return [{"to": [{"email": f"r{number}@example.org"}]} for number in range(count)]


FIRST = ("personalizations", 0)
RESERVED = [
    "x-sg-id",
    "X-SG-EID",
    "Received",
    "DKIM-Signature",
    "Content-Type",
    "Content-Transfer-Encoding",
    "To",
    "From",
    "Subject",
    "Reply-To",
    "CC",
    "BCC",
]
PICTURE = {"content": "AAAA", "filename": "a.png", "disposition": "inline", "content_id": "a"}
WRONG = [
    (changed(("personalizations",), []), "personalizations"),
    (changed(("personalizations",), people(1001)), "personalizations"),
    (
        changed(
            ("personalizations",), [{"to": [{"email": f"r{n}-{m}@example.org"} for m in range(3)]} for n in range(334)]
        ),
        "personalizations",
    ),
    (changed((*FIRST, "to"), []), "personalizations.0.to"),
    (changed((*FIRST, "to", 0, "email"), "pas une adresse"), "personalizations.0.to.0.email"),
    (changed((*FIRST, "to", 0, "email"), "élodie@example.org"), "personalizations.0.to.0.email"),
    (changed((*FIRST, "to", 0, "email"), "KARIM@example.org"), "personalizations.1.to.0.email"),
    (changed((*FIRST, "to", 0, "name"), "Exemple, Claire"), "personalizations.0.to.0.name"),
    (changed((*FIRST, "to", 0, "name"), "Claire; Karim"), "personalizations.0.to.0.name"),
    (changed((*FIRST, "to", 0, "surname"), "x"), "personalizations.0.to.0.surname"),
    (changed((*FIRST, "cc"), [{"email": "claire@example.org"}]), "personalizations.0.cc.0.email"),
    (changed((*FIRST, "substitutions"), {"-n-": 1}), "personalizations.0.substitutions"),
    (changed((*FIRST, "substitutions"), {"-n-": "é" * 5000}), "personalizations.0.substitutions"),
    (changed((*FIRST, "custom_args"), {"n": 1}), "personalizations.0.custom_args"),
    (changed((*FIRST, "custom_args"), {"n": "a" * 9999}), "personalizations.0.custom_args"),
    (changed((*FIRST, "headers"), {"X-A": "é"}), "personalizations.0.headers.X-A"),
    (changed((*FIRST, "headers"), {"X-A": "a\r\nBcc: x@example.org"}), "personalizations.0.headers.X-A"),
    (changed((*FIRST, "headers"), {"X A": "a"}), "personalizations.0.headers.X A"),
    (changed((*FIRST, "unknown"), 1), "personalizations.0.unknown"),
    (changed((*FIRST, "dynamic_template_data"), {"a": 1}), "template_id"),
    (changed((*FIRST, "send_at"), int(time.time()) + 73 * 3600), "personalizations.0.send_at"),
    (changed(("template_id",), "13b8f94f-bcae-4ec6-b752-70d6cb59f932"), "template_id"),
    (changed(("send_at",), int(time.time()) + 73 * 3600), "send_at"),
    (changed(("send_at",), "tomorrow"), "send_at"),
    (changed(("from",), {"name": "La lettre"}), "from.email"),
    (changed(("reply_to",), {"email": "x"}), "reply_to.email"),
    (changed(("subject",), ""), "subject"),
    (changed(("content",), []), "content"),
    (changed(("content",), CALL["content"][::-1]), "content"),
    (changed(("content", 0, "value"), ""), "content.0.value"),
    (changed(("content", 0, "type"), None), "content.0.type"),
    (changed(("attachments",), [{**PICTURE, "content": "*"}]), "attachments.0.content"),
    (changed(("attachments",), [{**PICTURE, "filename": ""}]), "attachments.0.filename"),
    (changed(("attachments",), [{**PICTURE, "content_id": ""}]), "attachments.0.content_id"),
    (changed(("attachments",), [{**PICTURE, "disposition": "aside"}]), "attachments.0.disposition"),
    (changed(("categories",), [f"c{number}" for number in range(11)]), "categories"),
    (changed(("categories",), ["a", "a"]), "categories"),
    (changed(("categories",), ["a" * 256]), "categories"),
    (changed(("unknown",), 1), "unknown"),
    *((changed((*FIRST, "headers"), {name: "x"}), f"personalizations.0.headers.{name}") for name in RESERVED),
    *((changed(("headers",), {name: "x"}), f"headers.{name}") for name in RESERVED),
]


@pytest.mark.parametrize(("call", "field"), WRONG, ids=[f"{number} {field}" for number, (_, field) in enumerate(WRONG)])
def test_each_limit_is_a_400_that_names_the_field(fake_sendgrid, call, field):
    before = len(fake_sendgrid.accepted)
    status, body, _headers = post(fake_sendgrid, call)
    errors = json.loads(body)["errors"]
    assert status == 400
    assert field in {one["field"] for one in errors}
    assert all(one.keys() == {"message", "field", "help"} and one["message"] for one in errors)
    assert len(fake_sendgrid.accepted) == before


def test_what_is_just_within_the_limits_is_accepted(fake_sendgrid):
    calls = [
        CALL,
        changed(("personalizations",), people(1000)),
        changed((*FIRST, "substitutions"), {"-n-": "a" * 9997}),
        changed((*FIRST, "custom_args"), {"n": "a" * 9998}),
        changed(("categories",), [f"{number}" * 25 for number in range(10)]),
        changed(("send_at",), int(time.time()) + 71 * 3600),
        changed(("content",), CALL["content"][1:]),
        changed(("attachments",), [PICTURE]),
    ]
    for call in calls:
        status, body, headers = post(fake_sendgrid, call)
        assert (status, body) == (202, b"")
        assert headers["X-Message-Id"]


def test_a_call_of_more_than_30_megabytes_is_a_413(fake_sendgrid):
    call = changed(("attachments",), [{**PICTURE, "content": "AAAA" * 7_600_000}])
    try:
        status, _body, _headers = post(fake_sendgrid, call)
    except OSError:
        return  # it hung up before everything was read, as the real one does
    assert status == 413


def test_what_is_asked_wrongly_is_refused(fake_sendgrid):
    assert post(fake_sendgrid, CALL, key="SG.another")[0] == 401
    assert post(fake_sendgrid, CALL, path="/v3/mail")[0] == 404
    assert post(fake_sendgrid, CALL, kind="text/plain")[0] == 415
    assert post(fake_sendgrid, b"{")[0] == 400
    assert post(fake_sendgrid, b"[]")[0] == 400
    assert post(fake_sendgrid, CALL, method="GET")[0] == 405


def test_what_was_accepted_is_known_as_each_reader_gets_it():
    with FakeSendGrid() as fake:
        post(fake, CALL)
        first, second = fake.accepted
    assert (first.ref, first.call, first.address, first.name) == ("r1", "c1", "claire@example.org", "Claire")
    assert (first.subject, first.text, first.html) == ("Bonjour Claire", "Bonjour Claire —", "<p>Claire —</p>")
    assert second.text == "Bonjour -name- —"
    assert first.digest == second.digest
    assert first.headers["list-unsubscribe"] == "<mailto:x@example.org>"


def test_the_sandbox_answers_200_and_accepts_nobody():
    with FakeSendGrid() as fake:
        status, body, headers = post(fake, changed(("mail_settings",), {"sandbox_mode": {"enable": True}}))
        assert (status, body, headers["X-Message-Id"]) == (200, b"", None)
        assert (fake.accepted, len(fake.rehearsed)) == ([], 2)


def test_the_charset_is_guessed_from_the_characters():
    assert [charset(text) for text in ("Ete", "Été", "L’été", "&rsquo;")] == [
        "us-ascii",
        "iso-8859-1",
        "utf-8",
        "us-ascii",
    ]


def test_a_mix_of_faults_is_the_same_each_time_and_the_ledger_tells_the_truth(tmp_path):
    one, other = Mix(7, 0.5), Mix(7, 0.5)
    assert [one() for _call in range(50)] == [other() for _call in range(50)]
    file = tmp_path / "ledger"
    with FakeSendGrid(ledger=file, mix=Mix(3, 0.5, ("500", "500-accepted", "429", "reset-after"))) as fake:
        for _call in range(20):
            try:
                post(fake, CALL)
            except OSError:
                continue
        lines = read_ledger(file)
        assert [one["ref"] for one in lines] == [one.ref for one in fake.accepted]
        assert 0 < len(lines) < 40


def test_signed_events_verify_and_others_do_not():
    got = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_anything):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as hook, FakeSendGrid() as fake:
        thread = threading.Thread(target=hook.serve_forever, args=(0.02,))
        thread.start()
        post(fake, CALL)
        url = f"http://127.0.0.1:{hook.server_address[1]}/events"
        assert fake.post_events(url, ("processed", "bounce")) == 204
        hook.shutdown()
        thread.join()
        ((headers, body),) = got
        key = serialization.load_der_public_key(base64.b64decode(fake.public_key))
    signed = headers[TIMESTAMP].encode() + body
    key.verify(base64.b64decode(headers[SIGNATURE]), signed, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(headers[SIGNATURE]), signed + b" ", ec.ECDSA(hashes.SHA256()))
    events = json.loads(body)
    assert [(one["event"], one["pvd_recipient"]) for one in events] == [
        ("processed", "r1"),
        ("bounce", "r1"),
        ("processed", "r2"),
        ("bounce", "r2"),
    ]
    assert len({one["sg_event_id"] for one in events}) == 4


def test_as_a_process_it_prints_its_port_and_writes_its_ledger(tmp_path):
    file = tmp_path / "ledger"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sendgrid", "--ledger", file, "--faults", "ok,429:1"],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        port = int(process.stdout.readline())

        class At:
            url = f"http://127.0.0.1:{port}"
            key = "SG.fake.key"

        assert [post(At, CALL)[0] for _call in range(3)] == [202, 429, 202]
        assert [one["ref"] for one in read_ledger(file)] == ["r1", "r2", "r1", "r2"]
        process.terminate()
        assert process.wait(timeout=30) == 0
