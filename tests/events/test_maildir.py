"""`sync --maildir`: letters that came back, wishes to leave by mail; nothing is deleted, nothing hostile believed."""

import json
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.events import maildir
from pvd_mailer.events.inbound import UnreadReason, parse_mail
from pvd_mailer.keys import make_keys
from tests.events.mails import dsn, leave, qmail
from tests.events.world import Feedback
from tests.servers.postfix import DOMAIN, LATE, UNKNOWN
from tests.subscribers.people import person

KEYS = make_keys()
EXAMPLES = 500 * int(os.environ.get("PVD_FUZZ", "1"))
BOUNCED, SUBSCRIBED, UNSUBSCRIBED = SubscriberState.BOUNCED, SubscriberState.SUBSCRIBED, SubscriberState.UNSUBSCRIBED
HOUR = timedelta(hours=1)


class Box:
    """A Maildir."""

    def __init__(self, folder, run):
        self.folder = folder
        self.run = run
        for part in ("new", "cur", "tmp"):
            (folder / part).mkdir(parents=True)

    def put(self, *mails, part="new"):
        there = len(list(self.folder.rglob("*")))
        for number, raw in enumerate(mails):
            (self.folder / part / f"{there + number:05}.mail").write_bytes(raw)

    def sync(self):
        ran = self.run("sync", "--maildir", self.folder, "--format", "json")
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    def files(self):
        return sorted(f"{one.parent.name}/{one.name}" for one in self.folder.rglob("*") if one.is_file())


@pytest.fixture
def mailbox_folder(tmp_path, run):
    return Box(tmp_path / "mail", run)


@pytest.fixture
def sent_letter(issue_workspace, database, on_database, fake_sendgrid, run):
    """A letter that was sent to four people, and the commands on its database."""
    del on_database, run
    made = Feedback(issue_workspace, database, fake_sendgrid)
    made.one = made.sent()
    made.list_id = made.find(made.one).approval.list_id
    return made


def test_a_letter_that_came_back_for_good_ends_the_subscription(sent_letter, mailbox_folder):
    mailbox_folder.put(dsn(sent_letter.message(0), "lecteur0@ville.test", list_id=sent_letter.list_id))
    told = mailbox_folder.sync()
    assert (told["returned"], told["unread"], told["changed"]) == (1, {}, {"bounced": 1})
    assert sent_letter.state(0) is BOUNCED
    (row,) = sent_letter.events()
    assert (row["kind"], row["dispatch_id"], row["position"], row["status"]) == ("bounced", sent_letter.one, 0, "5.1.1")
    assert mailbox_folder.files() == ["cur/00003.mail:2,S"]
    assert mailbox_folder.sync()["returned"] == 0


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"status": "5.2.2", "said": "552 5.2.2 mailbox full"}, "blocked"),
        ({"status": "4.4.7", "said": "451 4.4.7 timed out"}, "blocked"),
        ({"status": "5.0.0", "said": "550 5.1.1 nobody"}, "bounced"),
        ({"status": "5.7.1", "said": "554 5.7.1 policy"}, "blocked"),
        ({"action": "delayed", "status": "4.4.1"}, "deferred"),
        ({"action": "delivered", "status": "2.0.0"}, "delivered"),
    ],
)
def test_what_a_report_says_is_kept_for_what_it_is(sent_letter, mailbox_folder, more, kind):
    mailbox_folder.put(dsn(sent_letter.message(0), "lecteur0@ville.test", list_id=sent_letter.list_id, **more))
    mailbox_folder.sync()
    assert [row["kind"] for row in sent_letter.events()] == [kind]
    assert (sent_letter.state(0) is BOUNCED) is (kind == "bounced")


def test_a_report_from_before_the_standard_is_understood(sent_letter, mailbox_folder):
    mailbox_folder.put(qmail(sent_letter.message(1), "lecteur1@ville.test", list_id=sent_letter.list_id))
    assert mailbox_folder.sync()["returned"] == 1
    assert sent_letter.state(1) is BOUNCED


def test_a_report_on_another_address_says_that_it_did_not_arrive_and_no_more(sent_letter, mailbox_folder):
    mailbox_folder.put(
        dsn(
            sent_letter.message(0), "lecteur0@ville.test", final="forwarded@elsewhere.test", list_id=sent_letter.list_id
        )
    )
    mailbox_folder.sync()
    assert sent_letter.state(0) is SUBSCRIBED
    assert [row["kind"] for row in sent_letter.events()] == ["blocked"]


def test_a_report_that_gives_back_no_letter_of_ours_is_left(sent_letter, mailbox_folder):
    mailbox_folder.put(
        dsn(sent_letter.message(0, "001-ffffff"), "lecteur0@ville.test", list_id=sent_letter.list_id),
        dsn(sent_letter.message(0), "lecteur0@ville.test", list_id="other.example.org"),
        dsn("private", "lecteur0@ville.test", list_id=sent_letter.list_id),
    )
    assert mailbox_folder.sync()["unread"] == {"not-ours": 3}
    assert sent_letter.state(0) is SUBSCRIBED
    assert all(one.startswith("new/") for one in mailbox_folder.files())


@pytest.mark.parametrize(
    "more",
    [
        {"address": "", "sender": "attacker@example.test"},
        {"address": "", "action": "relayed", "status": "2.0.0"},
        {"address": "lecteur0@ville.test"},
        {"address": "lecteur0@ville.test", "action": "delivered", "status": "2.0.0"},
        {"address": "lecteur0@ville.test", "status": "4.4.7", "said": "451 4.4.7 timed out"},
    ],
)
def test_who_guesses_the_numbers_of_recipients_silences_nobody(sent_letter, mailbox_folder, more):
    """All numbers of a letter are known from one reader's copy; the tags of the others are not."""
    own = sent_letter.message(3).rpartition(".")[2]
    mailbox_folder.put(
        dsn(f"{sent_letter.one}.0", list_id=sent_letter.list_id, **more),
        dsn(f"{sent_letter.one}.0.{own}", list_id=sent_letter.list_id, **more),
        dsn(f"{sent_letter.one}.0.{'0' * 20}", list_id=sent_letter.list_id, **more),
        dsn(
            f"{sent_letter.one}.0.{sent_letter.message(0).rpartition('.')[2][:19]}", list_id=sent_letter.list_id, **more
        ),
    )
    told = mailbox_folder.sync()
    assert (told["stored"], told["returned"], told["arrived"], told["changed"]) == (0, 0, 0, {})
    assert sum(told["unread"].values()) == 4
    assert told["unread"]["unproved"] >= 3
    assert sent_letter.events() == []
    assert all(one.startswith("new/") for one in mailbox_folder.files())


def test_a_guessed_report_does_not_make_a_lost_recipient_served(
    issue_workspace, database, on_database, fake_sendgrid, run, mailbox_folder
):
    del on_database
    world = Feedback(issue_workspace, database, fake_sendgrid)
    one = world.sent("reset-accepted")
    list_id = world.find(one).approval.list_id
    for action in ("relayed", "delivered", "delayed", "failed"):
        mailbox_folder.put(dsn(f"{one}.2", "", list_id=list_id, action=action, status="2.0.0"))
    ran = run("sync", "--maildir", mailbox_folder.folder)
    assert world.reached(one) == ["unknown"] * 4
    assert "4 returns that are not proved" in ran.out
    assert "Complete" not in run("status", "1").out


def test_a_readers_own_copy_speaks_of_that_reader_alone(sent_letter, mailbox_folder):
    mailbox_folder.put(dsn(sent_letter.message(3), "", list_id=sent_letter.list_id, sender="lecteur3@ville.test"))
    assert mailbox_folder.sync()["changed"] == {"bounced": 1}
    assert [sent_letter.state(number) for number in range(4)] == [SUBSCRIBED, SUBSCRIBED, SUBSCRIBED, BOUNCED]


def test_a_report_that_comes_after_the_keys_were_rotated_counts(sent_letter, mailbox_folder, run):
    name = sent_letter.message(0)
    assert run("keys", "rotate").code == 0
    mailbox_folder.put(dsn(name.upper(), "lecteur0@ville.test", list_id=sent_letter.list_id))
    assert mailbox_folder.sync()["changed"] == {"bounced": 1}


def test_a_letter_that_was_passed_on_did_not_come_back(sent_letter, mailbox_folder, run):
    mailbox_folder.put(
        dsn(
            sent_letter.message(0), "lecteur0@ville.test", list_id=sent_letter.list_id, action="relayed", status="2.0.0"
        )
    )
    ran = run("sync", "--maildir", mailbox_folder.folder)
    assert "1 report that a letter arrived" in ran.out
    assert "returned" not in ran.out


def test_what_stays_unread_never_stands_in_the_way_of_what_comes_after_it(sent_letter, mailbox_folder, monkeypatch):
    monkeypatch.setattr(maildir, "_SLICE_SIZE", 7)
    mailbox_folder.put(*[b"From: spam@example.org\nSubject: offer\n\n"] * 450)
    mailbox_folder.put(leave("lecteur0@ville.test", list_id=sent_letter.list_id))
    (mailbox_folder.folder / "cur" / "00003.mail").write_bytes(b"Subject: of the same name\n\n")
    told = mailbox_folder.sync()
    assert (told["leavers"], told["unread"]) == (1, {"other": 451})
    assert sent_letter.state(0) is UNSUBSCRIBED
    assert mailbox_folder.sync()["unread"] == {"other": 451}


def test_a_flood_larger_than_one_slice_is_read_to_its_end(sent_letter, mailbox_folder):
    for number in range(5001):
        (mailbox_folder.folder / "new" / f"{number:06}.spam").write_bytes(b"Subject: offer\n\n")
    (mailbox_folder.folder / "new" / "9.last").write_bytes(leave("lecteur0@ville.test", list_id=sent_letter.list_id))
    assert mailbox_folder.sync()["leavers"] == 1


def test_who_is_killed_in_the_middle_begins_again_and_counts_nothing_twice(
    sent_letter, mailbox_folder, run, monkeypatch
):
    mailbox_folder.put(*(leave(f"lecteur{number}@ville.test", list_id=sent_letter.list_id) for number in range(3)))
    put_away, done = maildir.Maildir.mark_seen, []

    def dies(self, mail):
        if done:
            raise KeyboardInterrupt
        done.append(mail)
        put_away(self, mail)

    with monkeypatch.context() as patch:
        patch.setattr(maildir.Maildir, "mark_seen", dies)
        assert run("sync", "--maildir", mailbox_folder.folder).code != 0
    told = mailbox_folder.sync()
    assert (told["leavers"], told["stored"], told["known"]) == (2, 0, 2)
    assert len(sent_letter.events()) == 3
    assert [sent_letter.state(number) for number in range(3)] == [UNSUBSCRIBED] * 3


def test_a_letter_that_came_back_settles_what_was_unknown(
    issue_workspace, database, on_database, fake_sendgrid, run, mailbox_folder
):
    assert on_database
    world = Feedback(issue_workspace, database, fake_sendgrid)
    one = world.sent("reset-accepted")
    mailbox_folder.put(dsn(world.message(2, one), "lecteur2@ville.test", list_id=world.find(one).approval.list_id))
    ran = run("sync", "--maildir", mailbox_folder.folder)
    assert world.reached(one) == ["unknown", "unknown", "accepted", "unknown"]
    assert f"Dispatch {one}: 1 recipient" in ran.out
    assert world.record()["dispatches"][0]["counts"]["accepted"] == 1


def test_who_writes_that_they_leave_has_left(sent_letter, mailbox_folder):
    mailbox_folder.put(leave("Lecteur <LECTEUR0@ville.test>", list_id=sent_letter.list_id))
    told = mailbox_folder.sync()
    assert (told["leavers"], told["changed"]) == (1, {"unsubscribed": 1})
    assert sent_letter.history(0)[-1][:2] == ("unsubscribed", "maildir")


def test_a_departure_by_mail_counts_in_the_report_of_the_letter_before_it(sent_letter, mailbox_folder, run):
    mailbox_folder.put(leave("lecteur0@ville.test", list_id=sent_letter.list_id))
    mailbox_folder.sync()
    told = json.loads(run("report", "1", "--format", "json").out)
    assert told["report"]["outcome"]["unsubscribes"] == 1
    (shown,) = [line for line in run("subscribers", "show", "lecteur0@ville.test").out.splitlines() if "mail" in line]
    assert "by mail" in shown
    assert "came back" not in shown  # the person wrote: nothing came back


def test_a_departure_before_any_letter_is_put_down_to_none(sent_letter, mailbox_folder):
    old = format_datetime(datetime.now(UTC) - HOUR)
    mailbox_folder.put(leave("lecteur0@ville.test", list_id=sent_letter.list_id, date=old))
    mailbox_folder.sync()
    assert [one["dispatch_id"] for one in sent_letter.events()] == [None]


def test_a_wish_to_leave_is_no_proof_of_having_the_letter(
    issue_workspace, database, on_database, fake_sendgrid, mailbox_folder
):
    """It may be about an earlier one: which letter it is put down to is our guess."""
    del on_database
    world = Feedback(issue_workspace, database, fake_sendgrid)
    one = world.sent("reset-accepted")
    assert world.reached(one) == ["unknown"] * 4
    mailbox_folder.put(leave("lecteur0@ville.test", list_id=world.find(one).approval.list_id))
    mailbox_folder.sync()
    mailbox_folder.sync()
    assert world.state(0) is UNSUBSCRIBED
    assert world.reached(one) == ["unknown"] * 4


def test_a_button_of_a_mail_provider_writes_so_too(sent_letter, mailbox_folder):
    mailbox_folder.put(leave("lecteur0@ville.test", list_id=sent_letter.list_id, Auto_Submitted="auto-generated"))
    assert mailbox_folder.sync()["leavers"] == 1


@pytest.mark.parametrize(
    "more",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Resent_From": "somebody@example.org"},
        {"Authentication_Results": "mx.example.org; spf=pass; dmarc=fail header.from=ville.test"},
        {"Return_Path": "<>"},
        {"sender": "lecteur0@ville.test, lecteur1@ville.test"},
        {"sender": "MAILER-DAEMON@ville.test"},
    ],
)
def test_a_wish_whose_sender_is_in_doubt_is_left_for_a_person(sent_letter, mailbox_folder, more):
    headers = {name: value for name, value in more.items() if name != "sender"}
    mailbox_folder.put(leave(more.get("sender", "lecteur0@ville.test"), list_id=sent_letter.list_id, **headers))
    assert mailbox_folder.sync()["unread"] == {"doubtful": 1}
    assert sent_letter.state(0) is SUBSCRIBED


def test_two_froms_are_one_too_many(sent_letter, mailbox_folder):
    raw = leave("lecteur0@ville.test", list_id=sent_letter.list_id)
    mailbox_folder.put(b"From: lecteur1@ville.test\n" + raw)
    assert mailbox_folder.sync()["unread"] == {"doubtful": 1}


def test_other_mails_stay_where_they_are_and_are_told_of(sent_letter, mailbox_folder, run):
    mailbox_folder.put(
        leave("lecteur0@ville.test", subject="Merci de me désinscrire"),
        leave("lecteur0@ville.test", subject="Re: La lettre", Auto_Submitted="auto-replied (vacation)"),
        leave("stranger@example.org", list_id=sent_letter.list_id),
        leave("lecteur0@ville.test", subject="unsubscribe other.example.org"),
    )
    ran = run("sync", "--maildir", mailbox_folder.folder)
    assert "4 mails are left for a person to read:" in ran.out
    assert "@" not in ran.out.replace(str(mailbox_folder.folder), "")
    assert len([one for one in mailbox_folder.files() if one.startswith("new/")]) == 4
    assert mailbox_folder.sync()["unread"] == {"automatic": 1, "other": 2, "stranger": 1}


def test_who_signed_up_since_stays(sent_letter, mailbox_folder):
    old = format_datetime(datetime.now(UTC) - HOUR)
    mailbox_folder.put(leave("lecteur0@ville.test", list_id=sent_letter.list_id, date=old))
    sent_letter.signs_up(0, datetime.now(UTC))
    assert mailbox_folder.sync()["leavers"] == 1
    assert sent_letter.state(0) is SUBSCRIBED


def test_a_clock_that_is_behind_loses_no_wish_to_leave(sent_letter, mailbox_folder):
    sent_letter.signs_up(0, datetime.now(UTC) - HOUR)
    received = f"from a by b; {format_datetime(datetime.now(UTC))}"
    mailbox_folder.put(
        leave(
            "lecteur0@ville.test", list_id=sent_letter.list_id, date="Tue, 1 Jan 2019 10:00:00 +0000", Received=received
        )
    )
    mailbox_folder.sync()
    assert sent_letter.state(0) is UNSUBSCRIBED


def test_what_a_mail_program_has_moved_and_nobody_read_is_read(sent_letter, mailbox_folder):
    raw = leave("lecteur0@ville.test", list_id=sent_letter.list_id)
    (mailbox_folder.folder / "cur" / "1.a:2,").write_bytes(raw)
    (mailbox_folder.folder / "cur" / "2.b:2,RS").write_bytes(leave("lecteur1@ville.test", list_id=sent_letter.list_id))
    (mailbox_folder.folder / "new" / "link").symlink_to(mailbox_folder.folder / "cur" / "2.b:2,RS")
    assert mailbox_folder.sync()["leavers"] == 1
    assert (sent_letter.state(0), sent_letter.state(1)) == (UNSUBSCRIBED, SUBSCRIBED)
    assert "cur/1.a:2,S" in mailbox_folder.files()


def test_what_is_no_maildir_is_told_so(sent_letter, run, tmp_path):
    assert sent_letter
    ran = run("sync", "--maildir", tmp_path)
    assert ran.code == 2
    assert "no Maildir" in ran.err


def test_large_and_deep_mails_are_bounded(sent_letter, mailbox_folder):
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(5000))
    report = dsn(sent_letter.message(0), "lecteur0@ville.test", list_id=sent_letter.list_id)
    mailbox_folder.put(b"From: a@b.test\n" + deep, b"\0" * 2_000_000, b"", report + b"x" * 20_000_000)
    told = mailbox_folder.sync()
    assert (told["returned"], told["unread"]) == (1, {"other": 3})
    assert sent_letter.state(0) is BOUNCED


PIECES = [
    b"From: lecteur0@ville.test\n", b"From: =?utf-8?q?=ff?=\n", b"Subject: unsubscribe lettre.example.org\n",
    b"Subject: =?x?q?a?=\n", b"Date: Thu, 99 Foo 99999\n", b"Date: Fri, 1 Jan 10000 00:00:00 +9999\n", b"\n", b"\r\n",
    b'Content-Type: multipart/report; report-type=delivery-status; boundary="BB"\n', b"--BB\n", b"--BB--\n",
    b"Content-Type: message/delivery-status\n", b"Content-Type: message/rfc822\n",
    b"Final-Recipient: rfc822; a@b.test\n",
    b"Action: failed\n", b"Status: 5.1.1\n", b"Message-ID: <001-abcdef.0@lettre.example.org>\n", b"\0\xff",
    b"Return-Path: <>\n",
    b"Received: ;;;\n", b"Content-Transfer-Encoding: base64\n", b"Content-Type: text/plain; charset=nonsense\n",
    b"Message-ID: <001-abcdef.0." + KEYS.message_tag("001-abcdef.0").encode() + b"@lettre.example.org>\n",
    b"Original-Recipient: utf-8; \xc3\xa9@b.test\n", b"<a@b.test>:\n", b"Hi. This is the qmail-send program\n",
]  # fmt: skip


@settings(max_examples=EXAMPLES)
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=30), max_size=30))
def test_no_mail_whatever_is_in_it_stops_the_others(pieces):
    now = datetime.now(UTC)
    mail = parse_mail(b"".join(pieces), {"lettre.example.org"}, now, KEYS)
    assert mail.unread_reason is None or isinstance(mail.unread_reason, UnreadReason)
    assert all(one.at <= now for one in mail.events)


# a real server


@pytest.fixture
def by_postfix(issue_workspace, database, on_database, fake_sendgrid, postfix, monkeypatch):
    """Letters leave through a real mail server, which can write to their sender."""
    assert on_database
    monkeypatch.setenv("PVD_SMTP_URL", f"smtp://{postfix.host}:{postfix.port}")
    publication = issue_workspace.own / "publication.yaml"
    text = publication.read_text("utf-8").replace("la-lettre@lettre.example.org", f"la-lettre@{DOMAIN}")
    publication.write_text(text, "utf-8")
    return Feedback(issue_workspace, database, fake_sendgrid)


def send(feedback, run, *addresses):
    feedback.join(*(person(one) for one in addresses))
    ran = run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp", "--format", "json")
    assert ran.code == 0, ran.err
    run("send", "1", "--yes")
    return json.loads(ran.out)["dispatch"]


def test_from_a_recipient_whom_postfix_refuses_to_a_subscriber_who_is_written_to_no_more(by_postfix, run):
    send(by_postfix, run, f"{UNKNOWN}1@{DOMAIN}", f"reader1@{DOMAIN}")
    states = by_postfix.all_states()
    assert states[f"{UNKNOWN}1@{DOMAIN}"] is BOUNCED
    assert states[f"reader1@{DOMAIN}"] is SUBSCRIBED
    row = next(one for one in by_postfix.events() if one["domain"] == DOMAIN)
    assert (row["source"], row["kind"], row["status"]) == ("send", "bounced", "5.1.1")
    assert "@" not in row["reason"]
    assert "the mail server refused the address" in run("subscribers", "show", f"{UNKNOWN}1@{DOMAIN}").out


def test_from_a_letter_that_postfix_took_and_sends_back_to_a_subscriber_who_is_written_to_no_more(
    by_postfix, run, mailbox_folder, postfix
):
    one = send(by_postfix, run, f"{LATE}1@{DOMAIN}")
    assert by_postfix.reached(one)[-1] == "accepted"
    assert by_postfix.all_states()[f"{LATE}1@{DOMAIN}"] is SUBSCRIBED
    mailbox_folder.put(*(raw for raw in postfix.delivered(1, one.encode()) if b"delivery-status" in raw))
    told = mailbox_folder.sync()
    assert (told["returned"], told["changed"]) == (1, {"bounced": 1})
    assert by_postfix.all_states()[f"{LATE}1@{DOMAIN}"] is BOUNCED
    row = next(row for row in by_postfix.events() if row["source"] == "maildir")
    assert (row["dispatch_id"], row["status"], row["domain"]) == (one, "5.1.1", DOMAIN)
    assert "@" not in row["reason"]
