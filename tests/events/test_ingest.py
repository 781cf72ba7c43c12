"""What follows from events: calls and recipients settled, people written to no more, and nothing twice."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pvd_mailer.database import schema
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.journal import count_recipients
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers.bounces import SUPPRESSION_ORDER
from pvd_mailer.subscribers.privacy import build_access_report
from pvd_mailer.subscribers.state_changes import STATES_BEFORE
from tests.events.world import undone

EXAMPLES = 100 * int(os.environ.get("PVD_FUZZ", "1"))
SUBSCRIBED, BOUNCED = SubscriberState.SUBSCRIBED, SubscriberState.BOUNCED
UNSUBSCRIBED, COMPLAINED = SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED


# settlement


def test_one_event_of_a_call_without_an_answer_settles_the_whole_call(feedback):
    one = feedback.sent("reset-accepted")
    assert feedback.reached(one) == ["unknown"] * 4
    taken = feedback.take(feedback.of(feedback.fake.accepted[2], "processed"))
    assert taken.reconciled == {one: 4}
    assert feedback.reached(one) == ["accepted"] * 4
    assert feedback.account(one).is_complete
    assert not feedback.account(one).reasons


def test_an_event_without_our_call_settles_its_recipient_alone(feedback):
    one = feedback.sent("reset-accepted")
    feedback.take(feedback.told("delivered", f"{one}.1"))
    assert feedback.reached(one) == ["unknown", "accepted", "unknown", "unknown"]


def test_an_event_of_another_call_settles_nobody_else(feedback):
    one = feedback.sent("reset-accepted")
    feedback.take(feedback.of(feedback.fake.accepted[0], "processed", pvd_call="a" * 24))
    assert feedback.reached(one) == ["accepted", "unknown", "unknown", "unknown"]


def test_a_reference_of_a_test_settles_nothing(feedback):
    one = feedback.sent("reset-accepted")
    call = feedback.fake.accepted[0].call
    taken = feedback.take(feedback.told("processed", f"test-{call}.0", pvd_call=call, email="lecteur0@ville.test"))
    assert feedback.reached(one) == ["unknown"] * 4
    assert (taken.stored, feedback.events()[0]["dispatch_id"]) == (1, None)


def test_who_was_put_back_to_pending_and_has_the_letter_is_not_sent_it_again(feedback):
    one = feedback.sent("reset-accepted")
    feedback.resend(one)
    assert feedback.reached(one) == ["pending"] * 4
    feedback.take(feedback.of(feedback.fake.accepted[1], "delivered"))
    assert feedback.reached(one) == ["pending", "accepted", "pending", "pending"]
    feedback.send(one, feedback.channel())
    assert feedback.reached(one) == ["accepted"] * 4
    again = [message.ref for message in feedback.fake.accepted[4:]]
    assert again == [f"{one}.0", f"{one}.2", f"{one}.3"]


def test_a_dispatch_of_which_nobody_is_left_is_finished(feedback):
    one = feedback.sent("reset-accepted")
    feedback.resend(one)
    feedback.take(*(feedback.of(message, "delivered") for message in feedback.fake.accepted))
    assert feedback.find(one).state == "finished"
    assert feedback.account(one).is_complete
    feedback.send(one, feedback.channel())
    assert len(feedback.fake.accepted) == 4


def test_what_is_in_flight_is_left_to_its_sender_and_settled_once_it_is_known_to_be_lost(feedback):
    one = feedback.sent("reset-accepted")
    feedback.resend(one)
    with feedback.database.write() as connection:  # a sender has claimed it, and is killed
        connection.execute(
            schema.batches.update()
            .where(schema.batches.c.state == "pending")
            .values(state="sending", call_id="b" * 24, claimed_at=datetime.now(UTC))
        )
    feedback.take(feedback.of(feedback.fake.accepted[1], "delivered"))
    assert feedback.reached(one) == ["sending"] * 4
    feedback.send(one, feedback.channel())
    assert feedback.reached(one) == ["unknown", "accepted", "unknown", "unknown"]


def test_an_event_that_comes_before_its_call_is_lost_settles_it_when_it_is(feedback):
    one = feedback.approve(feedback.channel())
    feedback.fake.play("stall-accepted:8")
    seen = []

    def tell(_run):
        if feedback.fake.accepted and not seen:
            seen.append(feedback.take(feedback.of(feedback.fake.accepted[0], "processed")))

    feedback.send(
        one, feedback.channel(read_timeout=4.0), watch=tell
    )  # long enough for a busy machine to look in between
    assert seen
    assert not seen[0].reconciled
    assert feedback.reached(one) == ["accepted"] * 4


# people


@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [
        ("bounce", {}, BOUNCED),
        ("bounce", {"type": None, "status": "5.1.1"}, BOUNCED),
        ("bounce", {"type": "blocked"}, SUBSCRIBED),
        ("bounce", {"type": None, "status": "5.2.2", "reason": "full"}, SUBSCRIBED),
        ("spamreport", {}, COMPLAINED),
        ("unsubscribe", {}, UNSUBSCRIBED),
        ("group_unsubscribe", {"asm_group_id": 7}, UNSUBSCRIBED),
        ("group_resubscribe", {}, SUBSCRIBED),
        ("dropped", {"reason": "Bounced Address"}, BOUNCED),
        ("dropped", {"reason": "Invalid"}, BOUNCED),
        ("dropped", {"reason": "Spam Reporting Address"}, COMPLAINED),
        ("dropped", {"reason": "Unsubscribed Address"}, UNSUBSCRIBED),
        ("dropped", {"reason": "Invalid SMTPAPI header"}, SUBSCRIBED),
        ("dropped", {"reason": "Spam Content"}, SUBSCRIBED),
        ("deferred", {}, SUBSCRIBED),
        ("delivered", {}, SUBSCRIBED),
    ],
)
def test_who_is_written_to_no_more(feedback, kind, more, state):
    one = feedback.sent()
    feedback.take(feedback.told(kind, f"{one}.0", **more), feedback.told(kind, "Lecteur1@Ville.test", **more))
    assert [feedback.state(number) for number in range(4)] == [state, state, SUBSCRIBED, SUBSCRIBED]


def test_the_gravest_counts_and_each_leaves_a_line(feedback):
    one = feedback.sent()
    for kind in ("unsubscribe", "bounce", "spamreport", "unsubscribe"):
        feedback.take(feedback.told(kind, f"{one}.0"))
    assert feedback.state(0) is COMPLAINED
    assert [line[:2] for line in feedback.history(0)[1:]] == [("unsubscribed", "sendgrid"), ("complained", "sendgrid")]


def test_one_ladder_whoever_moves_somebody():
    for state, before in STATES_BEFORE.items():
        assert set(before) == set(SUPPRESSION_ORDER[: SUPPRESSION_ORDER.index(state)])


def test_the_reason_names_nobody(feedback):
    one = feedback.sent()
    words = "550 5.1.1 <lecteur0@ville.test>: dear Lecteur, lecteur0 is unknown\0\ud800"
    feedback.take(feedback.told("bounce", f"{one}.0", reason=words))
    (row,) = feedback.events()
    assert row["reason"] == "550 5.1.1 <…>: dear …, … is unknown"
    assert (row["domain"], row["status"], row["position"]) == ("ville.test", "5.1.1", 0)
    assert "lecteur" not in repr(feedback.history(0)).casefold().replace("test", "")


def test_our_reference_is_believed_before_the_address(feedback):
    one = feedback.sent()
    feedback.take(feedback.told("bounce", f"{one}.0", email="lecteur1@ville.test"))
    assert (feedback.state(0), feedback.state(1)) == (BOUNCED, SUBSCRIBED)


def test_nobody_that_we_know_is_not_kept(feedback):
    feedback.sent()
    taken = feedback.take(feedback.told("bounce", "stranger@example.org"), feedback.told("bounce", "999-abcdef.0"))
    assert (taken.stored, taken.unmatched, feedback.events()) == (0, 2, [])


def test_an_event_is_kept_once_whatever_it_is_called(feedback):
    one = feedback.sent()
    said = feedback.told("bounce", f"{one}.0")
    assert feedback.take(said, said | {"sg_event_id": "other"}).stored == 1
    taken = feedback.take(said | {"sg_event_id": "another"})
    assert (taken.stored, taken.duplicates, len(feedback.events())) == (0, 1, 1)


def test_what_happened_before_a_new_sign_up_counts_no_more(feedback):
    one = feedback.sent()
    now = datetime.now(UTC).replace(microsecond=500_000)
    old = int((now - timedelta(hours=1)).timestamp())
    feedback.take(feedback.told("bounce", f"{one}.0", timestamp=old))
    feedback.signs_up(0, now)
    feedback.take(feedback.told("bounce", f"{one}.0", timestamp=old))  # a replay
    feedback.take(feedback.told("bounce", "lecteur0@ville.test", timestamp=old))  # the same, told otherwise
    feedback.take(feedback.told("spamreport", f"{one}.0", timestamp=old - 60))  # late
    assert feedback.state(0) is SUBSCRIBED
    # Events have whole seconds: one of the sign-up's own second may have come before it, one of the next has not.
    second = int(now.timestamp())
    later = now + timedelta(minutes=5)
    feedback.take(feedback.told("spamreport", f"{one}.0", timestamp=second), now=later)
    assert feedback.state(0) is SUBSCRIBED
    feedback.take(feedback.told("spamreport", f"{one}.0", timestamp=second + 1), now=later)
    assert feedback.state(0) is COMPLAINED


def test_a_moment_still_to_come_is_now(feedback):
    one = feedback.sent()
    now = datetime.now(UTC)
    feedback.take(feedback.told("bounce", f"{one}.0", timestamp=2**31), now=now)
    assert feedback.events()[0]["at"] <= now
    feedback.signs_up(0, now + timedelta(seconds=1))
    feedback.take(feedback.told("bounce", f"{one}.0", timestamp=2**31), now=now + timedelta(minutes=1))
    assert feedback.state(0) is SUBSCRIBED


# soft bounces


def blocked(feedback, *numbers, position=0):
    return [feedback.told("blocked", f"{number:03}-{number:06x}.{position}") for number in numbers]


@pytest.fixture
def monthly_issues(feedback):
    """Issue 1 by the line, and 2 to 6 after it."""
    feedback.sent()
    for number in range(2, 7):
        feedback.another(number)
    return feedback


def test_so_many_issues_in_a_row_that_did_not_arrive_and_nothing_more_is_sent(monthly_issues):
    monthly_issues.take(*blocked(monthly_issues, 4, 5))
    assert monthly_issues.state(0) is SUBSCRIBED
    monthly_issues.take(*blocked(monthly_issues, 6), *blocked(monthly_issues, 4, 5, 6, position=1))
    assert [monthly_issues.state(number) for number in range(3)] == [BOUNCED, BOUNCED, SUBSCRIBED]
    assert monthly_issues.history(0)[-1] == ("bounced", "soft-bounces", "3")


def test_three_times_in_one_issue_is_one(monthly_issues):
    monthly_issues.take(*blocked(monthly_issues, 6), monthly_issues.told("blocked", "006-000006.0", pvd_call="c" * 24))
    monthly_issues.take(monthly_issues.told("dropped", "006-000006.0", reason="Spam Content"))
    assert monthly_issues.state(0) is SUBSCRIBED


def test_an_issue_that_arrived_begins_the_count_anew(monthly_issues):
    monthly_issues.take(*blocked(monthly_issues, 3, 4, 6))  # of 5 nothing bad was told
    assert monthly_issues.state(0) is SUBSCRIBED


def test_a_delivery_that_is_told_late_takes_the_count_back_and_nothing_else(monthly_issues):
    monthly_issues.take(*blocked(monthly_issues, 4, 5, 6), *blocked(monthly_issues, 4, 5, 6, position=1))
    monthly_issues.take(monthly_issues.told("bounce", "006-000006.1"))
    assert (monthly_issues.state(0), monthly_issues.state(1)) == (BOUNCED, BOUNCED)
    monthly_issues.take(
        monthly_issues.told("delivered", "005-000005.0"), monthly_issues.told("delivered", "005-000005.1")
    )
    assert (monthly_issues.state(0), monthly_issues.state(1)) == (SUBSCRIBED, BOUNCED)


# people's rights


def test_a_forgotten_person_stays_forgotten_and_the_row_counts(feedback):
    one = feedback.sent()
    feedback.take(
        feedback.told("bounce", f"{one}.0"),
        feedback.told("unsubscribe", "lecteur0@ville.test"),
        feedback.told("bounce", f"{one}.1"),
    )
    with feedback.database.read() as connection:
        report = build_access_report(connection, "lecteur0@ville.test", feedback.office.keys)
    assert [line["kind"] for line in report["events"]] == ["bounced", "unsubscribed"]
    erase_person(feedback.database, "lecteur0@ville.test", feedback.office.keys, datetime.now(UTC))
    rows = feedback.events()
    assert [row["kind"] for row in rows] == ["bounced", "bounced", "unsubscribed"] or len(rows) == 3
    gone = [row for row in rows if row["position"] != 1]
    assert {(row["subscriber_ref"], row["domain"], row["reason"]) for row in gone} == {(None, "", "")}
    assert all(feedback.office.keys.trace("lecteur0@ville.test") not in row["key"] for row in rows)
    taken = feedback.take(feedback.told("delivered", f"{one}.0"), feedback.told("unsubscribe", "lecteur0@ville.test"))
    assert (taken.stored, taken.unmatched) == (1, 1)
    assert feedback.events()[-1]["subscriber_ref"] is None
    assert "lecteur0@ville.test" not in feedback.all_states()


# any order


def _events(feedback):
    """Events of all kinds on two people and three issues, each at its own moment."""
    now = int(datetime.now(UTC).timestamp())
    kinds = ("processed", "delivered", "blocked", "bounce", "deferred", "spamreport", "unsubscribe")
    said = [
        feedback.told(kind, f"{number:03}-{number:06x}.{position}", timestamp=now - 100 * number - index)
        for number in range(3, 7)
        for position in (0, 1)
        for index, kind in enumerate(kinds)
    ]
    drops = ("Bounced Address", "Unsubscribed Address", "Spam Content")
    said += [
        feedback.told("dropped", "006-000006.1", timestamp=now - index, reason=one) for index, one in enumerate(drops)
    ]
    said += [feedback.told(kind, "lecteur0@ville.test", timestamp=now - 50) for kind in ("bounce", "group_resubscribe")]
    return said


def test_the_same_events_in_any_order_however_often_leave_the_same_state(monthly_issues):
    """In any order, cut into calls anywhere, told twice under new names: the same people, the same rows."""
    with monthly_issues.database.write() as connection:
        connection.execute(
            schema.batches.insert(),
            {"dispatch_id": "006-000006", "state": "pending", "call_id": None},
        )
    pool = _events(monthly_issues)
    now = datetime.now(UTC) + timedelta(seconds=1)
    soft = [number for number, one in enumerate(pool) if one["event"] == "bounce" and one.get("type") == "blocked"]

    def outcome(calls):
        with undone(monthly_issues.database) as database:
            for call in calls:
                monthly_issues.take(*call, now=now, database=database)
            with database.read() as connection:
                columns = [one for one in schema.events.c if one.name != "id"]
                rows = sorted(map(repr, connection.execute(select(*columns)).all()))
                accounts = [count_recipients(connection, f"{number:03}-{number:06x}").states for number in range(2, 7)]
            return monthly_issues.all_states(database), rows, accounts

    @settings(max_examples=EXAMPLES)
    @given(st.data())
    def check(data):
        chosen = data.draw(st.lists(st.sampled_from(range(len(pool))), max_size=12, unique=True))
        if data.draw(st.booleans()):
            chosen = list(dict.fromkeys([*chosen, *soft[:6]]))
        plain = outcome([[pool[number] for number in sorted(chosen)]])
        shuffled = data.draw(st.permutations(chosen + chosen[: data.draw(st.integers(0, 4))]))
        renamed = [pool[number] | {"sg_event_id": f"{index}"} for index, number in enumerate(shuffled)]
        size = data.draw(st.integers(1, max(len(renamed), 1)))
        calls = [renamed[start : start + size] for start in range(0, len(renamed), size)]
        assert outcome(calls) == plain

    check()
