"""From a list to the far side by the commands alone: three channels, both databases, and a real Postfix."""

import json
from email import message_from_bytes, policy

import pytest

from tests.send.line import messages, put_a_real_mailbox
from tests.sendgrid import FakeSendGrid
from tests.servers.postfix import DOMAIN
from tests.smtpd import MailServer

READERS = ("claire@ville.test", "mairie@ville.test", "karim@bourg.test")
LIST = "courriel;prénom;nom;fonction\n" + "".join(f"{one};Camille;Exemple;Maire\n" for one in READERS)


@pytest.fixture
def commands(issue_workspace, on_database, run):
    """The commands, on a workspace whose letter may leave; each with both databases."""
    del on_database
    put_a_real_mailbox(issue_workspace)

    def command(*arguments, code=0):
        ran = run(*arguments)
        assert ran.code == code, ran.err + ran.out
        return ran.out

    return command


def import_list(issue_workspace, commands, text=LIST):
    file = issue_workspace.root / "subscribers" / "liste.csv"
    file.write_text(text, "utf-8")
    return commands("subscribers", "import", file, "--basis", "consent", "--apply")


@pytest.fixture(params=["outbox", "smtp", "sendgrid"])
def channel_and_messages(request, issue_workspace, monkeypatch):
    """A channel's name, and what its far side has: address -> HTML and text."""
    if request.param == "outbox":

        def delivered():
            return {
                one["To"].addresses[0].addr_spec: (
                    one.get_body(("html",)).get_content(),
                    one.get_body(("plain",)).get_content(),
                )
                for one in (messages(issue_workspace) if (issue_workspace.root / "var" / "outbox").exists() else ())
            }

        yield request.param, delivered
        return
    started = MailServer() if request.param == "smtp" else FakeSendGrid("SG.test")
    with started as server:
        if request.param == "smtp":
            monkeypatch.setenv("PVD_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        else:
            monkeypatch.setenv("SENDGRID_API_KEY", "SG.test")
            monkeypatch.setenv("PVD_SENDGRID_URL", server.url)

        def taken():
            assert len({one.address for one in server.accepted}) == len(server.accepted)
            return {one.address: (one.html, one.text) for one in server.accepted}

        yield request.param, taken


def test_a_list_becomes_letters_that_are_what_was_approved(issue_workspace, commands, channel_and_messages):
    channel, delivered = channel_and_messages
    import_list(issue_workspace, commands)
    letter = issue_workspace.render()
    approved = json.loads(
        commands("approve", "1", "--audience", "role:maire", "--by", "Claire", "--channel", channel, "--format", "json")
    )
    assert approved["recipients"] == 3
    issue_workspace.file.write_text(issue_workspace.file.read_text("utf-8") + "\n# an edit after the start\n", "utf-8")
    commands("send", "1", code=1)  # it voids the approval
    assert delivered() == {}
    commands("approve", "1", "--audience", "role:maire", "--by", "Claire", "--channel", channel)
    told = json.loads(commands("send", "1", "--format", "json"))
    assert told["states"]["accepted"] == told["audience"] == 3
    assert told["complete"]
    have = delivered()
    assert set(have) == set(READERS)
    for html, text in have.values():
        assert letter.placeholders.key not in html + text
        assert "leave" in html or "desinscription" in html
        assert text.split() == letter.fill_text({"unsubscribe": _way_out(text)}).split()
    again = json.loads(commands("send", "1", "--format", "json"))
    assert again["states"] == told["states"]
    assert delivered() == have
    report = json.loads(commands("report", "1", "--format", "json"))
    assert report["accepted"] == (0 if channel == "outbox" else 3)
    assert (issue_workspace.folder / "sent.json").exists() == (channel != "outbox")


def _way_out(text):
    return next(word for word in text.split() if word.startswith("mailto:desinscription"))


def test_postfix_takes_the_letter_for_those_it_knows_and_the_others_are_refused(
    issue_workspace, commands, postfix, monkeypatch
):
    monkeypatch.setenv("PVD_SMTP_URL", f"smtp://{postfix.host}:{postfix.port}")
    known = [f"lecteur{number}@{DOMAIN}" for number in range(5)]
    unknown = [f"unknown{number}@{DOMAIN}" for number in range(2)]
    import_list(issue_workspace, commands, "email\n" + "".join(f"{one}\n" for one in known + unknown))
    commands("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp")
    told = json.loads(commands("send", "1", "--format", "json", code=4))
    assert told["states"] == {
        "pending": 0,
        "sending": 0,
        "accepted": 5,
        "excluded": 0,
        "refused": 2,
        "unknown": 0,
        "cancelled": 0,
    }
    assert {one["cause"] for one in told["reasons"]} == {"address"}
    assert not any("@" in one["reason"] for one in told["reasons"])
    ours = f"Message-ID: <{told['dispatch']}.".encode()
    mine = [message_from_bytes(one, policy=policy.default) for one in postfix.delivered(5, ours)]
    assert sorted(one["Delivered-To"] for one in mine) == known
    for one in mine:
        assert one["To"].addresses[0].addr_spec == one["Delivered-To"]
        assert "mailto:desinscription@lettre.test" in one["List-Unsubscribe"]
        assert one["List-Unsubscribe-Post"] is None  # there is no readers' site to answer it
