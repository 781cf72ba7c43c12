"""How many recipients a call has, and how many calls there are at once: what a kill can leave unknown."""

import json

import pytest
from sqlalchemy import func, select

from pvd_mailer.database.schema import recipients
from pvd_mailer.send.channels import open_channel
from pvd_mailer.settings import load_settings
from tests.send.line import readers, sqlite_at
from tests.sendgrid import FakeSendGrid


@pytest.fixture
def database_url(tmp_path):
    """SQLite alone: what is looked at here asks little of a database."""
    return sqlite_at(tmp_path)


def sizes(mailing):
    """Recipients a batch, in their order."""
    with mailing.database.read() as connection:
        query = (
            select(func.count()).select_from(recipients).group_by(recipients.c.batch_id).order_by(recipients.c.batch_id)
        )
        return list(connection.execute(query).scalars())


@pytest.fixture
def sendgrid_mailing(mailing_commands, monkeypatch):
    """A line with 25 people, and SendGrid's far side."""
    mailing_commands.join(*readers(21, start=4))
    with FakeSendGrid("SG.test") as server:
        monkeypatch.setenv("SENDGRID_API_KEY", "SG.test")
        monkeypatch.setenv("PVD_SENDGRID_URL", server.url)
        yield mailing_commands, server


@pytest.mark.parametrize(
    ("settings", "asked", "expected"),
    [
        ({}, None, [25]),
        ({"PVD_BATCH_SIZE": "10"}, None, [10, 10, 5]),
        ({"PVD_BATCH_SIZE": "10"}, 20, [20, 5]),
        ({}, 12, [12, 12, 1]),
        ({"PVD_RATE": "9"}, 12, [9, 9, 7]),
        ({"PVD_BATCH_SIZE": "1000"}, None, [25]),
    ],
)
def test_an_approval_cuts_the_batches_that_a_send_hands_over(
    sendgrid_mailing, run, monkeypatch, settings, asked, expected
):
    line, server = sendgrid_mailing
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    arguments = ("--batch-size", str(asked)) if asked else ()
    assert run("approve", "1", "--audience", "all", "--by", "C", "--channel", "sendgrid", *arguments).code == 0
    assert sizes(line) == expected
    monkeypatch.setenv("PVD_CONNECTIONS", "1")
    assert run("send", "1", "--yes", "--rate", "100000").code == 0
    assert [len(call["personalizations"]) for call in server.bodies] == expected


def test_a_setting_beyond_what_the_channel_takes_is_the_channels(mailing_commands, run, monkeypatch):
    monkeypatch.setenv("PVD_BATCH_SIZE", "1000")
    monkeypatch.setenv("PVD_SMTP_URL", "smtp://127.0.0.1:9")
    mailing_commands.join(*readers(21, start=4))
    assert run("approve", "1", "--audience", "all", "--by", "C", "--channel", "smtp").code == 0
    assert sizes(mailing_commands) == [20, 5]


def test_an_option_beyond_what_the_channel_takes_is_refused_in_words(mailing_commands, run, monkeypatch):
    monkeypatch.setenv("PVD_SMTP_URL", "smtp://127.0.0.1:9")
    ran = run("approve", "1", "--audience", "all", "--by", "C", "--channel", "smtp", "--batch-size", "21")
    assert ran.code == 2
    assert "smtp takes at most 20 recipients a call" in ran.err
    assert json.loads(run("status", "--format", "json").out)["dispatches"] == []
    assert mailing_commands


@pytest.mark.parametrize("size", ["0", "1001", "many", "-5"])
def test_a_size_that_is_none_is_refused_in_words(mailing_commands, run, monkeypatch, size):
    ran = run("approve", "1", "--audience", "all", "--by", "C", "--batch-size", size)
    assert (ran.code, "Traceback" in ran.err) == (2, False)
    monkeypatch.setenv("PVD_BATCH_SIZE", size)
    ran = run("approve", "1", "--audience", "all", "--by", "C")
    assert (ran.code, "from 1 to 1000" in ran.err) == (2, True)
    assert mailing_commands


@pytest.mark.parametrize("name", ["smtp", "sendgrid"])
def test_as_many_connections_as_the_settings_say(issue_workspace, tmp_path, monkeypatch, name):
    monkeypatch.setenv("PVD_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.test")
    assert open_channel(name, load_settings(issue_workspace.workspace), tmp_path).concurrency == 4
    monkeypatch.setenv("PVD_CONNECTIONS", "9")
    assert open_channel(name, load_settings(issue_workspace.workspace), tmp_path).concurrency == 9
