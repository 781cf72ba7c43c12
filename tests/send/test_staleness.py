"""Before the start, whatever changed voids an approval, and is named; nothing leaves."""

import json

import pytest

from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import BlockedError, WrongUsageError
from pvd_mailer.send.channels import UnsupportedLetterError
from tests.send.line import leave, rows, sqlite_at
from tests.send.scripted import Scripted
from tests.smtpd import MailServer
from tests.workspace import ISSUE, PUBLICATION, ROOT, picture

EDITED = ISSUE.replace("Un texte", "Un tout autre texte")


@pytest.fixture
def database_url(tmp_path):
    """SQLite alone: what is looked at here asks little of a database."""
    return sqlite_at(tmp_path)


def edit_the_issue(issue_workspace):
    issue_workspace.write(EDITED)


def another_picture(issue_workspace):
    (issue_workspace.folder / "images" / "une-image.png").write_bytes(picture(colour="#ff0000"))


def another_sender(issue_workspace):
    file = issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("la-lettre@lettre", "une-autre@lettre"), "utf-8")


def another_template(issue_workspace):
    (issue_workspace.own / "parts").mkdir()
    (issue_workspace.own / "parts" / "title.mjml").write_text("{# mine #}", "utf-8")


def no_more_picture(issue_workspace):
    (issue_workspace.folder / "images" / "une-image.png").unlink()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edit_the_issue, ["issues/001-2023-03/issue.yaml was edited"]),
        (another_picture, ["issues/001-2023-03/images/une-image.png was edited"]),
        (no_more_picture, ["issues/001-2023-03/images/une-image.png is gone"]),
        (another_sender, [f"templates/{PUBLICATION}/publication.yaml was edited", "the sender is another one"]),
        (another_template, [f"templates/{PUBLICATION}/parts/title.mjml is new"]),
    ],
)
def test_a_change_before_the_start_voids_the_approval_and_is_named(mailing_commands, run, change, said):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    change(mailing_commands.issue_workspace)
    ran = run("send", "1")
    assert ran.code == 1
    assert "the approval is void" in ran.err
    for words in said:
        assert words in ran.err
    assert not (mailing_commands.issue_workspace.root / "var" / "outbox" / "new").exists()
    (told,) = json.loads(run("status", "--format", "json").out)["dispatches"]
    assert told["state"] == "void"
    assert told["states"]["cancelled"] == told["audience"] == 4
    story = json.loads(run("status", told["dispatch"], "--format", "json").out)["log"]
    assert said[0] in story[-1]["detail"]
    after = run("send", "1")
    assert after.code == 1
    assert "is void" in after.err


def test_a_change_behind_a_linked_folder_voids_too(mailing_commands, run):
    """A team may have templates in common: the engine reads through such a link, and so does the approval."""
    shared = mailing_commands.issue_workspace.root / "templates" / "shared"
    shared.mkdir()
    template = (ROOT / "templates" / "base" / "blocks" / "article.mjml").read_text("utf-8")
    (shared / "article.mjml").write_text(template, "utf-8")
    (shared / "again").symlink_to(shared)  # a circle
    (shared / "system").symlink_to("/")
    (mailing_commands.issue_workspace.own / "blocks").symlink_to(shared)
    assert run("approve", "1", "--audience", "all", "--by", "Claire").code == 0
    (shared / "article.mjml").write_text(f"{{# mine #}}{template}", "utf-8")
    ran = run("send", "1")
    assert ran.code == 1
    assert "templates/shared/article.mjml was edited" in ran.err


def test_a_damaged_publication_voids_too(mailing_commands, run):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    (mailing_commands.issue_workspace.own / "publication.yaml").write_text("sender: [", "utf-8")
    ran = run("send", "1")
    assert (ran.code, "publication.yaml was edited" in ran.err) == (1, True)


@pytest.mark.usefixtures("mailing_commands")
def test_another_public_address_voids(run, monkeypatch):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.test")
    ran = run("send", "1")
    assert (ran.code, "PVD_PUBLIC_URL is another one" in ran.err) == (1, True)


def test_another_mail_server_voids_and_no_password_is_told(mailing_commands, run, monkeypatch):
    with MailServer() as first, MailServer() as second:
        monkeypatch.setenv("PVD_SMTP_URL", first.url.replace("://", "://moi:motdepasse@"))
        approved = run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp")
        assert approved.code == 0, approved.err
        monkeypatch.setenv("PVD_SMTP_URL", second.url.replace("://", "://moi:motdepasse@"))
        ran = run("send", "1")
        assert ran.code == 1
        assert f"smtp 127.0.0.1:{second.port}" in ran.err.partition("instead of")[0]
        assert "motdepasse" not in approved.out + ran.err + str(rows(mailing_commands.database))
        assert first.accepted == second.accepted == []


def test_once_begun_another_mail_server_is_refused_and_nothing_is_void(mailing):
    channel = Scripted(batch_size=2)
    one = mailing.approve(channel)
    mailing.send(one, channel, watch=lambda run: run.stop())
    other = Scripted(identity="elsewhere")
    with pytest.raises(WrongUsageError, match="elsewhere instead of scripted"):
        mailing.send(one, other)
    assert other.calls == []
    mailing.send(one, channel)
    assert mailing.account(one).is_complete


@pytest.mark.parametrize(
    "litter",
    [
        ".issue.yaml.swp",
        "issue.yaml~",
        ".DS_Store",
        "images/.DS_Store",
        "images/Thumbs.db",
        "~$sujet.docx",
        "sent.json",
    ],
)
def test_what_editors_and_systems_leave_behind_voids_nothing(mailing, litter):
    channel = Scripted()
    one = mailing.approve(channel)
    if litter == "sent.json":
        (mailing.issue_workspace.folder / litter).write_text('{"dispatches": []}', "utf-8")
    else:
        (mailing.issue_workspace.folder / litter).write_bytes(b"\0")
    mailing.send(one, channel)
    assert mailing.account(one).is_complete


def test_a_file_that_is_saved_without_a_change_voids_nothing(mailing):
    channel = Scripted()
    one = mailing.approve(channel)
    mailing.issue_workspace.write(EDITED)
    mailing.issue_workspace.write(ISSUE)
    mailing.send(one, channel)
    assert mailing.account(one).is_complete


def test_another_approval_takes_the_place_of_one_that_has_not_begun(mailing):
    channel = Scripted()
    first = mailing.approve(channel)
    mailing.issue_workspace.write(EDITED)
    second = mailing.approve(channel)
    assert mailing.find(first).state is DispatchState.VOID
    with pytest.raises(WrongUsageError, match="its approval is void"):
        mailing.send(first, channel)
    mailing.send(second, channel)
    assert sorted(channel.reached) == [f"lecteur{number}@ville.test" for number in range(4)]


def test_a_blocking_finding_stops_an_approval_and_nothing_is_written(mailing_commands, run):
    mailing_commands.issue_workspace.write(ISSUE.replace('"Un sujet"', '""'))
    before = rows(mailing_commands.database)
    ran = run("approve", "1", "--audience", "all", "--by", "Claire")
    assert ran.code == 1
    assert "issue.yaml:4:10" in ran.err
    assert run("test", "1", "--to", "a@example.org").code == 1
    assert rows(mailing_commands.database) == before
    with pytest.raises(BlockedError):
        mailing_commands.approve(Scripted())


def test_an_audience_of_nobody_is_told_and_nothing_is_written(mailing_commands, run):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    before = rows(mailing_commands.database)
    for wanted in ("role:maire", "not all"):
        ran = run("approve", "1", "--audience", wanted, "--by", "Claire")
        assert ran.code == 2, ran.out
        assert "Traceback" not in ran.err
    for number in range(4):
        leave(mailing_commands.database, f"lecteur{number}@ville.test")
    ran = run("approve", "1", "--audience", "all", "--by", "Claire")
    assert (ran.code, "nobody is in the audience" in ran.err) == (2, True)
    now = rows(mailing_commands.database)
    # The approval of before stands: what failed has voided nothing.
    assert {name: now[name] for name in ("dispatches", "batches", "recipients", "log", "blobs")} == {
        name: before[name] for name in ("dispatches", "batches", "recipients", "log", "blobs")
    }


def test_who_left_is_counted_out_at_the_approval(mailing_commands, run):
    leave(mailing_commands.database, "lecteur1@ville.test")
    told = json.loads(run("approve", "1", "--audience", "all", "--by", "Claire", "--format", "json").out)
    assert (told["recipients"], told["left_out"]) == (3, {"unsubscribed": 1})


def test_a_folder_that_says_another_number_is_refused(mailing_commands, run):
    mailing_commands.issue_workspace.write(ISSUE.replace("number: 1", "number: 2"))
    for arguments in (["approve", "1", "--audience", "all", "--by", "Claire"], ["test", "1", "--to", "a@example.org"]):
        ran = run(*arguments)
        assert ran.code == 2
        assert "001-2023-03 says issue 1, and issue.yaml says 2" in ran.err


@pytest.mark.parametrize("part", ["colophon.mjml", "colophon.txt"])
def test_a_letter_whose_template_lost_the_way_out_is_refused(mailing_commands, run, part):
    text = (ROOT / "templates" / "base" / "parts" / part).read_text("utf-8")
    assert "{{ unsubscribe }}" in text
    (mailing_commands.issue_workspace.own / "parts").mkdir()
    lost = text.replace("{{ unsubscribe }}", "https://ville.example.org/partir")
    (mailing_commands.issue_workspace.own / "parts" / part).write_text(lost, "utf-8")
    for arguments in (["approve", "1", "--audience", "all", "--by", "Claire"], ["test", "1", "--to", "a@example.org"]):
        ran = run(*arguments)
        assert ran.code == 1
        assert "no link to unsubscribe" in ran.err


@pytest.mark.parametrize(
    "domain", ["lettre.example.org", "example.com", "EXAMPLE.NET", "ville.example", "ville.invalid"]
)
def test_a_mailbox_of_an_example_lets_nobody_go_where_letters_leave(mailing, domain):
    file = mailing.issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("desinscription@lettre.test", f"desinscription@{domain}"), "utf-8")
    channel = Scripted()
    with pytest.raises(Exception, match="nobody reads the address"):
        mailing.approve(channel)
    channel.is_live = False
    assert mailing.approve(channel)


def test_an_approved_rehearsal_is_tested_by_a_channel_that_leaves_only_with_a_way_out(
    mailing_commands, run, monkeypatch
):
    file = mailing_commands.issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("desinscription@lettre.test", "d@example.org"), "utf-8")
    assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox").code == 0
    with MailServer() as server:
        monkeypatch.setenv("PVD_SMTP_URL", server.url)
        ran = run("test", "1", "--to", "a@example.org", "--channel", "smtp")
        assert (ran.code, "nobody reads the address" in ran.err) == (1, True)
        assert server.accepted == []


def test_what_the_channel_cannot_carry_is_not_approved(mailing, monkeypatch):
    def refuse(*_letter_and_sender):
        raise UnsupportedLetterError("too large")

    channel = Scripted()
    monkeypatch.setattr(channel, "validate", refuse)
    before = rows(mailing.database)
    with pytest.raises(UnsupportedLetterError):
        mailing.approve(channel)
    assert rows(mailing.database) == before


def test_a_file_that_is_saved_while_the_letter_is_made_stops_the_approval(mailing, monkeypatch):
    from pvd_mailer.services.approvals import inputs  # noqa: PLC0415 - the one test that looks inside

    made = inputs.render_and_check

    def proof(*arguments):
        result = made(*arguments)
        mailing.issue_workspace.write(mailing.issue_workspace.file.read_text("utf-8") + "# saved\n")
        return result

    monkeypatch.setattr(inputs, "render_and_check", proof)
    with pytest.raises(inputs.PvdError, match="a file was saved"):
        mailing.approve(Scripted())
