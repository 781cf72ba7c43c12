"""The outbox: from a list and an issue to a Maildir on this machine."""

import json
import re
import shutil
import subprocess

import pytest

from tests.send.line import addressed as readers
from tests.send.line import box, messages
from tests.workspace import LIST, blocks
from tests.workspace import picture as draw

SENDER = "lettreexampleor"
READERS = {"claire@example.org", "mairie@ville.example", "karim@example.com"}


@pytest.fixture
def send(run):
    """Import the list, approve issue 1, send it."""

    def send(*more):
        return line(run, "1", *more)

    return send


def line(run, issue, *more, again=()):
    for arguments in (
        ["subscribers", "import", "subscribers/sample.csv", "--basis", "public-mission", "--apply"],
        ["approve", issue, "--audience", "all", "--by", "Claire", *again],
    ):
        ran = run(*arguments)
        if ran.code:
            return ran
    return run("send", issue, *more)


def files(issue_workspace):
    return {path.name: path.read_bytes() for path in (issue_workspace.root / "var" / "outbox" / "new").iterdir()}


def test_everybody_gets_one_message(issue_workspace, send):
    ran = send()
    assert ran.code == 0, ran.err
    assert readers(issue_workspace) == sorted(READERS)
    assert len(box(issue_workspace)) == 3


def test_the_message_is_the_letter(issue_workspace, send):
    send()
    letter = issue_workspace.render()
    for message in messages(issue_workspace):
        assert message["Subject"] == letter.subject
        text = message.get_body(("plain",)).get_content()
        assert letter.fill_text({"unsubscribe": re.search(r"<(.*?)>", message["List-Unsubscribe"])[1]}) == text


def test_a_message_names_its_reader_and_no_other(issue_workspace, send):
    send()
    for name, raw in files(issue_workspace).items():
        assert sum(address.encode() in raw for address in READERS) == 1
        assert not any(address in name for address in READERS)


def test_a_second_send_delivers_nothing(issue_workspace, send, run):
    send()
    before = files(issue_workspace)
    ran = run("send", "1")
    assert ran.code == 0
    assert files(issue_workspace) == before


def test_a_letter_that_was_read_is_not_delivered_again(issue_workspace, send, run):
    """Its name is known, though a mail program has moved it and the journal cannot say whether it was written."""
    send()
    outbox = issue_workspace.root / "var" / "outbox"
    for path in list((outbox / "new").iterdir()):
        path.rename(outbox / "cur" / f"{path.name}:2,S")
    assert run("send", "1").code == 0
    assert len(box(issue_workspace)) == 3


def test_again_delivers_again(issue_workspace, send, run):
    send()
    assert line(run, "1", again=["--again"]).code == 0
    assert readers(issue_workspace) == sorted([*READERS] * 2)


def test_another_issue_goes_to_everybody(issue_workspace, send, run):
    send()
    other = issue_workspace.root / "issues" / "002-2023-04"
    shutil.copytree(issue_workspace.folder, other)
    file = other / "issue.yaml"
    text = file.read_text("utf-8").replace("number: 1", "number: 2").replace("2023-03-07", "2023-04-04")
    file.write_text(text, "utf-8")
    assert line(run, "2").code == 0
    assert len(box(issue_workspace)) == 6


def test_somebody_new_gets_it_alone(issue_workspace, send):
    send()
    file = issue_workspace.root / "subscribers" / "sample.csv"
    file.write_text(LIST + "nouvelle@example.org;;\n", "utf-8")
    assert send().code == 0
    assert readers(issue_workspace) == sorted([*READERS, "nouvelle@example.org"])


def test_a_blocked_issue_is_sent_to_nobody(issue_workspace, send):
    issue_workspace.write("blocks: []\n")
    assert send().code == 1
    assert not (issue_workspace.root / "var" / "outbox" / "new").exists() or not list(box(issue_workspace))


def test_file_names_are_legal_everywhere(issue_workspace, send, run):
    send()
    line(run, "1", again=["--again"])
    run("test", "1", "--to", "a@example.org")
    for path in (issue_workspace.root / "var" / "outbox").rglob("*"):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}(?<!\.)", path.name)
        assert path.name.split(".")[0].upper() not in ("CON", "PRN", "AUX", "NUL")


def test_json_counts_everybody_once(send, run):
    told = json.loads(send("--format", "json").out)
    assert (told["audience"], told["complete"]) == (3, True)
    assert sum(told["states"].values()) == told["states"]["accepted"] == 3
    again = json.loads(run("send", "1", "--format", "json").out)
    assert again["states"] == told["states"]


@pytest.mark.parametrize("part", ["new", "tmp", "cur"])
def test_a_file_in_a_folders_place_is_told_and_no_trace(issue_workspace, send, part):
    outbox = issue_workspace.root / "var" / "outbox"
    outbox.mkdir(parents=True)
    (outbox / part).write_text("", "utf-8")
    ran = send()
    assert ran.code in (3, 5)
    assert "Traceback" not in ran.err
    assert "fault of the program" not in ran.err


def test_a_full_disk_is_an_incomplete_send(issue_workspace, run):
    # As large as a file may get: less than a message with its picture, more than the database.
    small = 1_500_000
    picture = issue_workspace.folder / "images" / "une-image.png"
    picture.write_bytes(draw("PNG", (300, 300)) + b"\0" * small)
    issue_workspace.write(blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Un"}'))
    run("subscribers", "import", "subscribers/sample.csv", "--basis", "public-mission", "--apply")
    approved = run("approve", "1", "--audience", "all", "--by", "Claire")
    assert approved.code == 0, approved.err
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({small}, {small}))\n"
        "from pvd_mailer.cli import main\n"
        "main(['send', '1'])\n"
    )
    command = [issue_workspace.command()[0], "-c", code]
    ran = subprocess.run(
        command,
        cwd=issue_workspace.root,
        env=issue_workspace.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 5, ran.stderr
    assert "Traceback" not in ran.stderr
    assert list((issue_workspace.root / "var" / "outbox" / "tmp").iterdir()) == []
    assert list(box(issue_workspace)) == []
    dispatch = json.loads(run("status", "--format", "json").out)["dispatches"][0]["dispatch"]
    assert run("resume", dispatch).code == 0
    assert len(box(issue_workspace)) == 3


def test_a_letter_says_which_mailing_it_is_of_and_no_person(issue_workspace, send, run):
    assert send().code == 0
    assert {one["Feedback-ID"] for one in messages(issue_workspace)} == {"1:petites-villes-de-demain:letter:" + SENDER}
    assert run("test", "1", "--to", "claire@example.org").code == 0
    assert {one["Feedback-ID"].rpartition(":")[0] for one in messages(issue_workspace)} == {
        "1:petites-villes-de-demain:letter",
        "1:petites-villes-de-demain:test",
    }
