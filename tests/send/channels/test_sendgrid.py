"""What SendGrid's channel does in its own way."""

import dataclasses
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pvd_mailer import clock
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.letter import Attachment
from pvd_mailer.render import Hosting
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult, FailureCause, Recipient, UnsupportedLetterError
from pvd_mailer.send.channels.sendgrid import SendGrid
from tests.send.channels.harness import SENDER, accepted, consign, people, settle
from tests.send.channels.proxy import proxy
from tests.sendgrid import FakeSendGrid
from tests.sendgrid.readers import charset
from tests.smtpd import certificate
from tests.workspace import REAL, IssueWorkspace, real

YES = DeliveryResult(DeliveryOutcome.ACCEPTED)


@pytest.fixture(scope="module")
def small_letter(tmp_path_factory):
    return IssueWorkspace.start(tmp_path_factory.mktemp("desk")).render()


@pytest.fixture
def fake_sendgrid():
    with FakeSendGrid(patience=3) as server:
        yield server


def channel(fake_sendgrid, **more):
    return SendGrid(fake_sendgrid.key, fake_sendgrid.url, **({"read_timeout": 0.5} | more))


def deliver(made, letter, readers=None):
    readers = people() if readers is None else readers
    with made.session() as session:
        return list(session.send(consign(letter, readers)))


def crowd(count):
    return tuple(
        Recipient(
            f"{number:024x}", f"lectrice{number}@example.org", "Exemple, Léa", f"https://lettre.example.org/u/{number}"
        )
        for number in range(count)
    )


@pytest.mark.parametrize("hosting", [Hosting(), Hosting("https://lettre.example.org")], ids=["embedded", "hosted"])
def test_a_thousand_readers_are_one_call_within_every_limit(fake_sendgrid, hosting):
    told = deliver(channel(fake_sendgrid, read_timeout=30), real(REAL[0], hosting), crowd(1000))
    assert told == [(None, YES)]
    assert fake_sendgrid.calls == 1
    assert len(fake_sendgrid.accepted) == 1000


def test_a_call_says_no_tracking_the_text_first_and_nothing_personal(fake_sendgrid, small_letter):
    readers = people()
    accepted(channel(fake_sendgrid), small_letter, readers)
    (call,) = fake_sendgrid.bodies
    tracking = call["tracking_settings"]
    assert tracking["click_tracking"] == {"enable": False, "enable_text": False}
    assert tracking["open_tracking"] == tracking["subscription_tracking"] == {"enable": False}
    assert [one["type"] for one in call["content"]] == ["text/plain", "text/html"]
    assert call["content"][1]["value"] == small_letter.html
    assert call["content"][0]["value"] == small_letter.text
    assert "categories" not in call
    assert [one["custom_args"] for one in call["personalizations"]] == [
        {"pvd_recipient": one.ref, "pvd_call": "call-0001"} for one in readers
    ]
    assert all(len(one["to"]) == 1 and one.keys().isdisjoint({"cc", "bcc"}) for one in call["personalizations"])


@pytest.mark.parametrize("name", REAL)
def test_neither_part_goes_out_as_latin_1(fake_sendgrid, name):
    letter = real(name)
    accepted(channel(fake_sendgrid), letter, people())
    assert {charset(part) for one in fake_sendgrid.accepted for part in (one.html, one.text)} == {"utf-8"}


def test_a_letter_that_would_go_out_as_latin_1_is_not_carried(fake_sendgrid, small_letter):
    for change in ({"text": "Été"}, {"html": "<p>&#8217; &rsquo; é</p>"}):
        with pytest.raises(UnsupportedLetterError):
            channel(fake_sendgrid).validate(dataclasses.replace(small_letter, **change), SENDER)


def test_a_letter_that_is_too_large_is_not_carried(fake_sendgrid, small_letter):
    heavy = Attachment("a.png", "a@letter", "image/png", b"\0" * 22_000_000)
    letter = dataclasses.replace(small_letter, attachments=(heavy,))
    with pytest.raises(UnsupportedLetterError) as caught:
        channel(fake_sendgrid).validate(letter, SENDER)
    assert caught.value.hint
    channel(fake_sendgrid).validate(dataclasses.replace(letter, embedded=False), SENDER)


def test_a_comma_or_a_semicolon_in_a_name_does_not_cost_a_thousand_readers_the_letter(fake_sendgrid, small_letter):
    accepted(channel(fake_sendgrid), small_letter, people(names=("Exemple, Claire; dite Clé", ";", ",,")))
    assert [one.name for one in fake_sendgrid.accepted] == ["Exemple Claire dite Clé", "", ""]


@pytest.mark.parametrize(
    ("fault", "outcome", "cause", "halts"),
    [
        ("429", DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED, False),
        ("401", DeliveryOutcome.NOT_SENT, FailureCause.LOGIN, True),
        ("403", DeliveryOutcome.NOT_SENT, FailureCause.LOGIN, True),
        ("500", DeliveryOutcome.UNKNOWN, FailureCause.SERVER_FAULT, False),
        ("500-accepted", DeliveryOutcome.UNKNOWN, FailureCause.SERVER_FAULT, False),
        ("503", DeliveryOutcome.UNKNOWN, FailureCause.SERVER_FAULT, False),
        ("302", DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, False),
        ("200", DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, False),
        ("garbage", DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, False),
        ("reset-before", DeliveryOutcome.UNKNOWN, FailureCause.CUT, False),
        ("reset-after", DeliveryOutcome.UNKNOWN, FailureCause.CUT, False),
        ("reset-accepted", DeliveryOutcome.UNKNOWN, FailureCause.CUT, False),
        ("truncated", DeliveryOutcome.UNKNOWN, FailureCause.CUT, False),
        ("truncated-headers", DeliveryOutcome.UNKNOWN, FailureCause.CUT, False),
        ("stall", DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER, False),
        ("stall-accepted", DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER, False),
        ("stall-headers", DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER, False),
        ("close", DeliveryOutcome.ACCEPTED, None, False),
    ],
)
def test_each_fault_has_its_outcome_and_the_session_goes_on(fake_sendgrid, small_letter, fault, outcome, cause, halts):
    fake_sendgrid.play(fault)
    with channel(fake_sendgrid).session() as session:
        ((ref, result),) = session.send(consign(small_letter, people()))
        assert ref is None
        assert (result.outcome, result.cause, result.is_fatal) == (outcome, cause, halts)
        after = people("after")
        assert settle(session.send(consign(small_letter, after)), after)["after0ref"] == YES
    assert fake_sendgrid.calls == 2


@pytest.mark.parametrize("fault", ["429:30", "429-after:30", "429-date:30"])
def test_a_429_waits_as_long_as_it_is_told(fake_sendgrid, small_letter, fault):
    fake_sendgrid.play(fault)
    ((_ref, result),) = deliver(channel(fake_sendgrid), small_letter)
    wait = result.retry_at - datetime.now(UTC)
    assert timedelta(seconds=25) < wait < timedelta(seconds=36)


def test_a_429_that_says_nothing_waits_a_minute(fake_sendgrid, small_letter):
    fake_sendgrid.play("429-bare")
    ((_ref, result),) = deliver(channel(fake_sendgrid), small_letter)
    assert timedelta(seconds=55) < result.retry_at - datetime.now(UTC) < timedelta(seconds=65)


def test_a_429_never_waits_for_days(fake_sendgrid, small_letter):
    fake_sendgrid.play("429:900000", "429-after:900000")
    for _again in range(2):
        ((_ref, result),) = deliver(channel(fake_sendgrid), small_letter)
        assert result.retry_at - datetime.now(UTC) < timedelta(minutes=61)


def test_a_429_is_told_by_the_servers_clock(fake_sendgrid, small_letter, monkeypatch):
    slow = datetime.now(UTC) - timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: slow)
    fake_sendgrid.play("429:30")
    ((_ref, result),) = deliver(channel(fake_sendgrid), small_letter)
    assert timedelta(seconds=25) < result.retry_at - slow < timedelta(seconds=36)


def test_one_bad_address_is_refused_and_the_others_may_go_again(fake_sendgrid, small_letter):
    readers = people(addresses=["a@example.org", "pas une adresse@example.org", "c@example.org"])
    told = deliver(channel(fake_sendgrid), small_letter, readers)
    assert [(ref, one.outcome, one.cause) for ref, one in told] == [
        ("r1ref", DeliveryOutcome.REFUSED, FailureCause.ADDRESS),
        (None, DeliveryOutcome.NOT_SENT, FailureCause.MESSAGE),
    ]
    assert not told[0][1].retryable
    assert "adresse@example.org" not in told[0][1].reason
    assert fake_sendgrid.accepted == []


def test_when_every_address_is_bad_nobody_goes_again(fake_sendgrid, small_letter):
    readers = people(addresses=["a a@example.org", "b b@example.org", "c c@example.org"])
    told = deliver(channel(fake_sendgrid), small_letter, readers)
    assert [(ref, one.outcome) for ref, one in told] == [(one.ref, DeliveryOutcome.REFUSED) for one in readers]


def test_a_fault_of_the_call_stops_everything_and_blames_no_address(fake_sendgrid, small_letter):
    told = deliver(channel(fake_sendgrid), dataclasses.replace(small_letter, subject=""))
    ((ref, result),) = told
    assert ref is None
    assert (result.outcome, result.cause) == (DeliveryOutcome.REFUSED, FailureCause.MESSAGE)
    assert result.is_fatal
    assert result.retryable
    assert "subject" in result.reason


def test_a_letter_larger_than_vetted_is_a_fault_of_the_call(fake_sendgrid, small_letter):
    heavy = Attachment("a.png", "a@letter", "image/png", b"\0" * 25_000_000)
    ((_ref, result),) = deliver(
        channel(fake_sendgrid, read_timeout=10), dataclasses.replace(small_letter, attachments=(heavy,))
    )
    assert (result.outcome, result.cause) in {
        (DeliveryOutcome.REFUSED, FailureCause.MESSAGE),
        (DeliveryOutcome.UNKNOWN, FailureCause.CUT),  # where the reset overtakes the answer
    }
    assert fake_sendgrid.accepted == []


def test_a_wrong_key_is_a_refused_login(fake_sendgrid, small_letter):
    ((_ref, result),) = deliver(SendGrid("SG.another", fake_sendgrid.url), small_letter)
    assert (result.outcome, result.cause, result.is_fatal) == (DeliveryOutcome.NOT_SENT, FailureCause.LOGIN, True)
    assert "SG.another" not in result.reason


def test_a_link_that_would_burst_the_substitutions_is_refused_alone(fake_sendgrid, small_letter):
    long = people()[0]._replace(one_click_url="https://lettre.example.org/u/" + "'" * 2000)
    longest = people()[1]._replace(one_click_url="https://lettre.example.org/u/" + "'" * 1370)
    told = deliver(channel(fake_sendgrid), small_letter, (long, longest))
    assert [(ref, one.outcome) for ref, one in told] == [
        ("r0ref", DeliveryOutcome.REFUSED),
        (None, DeliveryOutcome.ACCEPTED),
    ]


def test_a_sandbox_sends_nothing_and_says_so(fake_sendgrid, small_letter):
    made = channel(fake_sendgrid, sandbox=True)
    assert deliver(made, small_letter) == [(None, YES)]
    assert (fake_sendgrid.accepted, len(fake_sendgrid.rehearsed)) == ([], 3)
    assert not made.is_live
    assert "sandbox" in made.identity
    assert channel(fake_sendgrid).is_live


def test_a_sandbox_that_answers_202_is_unclear(fake_sendgrid, small_letter, monkeypatch):
    made = channel(fake_sendgrid, sandbox=True)
    monkeypatch.setattr(made, "shared_part", channel(fake_sendgrid).shared_part)  # as if the sandbox had been forgotten
    ((_ref, result),) = deliver(made, small_letter)
    assert (result.outcome, result.cause) == (DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR)


def test_a_connection_refused_and_a_host_that_is_none_are_not_sent(small_letter):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}", "https://nothing.invalid"):
        ((ref, result),) = deliver(SendGrid("SG.key", url, connect_timeout=3), small_letter)
        assert (ref, result.outcome, result.cause) == (None, DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE)
        assert result.reason


def test_tls_is_spoken_and_one_connection_serves_many_calls(small_letter, tmp_path):
    server, trust = certificate(tmp_path)
    with FakeSendGrid(tls=server) as fake:
        made = SendGrid(fake.key, fake.url, tls_context=trust)
        with made.session() as session:
            for number in range(3):
                readers = people(f"t{number}")
                assert list(session.send(consign(small_letter, readers))) == [(None, YES)]
        assert fake.connections == 1


def test_a_certificate_that_is_not_trusted_stops_before_a_byte_leaves(small_letter, tmp_path):
    server, _trust = certificate(tmp_path)
    with FakeSendGrid(tls=server) as fake:
        ((ref, result),) = deliver(SendGrid(fake.key, fake.url), small_letter)
        assert (ref, result.outcome, result.cause) == (None, DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE)
        assert result.is_fatal
        assert fake.calls == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.org",
        "ftp://api.example.org",
        "https://",
        "api.example.org",
        "https://user:secret@api.example.org",
        "https://api.example.org?x=1",
        "https://api.example.org:99999",
    ],
)
def test_a_key_goes_to_no_doubtful_place(url):
    with pytest.raises(WrongUsageError) as caught:
        SendGrid("SG.key", url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("key", ["SG.a b", "SG.a\nX: y", "SG.é"])
def test_a_key_that_is_none_is_wrong_usage_and_not_shown(key):
    with pytest.raises(WrongUsageError) as caught:
        SendGrid(key)
    assert key not in str(caught.value) + caught.value.hint


def test_a_new_key_goes_on_with_what_the_old_one_began():
    assert SendGrid("SG.old").identity == SendGrid("SG.new").identity == "sendgrid api.sendgrid.com"
    assert SendGrid("SG.old", "https://api.eu.sendgrid.com").identity == "sendgrid api.eu.sendgrid.com"


def test_sixteen_sessions_at_once_lose_nobody(fake_sendgrid, small_letter):
    made = channel(fake_sendgrid, read_timeout=30)
    told = []

    def work(lane):
        with made.session() as session:
            for number in range(5):
                told.extend(session.send(consign(small_letter, people(f"{lane}-{number}-"), call=f"{lane}-{number}")))

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(16)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told == [(None, YES)] * 80
    assert len({one.ref for one in fake_sendgrid.accepted}) == len(fake_sendgrid.accepted) == 240


def test_the_system_s_proxy_is_gone_through_and_sees_no_call(small_letter, tmp_path, monkeypatch):
    server, trust = certificate(tmp_path)
    with FakeSendGrid(tls=server) as fake, proxy() as (port, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://mairie:s%40cret@127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")
        accepted(channel(fake, tls_context=trust, read_timeout=10), small_letter, people())
        assert len(fake.accepted) == 3
    (head,) = asked
    assert head.startswith(f"CONNECT localhost:{fake.port} ")
    assert "Proxy-Authorization: Basic bWFpcmllOnNAY3JldA==" in head
    assert fake.key not in head


def test_a_proxy_that_says_no_is_told_in_words_and_nothing_left(small_letter, tmp_path, monkeypatch):
    server, trust = certificate(tmp_path)
    with FakeSendGrid(tls=server) as fake, proxy(willing=False) as (port, _asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "")
        ((ref, result),) = deliver(channel(fake, tls_context=trust), small_letter)
        assert not fake.calls
    assert (ref, result.outcome, result.cause) == (None, DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE)
    assert "407" in result.reason


def test_a_host_that_the_system_reaches_without_its_proxy_is_reached_so(small_letter, tmp_path, monkeypatch):
    server, trust = certificate(tmp_path)
    with FakeSendGrid(tls=server) as fake, proxy() as (port, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "localhost")
        accepted(channel(fake, tls_context=trust, read_timeout=10), small_letter, people())
    assert asked == []
