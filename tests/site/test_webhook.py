"""SendGrid's webhook: what is signed is kept, what is not is refused, and SendGrid is told which."""

import json
import logging
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from tests.events.world import Feedback
from tests.sendgrid import FakeSendGrid
from tests.sendgrid.events import SIGNATURE, TIMESTAMP, Signer
from tests.site.hook import Hook

FUZZ = int(os.environ.get("PVD_FUZZ", "1"))
EXAMPLES = 2000 if FUZZ == 1 else 10_000 * FUZZ


@pytest.fixture
def webhook_feedback(issue_workspace, database):
    """A letter that was sent by SendGrid; each test runs with both kinds of database."""
    with FakeSendGrid(patience=1) as fake:
        yield Feedback(issue_workspace, database, fake)


@pytest.fixture
def webhook(webhook_feedback):
    """The webhook's address."""
    made = Hook(webhook_feedback.office)
    yield made
    made.close()


def test_the_events_of_a_whole_send_as_sendgrid_posts_them(webhook_feedback, webhook):
    one = webhook_feedback.sent("reset-accepted")
    events = [
        webhook_feedback.of(message, kind)
        for message in webhook_feedback.fake.accepted
        for kind in ("processed", "delivered")
    ]
    answer = webhook.post(events)
    assert (answer.status_code, answer.json()) == (
        200,
        {"stored": 8, "known": 0, "about_nobody": 0, "not_kept": 0, "not_understood": 0},
    )
    assert webhook_feedback.account(one).is_complete
    assert webhook_feedback.record()["dispatches"][0]["counts"]["accepted"] == 4
    assert webhook.post(events).json()["known"] == 8


def test_a_number_without_an_end_costs_the_others_nothing(webhook_feedback, webhook):
    one = webhook_feedback.sent()
    good = json.dumps(webhook_feedback.told("bounce", f"{one}.0"))
    long = "9" * 5000
    body = f'[{{"event":"delivered","email":"a@b.test","timestamp":{long}}},{long},{{"x":[-{long}]}},{good}]'
    answer = webhook.post(body.encode())
    assert answer.json()["stored"] == 1
    assert webhook_feedback.state(0) is SubscriberState.BOUNCED


def test_an_odd_event_costs_the_others_nothing(webhook_feedback, webhook, caplog):
    one = webhook_feedback.sent()
    odd = [None, 7, "x", [], {}, {"event": 3}, {"event": "new-kind", "email": "a@b.test"}, {"event": "bounce"}]
    answer = webhook.post(
        [*odd, webhook_feedback.told("bounce", f"{one}.0"), webhook_feedback.told("open", f"{one}.0")]
    )
    said = answer.json()
    assert (said["stored"], said["not_understood"], said["not_kept"]) == (1, 8, 1)
    assert webhook_feedback.state(0) is SubscriberState.BOUNCED
    assert "8 of SendGrid's events were not understood" in caplog.text
    assert "@" not in caplog.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}", b"null", b'"x"', b"[" * 100_000, b"[]]", b"\xff\xfe", b"[{}" + b",{}" * 20_000 + b"]"]
)
def test_signed_nonsense_is_refused_for_nothing_of_it_could_be_kept(webhook, body):
    assert webhook.post(body).status_code == 400


def test_who_does_not_sign_is_not_heard(webhook_feedback, webhook):
    one = webhook_feedback.sent()
    body = json.dumps([webhook_feedback.told("bounce", f"{one}.0")]).encode()
    good = webhook.signer.headers(body)
    assert webhook.raw(body).status_code == 401
    assert webhook.raw(body, {SIGNATURE: good[SIGNATURE]}).status_code == 401
    assert webhook.raw(body, {TIMESTAMP: good[TIMESTAMP]}).status_code == 401
    assert webhook.raw(body, Signer().headers(body)).status_code == 403
    assert webhook.raw(body + b" ", good).status_code == 403
    assert webhook.raw(body, good | {TIMESTAMP: str(int(good[TIMESTAMP]) + 1)}).status_code == 403
    assert webhook_feedback.events() == []
    assert webhook.raw(body, good).status_code == 200


def test_a_call_of_yesterday_is_taken_and_one_of_last_week_is_not(webhook_feedback, webhook):
    one = webhook_feedback.sent()
    said = [webhook_feedback.told("bounce", f"{one}.0")]
    now = int(time.time())
    assert webhook.post(said, now - 7 * 86400).status_code == 403
    assert webhook.post(said, now + 7 * 86400).status_code == 403
    assert webhook.post(said, now - 24 * 3600).status_code == 200
    assert webhook.post(said, now - 300).json()["known"] == 1


def test_without_a_key_there_is_nothing_here_and_a_wrong_key_is_told_at_the_start(webhook_feedback):
    shut = Hook(webhook_feedback.office, key="")
    answer = shut.post([])
    shut.close()
    assert (answer.status_code, "PVD_SENDGRID_WEBHOOK_KEY" in answer.text) == (404, True)
    with pytest.raises(WrongUsageError):
        Hook(webhook_feedback.office, key="A" * 124)


def test_a_body_that_is_too_large_is_not_read(webhook):
    assert webhook.post(b"[" + b" " * 5_000_000 + b"]").status_code == 413

    async def endless():
        for _number in range(100):
            yield b" " * 100_000

    assert webhook.raw(endless(), webhook.signer.headers(b"")).status_code == 413


def test_while_the_database_cannot_be_written_sendgrid_is_asked_to_come_back(
    webhook_feedback, webhook, monkeypatch, caplog
):
    one = webhook_feedback.sent()
    said = [webhook_feedback.told("bounce", f"{one}.0")]

    def refuse(*_anything):
        raise DatabaseError("the database is in use by another program")

    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(type(webhook_feedback.database), "write", refuse)
        answer = webhook.post(said)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert webhook_feedback.events() == []
    assert webhook.post(said).json()["stored"] == 1


def test_get_is_no_way_in(webhook):
    assert webhook.request("GET").status_code == 405


# forged and truncated


def _mangled(data, body):
    """`body`, changed: never the same."""
    where = data.draw(st.integers(0, len(body) - 1))
    how = data.draw(st.sampled_from(["cut", "flip", "more", "twice", "drop"]))
    if how == "cut":
        return body[:where]
    if how == "flip":
        return body[:where] + bytes([body[where] ^ data.draw(st.integers(1, 255))]) + body[where + 1 :]
    if how == "drop":
        return body[:where] + body[where + 1 :]
    return body + (body if how == "twice" else data.draw(st.binary(min_size=1, max_size=20)))


def test_a_signature_has_one_spelling(webhook_feedback, webhook):
    """Of the last sign before the padding some bits mean nothing: base64 would let them be anything."""
    one = webhook_feedback.sent()
    body = json.dumps([webhook_feedback.told("bounce", f"{one}.0")]).encode()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    tried = 0
    while not tried:  # a signature's length varies, and with it whether there is padding
        good = webhook.signer.headers(body)
        written = good[SIGNATURE].rstrip("=")
        for sign in alphabet if good[SIGNATURE].endswith("=") else "":
            other = written[:-1] + sign + good[SIGNATURE][len(written) :]
            if other != good[SIGNATURE]:
                assert webhook.raw(body, good | {SIGNATURE: other}).status_code == 403
                tried += 1
    assert webhook_feedback.events() == []
    assert webhook.raw(body, good).status_code == 200


def test_nothing_forged_or_truncated_is_taken(webhook_feedback, webhook):
    one = webhook_feedback.sent()
    body = json.dumps([webhook_feedback.told("bounce", f"{one}.0")]).encode()
    good = webhook.signer.headers(body)
    other = Signer()

    @settings(max_examples=EXAMPLES)
    @given(st.data())
    def check(data):
        headers, sent = dict(good), body
        what = data.draw(st.sampled_from(["body", "signature", "timestamp", "key", "text"]))
        if what == "body":
            sent = _mangled(data, body)
        elif what == "signature":
            headers[SIGNATURE] = _mangled(data, good[SIGNATURE].encode()).decode("latin-1").encode("ascii", "replace")
        elif what == "timestamp":
            headers[TIMESTAMP] = str(data.draw(st.integers(0, 2**40).filter(lambda one: str(one) != good[TIMESTAMP])))
        elif what == "key":
            headers = other.headers(sent)
        else:
            text = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=150)
            headers[data.draw(st.sampled_from([SIGNATURE, TIMESTAMP]))] = data.draw(text)
        if headers == good and sent == body:
            return
        try:
            answer = webhook.raw(sent, headers)
        except ValueError:  # the client itself sends no such header
            return
        assert answer.status_code in {401, 403}, (what, headers)

    check()
    assert webhook_feedback.events() == []
    assert webhook_feedback.state(0) is SubscriberState.SUBSCRIBED
