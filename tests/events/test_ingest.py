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
from pvd_mailer.subscribers.bounces import SUPPRESSION_ORDER
from pvd_mailer.subscribers.mutations import _STATES_BEFORE
from pvd_mailer.subscribers.privacy import build_access_report, erase_person
from tests.events.world import undone

EXAMPLES = 100 * int(os.environ.get("PVD_FUZZ", "1"))
SUBSCRIBED, BOUNCED = SubscriberState.SUBSCRIBED, SubscriberState.BOUNCED
UNSUBSCRIBED, COMPLAINED = SubscriberState.UNSUBSCRIBED, SubscriberState.COMPLAINED


# settlement


def test_one_event_of_a_call_without_an_answer_settles_the_whole_call(world):
    one = world.sent("reset-accepted")
    assert world.reached(one) == ["unknown"] * 4
    taken = world.take(world.of(world.fake.accepted[2], "processed"))
    assert taken.reconciled == {one: 4}
    assert world.reached(one) == ["accepted"] * 4
    assert world.account(one).is_complete
    assert not world.account(one).reasons


def test_an_event_without_our_call_settles_its_recipient_alone(world):
    one = world.sent("reset-accepted")
    world.take(world.told("delivered", f"{one}.1"))
    assert world.reached(one) == ["unknown", "accepted", "unknown", "unknown"]


def test_an_event_of_another_call_settles_nobody_else(world):
    one = world.sent("reset-accepted")
    world.take(world.of(world.fake.accepted[0], "processed", pvd_call="a" * 24))
    assert world.reached(one) == ["accepted", "unknown", "unknown", "unknown"]


def test_a_reference_of_a_test_settles_nothing(world):
    one = world.sent("reset-accepted")
    call = world.fake.accepted[0].call
    taken = world.take(world.told("processed", f"test-{call}.0", pvd_call=call, email="lecteur0@ville.test"))
    assert world.reached(one) == ["unknown"] * 4
    assert (taken.stored, world.events()[0]["dispatch_id"]) == (1, None)


def test_who_was_put_back_to_pending_and_has_the_letter_is_not_sent_it_again(world):
    one = world.sent("reset-accepted")
    world.resend(one)
    assert world.reached(one) == ["pending"] * 4
    world.take(world.of(world.fake.accepted[1], "delivered"))
    assert world.reached(one) == ["pending", "accepted", "pending", "pending"]
    world.send(one, world.channel())
    assert world.reached(one) == ["accepted"] * 4
    again = [message.ref for message in world.fake.accepted[4:]]
    assert again == [f"{one}.0", f"{one}.2", f"{one}.3"]


def test_a_dispatch_of_which_nobody_is_left_is_finished(world):
    one = world.sent("reset-accepted")
    world.resend(one)
    world.take(*(world.of(message, "delivered") for message in world.fake.accepted))
    assert world.find(one).state == "finished"
    assert world.account(one).is_complete
    world.send(one, world.channel())
    assert len(world.fake.accepted) == 4


def test_what_is_in_flight_is_left_to_its_sender_and_settled_once_it_is_known_to_be_lost(world):
    one = world.sent("reset-accepted")
    world.resend(one)
    with world.database.write() as connection:  # a sender has claimed it, and is killed
        connection.execute(
            schema.batches.update()
            .where(schema.batches.c.state == "pending")
            .values(state="sending", call_id="b" * 24, claimed_at=datetime.now(UTC))
        )
    world.take(world.of(world.fake.accepted[1], "delivered"))
    assert world.reached(one) == ["sending"] * 4
    world.send(one, world.channel())
    assert world.reached(one) == ["unknown", "accepted", "unknown", "unknown"]


def test_an_event_that_comes_before_its_call_is_lost_settles_it_when_it_is(world):
    one = world.approve(world.channel())
    world.fake.play("stall-accepted:8")
    seen = []

    def tell(_run):
        if world.fake.accepted and not seen:
            seen.append(world.take(world.of(world.fake.accepted[0], "processed")))

    world.send(one, world.channel(read_timeout=4.0), watch=tell)  # long enough for a busy machine to look in between
    assert seen
    assert not seen[0].reconciled
    assert world.reached(one) == ["accepted"] * 4


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
def test_who_is_written_to_no_more(world, kind, more, state):
    one = world.sent()
    world.take(world.told(kind, f"{one}.0", **more), world.told(kind, "Lecteur1@Ville.test", **more))
    assert [world.state(number) for number in range(4)] == [state, state, SUBSCRIBED, SUBSCRIBED]


def test_the_gravest_counts_and_each_leaves_a_line(world):
    one = world.sent()
    for kind in ("unsubscribe", "bounce", "spamreport", "unsubscribe"):
        world.take(world.told(kind, f"{one}.0"))
    assert world.state(0) is COMPLAINED
    assert [line[:2] for line in world.history(0)[1:]] == [("unsubscribed", "sendgrid"), ("complained", "sendgrid")]


def test_one_ladder_whoever_moves_somebody():
    for state, before in _STATES_BEFORE.items():
        assert set(before) == set(SUPPRESSION_ORDER[: SUPPRESSION_ORDER.index(state)])


def test_the_reason_names_nobody(world):
    one = world.sent()
    words = "550 5.1.1 <lecteur0@ville.test>: dear Lecteur, lecteur0 is unknown\0\ud800"
    world.take(world.told("bounce", f"{one}.0", reason=words))
    (row,) = world.events()
    assert row["reason"] == "550 5.1.1 <…>: dear …, … is unknown"
    assert (row["domain"], row["status"], row["position"]) == ("ville.test", "5.1.1", 0)
    assert "lecteur" not in repr(world.history(0)).casefold().replace("test", "")


def test_our_reference_is_believed_before_the_address(world):
    one = world.sent()
    world.take(world.told("bounce", f"{one}.0", email="lecteur1@ville.test"))
    assert (world.state(0), world.state(1)) == (BOUNCED, SUBSCRIBED)


def test_nobody_that_we_know_is_not_kept(world):
    world.sent()
    taken = world.take(world.told("bounce", "stranger@example.org"), world.told("bounce", "999-abcdef.0"))
    assert (taken.stored, taken.unmatched, world.events()) == (0, 2, [])


def test_an_event_is_kept_once_whatever_it_is_called(world):
    one = world.sent()
    said = world.told("bounce", f"{one}.0")
    assert world.take(said, said | {"sg_event_id": "other"}).stored == 1
    taken = world.take(said | {"sg_event_id": "another"})
    assert (taken.stored, taken.duplicates, len(world.events())) == (0, 1, 1)


def test_what_happened_before_a_new_sign_up_counts_no_more(world):
    one = world.sent()
    now = datetime.now(UTC).replace(microsecond=500_000)
    old = int((now - timedelta(hours=1)).timestamp())
    world.take(world.told("bounce", f"{one}.0", timestamp=old))
    world.signs_up(0, now)
    world.take(world.told("bounce", f"{one}.0", timestamp=old))  # a replay
    world.take(world.told("bounce", "lecteur0@ville.test", timestamp=old))  # the same, told otherwise
    world.take(world.told("spamreport", f"{one}.0", timestamp=old - 60))  # late
    assert world.state(0) is SUBSCRIBED
    # Events have whole seconds: one of the sign-up's own second may have come before it, one of the next has not.
    second = int(now.timestamp())
    later = now + timedelta(minutes=5)
    world.take(world.told("spamreport", f"{one}.0", timestamp=second), now=later)
    assert world.state(0) is SUBSCRIBED
    world.take(world.told("spamreport", f"{one}.0", timestamp=second + 1), now=later)
    assert world.state(0) is COMPLAINED


def test_a_moment_still_to_come_is_now(world):
    one = world.sent()
    now = datetime.now(UTC)
    world.take(world.told("bounce", f"{one}.0", timestamp=2**31), now=now)
    assert world.events()[0]["at"] <= now
    world.signs_up(0, now + timedelta(seconds=1))
    world.take(world.told("bounce", f"{one}.0", timestamp=2**31), now=now + timedelta(minutes=1))
    assert world.state(0) is SUBSCRIBED


# soft bounces


def blocked(world, *numbers, position=0):
    return [world.told("blocked", f"{number:03}-{number:06x}.{position}") for number in numbers]


@pytest.fixture
def monthly(world):
    """Issue 1 by the line, and 2 to 6 after it."""
    world.sent()
    for number in range(2, 7):
        world.another(number)
    return world


def test_so_many_issues_in_a_row_that_did_not_arrive_and_nothing_more_is_sent(monthly):
    monthly.take(*blocked(monthly, 4, 5))
    assert monthly.state(0) is SUBSCRIBED
    monthly.take(*blocked(monthly, 6), *blocked(monthly, 4, 5, 6, position=1))
    assert [monthly.state(number) for number in range(3)] == [BOUNCED, BOUNCED, SUBSCRIBED]
    assert monthly.history(0)[-1] == ("bounced", "soft-bounces", "3")


def test_three_times_in_one_issue_is_one(monthly):
    monthly.take(*blocked(monthly, 6), monthly.told("blocked", "006-000006.0", pvd_call="c" * 24))
    monthly.take(monthly.told("dropped", "006-000006.0", reason="Spam Content"))
    assert monthly.state(0) is SUBSCRIBED


def test_an_issue_that_arrived_begins_the_count_anew(monthly):
    monthly.take(*blocked(monthly, 3, 4, 6))  # of 5 nothing bad was told
    assert monthly.state(0) is SUBSCRIBED


def test_a_delivery_that_is_told_late_takes_the_count_back_and_nothing_else(monthly):
    monthly.take(*blocked(monthly, 4, 5, 6), *blocked(monthly, 4, 5, 6, position=1))
    monthly.take(monthly.told("bounce", "006-000006.1"))
    assert (monthly.state(0), monthly.state(1)) == (BOUNCED, BOUNCED)
    monthly.take(monthly.told("delivered", "005-000005.0"), monthly.told("delivered", "005-000005.1"))
    assert (monthly.state(0), monthly.state(1)) == (SUBSCRIBED, BOUNCED)


# people's rights


def test_a_forgotten_person_stays_forgotten_and_the_row_counts(world):
    one = world.sent()
    world.take(
        world.told("bounce", f"{one}.0"),
        world.told("unsubscribe", "lecteur0@ville.test"),
        world.told("bounce", f"{one}.1"),
    )
    with world.database.read() as connection:
        report = build_access_report(connection, "lecteur0@ville.test", world.office.keys)
    assert [line["kind"] for line in report["events"]] == ["bounced", "unsubscribed"]
    erase_person(world.database, "lecteur0@ville.test", world.office.keys, datetime.now(UTC))
    rows = world.events()
    assert [row["kind"] for row in rows] == ["bounced", "bounced", "unsubscribed"] or len(rows) == 3
    gone = [row for row in rows if row["position"] != 1]
    assert {(row["subscriber_ref"], row["domain"], row["reason"]) for row in gone} == {(None, "", "")}
    assert all(world.office.keys.trace("lecteur0@ville.test") not in row["key"] for row in rows)
    taken = world.take(world.told("delivered", f"{one}.0"), world.told("unsubscribe", "lecteur0@ville.test"))
    assert (taken.stored, taken.unmatched) == (1, 1)
    assert world.events()[-1]["subscriber_ref"] is None
    assert "lecteur0@ville.test" not in world.all_states()


# any order


def _events(world):
    """Events of all kinds on two people and three issues, each at its own moment."""
    now = int(datetime.now(UTC).timestamp())
    kinds = ("processed", "delivered", "blocked", "bounce", "deferred", "spamreport", "unsubscribe")
    said = [
        world.told(kind, f"{number:03}-{number:06x}.{position}", timestamp=now - 100 * number - index)
        for number in range(3, 7)
        for position in (0, 1)
        for index, kind in enumerate(kinds)
    ]
    drops = ("Bounced Address", "Unsubscribed Address", "Spam Content")
    said += [
        world.told("dropped", "006-000006.1", timestamp=now - index, reason=one) for index, one in enumerate(drops)
    ]
    said += [world.told(kind, "lecteur0@ville.test", timestamp=now - 50) for kind in ("bounce", "group_resubscribe")]
    return said


def test_the_same_events_in_any_order_however_often_leave_the_same_state(monthly):
    """In any order, cut into calls anywhere, told twice under new names: the same people, the same rows."""
    with monthly.database.write() as connection:
        connection.execute(
            schema.batches.insert(),
            {"dispatch_id": "006-000006", "state": "pending", "call_id": None},
        )
    pool = _events(monthly)
    now = datetime.now(UTC) + timedelta(seconds=1)
    soft = [number for number, one in enumerate(pool) if one["event"] == "bounce" and one.get("type") == "blocked"]

    def outcome(calls):
        with undone(monthly.database) as database:
            for call in calls:
                monthly.take(*call, now=now, database=database)
            with database.read() as connection:
                columns = [one for one in schema.events.c if one.name != "id"]
                rows = sorted(map(repr, connection.execute(select(*columns)).all()))
                accounts = [count_recipients(connection, f"{number:03}-{number:06x}").states for number in range(2, 7)]
            return monthly.all_states(database), rows, accounts

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
