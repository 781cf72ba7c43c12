"""No secret in a log at any level; no address in a log, a custom_arg, a category, an error or `sent.json`."""

import json
import logging
import logging.handlers

import pytest

from pvd_mailer.database import open_database
from tests.send.line import readers
from tests.sendgrid import FakeSendGrid
from tests.smtpd import MailServer

SECRETS = ("SG.s3cr3t-api-key.abcdefghijklmnopqrstuvwxyz0123", "motdepasse-s3cr3t", "s3cr3t-of-the-database")
ADDRESSES = ("lecteur0", "lecteur1", "lecteur2", "lecteur3", "ville.test", "bat@example.org", "bat@")


class Everything(logging.Handler):
    """Keeps each record with all that it carries."""

    def __init__(self):
        super().__init__(level=0)
        self.said = []

    def emit(self, record):
        if record.name.startswith("mail."):
            return  # aiosmtpd's: the far side, which lives in this process for the test alone
        self.said.append(f"{record.name} {record.getMessage()} {record.args!r} {record.exc_info!r}")


@pytest.fixture
def log_output():
    """What any logger says at any level, those included that this test itself makes."""
    handler = Everything()
    import pvd_mailer.send.channels.sendgrid  # noqa: PLC0415 - so that its loggers are there
    import pvd_mailer.send.channels.smtp  # noqa: F401, PLC0415 - the same

    root = logging.getLogger()
    names = {*logging.root.manager.loggerDict, "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.engine.Engine"}
    names |= {
        "sqlalchemy.pool",
        "sqlalchemy.pool.impl.QueuePool",
        "psycopg",
        "python_http_client",
        "urllib3",
        "smtplib",
    }
    loggers = [root, *(logging.getLogger(name) for name in sorted(names))]
    before = [(one, one.level, one.propagate) for one in loggers]
    for one in loggers:
        one.setLevel(logging.DEBUG)
        one.propagate = True
    root.addHandler(handler)
    yield handler.said
    root.removeHandler(handler)
    for one, level, propagate in before:
        one.setLevel(level)
        one.propagate = propagate


def look(texts, wanted=(*SECRETS, *ADDRESSES)):
    """What of `wanted` is in `texts`, with the text."""
    return [(word, text) for text in texts for word in wanted if word.casefold() in text.casefold()]


@pytest.mark.parametrize("script", [(), ("429:0.1", "401"), ("503",), ("garbage",)])
def test_sendgrid_and_the_journal_say_nothing_of_anybody(mailing_commands, run, monkeypatch, log_output, script):
    with FakeSendGrid(SECRETS[0], faults=script) as fake:
        monkeypatch.setenv("SENDGRID_API_KEY", fake.key)
        monkeypatch.setenv("PVD_SENDGRID_URL", fake.url)
        monkeypatch.setenv("PVD_SMTP_URL", f"smtp://moi:{SECRETS[1]}@127.0.0.1:1")
        monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.test")
        told = [run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "sendgrid")]
        told.append(run("send", "1"))
        told += [run("status"), run("report", "1", "--format", "json"), run("doctor", "--format", "json")]
        (dispatch,) = json.loads(run("status", "--format", "json").out)["dispatches"]
        told += [run("status", dispatch["dispatch"]), run("resolve", dispatch["dispatch"], "--assume", "accepted")]
        told += [run("resume", dispatch["dispatch"])]
        for call in fake.bodies:
            for one in call["personalizations"]:
                assert look([json.dumps(one["custom_args"])]) == []
                assert set(one["custom_args"]) <= {"pvd_recipient", "pvd_call"}
            assert look([json.dumps(call.get("custom_args", {})), json.dumps(call.get("categories", []))]) == []
    assert look(log_output) == []
    assert look([one.out + one.err for one in told]) == []
    assert (
        look(
            [(mailing_commands.issue_workspace.folder / "sent.json").read_text("utf-8")],
            (*ADDRESSES, *SECRETS, "Claire"),
        )
        == []
    )


@pytest.mark.parametrize("script", [(), ("rcpt-550", "rcpt-552", "rcpt-554", "body-554"), ("data-cut",), ("mail-530",)])
def test_a_mail_server_and_the_journal_say_nothing_of_anybody(mailing_commands, run, monkeypatch, log_output, script):
    with MailServer(faults=script, login=("moi", SECRETS[1])) as server:
        monkeypatch.setenv("PVD_SMTP_URL", server.url.replace("://", f"://moi:{SECRETS[1]}@"))
        told = [run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp")]
        assert told[0].code == 0, told[0].err
        told += [run("send", "1"), run("status"), run("report", "1")]
        assert server.accepted or script
    assert look(log_output) == []
    assert look([one.out + one.err for one in told]) == []
    assert look([(mailing_commands.issue_workspace.folder / "sent.json").read_text("utf-8")]) == []


def test_a_wrong_password_is_in_no_word(mailing_commands, run, monkeypatch, log_output):
    with MailServer(login=("moi", "another")) as server:
        monkeypatch.setenv("PVD_SMTP_URL", server.url.replace("://", f"://moi:{SECRETS[1]}@"))
        told = [run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp")]
        told += [run("send", "1"), run("status")]
    assert told[1].code == 5
    assert look(log_output) == []
    assert look([one.out + one.err for one in told]) == []
    assert mailing_commands


def test_a_test_names_its_readers_to_whoever_sends_it_and_to_no_log(mailing_commands, run, log_output):
    ran = run("test", "1", "--to", "bat@example.org")
    assert "bat@example.org" in ran.out
    assert look(log_output) == []
    assert mailing_commands


def test_a_fault_of_the_database_names_nobody(issue_workspace, run, monkeypatch, log_output):
    """Neither its password nor those of whom it was asked."""
    url = f"postgresql://pvd:{SECRETS[2]}@127.0.0.1:1/pvd"
    monkeypatch.setenv("PVD_DATABASE_URL", url)
    ran = run("status")
    assert ran.code == 3
    assert look([ran.out + ran.err, *log_output]) == []
    assert issue_workspace


def test_the_database_hides_whom_it_is_asked_for(mailing_commands, log_output):
    """At any level, its rows too: they are people."""
    another = open_database(
        mailing_commands.database.engine.url.render_as_string(hide_password=False),
        mailing_commands.issue_workspace.root,
    )
    with another.read() as connection:
        assert len(connection.exec_driver_sql("SELECT address, first_name FROM subscribers").all()) == 4
    another.close()
    assert look(log_output) == []
    assert readers(1)
