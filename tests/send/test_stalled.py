"""Ctrl-C while the far side says nothing: the send ends, and says of whom it does not know."""

import json
import signal
from contextlib import contextmanager

import pytest

from tests.send.line import readers
from tests.send.test_together import background, wait_for
from tests.sendgrid import FakeSendGrid
from tests.smtpd import MailServer

PATIENCE = 120
"""Seconds that the far side would keep everybody waiting."""


@contextmanager
def far_side(channel, *faults):
    """A channel's far side, and the settings that lead to it."""
    if channel == "sendgrid":
        with FakeSendGrid("SG.test", faults=faults, patience=PATIENCE) as server:
            yield server, {"SENDGRID_API_KEY": "SG.test", "PVD_SENDGRID_URL": server.url}
        return
    with MailServer(faults=faults, patience=PATIENCE) as server:
        yield server, {"PVD_SMTP_URL": server.url}


def told(run):
    (one,) = json.loads(run("status", "--format", "json").out)["dispatches"]
    return one


@pytest.mark.parametrize(
    ("channel", "fault", "number"),
    [
        ("sendgrid", "stall-accepted", signal.SIGINT),
        ("sendgrid", "trickle", signal.SIGTERM),
        ("smtp", "body-accepted-stall", signal.SIGINT),
        ("smtp", "body-accepted-trickle", signal.SIGINT),
    ],
)
def test_a_stalled_call_ends_with_the_first_word_and_its_recipients_are_unknown(
    mailing_commands, run, monkeypatch, channel, fault, number
):
    mailing_commands.join(*readers(20, start=4))
    with far_side(channel, fault) as (server, settings):
        for name, value in (settings | {"PVD_CONNECTIONS": "1", "PVD_BATCH_SIZE": "6"}).items():
            monkeypatch.setenv(name, value)
        assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", channel).code == 0
        process = background(mailing_commands.issue_workspace, "send", "1", PVD_CONNECTIONS="1", **settings)
        wait_for(process, lambda: server.accepted)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE / 2)
        assert process.returncode == 130, out + err
        assert "What has no answer in 2 seconds is unknown" in err
        assert "Traceback" not in err
        lost = len(server.accepted)
        assert lost == (6 if channel == "sendgrid" else 1)
        one = told(run)
        assert (one["states"]["unknown"], one["states"]["pending"], one["states"]["sending"]) == (lost, 24 - lost, 0)
        assert {why["cause"] for why in one["reasons"] if why["state"] == "unknown"} == {"interrupted"}
        assert f"pvd-mailer resolve {one['dispatch']} --cause interrupted --resend" in out
        assert f"To go on: pvd-mailer resume {one['dispatch']}" in out
        assert run("send", "1").code == 4
        assert len({reader.address for reader in server.accepted}) == len(server.accepted) == 24


def test_a_stall_before_the_message_leaves_nobody_unknown(mailing_commands, run, monkeypatch):
    with far_side("smtp", "rcpt-stall") as (server, settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp")
        process = background(mailing_commands.issue_workspace, "send", "1", PVD_CONNECTIONS="1", **settings)
        wait_for(process, lambda: server.senders)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE / 2)
        assert process.returncode == 130, out + err
        states = told(run)["states"]
        assert (states["pending"], states["unknown"], states["accepted"]) == (4, 0, 0)
        assert "the send was interrupted" in out
        assert run("send", "1").code == 0


def test_a_server_that_does_not_answer_a_connection_keeps_nobody_waiting(mailing_commands, run, monkeypatch):
    """An address that is routed nowhere (RFC 5737): nothing is in flight."""
    settings = {"SENDGRID_API_KEY": "SG.test", "PVD_SENDGRID_URL": "https://192.0.2.1"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "sendgrid")
    process = background(mailing_commands.issue_workspace, "send", "1", **settings)
    wait_for(process, lambda: told(run)["state"] == "running")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert told(run)["states"]["pending"] == 4
