"""From an unknown batch to the names, and from the names to the decision; what comes next is the same everywhere."""

import csv
import io
import json
import os
import stat

import pytest

from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import dispatches
from tests.send.line import readers
from tests.send.scripted import ACCEPTED, BUSY, LOGIN, UNKNOWN, Scripted, members
from tests.subscribers.people import person


@pytest.fixture
def unknown_recipients(mailing_commands):
    """Two have the letter, two are unknown; one more is refused."""
    mailing_commands.join(*readers(2, 4))
    channel = Scripted(ACCEPTED, UNKNOWN, members(BUSY, ACCEPTED))
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    return one


def test_who_is_unknown_is_listed_with_cause_and_reason(unknown_recipients, run):
    ran = run("recipients", unknown_recipients, "--state", "unknown")
    assert ran.code == 0
    assert "2 unknown: the provider had a fault of its own (internal error)" in ran.out
    assert "lecteur2@ville.test  Lecteur 2" in ran.out
    assert "lecteur0@ville.test" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100


def test_everybody_is_listed_once_where_no_state_is_named(unknown_recipients, run):
    said = json.loads(run("recipients", unknown_recipients, "--format", "json").out)
    assert sorted(one["address"] for one in said["recipients"]) == [
        f"lecteur{number}@ville.test" for number in range(6)
    ]
    (refused,) = [one for one in said["recipients"] if one["state"] == "refused"]
    assert (refused["cause"], refused["reason"]) == ("busy", "the mailbox is full")
    assert refused["called_at"].endswith("+00:00")


def test_a_cause_narrows_the_list(unknown_recipients, run):
    assert "Nobody." in run("recipients", unknown_recipients, "--state", "unknown", "--cause", "killed").out
    assert "lecteur4@ville.test" in run("recipients", unknown_recipients, "--cause", "busy").out


def test_the_list_opens_in_a_spreadsheet_and_guards_formulas(mailing_commands, run, tmp_path):
    mailing_commands.join(person("formule@ville.test", "=1+1", ""))
    channel = Scripted(UNKNOWN, UNKNOWN, UNKNOWN)
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    file = tmp_path / "unknown.csv"
    ran = run("recipients", one, "--state", "unknown", "-o", str(file))
    assert "delete it when you are done" in ran.err
    text = file.read_bytes().decode("utf-8-sig")
    found = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(found) == 5
    assert found[-1]["name"] == "'=1+1"
    assert list(found[0]) == ["address", "name", "state", "cause", "message", "reason", "called_at"]


@pytest.mark.skipif(os.name != "posix", reason="this system has no modes")
def test_a_list_is_its_owners_alone_also_in_the_place_of_another(unknown_recipients, run, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("before", "utf-8")
    file.chmod(0o644)
    assert run("recipients", unknown_recipients, "-o", str(file)).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "lecteur2@ville.test" in file.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir() if "list" in path.name] == ["list.csv"]


def test_some_of_the_unknown_are_decided_on_by_a_list(unknown_recipients, mailing_commands, run, tmp_path):
    file = tmp_path / "at-the-provider.csv"
    run("recipients", unknown_recipients, "--state", "unknown", "-o", str(file))
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([lines[0], lines[1], "lecteur0@ville.test"]) + "\n", "utf-8")
    ran = run("resolve", unknown_recipients, "--assume", "accepted", "--only", str(file))
    assert "1 recipient counts as having the letter." in ran.out
    assert "1 of your list was not unknown." in ran.out
    assert mailing_commands.states(unknown_recipients) == {
        RecipientState.ACCEPTED: 4,
        RecipientState.UNKNOWN: 1,
        RecipientState.REFUSED: 1,
    }
    ran = run("resolve", unknown_recipients, "--resend")
    assert mailing_commands.states(unknown_recipients)[RecipientState.PENDING] == 1


def test_a_list_without_addresses_decides_nothing(unknown_recipients, mailing_commands, run, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("nom\nLecteur\n", "utf-8")
    before = mailing_commands.states(unknown_recipients)
    ran = run("resolve", unknown_recipients, "--resend", "--only", str(file))
    assert ran.code in {1, 2}
    assert mailing_commands.states(unknown_recipients) == before


def test_what_comes_next_is_one_command_wherever_it_is_said(unknown_recipients, mailing_commands, run):
    ran = run("resolve", unknown_recipients, "--resend")
    assert f"Next: pvd-mailer resume {unknown_recipients}" in ran.out
    assert f"To go on: pvd-mailer resume {unknown_recipients}" in run("status").out
    assert mailing_commands.find(unknown_recipients).state is DispatchState.RUNNING


def test_what_was_called_off_is_not_to_be_sent_to_again(mailing_commands, run):
    channel = Scripted(UNKNOWN, LOGIN)
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    assert run("cancel", one, "--yes").code == 0
    ran = run("resolve", one, "--resend")
    assert "another approval may reach them" in ran.out
    assert "Next: pvd-mailer approve 1 " in ran.out
    assert "resume" not in ran.out


def test_an_exit_code_tells_what_is_left_to_send_from_what_is_to_decide(mailing_commands, run, monkeypatch):
    monkeypatch.setattr("pvd_mailer.send.rate_limit.FIRST_BACKOFF", 0.01)
    monkeypatch.setenv("PVD_SMTP_URL", "smtp://127.0.0.1:9")  # nobody listens there
    assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp").code == 0
    assert run("send", "1", "--yes").code == 5
    with mailing_commands.database.read() as connection:
        (one,) = dispatches.dispatches_of_issue(connection, 1)
    assert one.state is DispatchState.PAUSED
    assert run("resume", one.id).code == 5
