"""The commands of a send: what they say, in text and in JSON, and what they leave untouched."""

import email
import hashlib
import json
from email import policy

import pytest

from pvd_mailer.database.states import RecipientState
from pvd_mailer.keys import load_keys
from pvd_mailer.tokens import Purpose, read_token
from tests.send.line import addressed, leave, readers, rows
from tests.send.scripted import ACCEPTED, BUSY, LOGIN, UNKNOWN, Scripted, members
from tests.sendgrid import FakeSendGrid

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


@pytest.fixture
def approve(mailing_commands, run):
    """Approve issue 1 as a rehearsal; the id of the dispatch."""

    def approve(*more):
        ran = run("approve", "1", "--audience", "all", "--by", "Claire", "--format", "json", *more)
        assert ran.code == 0, ran.err
        return json.loads(ran.out)["dispatch"]

    assert mailing_commands
    return approve


# dry-run


def test_a_dry_run_changes_nothing(mailing_commands, run, approve):
    leave(mailing_commands.database, EVERYBODY[1])
    one = approve()
    leave(mailing_commands.database, EVERYBODY[2])
    before = rows(mailing_commands.database)
    files = sorted(mailing_commands.issue_workspace.root.rglob("*"))
    for more in ([], ["--format", "json"], ["--at", "2099-01-01T09:00"], ["--retry-refused"], ["--late", "--yes"]):
        assert run("send", "1", "--dry-run", *more).code == 0
    assert rows(mailing_commands.database) == before
    assert [path for path in sorted(mailing_commands.issue_workspace.root.rglob("*")) if "sqlite" not in path.name] == [
        path for path in files if "sqlite" not in path.name
    ]
    assert mailing_commands.find(one).started_at is None


def test_a_dry_run_writes_no_byte_of_a_database_file(issue_workspace, run):
    """Of the file under var/ that a workspace has by itself."""
    from pvd_mailer.database import open_database  # noqa: PLC0415 - beside its one use
    from pvd_mailer.database.migrate import prepare_database  # noqa: PLC0415 - beside its one use
    from tests.subscribers.people import settle  # noqa: PLC0415 - beside its one use

    database = open_database(None, issue_workspace.root / "var" / "pvd-mailer.sqlite")
    prepare_database(database)
    settle(database, *readers(3))
    database.close()
    run("approve", "1", "--audience", "all", "--by", "Claire")

    def digest():
        return hashlib.sha256(database.file.read_bytes()).hexdigest()

    before = digest()
    assert run("send", "1", "--dry-run").code == 0
    assert digest() == before


def test_a_dry_run_says_who_is_left_out_and_shows_the_first_message(mailing_commands, run, approve):
    one = approve()
    leave(mailing_commands.database, EVERYBODY[0])
    ran = run("send", "1", "--dry-run")
    assert "3 people would get the letter" in ran.out
    assert f"left out: {EVERYBODY[0]}, has unsubscribed" in ran.out
    assert "Subject: Un sujet" in ran.out
    told = json.loads(run("send", "1", "--dry-run", "--format", "json").out)
    assert (told["dispatch"], told["pending"]) == (one, 3)
    assert told["left_out"] == [{"address": EVERYBODY[0], "why": "unsubscribed"}]
    message = email.message_from_string(told["first"], policy=policy.default)
    assert message["To"].addresses[0].addr_spec == EVERYBODY[1]
    assert run("send", "1").code == 0
    assert addressed(mailing_commands.issue_workspace) == EVERYBODY[1:]


def test_a_dry_run_for_nobody_says_so(mailing_commands, run, approve):
    approve()
    for address in EVERYBODY:
        leave(mailing_commands.database, address)
    told = json.loads(run("send", "1", "--dry-run", "--format", "json").out)
    assert (told["pending"], told["first"]) == (0, None)
    assert run("send", "1", "--dry-run").code == 0


# One vocabulary


def test_every_command_speaks_json_alone(mailing_commands, run):
    channel = Scripted(members(ACCEPTED, BUSY), UNKNOWN)
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    mailing_commands.join(*readers(1, start=50))
    commands = [
        ["test", "1", "--to", "a@example.org"],
        ["approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox"],
        ["send", "1", "--dry-run"],
        ["send", "1", "--at", "2099-01-01T09:00"],
        ["send", "1", "--yes"],
        ["run-due"],
        ["status"],
        ["status", one],
        ["report", "1"],
        ["pause", one],
        ["cancel", one],
        ["resolve", one, "--assume", "accepted"],
        ["resolve", one, "--resend"],
    ]
    for arguments in commands:
        ran = run(*arguments, "--format", "json")
        assert ran.out, (arguments, ran.err)
        assert isinstance(json.loads(ran.out), dict), arguments
        assert ran.err == "", arguments
        assert ran.code == (2 if arguments[0] in {"pause", "cancel"} else 0), arguments


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_dispatch_that_is_not_there_is_told_in_words(mailing_commands, run, form):
    assert mailing_commands
    for arguments in (
        ["status", "001-zzzzzz"],
        ["pause", "001-zzzzzz"],
        ["resume", "001-zzzzzz"],
        ["cancel", "001-zzzzzz"],
        ["resolve", "001-zzzzzz", "--resend"],
        ["resolve", "'; DROP TABLE dispatches", "--resend"],
        ["status", "é\x00"],
    ):
        ran = run(*arguments, "--format", form)
        assert ran.code == 2, arguments
        assert "there is no dispatch" in ran.err
        assert ran.out == ""


def test_an_issue_that_was_not_approved_is_told_in_words(mailing_commands, run):
    assert mailing_commands
    for arguments in (["send", "1"], ["send", "1", "--dry-run"], ["send", "1", "--retry-refused"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert "issue 1 is not approved" in ran.err
        assert "pvd-mailer approve 1" in ran.err
    assert "not approved yet" in run("report", "1").out
    assert "Nothing was approved yet" in run("status").out


def test_status_tells_the_story_of_a_dispatch(mailing_commands, run):
    channel = Scripted(ACCEPTED, LOGIN)
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    said = run("status", one).out
    assert "begun" in said
    assert "paused: the key or the password is not accepted" in said
    story = json.loads(run("status", one, "--format", "json").out)["log"]
    assert [line["what"] for line in story] == ["approved", "sending", "paused"]
    assert story[0]["by"] == "Claire"


def test_pause_and_cancel_say_where_there_is_nothing_to_do(mailing_commands, run, approve):
    one = approve()
    ran = run("pause", one)
    assert (ran.code, "nothing to pause" in ran.out) == (2, True)
    ran = run("resume", one)
    assert (ran.code, "nothing to go on with" in ran.err) == (2, True)
    assert run("cancel", one).code == 0
    assert mailing_commands.states(one) == {RecipientState.CANCELLED: 4}
    assert (run("cancel", one).code, run("resume", one).code) == (2, 2)
    ran = run("send", "1")
    assert (ran.code, "is not approved" in ran.err) == (2, True)


def test_resume_goes_on_with_what_was_paused(mailing_commands, run, approve):
    from pvd_mailer.clock import now  # noqa: PLC0415 - beside its one use
    from pvd_mailer.journal import dispatches  # noqa: PLC0415 - beside its one use

    one = approve()
    with mailing_commands.database.write() as connection:
        assert dispatches.take_over_dispatch(connection, one, "x", now())
    assert run("pause", one).code == 0
    ran = run("send", "1")
    assert (ran.code, f"pvd-mailer resume {one}" in ran.err) == (2, True)
    assert json.loads(run("resume", one, "--format", "json").out)["state"] == "finished"
    assert addressed(mailing_commands.issue_workspace) == EVERYBODY


def test_unknowns_are_told_by_cause_with_advice_and_settled_by_a_person(mailing_commands, run):
    mailing_commands.join(*readers(4, start=10))
    channel = Scripted(UNKNOWN, lambda _: [], ACCEPTED)
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    said = run("report", "1").out
    assert "2 unknown: the provider had a fault of its own." in said
    assert "2 unknown: the answer means neither yes nor no." in said
    assert f"pvd-mailer resolve {one} --cause server-fault --assume accepted" in said
    told = json.loads(run("report", "1", "--format", "json").out)
    assert set(told["dispatches"][0]["advice"]) == {"server-fault", "unclear"}
    assert all(told["dispatches"][0]["advice"].values())
    assert run("resolve", one).code == 2
    assert run("resolve", one, "--resend", "--assume", "accepted").code == 2
    assert "nothing was changed" in run("resolve", one, "--resend", "--cause", "killed").out
    settled = json.loads(run("resolve", one, "--cause", "unclear", "--assume", "accepted", "--format", "json").out)
    assert (settled["settled"], settled["states"]["unknown"], settled["states"]["accepted"]) == (2, 2, 6)
    ran = run("resolve", one, "--cause", "server-fault", "--resend", "--by", "Claire")
    assert "2 recipients are to be sent to again" in ran.out
    mailing_commands.send(one, channel)
    assert mailing_commands.account(one).is_complete
    # Of those who were taken as having it, nobody was written to again.
    assert len(channel.reached) == len(set(channel.reached)) == 6


def test_the_account_adds_up_in_every_answer(mailing_commands, run):
    mailing_commands.join(*readers(10, start=10))
    channel = Scripted(members(ACCEPTED, BUSY), UNKNOWN, LOGIN)
    one = mailing_commands.approve(channel)
    leave(mailing_commands.database, EVERYBODY[0])
    channel.script[0] = members(BUSY)
    mailing_commands.send(one, channel)
    for arguments in (["status"], ["status", one], ["report", "1"], ["cancel", one], ["status"]):
        (told,) = json.loads(run(*arguments, "--format", "json").out).get("dispatches", [None]) or [None]
        if told:
            assert sum(told["states"].values()) == told["audience"] == 14


def test_a_void_approval_is_not_taken_for_the_send_before_it(mailing_commands, run, approve):
    approve()
    assert run("send", "1").code == 0
    mailing_commands.join(*readers(1, start=70))
    approve()
    mailing_commands.issue_workspace.file.write_text(
        mailing_commands.issue_workspace.file.read_text("utf-8") + "# an edit\n", "utf-8"
    )
    assert run("send", "1").code == 1
    ran = run("send", "1")
    assert ran.code == 1
    assert "is void" in ran.err


def test_a_report_leaves_rehearsals_aside(mailing_commands, run, approve):
    approve()
    run("send", "1")
    channel = Scripted()
    mailing_commands.send(mailing_commands.approve(channel), channel)
    assert "Issue 1: 4 accepted, 0 unknown; rehearsals left aside." in run("report", "1").out


def test_whoever_approves_is_named_on_one_line(mailing_commands, run):
    assert run("approve", "1", "--audience", "all", "--by", "  \x00\n ").code == 2
    ran = run("approve", "1", "--audience", "all", "--by", "Claire\nB.\x1b[31m " + "é" * 200)
    assert ran.code == 0
    with mailing_commands.database.read() as connection:
        (name,) = connection.exec_driver_sql("SELECT approved_by FROM dispatches").scalars()
    assert name.startswith("ClaireB.[31m é")
    assert len(name) == 100


# With a provider


def test_a_letter_goes_out_by_sendgrid_and_each_reader_has_a_way_out(mailing_commands, run, monkeypatch):
    with FakeSendGrid() as fake:
        monkeypatch.setenv("SENDGRID_API_KEY", fake.key)
        monkeypatch.setenv("PVD_SENDGRID_URL", fake.url)
        monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.test")
        assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "sendgrid").code == 0
        ran = run("send", "1")
        assert ran.code == 0, ran.err + ran.out
        keys = load_keys(mailing_commands.office.settings.keys_path)
        for message in fake.accepted:
            token = message.headers["list-unsubscribe"].partition("/u/")[2].partition(">")[0]
            assert read_token(keys, Purpose.UNSUBSCRIBE, token)
            assert token in message.html
            assert token in message.text
        assert sorted(one.address for one in fake.accepted) == EVERYBODY
        assert mailing_commands.record()["dispatches"][0]["counts"]["accepted"] == 4
        assert run("send", "1").code == 0
        assert len(fake.accepted) == 4


def test_a_sandbox_is_a_rehearsal(mailing_commands, run, monkeypatch):
    with FakeSendGrid() as fake:
        monkeypatch.setenv("SENDGRID_API_KEY", fake.key)
        monkeypatch.setenv("PVD_SENDGRID_URL", fake.url)
        monkeypatch.setenv("PVD_SENDGRID_SANDBOX", "true")
        run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "sendgrid")
        assert run("send", "1").code == 0
        assert not (mailing_commands.issue_workspace.folder / "sent.json").exists()
        monkeypatch.delenv("PVD_SENDGRID_SANDBOX")
        told = json.loads(
            run("approve", "1", "--audience", "all", "--by", "C", "--channel", "sendgrid", "--format", "json").out
        )
        assert (told["rehearsal"], told["recipients"]) == (False, 4)
        assert run("send", "1").code == 0
        assert sorted(one.address for one in fake.accepted) == EVERYBODY
