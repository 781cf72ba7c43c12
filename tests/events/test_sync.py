"""`sync`: SendGrid's lists, without a public address."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.send.channels.sendgrid.suppressions import SuppressionLists, SuppressionListsError
from tests.events.world import Feedback

BOUNCED, SUBSCRIBED = SubscriberState.BOUNCED, SubscriberState.SUBSCRIBED


@pytest.fixture
def synced_letter(issue_workspace, database, on_database, fake_sendgrid, monkeypatch, run):
    """A letter that was sent, and the command on its database."""
    del on_database, run
    monkeypatch.setenv("SENDGRID_API_KEY", fake_sendgrid.key)
    monkeypatch.setenv("PVD_SENDGRID_URL", fake_sendgrid.url)
    return Feedback(issue_workspace, database, fake_sendgrid)


def test_the_lists_say_who_is_written_to_no_more(synced_letter, fake_sendgrid, run):
    one = synced_letter.sent()
    fake_sendgrid.suppress(
        "bounces", "lecteur0@ville.test", reason="550 5.1.1 lecteur0@ville.test unknown", status="5.1.1"
    )
    fake_sendgrid.suppress("spam_reports", "lecteur1@ville.test", ip="192.0.2.1")
    fake_sendgrid.suppress("unsubscribes", "LECTEUR2@ville.test")
    fake_sendgrid.suppress("blocks", "lecteur3@ville.test", reason="550 5.7.1 policy", status="5.7.1")
    fake_sendgrid.suppress("invalid_emails", "somebody-else@example.org", reason="Mail domain mentioned is unknown")
    ran = run("sync")
    assert (ran.code, ran.err) == (0, "")
    assert "5 entries" in ran.out
    assert "3 people are written to no more:" in ran.out
    assert "@" not in ran.out
    assert [str(synced_letter.state(number)) for number in range(4)] == [
        "bounced", "complained", "unsubscribed", "subscribed",
    ]  # fmt: skip
    rows = {row["kind"]: row for row in synced_letter.events()}
    assert rows["bounced"]["dispatch_id"] == one  # the last letter before it
    assert rows["bounced"]["reason"] == "550 5.1.1 … unknown"
    assert rows["unsubscribed"]["dispatch_id"] == one  # by which they left
    again = json.loads(run("sync", "--all", "--format", "json").out)
    assert (again["stored"], again["known"], again["about_nobody"]) == (0, 4, 1)
    assert again["changed"] == {}


def test_what_is_no_entry_is_not_counted_as_one(synced_letter, fake_sendgrid, run):
    fake_sendgrid.suppress("bounces", "lecteur0@ville.test", reason="550 5.1.1", status="5.1.1")
    for odd in ("", "no address", "a b@c"):
        fake_sendgrid.suppress("bounces", odd)
    assert synced_letter
    ran = run("sync")
    assert "4 entries" in ran.out
    assert "1  address that does not exist" in ran.out
    assert "3 were not understood." in ran.out
    assert json.loads(run("sync", "--all", "--format", "json").out)["entries"]["bounces"] == 1


def test_of_a_forgotten_person_no_hash_stays_in_what_the_lists_told(synced_letter, fake_sendgrid, run):
    synced_letter.sent()
    fake_sendgrid.suppress("bounces", "lecteur0@ville.test", reason="550 5.1.1", status="5.1.1")
    fake_sendgrid.suppress("unsubscribes", "lecteur0@ville.test")
    run("sync")
    run("subscribers", "forget", "lecteur0@ville.test", "--yes")
    trace = synced_letter.office.keys.trace("lecteur0@ville.test")
    assert len(synced_letter.events()) == 2
    assert [row["key"] for row in synced_letter.events() if trace in row["key"]] == []
    assert json.loads(run("sync", "--all", "--format", "json").out)["about_nobody"] == 2


def test_a_bounce_that_the_webhook_told_is_not_counted_twice(synced_letter, fake_sendgrid, run):
    one = synced_letter.sent()
    synced_letter.take(synced_letter.told("bounce", f"{one}.0"))
    fake_sendgrid.suppress(
        "bounces", "lecteur0@ville.test", created=int(time.time()) - 1, reason="550 5.1.1", status="5.1.1"
    )
    assert json.loads(run("sync", "--format", "json").out)["stored"] == 0
    assert len(synced_letter.events()) == 1


def test_only_what_is_new_is_asked_for_and_a_new_account_from_the_beginning(
    synced_letter, fake_sendgrid, run, monkeypatch
):
    assert synced_letter
    run("sync")
    assert all("start_time=0&" in path + "&" for path in fake_sendgrid.asked)
    fake_sendgrid.asked.clear()
    run("sync")
    start = int(time.time() - timedelta(days=2).total_seconds())
    starts = {int(path.rpartition("start_time=")[2]) for path in fake_sendgrid.asked}
    assert all(abs(one - start) < 60 for one in starts)
    fake_sendgrid.asked.clear()
    fake_sendgrid.key = "SG.another.key"
    monkeypatch.setenv("SENDGRID_API_KEY", fake_sendgrid.key)
    assert json.loads(run("sync", "--format", "json").out)["since"] is None


def test_an_old_bounce_does_not_undo_a_new_sign_up(synced_letter, fake_sendgrid, run):
    synced_letter.sent()
    fake_sendgrid.suppress("bounces", "lecteur0@ville.test", created=int(time.time()) - 3600, reason="550 5.1.1")
    synced_letter.signs_up(0, datetime.now(UTC))
    run("sync")
    assert synced_letter.state(0) is SUBSCRIBED


def test_long_lists_are_read_page_by_page(synced_letter, fake_sendgrid, run):
    fake_sendgrid.suppress(
        "bounces", *(f"somebody{number}@example.org" for number in range(1200)), "lecteur3@ville.test"
    )
    told = json.loads(run("sync", "--format", "json").out)
    assert told["entries"]["bounces"] == 1201
    assert sum("/bounces?" in path for path in fake_sendgrid.asked) == 3
    assert synced_letter.state(3) is BOUNCED


@pytest.mark.parametrize("fault", ["429:0", "500", "503", "reset-before", "reset-after", "garbage"])
def test_a_fault_is_waited_out(fake_sendgrid, fault):
    waits = []
    fake_sendgrid.suppress("bounces", "a@example.org")
    fake_sendgrid.play(fault)
    with SuppressionLists(fake_sendgrid.key, fake_sendgrid.url, "here", read_timeout=0.5, sleep=waits.append) as lists:
        (page,) = lists.pages("bounces", 0, 2**33)
    assert [one["email"] for one in page] == ["a@example.org"]
    assert len(waits) == 1


def test_what_does_not_end_is_told(fake_sendgrid):
    fake_sendgrid.play(*["503"] * 5)
    with (
        SuppressionLists(fake_sendgrid.key, fake_sendgrid.url, "here", sleep=lambda _seconds: None) as lists,
        pytest.raises(SuppressionListsError, match="HTTP 503"),
    ):
        list(lists.pages("bounces", 0, 2**33))


def test_what_was_read_before_a_fault_stays_and_the_next_time_begins_where_it_did(synced_letter, fake_sendgrid, run):
    synced_letter.sent()
    fake_sendgrid.suppress("bounces", "lecteur0@ville.test", reason="550 5.1.1", status="5.1.1")
    fake_sendgrid.play(None, "302")
    ran = run("sync")
    assert (ran.code, ran.out) == (3, "")
    assert "HTTP 302" in ran.err
    assert synced_letter.state(0) is BOUNCED
    fake_sendgrid.asked.clear()
    assert run("sync").code == 0
    assert all(path.endswith("start_time=0") for path in fake_sendgrid.asked)


def test_a_key_that_may_not_read_the_lists_is_told_so(synced_letter, fake_sendgrid, run):
    assert synced_letter
    fake_sendgrid.may_read = False
    ran = run("sync")
    assert ran.code == 2
    assert "Suppressions: Read Access" in ran.err
    assert fake_sendgrid.key not in ran.err


def test_without_a_key_it_says_what_to_do(issue_workspace, run):
    assert issue_workspace
    ran = run("sync")
    assert ran.code == 2
    assert "SENDGRID_API_KEY" in ran.err


def test_french(synced_letter, fake_sendgrid, run, french):
    del french
    synced_letter.sent()
    fake_sendgrid.suppress("bounces", "lecteur0@ville.test", reason="550 5.1.1", status="5.1.1")
    ran = run("sync")
    assert "1 personne ne reçoit plus la lettre" in ran.out
