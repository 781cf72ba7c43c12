"""Forged, truncated and mixed-up tokens open nothing and never break a page."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer import clock
from pvd_mailer.database import open_database
from pvd_mailer.keys import KeyRing, make_keys
from pvd_mailer.subscribers.queries import find_subscriber
from pvd_mailer.tokens import ExpiredTokenError, Purpose, TokenSigner, read_timed_token, read_token, sign_timed_token
from tests.send.line import sqlite_at
from tests.site.conftest import CLAIRE, HERE, KARIM, serving
from tests.subscribers.people import KEYS, NOW, person
from tests.workspace import IssueWorkspace

REFS = st.text("0123456789abcdef", min_size=1, max_size=40)
PURPOSES = st.sampled_from(list(Purpose))


@given(REFS, PURPOSES, PURPOSES, st.integers(0, 100), st.characters(max_codepoint=0x2FF))
@settings(max_examples=500)
def test_a_token_is_good_for_its_purpose_and_unchanged_only(ref, made, asked, place, other):
    token = TokenSigner(KEYS, made).sign(ref)
    assert read_token(KEYS, asked, token) == (ref if made is asked else None)
    place %= len(token)
    changed = token[:place] + other + token[place + 1 :]
    if changed != token:
        assert read_token(KEYS, made, changed) is None
    assert read_token(KEYS, made, token[:place]) is None
    assert read_token(make_keys(), made, token) is None


# Links in letters of years ago carry such tokens: not a byte of one may change.
FIXED = KeyRing(("a" * 64, "b" * 64), "c" * 64)
LONG_KEY = KeyRing(("k" * 100,), "c" * 64)


@pytest.mark.parametrize(
    ("keys", "purpose", "ref", "token"),
    [
        (
            FIXED,
            Purpose.UNSUBSCRIBE,
            "0123456789abcdef",
            "0123456789abcdef.jnlE0rlE3NlMiwOTHHwV2FYrCjYPQtiCfGFCdZlxh6s",
        ),
        (FIXED, Purpose.FORM, "5f-x_", "5f-x_.GYfUS7EC_Ij4IX7UE9LE0tF3_JTWZaKxPpjRaWhsnSI"),
        (LONG_KEY, Purpose.UNDO, "r1", "r1.t9mKUd4OCwhTGkRpzXhIgWElYI69sDXvTOfGPE2iUdw"),
    ],
)
def test_a_token_has_the_same_bytes_for_ever(keys, purpose, ref, token):
    signer = TokenSigner(keys, purpose)
    assert signer.sign("another") != token
    assert signer.sign(ref) == token
    assert read_token(keys, purpose, token) == ref


def test_a_timed_token_has_the_same_bytes_for_ever():
    ends = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    expected = "r1~695735a5.R608VWghDhjIZ5blRgbZertwH-dI0sFpSWfcYFRFRFo"
    assert sign_timed_token(FIXED, Purpose.CONFIRM, "r1", ends) == expected


@given(REFS, st.integers(-(10**6), 10**6), st.text(max_size=300))
@settings(max_examples=500)
def test_a_timed_token_is_good_until_its_time(ref, seconds, noise):
    ends = NOW.replace(microsecond=0)
    token = sign_timed_token(KEYS, Purpose.CONFIRM, ref, ends)
    moment = ends + clock.now().resolution * (seconds * 10**6)
    if moment <= ends:
        assert read_timed_token(KEYS, Purpose.CONFIRM, token, moment) == ref
    else:
        with pytest.raises(ExpiredTokenError):
            read_timed_token(KEYS, Purpose.CONFIRM, token, moment)
    assert read_timed_token(KEYS, Purpose.CONFIRM, noise, NOW) is None
    assert read_timed_token(KEYS, Purpose.CONFIRM, TokenSigner(KEYS, Purpose.CONFIRM).sign(ref), NOW) is None


@pytest.fixture(scope="module")
def busy_site(tmp_path_factory):
    """One site for all examples."""
    folder = tmp_path_factory.mktemp("standing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PVD_KEYS", str(folder / "keys.json"))
        database = open_database(sqlite_at(folder), folder)
        with serving(IssueWorkspace.start(folder / "workspace"), database, patch) as served:
            served.line.join(person(CLAIRE), person(KARIM))
            yield served
        database.close()


@given(
    st.sampled_from(["u", "undo", "c", "p"]),
    st.one_of(st.text(max_size=250), st.binary(max_size=250)),
    st.sampled_from(["", "/preferences", "/erase", "/data.json", "/unsubscribe"]),
    st.sampled_from(["GET", "POST"]),
    st.tuples(
        st.binary(max_size=300),
        st.sampled_from(
            ["application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/x; charset=ü", ""]
        ),
    ),
)
@settings(max_examples=300)
def test_no_token_of_somebody_elses_making_does_anything(busy_site, first, token, rest, method, sent):
    path = f"/{first}/{quote(token, safe='')}{rest}"
    body, kind = sent
    answer = busy_site.call(path, method, body if method == "POST" else None, {"Content-Type": kind.encode()})
    assert answer.status in {400, 404, 405}
    with busy_site.database.read() as connection:
        assert [find_subscriber(connection, one).state for one in (CLAIRE, KARIM)] == [HERE, HERE]


@given(st.integers(0, 80), st.integers(1, 80))
@settings(max_examples=60)
def test_a_link_that_was_cut_lets_nobody_go(busy_site, start, length):
    path = busy_site.link_of(CLAIRE)
    token = path[3:]
    cut = token[: start % len(token)] + token[start % len(token) + length :]
    assert busy_site.post(f"/u/{cut}").status in {404, 405}
    assert busy_site.state(CLAIRE) is HERE


@given(st.binary(max_size=2000))
@settings(max_examples=150)
def test_no_form_breaks_the_page(busy_site, body):
    for path in ("/petites-villes-de-demain/subscribe", "/petites-villes-de-demain/preferences"):
        answer = busy_site.call(path, "POST", body, {"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status in {422, 429}
