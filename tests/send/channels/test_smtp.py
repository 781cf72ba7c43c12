"""What SMTP does in its own way."""

import dataclasses

import pytest

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.send.channels import DeliveryOutcome, FailureCause
from pvd_mailer.send.channels.smtp import SMTP
from pvd_mailer.send.channels.smtp.server import SmtpServer
from tests.send.channels.harness import SENDER, accepted, consign, people, settle
from tests.smtpd import MailServer, certificate
from tests.workspace import IssueWorkspace

LOGIN = ("la-lettre", "p@ss:w/rd")
WRITTEN = "la-lettre:p%40ss%3Aw%2Frd@"


@pytest.fixture(scope="module")
def small_letter(tmp_path_factory):
    return IssueWorkspace.start(tmp_path_factory.mktemp("desk")).render()


@pytest.fixture
def mail_server():
    with MailServer(patience=3) as made:
        yield made


def channel(mail_server, **more):
    return SMTP(mail_server.url, **({"read_timeout": 0.5, "data_timeout": 0.5} | more))


def deliver(made, letter, readers=None):
    readers = people() if readers is None else readers
    with made.session() as session:
        return list(session.send(consign(letter, readers)))


def outcomes(told):
    return [(ref, one.outcome, one.cause) for ref, one in told]


FIRST = ("r0ref", DeliveryOutcome.ACCEPTED, None)
LAST = ("r2ref", DeliveryOutcome.ACCEPTED, None)


@pytest.mark.parametrize(
    ("fault", "outcome", "cause", "retryable"),
    [
        ("mail-451", DeliveryOutcome.REFUSED, FailureCause.BUSY, True),
        ("rcpt-550", DeliveryOutcome.REFUSED, FailureCause.ADDRESS, False),
        ("rcpt-552", DeliveryOutcome.REFUSED, FailureCause.BUSY, True),
        ("rcpt-554", DeliveryOutcome.REFUSED, FailureCause.MESSAGE, True),
        ("rcpt-451", DeliveryOutcome.REFUSED, FailureCause.BUSY, True),
        ("data-554", DeliveryOutcome.REFUSED, FailureCause.MESSAGE, True),
        ("data-451", DeliveryOutcome.REFUSED, FailureCause.BUSY, True),
        ("body-554", DeliveryOutcome.REFUSED, FailureCause.MESSAGE, True),
        ("body-451", DeliveryOutcome.REFUSED, FailureCause.BUSY, True),
        ("body-421", DeliveryOutcome.REFUSED, FailureCause.BUSY, True),
        # Nothing had left: another connection carried it.
        ("mail-cut", DeliveryOutcome.ACCEPTED, None, False),
        ("rcpt-cut", DeliveryOutcome.ACCEPTED, None, False),
        ("rcpt-stall", DeliveryOutcome.ACCEPTED, None, False),
        ("data-cut", DeliveryOutcome.ACCEPTED, None, False),
        ("body-accepted-close", DeliveryOutcome.ACCEPTED, None, False),
    ],
)
def test_what_befalls_one_reader_leaves_the_others_their_letter(
    mail_server, small_letter, fault, outcome, cause, retryable
):
    mail_server.play(None, fault)
    told = deliver(channel(mail_server), small_letter)
    assert outcomes(told) == [FIRST, ("r1ref", outcome, cause), LAST]
    assert told[1][1].retryable == retryable
    assert not told[1][1].is_fatal


@pytest.mark.parametrize(
    ("fault", "own", "rest", "halts"),
    [
        (
            "mail-550",
            (DeliveryOutcome.REFUSED, FailureCause.MESSAGE),
            (DeliveryOutcome.NOT_SENT, FailureCause.MESSAGE),
            True,
        ),
        ("mail-530", None, (DeliveryOutcome.NOT_SENT, FailureCause.LOGIN), True),
        ("mail-421", None, (DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED), False),
        ("rcpt-421", None, (DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED), False),
        ("data-421", None, (DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED), False),
        (
            "body-cut",
            (DeliveryOutcome.UNKNOWN, FailureCause.CUT),
            (DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE),
            False,
        ),
        (
            "body-accepted-cut",
            (DeliveryOutcome.UNKNOWN, FailureCause.CUT),
            (DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE),
            False,
        ),
        (
            "body-stall",
            (DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER),
            (DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE),
            False,
        ),
        (
            "body-accepted-stall",
            (DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER),
            (DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE),
            False,
        ),
        (
            "body-accepted-garbage",
            (DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR),
            (DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE),
            False,
        ),
    ],
)
def test_what_befalls_the_connection_sends_the_rest_back(mail_server, small_letter, fault, own, rest, halts):
    mail_server.play(None, fault)
    told = deliver(channel(mail_server), small_letter)
    expected = [FIRST, *([("r1ref", *own)] if own else []), (None, *rest)]
    assert outcomes(told) == expected
    assert told[-1][1].is_fatal == halts
    assert deliver(channel(mail_server), small_letter, people("after"))[0][1].outcome is DeliveryOutcome.ACCEPTED


def test_the_last_reader_of_a_batch_leaves_no_rest(mail_server, small_letter):
    mail_server.play(None, None, "body-cut")
    told = deliver(channel(mail_server), small_letter)
    assert outcomes(told) == [
        FIRST,
        ("r1ref", DeliveryOutcome.ACCEPTED, None),
        ("r2ref", DeliveryOutcome.UNKNOWN, FailureCause.CUT),
    ]


def test_the_return_path_is_the_sender(mail_server, small_letter):
    accepted(channel(mail_server), small_letter, people())
    assert mail_server.senders == [SENDER.address] * 3


def test_lines_that_begin_with_a_full_stop_arrive(mail_server, small_letter):
    text = "—\n.\n..\n.points de suite\n"
    accepted(channel(mail_server), dataclasses.replace(small_letter, text=text), people())
    assert {one.text for one in mail_server.accepted} == {text}


def test_a_letter_larger_than_the_server_takes_does_not_go_out(small_letter):
    with MailServer(size=1000) as server:
        told = deliver(channel(server), small_letter)
        assert outcomes(told)[0] == ("r0ref", DeliveryOutcome.REFUSED, FailureCause.MESSAGE)
        assert outcomes(told)[1] == (None, DeliveryOutcome.NOT_SENT, FailureCause.MESSAGE)
        assert told[1][1].is_fatal


def test_a_connection_is_renewed_before_a_server_tires_of_it(mail_server, small_letter):
    made = channel(mail_server)
    with made.session() as session:
        for number in range(7):
            readers = people(
                f"m{number}-", names=[""] * 20, addresses=[f"r{number}-{one}@example.org" for one in range(20)]
            )
            settle(session.send(consign(small_letter, readers)), readers)
    assert len(mail_server.accepted) == 140
    assert mail_server.connections == 2


def test_a_server_without_smtputf8_refuses_that_address_alone(small_letter):
    with MailServer(utf8=False) as server:
        readers = people(addresses=["élodie@example.org", "b@exämple.org", "c@example.org"])
        told = deliver(channel(server), small_letter, readers)
        assert [one.outcome for _ref, one in told] == [
            DeliveryOutcome.REFUSED,
            DeliveryOutcome.ACCEPTED,
            DeliveryOutcome.ACCEPTED,
        ]
        assert told[0][1].cause is FailureCause.ADDRESS


def test_a_login_is_made_with_the_decoded_name_and_password(small_letter):
    with MailServer(login=LOGIN) as server:
        accepted(SMTP(f"smtp://{WRITTEN}127.0.0.1:{server.port}"), small_letter, people())


def test_a_password_outside_ascii_logs_in(small_letter):
    with MailServer(login=("été", "mot de passé")) as server:
        accepted(SMTP(f"smtp://%C3%A9t%C3%A9:mot%20de%20pass%C3%A9@127.0.0.1:{server.port}"), small_letter, people())


@pytest.mark.parametrize("secret", ["wrong", "faux-motdepass%C3%A9"])
def test_a_refused_login_stops_and_shows_no_password(small_letter, secret):
    with MailServer(login=LOGIN) as server:
        ((ref, result),) = deliver(SMTP(f"smtp://la-lettre:{secret}@127.0.0.1:{server.port}"), small_letter)
        assert (ref, result.outcome, result.cause, result.is_fatal) == (
            None,
            DeliveryOutcome.NOT_SENT,
            FailureCause.LOGIN,
            True,
        )
        assert "wrong" not in result.reason
        assert "motdepass" not in result.reason
        assert server.accepted == []


def test_a_server_that_offers_no_login_is_told(mail_server, small_letter):
    ((ref, result),) = deliver(SMTP(f"smtp://{WRITTEN}127.0.0.1:{mail_server.port}"), small_letter)
    assert (ref, result.outcome, result.cause, result.is_fatal) == (
        None,
        DeliveryOutcome.NOT_SENT,
        FailureCause.LOGIN,
        True,
    )


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_is_spoken_from_the_start_or_after_starttls(small_letter, tmp_path, scheme):
    tls, trust = certificate(tmp_path)
    query = "?starttls=yes" if scheme == "smtp" else ""
    with MailServer(tls=tls, implicit=scheme == "smtps", login=LOGIN) as server:
        accepted(SMTP(f"{scheme}://{WRITTEN}localhost:{server.port}{query}", tls_context=trust), small_letter, people())


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_is_not_trusted_stops(small_letter, tmp_path, scheme):
    tls, _trust = certificate(tmp_path)
    query = "?starttls=yes" if scheme == "smtp" else ""
    with MailServer(tls=tls, implicit=scheme == "smtps") as server:
        ((ref, result),) = deliver(SMTP(f"{scheme}://localhost:{server.port}{query}"), small_letter)
        assert (ref, result.outcome, result.cause, result.is_fatal) == (
            None,
            DeliveryOutcome.NOT_SENT,
            FailureCause.UNREACHABLE,
            True,
        )
        assert server.accepted == []


def test_no_encryption_where_it_is_wanted_stops_before_the_login(small_letter):
    with MailServer(login=LOGIN) as server:
        ((ref, result),) = deliver(SMTP(f"smtp://{WRITTEN}127.0.0.1:{server.port}?starttls=yes"), small_letter)
        assert (ref, result.outcome, result.cause, result.is_fatal) == (
            None,
            DeliveryOutcome.NOT_SENT,
            FailureCause.UNREACHABLE,
            True,
        )


def test_a_server_that_is_not_there_is_not_sent(small_letter):
    with MailServer() as server:
        port = server.port
    for url in (f"smtp://127.0.0.1:{port}", "smtps://nothing.invalid"):
        ((ref, result),) = deliver(SMTP(url, connect_timeout=3), small_letter)
        assert (ref, result.outcome, result.cause) == (None, DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE)
        assert result.reason


@pytest.mark.parametrize(
    "url",
    [
        "",
        "smtp://",
        "http://mail.example.org",
        "mail.example.org:25",
        "smtp://secret@mail.example.org",
        "smtp://u:secret@mail.example.org:99999",
        "smtp://u:secret@mail.example.org/inbox",
        "smtp://u:secret@mail.example.org?tls=no",
        "smtp://u:secret@mail.example.org?starttls=perhaps",
        "smtps://u:secret@mail.example.org?starttls=no",
        "smtp://u:secret@mail.example.org?starttls=no",
        "smtp://[u:secret",
    ],
)
def test_a_wrong_url_is_wrong_usage_and_not_shown(url):
    with pytest.raises(WrongUsageError) as caught:
        SMTP(url)
    assert "secret" not in str(caught.value) + caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://u:p@mail.example.org", 587, False, True),
        ("smtp://u:p@mail.example.org:2525", 2525, False, True),
        ("smtps://u:p@mail.example.org", 465, True, False),
        ("smtp://mail.example.org:25?starttls=no", 25, False, False),
        ("smtp://localhost:25", 25, False, False),
        ("smtp://localhost:25?starttls=yes", 25, False, True),
    ],
)
def test_a_url_says_how_the_server_is_spoken_to(url, port, tls, starttls):
    server = SmtpServer.from_url(url)
    assert (server.port, server.tls, server.starttls) == (port, tls, starttls)
    assert "p" not in repr(server).partition("password")[2]


def test_two_logins_of_a_server_are_two_identities_and_a_new_password_is_none():
    def identity(login):
        return SMTP(f"smtp://{login}@mail.example.org").identity

    assert identity("one%40example.org:a") == identity("one%40example.org:b") != identity("two%40example.org:a")
    assert "one" not in identity("one%40example.org:a")
