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
from tests.events.world import World
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
def box(tmp_path, run):
    return Box(tmp_path / "mail", run)


@pytest.fixture
def sent(desk, database, on_database, fake, run):
    """A letter that was sent to four people, and the commands on its database."""
    del on_database, run
    made = World(desk, database, fake)
    made.one = made.sent()
    made.list_id = made.find(made.one).approval.list_id
    return made


def test_a_letter_that_came_back_for_good_ends_the_subscription(sent, box):
    box.put(dsn(sent.message(0), "lecteur0@ville.test", list_id=sent.list_id))
    told = box.sync()
    assert (told["returned"], told["unread"], told["changed"]) == (1, {}, {"bounced": 1})
    assert sent.state(0) is BOUNCED
    (row,) = sent.events()
    assert (row["kind"], row["dispatch_id"], row["position"], row["status"]) == ("bounced", sent.one, 0, "5.1.1")
    assert box.files() == ["cur/00003.mail:2,S"]
    assert box.sync()["returned"] == 0


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
def test_what_a_report_says_is_kept_for_what_it_is(sent, box, more, kind):
    box.put(dsn(sent.message(0), "lecteur0@ville.test", list_id=sent.list_id, **more))
    box.sync()
    assert [row["kind"] for row in sent.events()] == [kind]
    assert (sent.state(0) is BOUNCED) is (kind == "bounced")


def test_a_report_from_before_the_standard_is_understood(sent, box):
    box.put(qmail(sent.message(1), "lecteur1@ville.test", list_id=sent.list_id))
    assert box.sync()["returned"] == 1
    assert sent.state(1) is BOUNCED


def test_a_report_on_another_address_says_that_it_did_not_arrive_and_no_more(sent, box):
    box.put(dsn(sent.message(0), "lecteur0@ville.test", final="forwarded@elsewhere.test", list_id=sent.list_id))
    box.sync()
    assert sent.state(0) is SUBSCRIBED
    assert [row["kind"] for row in sent.events()] == ["blocked"]


def test_a_report_that_gives_back_no_letter_of_ours_is_left(sent, box):
    box.put(
        dsn(sent.message(0, "001-ffffff"), "lecteur0@ville.test", list_id=sent.list_id),
        dsn(sent.message(0), "lecteur0@ville.test", list_id="other.example.org"),
        dsn("private", "lecteur0@ville.test", list_id=sent.list_id),
    )
    assert box.sync()["unread"] == {"not-ours": 3}
    assert sent.state(0) is SUBSCRIBED
    assert all(one.startswith("new/") for one in box.files())


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
def test_who_guesses_the_numbers_of_recipients_silences_nobody(sent, box, more):
    """All numbers of a letter are known from one reader's copy; the tags of the others are not."""
    own = sent.message(3).rpartition(".")[2]
    box.put(
        dsn(f"{sent.one}.0", list_id=sent.list_id, **more),
        dsn(f"{sent.one}.0.{own}", list_id=sent.list_id, **more),
        dsn(f"{sent.one}.0.{'0' * 20}", list_id=sent.list_id, **more),
        dsn(f"{sent.one}.0.{sent.message(0).rpartition('.')[2][:19]}", list_id=sent.list_id, **more),
    )
    told = box.sync()
    assert (told["stored"], told["returned"], told["arrived"], told["changed"]) == (0, 0, 0, {})
    assert sum(told["unread"].values()) == 4
    assert told["unread"]["unproved"] >= 3
    assert sent.events() == []
    assert all(one.startswith("new/") for one in box.files())


def test_a_guessed_report_does_not_make_a_lost_recipient_served(desk, database, on_database, fake, run, box):
    del on_database
    world = World(desk, database, fake)
    one = world.sent("reset-accepted")
    list_id = world.find(one).approval.list_id
    for action in ("relayed", "delivered", "delayed", "failed"):
        box.put(dsn(f"{one}.2", "", list_id=list_id, action=action, status="2.0.0"))
    ran = run("sync", "--maildir", box.folder)
    assert world.reached(one) == ["unknown"] * 4
    assert "4 returns that are not proved" in ran.out
    assert "Complete" not in run("status", "1").out


def test_a_readers_own_copy_speaks_of_that_reader_alone(sent, box):
    box.put(dsn(sent.message(3), "", list_id=sent.list_id, sender="lecteur3@ville.test"))
    assert box.sync()["changed"] == {"bounced": 1}
    assert [sent.state(number) for number in range(4)] == [SUBSCRIBED, SUBSCRIBED, SUBSCRIBED, BOUNCED]


def test_a_report_that_comes_after_the_keys_were_rotated_counts(sent, box, run):
    name = sent.message(0)
    assert run("keys", "rotate").code == 0
    box.put(dsn(name.upper(), "lecteur0@ville.test", list_id=sent.list_id))
    assert box.sync()["changed"] == {"bounced": 1}


def test_a_letter_that_was_passed_on_did_not_come_back(sent, box, run):
    box.put(dsn(sent.message(0), "lecteur0@ville.test", list_id=sent.list_id, action="relayed", status="2.0.0"))
    ran = run("sync", "--maildir", box.folder)
    assert "1 report that a letter arrived" in ran.out
    assert "returned" not in ran.out


def test_what_stays_unread_never_stands_in_the_way_of_what_comes_after_it(sent, box, monkeypatch):
    monkeypatch.setattr(maildir, "_SLICE_SIZE", 7)
    box.put(*[b"From: spam@example.org\nSubject: offer\n\n"] * 450)
    box.put(leave("lecteur0@ville.test", list_id=sent.list_id))
    (box.folder / "cur" / "00003.mail").write_bytes(b"Subject: of the same name\n\n")
    told = box.sync()
    assert (told["leavers"], told["unread"]) == (1, {"other": 451})
    assert sent.state(0) is UNSUBSCRIBED
    assert box.sync()["unread"] == {"other": 451}


def test_a_flood_larger_than_one_slice_is_read_to_its_end(sent, box):
    for number in range(5001):
        (box.folder / "new" / f"{number:06}.spam").write_bytes(b"Subject: offer\n\n")
    (box.folder / "new" / "9.last").write_bytes(leave("lecteur0@ville.test", list_id=sent.list_id))
    assert box.sync()["leavers"] == 1


def test_who_is_killed_in_the_middle_begins_again_and_counts_nothing_twice(sent, box, run, monkeypatch):
    box.put(*(leave(f"lecteur{number}@ville.test", list_id=sent.list_id) for number in range(3)))
    put_away, done = maildir.Maildir.mark_seen, []

    def dies(self, mail):
        if done:
            raise KeyboardInterrupt
        done.append(mail)
        put_away(self, mail)

    with monkeypatch.context() as patch:
        patch.setattr(maildir.Maildir, "mark_seen", dies)
        assert run("sync", "--maildir", box.folder).code != 0
    told = box.sync()
    assert (told["leavers"], told["stored"], told["known"]) == (2, 0, 2)
    assert len(sent.events()) == 3
    assert [sent.state(number) for number in range(3)] == [UNSUBSCRIBED] * 3


def test_a_letter_that_came_back_settles_what_was_unknown(desk, database, on_database, fake, run, box):
    assert on_database
    world = World(desk, database, fake)
    one = world.sent("reset-accepted")
    box.put(dsn(world.message(2, one), "lecteur2@ville.test", list_id=world.find(one).approval.list_id))
    ran = run("sync", "--maildir", box.folder)
    assert world.reached(one) == ["unknown", "unknown", "accepted", "unknown"]
    assert f"Dispatch {one}: 1 recipient" in ran.out
    assert world.record()["dispatches"][0]["counts"]["accepted"] == 1


def test_who_writes_that_they_leave_has_left(sent, box):
    box.put(leave("Lecteur <LECTEUR0@ville.test>", list_id=sent.list_id))
    told = box.sync()
    assert (told["leavers"], told["changed"]) == (1, {"unsubscribed": 1})
    assert sent.history(0)[-1][:2] == ("unsubscribed", "maildir")


def test_a_departure_by_mail_counts_in_the_report_of_the_letter_before_it(sent, box, run):
    box.put(leave("lecteur0@ville.test", list_id=sent.list_id))
    box.sync()
    told = json.loads(run("report", "1", "--format", "json").out)
    assert told["report"]["outcome"]["unsubscribes"] == 1
    (shown,) = [line for line in run("subscribers", "show", "lecteur0@ville.test").out.splitlines() if "mail" in line]
    assert "by mail" in shown
    assert "came back" not in shown  # the person wrote: nothing came back


def test_a_departure_before_any_letter_is_put_down_to_none(sent, box):
    old = format_datetime(datetime.now(UTC) - HOUR)
    box.put(leave("lecteur0@ville.test", list_id=sent.list_id, date=old))
    box.sync()
    assert [one["dispatch_id"] for one in sent.events()] == [None]


def test_a_wish_to_leave_is_no_proof_of_having_the_letter(desk, database, on_database, fake, box):
    """It may be about an earlier one: which letter it is put down to is our guess."""
    del on_database
    world = World(desk, database, fake)
    one = world.sent("reset-accepted")
    assert world.reached(one) == ["unknown"] * 4
    box.put(leave("lecteur0@ville.test", list_id=world.find(one).approval.list_id))
    box.sync()
    box.sync()
    assert world.state(0) is UNSUBSCRIBED
    assert world.reached(one) == ["unknown"] * 4


def test_a_button_of_a_mail_provider_writes_so_too(sent, box):
    box.put(leave("lecteur0@ville.test", list_id=sent.list_id, Auto_Submitted="auto-generated"))
    assert box.sync()["leavers"] == 1


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
def test_a_wish_whose_sender_is_in_doubt_is_left_for_a_person(sent, box, more):
    headers = {name: value for name, value in more.items() if name != "sender"}
    box.put(leave(more.get("sender", "lecteur0@ville.test"), list_id=sent.list_id, **headers))
    assert box.sync()["unread"] == {"doubtful": 1}
    assert sent.state(0) is SUBSCRIBED


def test_two_froms_are_one_too_many(sent, box):
    raw = leave("lecteur0@ville.test", list_id=sent.list_id)
    box.put(b"From: lecteur1@ville.test\n" + raw)
    assert box.sync()["unread"] == {"doubtful": 1}


def test_other_mails_stay_where_they_are_and_are_told_of(sent, box, run):
    box.put(
        leave("lecteur0@ville.test", subject="Merci de me désinscrire"),
        leave("lecteur0@ville.test", subject="Re: La lettre", Auto_Submitted="auto-replied (vacation)"),
        leave("stranger@example.org", list_id=sent.list_id),
        leave("lecteur0@ville.test", subject="unsubscribe other.example.org"),
    )
    ran = run("sync", "--maildir", box.folder)
    assert "4 mails are left for a person to read:" in ran.out
    assert "@" not in ran.out.replace(str(box.folder), "")
    assert len([one for one in box.files() if one.startswith("new/")]) == 4
    assert box.sync()["unread"] == {"automatic": 1, "other": 2, "stranger": 1}


def test_who_signed_up_since_stays(sent, box):
    old = format_datetime(datetime.now(UTC) - HOUR)
    box.put(leave("lecteur0@ville.test", list_id=sent.list_id, date=old))
    sent.signs_up(0, datetime.now(UTC))
    assert box.sync()["leavers"] == 1
    assert sent.state(0) is SUBSCRIBED


def test_a_clock_that_is_behind_loses_no_wish_to_leave(sent, box):
    sent.signs_up(0, datetime.now(UTC) - HOUR)
    received = f"from a by b; {format_datetime(datetime.now(UTC))}"
    box.put(
        leave("lecteur0@ville.test", list_id=sent.list_id, date="Tue, 1 Jan 2019 10:00:00 +0000", Received=received)
    )
    box.sync()
    assert sent.state(0) is UNSUBSCRIBED


def test_what_a_mail_program_has_moved_and_nobody_read_is_read(sent, box):
    raw = leave("lecteur0@ville.test", list_id=sent.list_id)
    (box.folder / "cur" / "1.a:2,").write_bytes(raw)
    (box.folder / "cur" / "2.b:2,RS").write_bytes(leave("lecteur1@ville.test", list_id=sent.list_id))
    (box.folder / "new" / "link").symlink_to(box.folder / "cur" / "2.b:2,RS")
    assert box.sync()["leavers"] == 1
    assert (sent.state(0), sent.state(1)) == (UNSUBSCRIBED, SUBSCRIBED)
    assert "cur/1.a:2,S" in box.files()


def test_what_is_no_maildir_is_told_so(sent, run, tmp_path):
    assert sent
    ran = run("sync", "--maildir", tmp_path)
    assert ran.code == 2
    assert "no Maildir" in ran.err


def test_large_and_deep_mails_are_bounded(sent, box):
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(5000))
    report = dsn(sent.message(0), "lecteur0@ville.test", list_id=sent.list_id)
    box.put(b"From: a@b.test\n" + deep, b"\0" * 2_000_000, b"", report + b"x" * 20_000_000)
    told = box.sync()
    assert (told["returned"], told["unread"]) == (1, {"other": 3})
    assert sent.state(0) is BOUNCED


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
def by_postfix(desk, database, on_database, fake, postfix, monkeypatch):
    """Letters leave through a real mail server, which can write to their sender."""
    assert on_database
    monkeypatch.setenv("PVD_SMTP_URL", f"smtp://{postfix.host}:{postfix.port}")
    publication = desk.own / "publication.yaml"
    text = publication.read_text("utf-8").replace("la-lettre@lettre.example.org", f"la-lettre@{DOMAIN}")
    publication.write_text(text, "utf-8")
    return World(desk, database, fake)


def send(world, run, *addresses):
    world.join(*(person(one) for one in addresses))
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
    by_postfix, run, box, postfix
):
    one = send(by_postfix, run, f"{LATE}1@{DOMAIN}")
    assert by_postfix.reached(one)[-1] == "accepted"
    assert by_postfix.all_states()[f"{LATE}1@{DOMAIN}"] is SUBSCRIBED
    box.put(*(raw for raw in postfix.delivered(1, one.encode()) if b"delivery-status" in raw))
    told = box.sync()
    assert (told["returned"], told["changed"]) == (1, {"bounced": 1})
    assert by_postfix.all_states()[f"{LATE}1@{DOMAIN}"] is BOUNCED
    row = next(row for row in by_postfix.events() if row["source"] == "maildir")
    assert (row["dispatch_id"], row["status"], row["domain"]) == (one, "5.1.1", DOMAIN)
    assert "@" not in row["reason"]
