"""One suite, three channels."""

import dataclasses
import gc
import re
import threading
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pvd_mailer.letter.addresses import header_safe
from pvd_mailer.render import Hosting
from pvd_mailer.send.channels import DeliveryOutcome, FailureCause
from tests.send.channels.harness import (
    EVERY_FAULT,
    HARNESSES,
    MAILTO,
    READERS,
    SECRETS,
    SENDER,
    accepted,
    consign,
    link,
    people,
    settle,
    start,
    twice,
)
from tests.workspace import REAL, IssueWorkspace, real

NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
HOSTED = Hosting("https://lettre.example.org")


@pytest.fixture(params=HARNESSES)
def channel_harness(request, tmp_path):
    made = start(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["smtp", "sendgrid"])
def network_harness(request, tmp_path):
    made = start(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def small_letter(tmp_path_factory):
    return IssueWorkspace.start(tmp_path_factory.mktemp("desk")).render()


@pytest.mark.parametrize("hosting", [Hosting(), HOSTED], ids=["embedded", "hosted"])
@pytest.mark.parametrize("name", REAL)
def test_each_reader_gets_the_bytes_of_the_letter_with_their_own_link(channel_harness, name, hosting):
    letter, readers = real(name, hosting), people()
    accepted(channel_harness.channel(), letter, readers)
    received = {one.ref: one for one in channel_harness.received()}
    assert received.keys() == {one.ref for one in readers}
    for number, reader in enumerate(readers):
        got = received[reader.ref]
        assert got.address == reader.address
        assert got.html == letter.fill_html({"unsubscribe": link(f"r{number}")})
        assert got.text == letter.fill_text({"unsubscribe": link(f"r{number}")})
        assert got.subject == letter.subject
        expected = {one.content_id: one.data for one in letter.attachments} if letter.embedded else {}
        assert got.pictures == expected


def test_no_placeholder_is_left(channel_harness, small_letter):
    accepted(channel_harness.channel(), small_letter, people())
    for got in channel_harness.received():
        assert "pvd-h-" not in got.html
        assert "pvd-t-" not in got.text


def test_no_reader_sees_another(channel_harness, small_letter):
    readers = people()
    accepted(channel_harness.channel(), small_letter, readers)
    received = channel_harness.received()
    assert len(received) == len(readers)
    for got in received:
        for other in readers:
            if other.ref != got.ref:
                for told in (other.address, other.name, other.ref, other.one_click_url):
                    assert told not in got.raw


def test_headers_say_how_to_leave_by_one_click(channel_harness, small_letter):
    accepted(channel_harness.channel(), small_letter, people())
    for got in channel_harness.received():
        own = link(got.ref.removesuffix("ref"))
        assert got.headers["list-unsubscribe"] == f"<{own}>, <{MAILTO}>"
        assert got.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert got.headers["list-id"] == '"La lettre" <la-lettre.example.org>'
        assert got.headers["feedback-id"] == SENDER.feedback_id
        assert got.headers["reply-to"] == SENDER.reply_to
        assert got.headers["content-language"] == small_letter.lang


@pytest.mark.parametrize(("is_automatic", "said"), [(True, "auto-generated"), (False, None)])
def test_a_mail_of_a_program_says_so_and_a_letter_does_not(channel_harness, small_letter, is_automatic, said):
    accepted(
        channel_harness.channel(), small_letter, people(), sender=dataclasses.replace(SENDER, is_automatic=is_automatic)
    )
    assert {one.headers.get("auto-submitted") for one in channel_harness.received()} == {said}


def test_without_a_site_the_way_out_is_a_mailto_alone(channel_harness, small_letter):
    accepted(channel_harness.channel(), small_letter, people(online=False))
    for got in channel_harness.received():
        assert got.headers["list-unsubscribe"] == f"<{MAILTO}>"
        assert "list-unsubscribe-post" not in got.headers
        assert got.html == small_letter.fill_html({"unsubscribe": MAILTO})
        assert got.text == small_letter.fill_text({"unsubscribe": MAILTO})


def test_what_need_not_be_there_is_not(channel_harness, small_letter):
    plain = dataclasses.replace(SENDER, reply_to=None, list_name="La Lettre d’été")
    accepted(channel_harness.channel(), small_letter, people(names=("", "", "")), sender=plain)
    for got in channel_harness.received():
        assert got.name == ""
        assert "reply-to" not in got.headers
        assert got.headers["list-id"] == "<la-lettre.example.org>"


@pytest.mark.parametrize("subject", ["Été : « 89 % » — l’œil 😀", "é" * 150, '"Guillemets" & <chevrons>', "שלום 2026"])
def test_a_subject_is_read_as_it_was_written(channel_harness, small_letter, subject):
    accepted(channel_harness.channel(), dataclasses.replace(small_letter, subject=subject), people())
    assert {one.subject for one in channel_harness.received()} == {subject}


@pytest.mark.parametrize("channel", HARNESSES)
def test_any_name_is_carried_and_changes_nothing_else(channel, small_letter, tmp_path):
    far = start(channel, tmp_path)
    made = far.channel()
    count = 0

    @example('Exemple, Claire; dite "Clé" <x@example.net>')
    @example("Léa\r\nBcc: x@example.net")
    @example("أحمد \u202e😀 \u200f")
    @example("a" * 60)
    @example("é" * 60)
    @example("\\")
    @settings(max_examples=40)
    @given(NAMES)
    def check(name):
        nonlocal count
        count += 1
        reader = people(f"n{count}-", names=(name, "Une autre", "Un autre"))
        with made.session() as session:
            told = settle(session.send(consign(small_letter, reader)), reader)
        assert {one.outcome for one in told.values()} == {DeliveryOutcome.ACCEPTED}, told
        got = {one.ref: one for one in far.received() if one.ref.startswith(f"n{count}-")}
        assert len(got) == 3
        first = got[reader[0].ref]
        assert first.address == reader[0].address
        assert first.headers.keys() - {"to"} == got[reader[1].ref].headers.keys() - {"to"}
        if not re.search(r"[\"\\=?,;<>()@]", name):  # how those are written is each channel's affair
            # Without blanks: Python's parser adds some between the encoded words of a long name.
            assert "".join(first.name.split()) == "".join(header_safe(name).split())

    try:
        check()
    finally:
        far.close()


def test_a_domain_outside_ascii_travels_as_its_ascii_form(channel_harness, small_letter):
    readers = people(addresses=["a@bücher.example", "b@été.example", "c@example.org"])
    accepted(channel_harness.channel(), small_letter, readers)
    assert sorted(one.address for one in channel_harness.received()) == sorted(
        ["a@xn--bcher-kva.example", "b@xn--t-9fab.example", "c@example.org"]
    )


def test_an_address_outside_ascii_is_carried_or_refused_and_never_dropped(channel_harness, small_letter):
    readers = people(addresses=["élodie@example.org", "b@example.org", "c@example.org"])
    with channel_harness.channel().session() as session:
        told = settle(session.send(consign(small_letter, readers)), readers)
    got = {one.ref: one.address for one in channel_harness.received()}
    for reader in readers:
        assert (told[reader.ref].outcome is DeliveryOutcome.ACCEPTED) == (got.get(reader.ref) == reader.address)
    first = told[readers[0].ref]
    assert first.outcome in {DeliveryOutcome.ACCEPTED, DeliveryOutcome.REFUSED}
    assert first.outcome is DeliveryOutcome.ACCEPTED or (first.reason and not first.retryable)
    assert len(got) >= 2


def test_an_address_that_is_none_costs_nobody_else_the_letter(channel_harness, small_letter):
    readers = people(addresses=["a@-tiret-.exämple", "b@example.org", "c@example.org"])
    with channel_harness.channel().session() as session:
        told = settle(session.send(consign(small_letter, readers)), readers)
    assert [told[one.ref].outcome for one in readers] == [
        DeliveryOutcome.REFUSED,
        DeliveryOutcome.ACCEPTED,
        DeliveryOutcome.ACCEPTED,
    ]
    assert len(channel_harness.received()) == 2


@pytest.mark.parametrize(("channel", "fault"), EVERY_FAULT)
def test_whatever_goes_wrong_is_told_and_told_truly(channel, fault, small_letter, tmp_path, caplog, capfd):
    """The outcome fits what the far side really has, and nobody and nothing is given away."""
    caplog.set_level(0)
    far = start(channel, tmp_path)
    readers = people()
    try:
        far.play(fault)
        with far.channel().session() as session:
            told = settle(session.send(consign(small_letter, readers)), readers)
        received = far.received()
    finally:
        far.close()
    there = {one.ref for one in received}
    for reader in readers:
        result = told[reader.ref]
        if result.outcome is DeliveryOutcome.ACCEPTED:
            assert reader.ref in there
        elif result.outcome is not DeliveryOutcome.UNKNOWN:
            assert reader.ref not in there
            assert result.reason
        for word in (*READERS, "@", *SECRETS):
            assert word not in result.reason
        assert "<html" not in result.reason
        assert len(result.reason) <= 300
    assert twice(received) == []
    written = caplog.text + "".join(capfd.readouterr())
    for word in (*READERS, *SECRETS, *(one.one_click_url for one in readers)):
        assert word not in written


def test_nothing_is_logged_of_what_goes_well(channel_harness, small_letter, caplog, capfd):
    caplog.set_level(0)
    caplog.set_level(0, logger="python_http_client.client")
    accepted(channel_harness.channel(), small_letter, people())
    written = caplog.text + "".join(capfd.readouterr())
    for word in (*READERS, *SECRETS, "/u/r0"):
        assert word not in written


def test_a_session_goes_on_after_the_far_side_hung_up(network_harness, small_letter):
    with network_harness.channel().session() as session:
        for number in range(3):
            readers = people(f"h{number}")
            told = settle(session.send(consign(small_letter, readers)), readers)
            assert {one.outcome for one in told.values()} == {DeliveryOutcome.ACCEPTED}, told
            network_harness.hang_up()
    assert len(network_harness.received()) == 9
    assert twice(network_harness.received()) == []


def test_a_session_keeps_one_connection(network_harness, small_letter):
    with network_harness.channel().session() as session:
        for number in range(4):
            readers = people(f"k{number}")
            settle(session.send(consign(small_letter, readers)), readers)
    assert network_harness.connections() == 1


def test_a_delivery_left_in_the_middle_does_no_harm(channel_harness, small_letter):
    first, second = people("a"), people("b")
    with channel_harness.channel().session() as session:
        left = session.send(consign(small_letter, first))
        next(left)
        left.close()
        told = settle(session.send(consign(small_letter, second)), second)
    assert {one.outcome for one in told.values()} == {DeliveryOutcome.ACCEPTED}
    received = channel_harness.received()
    assert twice(received) == []
    assert {one.ref for one in received} >= {one.ref for one in second}


def test_a_delivery_that_is_not_asked_for_its_results_sends_nothing(channel_harness, small_letter):
    with channel_harness.channel().session() as session:
        session.send(consign(small_letter, people()))
    assert channel_harness.received() == []


def test_a_session_that_was_never_used_needs_no_far_side(channel_harness):
    made = channel_harness.channel()
    channel_harness.close()
    with made.session():
        pass
    channel_harness.close = lambda: None


def test_no_connection_is_left_open(channel_harness, small_letter):
    accepted(channel_harness.channel(), small_letter, people())
    gc.collect()  # an open socket would be a warning here, and warnings are errors


def test_what_a_channel_says_of_itself_is_no_secret(channel_harness):
    channel = channel_harness.channel()
    for said in (channel.identity, channel.name, repr(channel), repr(channel.session())):
        assert "@" not in said
        for secret in SECRETS:
            assert secret not in said
    assert channel.name == channel_harness.name
    assert channel.identity.startswith(channel_harness.name)
    assert channel.identity == channel_harness.channel().identity
    assert channel.batch_size >= 1
    assert channel.concurrency >= 1


@pytest.mark.parametrize("name", REAL)
def test_the_real_letters_can_be_carried(channel_harness, name):
    channel_harness.channel().validate(real(name), SENDER)


@pytest.mark.parametrize(("channel", "fault"), [("sendgrid", "trickle"), ("smtp", "body-accepted-trickle")])
def test_a_far_side_that_answers_byte_by_byte_holds_a_call_no_longer_than_the_call_may_take(
    channel, fault, small_letter, tmp_path, monkeypatch
):
    monkeypatch.setattr("tests.send.channels.harness.PATIENCE", 60)
    far = start(channel, tmp_path)
    readers = people()
    try:
        far.play(fault)
        began = time.monotonic()
        with far.channel().session() as session:
            told = settle(session.send(consign(small_letter, readers)), readers)
        took = time.monotonic() - began
        received = {one.ref for one in far.received()}
    finally:
        far.close()
    assert took < 20  # the far side would go on for a minute; each byte comes well within the time-out for one
    struck = readers[far.first_struck].ref
    assert (told[struck].outcome, told[struck].cause) == (DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER)
    assert struck in received


@pytest.mark.parametrize(
    ("channel", "fault", "first"),
    [
        ("sendgrid", "stall-accepted", (DeliveryOutcome.UNKNOWN, FailureCause.INTERRUPTED)),
        ("sendgrid", "trickle", (DeliveryOutcome.UNKNOWN, FailureCause.INTERRUPTED)),
        ("smtp", "rcpt-stall", (DeliveryOutcome.NOT_SENT, FailureCause.INTERRUPTED)),
        ("smtp", "body-accepted-stall", (DeliveryOutcome.UNKNOWN, FailureCause.INTERRUPTED)),
        ("smtp", "body-accepted-trickle", (DeliveryOutcome.UNKNOWN, FailureCause.INTERRUPTED)),
    ],
)
def test_a_call_that_is_stalled_can_be_cut_from_another_thread(
    channel, fault, first, small_letter, tmp_path, monkeypatch
):
    monkeypatch.setattr("tests.send.channels.harness.PATIENCE", 60)
    monkeypatch.setattr("tests.send.channels.harness.SECONDS", 60)
    far = start(channel, tmp_path)
    readers = people()
    try:
        far.play(fault)
        with far.channel().session() as session:
            threading.Timer(0.5, session.abort).start()
            began = time.monotonic()
            told = settle(session.send(consign(small_letter, readers)), readers)
            took = time.monotonic() - began
            after = people("after")
            rest = settle(session.send(consign(small_letter, after)), after)
        received = {one.ref for one in far.received()}
    finally:
        far.close()
    assert took < 10
    struck = readers[far.first_struck].ref
    assert (told[struck].outcome, told[struck].cause) == first
    if channel == "smtp":  # the others of the batch, before it and after it
        assert told[readers[0].ref].outcome is DeliveryOutcome.ACCEPTED
        assert (told[readers[2].ref].outcome, told[readers[2].ref].cause) == (
            DeliveryOutcome.NOT_SENT,
            FailureCause.INTERRUPTED,
        )
    # Nothing leaves by a session that was cut.
    assert {(one.outcome, one.cause) for one in rest.values()} == {(DeliveryOutcome.NOT_SENT, FailureCause.INTERRUPTED)}
    assert received.isdisjoint(one.ref for one in after)


def test_an_outbox_that_is_cut_writes_no_other_message(small_letter, tmp_path):
    far = start("outbox", tmp_path)
    readers = people()
    with far.channel().session() as session:
        results = session.send(consign(small_letter, readers))
        told = [next(results)]
        session.abort()
        told += results
    assert [(ref, one.outcome, one.cause) for ref, one in told] == [
        (readers[0].ref, DeliveryOutcome.ACCEPTED, None),
        (None, DeliveryOutcome.NOT_SENT, FailureCause.INTERRUPTED),
    ]
    assert [one.ref for one in far.received()] == [readers[0].ref]
