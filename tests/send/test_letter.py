"""What was approved is what leaves, to the byte."""

import dataclasses
import shutil
import subprocess

import pytest
from sqlalchemy import update

from pvd_mailer.database import schema
from pvd_mailer.database.engine import DatabaseError
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.keys import with_new_key
from pvd_mailer.letter.bundle import pack_letter
from pvd_mailer.send.channels import Outbox
from pvd_mailer.send.channels.outbox import OutboxSession
from pvd_mailer.send.runner import load_approved_letter
from pvd_mailer.services.dispatches import simulation
from pvd_mailer.services.proofs import render_and_check
from tests.database import later
from tests.send.line import Mailing, addressed, messages, readers
from tests.send.scripted import ACCEPTED, LOGIN, Scripted
from tests.workspace import ISSUE, ROOT, blocks

EDITED = ISSUE.replace("Un texte", "Un tout autre texte")
PASSPHRASE = {"PVD_BACKUP_PASSPHRASE": "correct horse battery"}
PICTURE = blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Un"}')


def test_the_channel_is_handed_what_was_rendered_at_the_approval(mailing):
    mailing.issue_workspace.write(PICTURE)
    rendered = render_and_check(mailing.folder, mailing.issue_workspace.workspace, mailing.office.settings).letter
    channel = Scripted()
    one = mailing.approve(channel)
    stored = load_approved_letter(mailing.database, mailing.find(one))
    mailing.send(one, channel)
    assert pack_letter(rendered) == pack_letter(stored)
    assert {pack_letter(call.letter) for call in channel.calls} == {pack_letter(rendered)}
    assert rendered.attachments


def test_what_is_edited_after_the_first_message_changes_nothing(mailing):
    def then_edit(_consignment):
        mailing.issue_workspace.write(EDITED)
        (mailing.issue_workspace.own / "blocks").mkdir()
        (mailing.issue_workspace.own / "blocks" / "article.mjml").write_text("{{ nothing", "utf-8")
        return [(None, ACCEPTED)]

    channel = Scripted(then_edit, LOGIN, batch_size=1)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.find(one).state is DispatchState.PAUSED
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert len({pack_letter(call.letter) for call in channel.calls}) == 1
    assert "tout autre" not in channel.calls[-1].letter.text


def test_damaged_bytes_are_not_sent_and_nothing_begins(mailing):
    channel = Scripted()
    one = mailing.approve(channel)
    with mailing.database.write() as connection:
        connection.execute(update(schema.blobs).values(data=b"another letter"))
    with pytest.raises(DatabaseError, match="damaged or missing") as caught:
        mailing.send(one, channel)
    assert "approve the letter again" in caught.value.hint
    assert channel.calls == []
    assert mailing.find(one).started_at is None
    assert not (mailing.issue_workspace.folder / "sent.json").exists()
    # So that the hint holds: nobody is taken by a dispatch that cannot be sent.
    mailing.issue_workspace.write(EDITED)
    again = mailing.approve(channel)
    mailing.send(again, channel)
    assert mailing.account(again).is_complete


def test_a_damaged_letter_is_told_in_words(mailing_commands, run):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    with mailing_commands.database.write() as connection:
        connection.execute(update(schema.blobs).values(data=b"another letter"))
    for arguments in (["send", "1"], ["send", "1", "--dry-run"], ["test", "1", "--to", "a@example.org"]):
        ran = run(*arguments)
        assert ran.code == 3
        assert "damaged or missing" in ran.err
        assert "Traceback" not in ran.err
    assert not (mailing_commands.issue_workspace.root / "var" / "outbox" / "new").exists()


def test_a_test_takes_the_approved_bytes_while_the_approval_stands(mailing_commands, run):
    assert "These are the bytes" not in run("test", "1", "--to", "a@example.org").out
    run("approve", "1", "--audience", "all", "--by", "Claire")
    assert "These are the bytes that were approved" in run("test", "1", "--to", "b@example.org").out
    mailing_commands.issue_workspace.write(EDITED)
    assert "These are the bytes" not in run("test", "1", "--to", "c@example.org").out
    found = {one["To"].addresses[0].addr_spec: one for one in messages(mailing_commands.issue_workspace)}
    texts = {name: message.get_body(("plain",)).get_content() for name, message in found.items()}
    assert texts["a@example.org"] == texts["b@example.org"]
    assert "tout autre" in texts["c@example.org"]
    assert {message["Subject"] for message in found.values()} == {"[BAT] Un sujet"}


def test_a_test_counts_in_no_account_and_says_nobody_to_the_journal(mailing_commands, run):
    run("test", "1", "--to", "lecteur1@ville.test", "--to", "a@example.org")
    with mailing_commands.database.read() as connection:
        (row,) = connection.execute(schema.test_sends.select())
    assert (row.accepted, row.others) == (2, 0)
    ran = run("approve", "1", "--audience", "all", "--by", "Claire")
    assert "Nobody has had this letter as a test" not in ran.out
    assert "4 recipients" in ran.out


@pytest.fixture
def later_program(tmp_path):
    """A later version of the program: other built-in templates, one more migration, in a folder of its own."""
    folder = tmp_path / "upgraded"
    shutil.copytree(ROOT / "pvd_mailer", folder / "pvd_mailer", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates" / "base", folder / "templates" / "base")
    for file in (folder / "templates" / "base").rglob("*.txt"):
        file.write_text(file.read_text("utf-8").replace("{% endmacro %}", "AUTREMENT{% endmacro %}"), "utf-8")
    versions = folder / "pvd_mailer" / "database" / "migrations" / "versions"
    last = max(versions.glob("r0*.py")).name[1:5]
    (versions / "r0900_later.py").write_text(later.MIGRATION.format(down=last), "utf-8")
    return folder


class _Once(Outbox):
    """An outbox that takes one call, and then no login any more."""

    batch_size = 2

    def session(self):
        class Once(OutboxSession):
            taken = 0

            def send(self, request):
                self.taken += 1
                return super().send(request) if self.taken == 1 else iter([(None, LOGIN)])

        return Once(self._folder)


def test_an_upgrade_in_the_middle_changes_no_byte_and_loses_nobody(
    issue_workspace, database, on_database, tmp_path, later_program
):
    del on_database
    line = Mailing(issue_workspace, database)
    line.join(*readers(5))
    channel = _Once(line.office.outbox)
    one = line.approve(channel)
    line.send(one, channel)
    assert line.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.PENDING: 3}
    database.close()

    def with_upgrade(*arguments):
        ran = subprocess.run(
            issue_workspace.command(*arguments),
            cwd=issue_workspace.root,
            env=issue_workspace.environment(PYTHONPATH=str(later_program), **PASSPHRASE),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    with_upgrade("upgrade")
    with_upgrade("resume", one)
    assert addressed(issue_workspace) == sorted(f"lecteur{number}@ville.test" for number in range(5))
    assert len({one.get_body(("plain",)).get_content() for one in messages(issue_workspace)}) == 1
    assert "AUTREMENT" not in messages(issue_workspace)[0].get_body(("plain",)).get_content()
    with_upgrade("render", "1", "-o", str(tmp_path / "lettre"))
    assert "AUTREMENT" in (tmp_path / "lettre" / "letter.txt").read_text("utf-8")


def test_a_dry_run_shows_the_approved_letter(mailing):
    one = mailing.approve(Scripted())
    mailing.issue_workspace.write(EDITED)
    plan = simulation.dry_run(mailing.office, mailing.find(one))
    assert b"tout autre" not in plan.first_message


def test_a_reader_has_the_same_message_id_whenever_it_is_sent_and_no_reader_that_of_another(mailing):
    channel = Scripted(LOGIN)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    mailing.office = dataclasses.replace(mailing.office, keys=with_new_key(mailing.office.keys))
    mailing.send(one, channel)
    names = [{person.ref: call.envelope(person).message_id for person in call.recipients} for call in channel.calls]
    assert names[0].items() <= {ref: name for call in names[1:] for ref, name in call.items()}.items()
    tags = [name.partition("@")[0].rpartition(".")[2] for call in names[1:] for name in call.values()]
    assert len(set(tags)) == len(tags) > 1
    assert all(len(tag) == 20 for tag in tags)
