"""Calls to the webhook that SendGrid never made: signed and hostile ones, and those that schemathesis thinks of."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.database import open_database
from pvd_mailer.database.states import SubscriberState
from tests.events.world import Feedback, undone
from tests.fuzz.issues import NASTY
from tests.send.line import sqlite_at
from tests.sendgrid import FakeSendGrid
from tests.site.hook import OPENAPI, Hook

EXAMPLES = 500 * int(os.environ.get("PVD_FUZZ", "1"))
MACHINES = 100 * int(os.environ.get("PVD_FUZZ", "1"))
NAMES = ["event", "email", "timestamp", "reason", "response", "status", "type", "pvd_recipient", "pvd_call", "attempt"]
WORDS = [
    *NASTY, "bounce", "blocked", "dropped", "spamreport", "delivered", "processed", "unsubscribe", "open", "click",
    "deferred", "group_resubscribe", "lecteur1@ville.test", "LECTEUR1@VILLE.TEST", "@", "a@b", "\0", "\ud800", "5.1.1",
    "Bounced Address", "001-000000.0", "001-ffffff.99999999999", "test-abc.0", "x" * 5000, "'; drop table events; --",
    "a@" + "b." * 200 + "test", "é@ville.test", "a@évariste.test", "nobody@xn--a.test",
]  # fmt: skip
NUMBERS = [0, -1, 1, 2**31, 2**63, 10**30, 10**400, 1e308, float("nan"), float("inf"), -0.5, True, False, None]
LEAVES = st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | st.integers() | st.text(max_size=30)
VALUES = st.recursive(
    LEAVES, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(), one, max_size=3), max_leaves=5
)
EVENTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8) | VALUES


@pytest.fixture
def feedback(issue_workspace, tmp_path):
    """A letter that was sent, on SQLite alone: what is tried here is read before any database sees it."""
    opened = open_database(sqlite_at(tmp_path), Path())
    with FakeSendGrid(patience=1) as fake:
        yield Feedback(issue_workspace, opened, fake)
    opened.close()


def test_signed_and_hostile_calls_are_survived_and_what_is_good_in_them_is_kept(feedback):
    one = feedback.sent()
    hook = Hook(feedback.office)
    good = feedback.told("bounce", f"{one}.0", timestamp=1_700_000_000)

    @settings(max_examples=EXAMPLES)
    @given(st.lists(EVENTS, max_size=6), st.data())
    def check(events, data):
        said = list(events)
        said.insert(data.draw(st.integers(0, len(said))), good)
        body = json.dumps(said, allow_nan=True).encode()
        with undone(feedback.database) as database:
            inner = Hook(replace(feedback.office, database=database), key=hook.signer.public_key)
            inner.signer = hook.signer
            try:
                answer = inner.post(body)
            finally:
                inner.close()
            assert answer.status_code == 200, answer.text
            assert feedback.all_states(database)["lecteur0@ville.test"] is not SubscriberState.SUBSCRIBED
            told = answer.json()
            assert 1 <= sum(told.values()) <= len(said)

    check()
    hook.close()


def test_what_schemathesis_thinks_of_is_answered_as_the_description_says(feedback):
    """Signed or not, after the description or against it: no 500, and no answer that is not described."""
    hook = Hook(feedback.office)
    schema = schemathesis.openapi.from_dict(OPENAPI)
    operation = schema["/events/sendgrid"]["POST"]
    seen = set()

    @settings(max_examples=MACHINES)
    @given(operation.as_strategy(), st.booleans())
    def check(case, signs):
        body = case.body if isinstance(case.body, bytes) else json.dumps(case.body, default=str).encode()
        given_ones = (case.headers or {}).items()
        headers = {name: value for name, value in given_ones if value.isascii() and value.isprintable()}
        answer = hook.raw(body, hook.signed(body) if signs else headers)
        assert str(answer.status_code) in OPENAPI["paths"]["/events/sendgrid"]["post"]["responses"]
        assert signs or answer.status_code in {401, 403}
        seen.add(answer.status_code)

    check()
    assert seen >= {200}
    hook.close()
