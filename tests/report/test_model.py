"""The report: what the numbers say, and that they add up whatever was told in whatever order."""

import csv
import io
import json
import random
import re
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.states import EventKind, RecipientState
from pvd_mailer.i18n import set_language
from pvd_mailer.report.bounce_reasons import generalise
from pvd_mailer.report.build import build_report
from pvd_mailer.report.csv_export import report_csv
from pvd_mailer.report.model import ComplaintLevel
from pvd_mailer.report.numbers import format_percent, text_bar
from tests.report.scene import START, SentIssues, adds_up, event

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LATER = START + timedelta(days=2)


@pytest.fixture
def sent_issues(database):
    return SentIssues(database)


def people(count, domain="ville.test"):
    return [f"lecteur{number}@{domain}" for number in range(count)]


def report_of(sent_issues, number=1, now=LATER):
    return adds_up(view_of(sent_issues, number, now).report)


def view_of(sent_issues, number, now):
    with sent_issues.database.read() as connection:
        return build_report(connection, number, now)


def fates(report):
    return {str(fate): count for fate, count in report.outcome.fates.items() if count}


# The last word


def test_without_a_word_the_accepted_are_not_called_delivered(sent_issues):
    sent_issues.sent(1, people(4))
    report = report_of(sent_issues)
    assert fates(report) == {"silent": 4}
    assert (report.sources, report.periods) == ((), ())


@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_word_counts_by_the_events_own_times_in_whatever_order_they_came(sent_issues, turned):
    one = sent_issues.sent(1, people(6))
    told = [
        event(one, 0, "deferred", MINUTE),
        event(one, 0, "delivered", 2 * HOUR),
        event(one, 1, "delivered", MINUTE),
        event(one, 1, "bounced", 5 * HOUR, status="5.1.1"),  # a late bounce
        event(one, 2, "deferred", MINUTE),
        event(one, 2, "deferred", HOUR),
        event(one, 3, "delivered", MINUTE),
        event(one, 3, "processed", HOUR),  # says nothing of what became of it
        event(one, 4, "processed", MINUTE),
    ]
    sent_issues.tell(*(reversed(told) if turned else told))
    assert fates(report_of(sent_issues)) == {"delivered": 2, "bounced": 1, "deferred": 1, "processed": 1, "silent": 1}


def test_of_two_words_of_the_same_second_the_worse_one_is_the_later(sent_issues):
    one = sent_issues.sent(1, people(3))
    sent_issues.tell(
        event(one, 0, "bounced"),
        event(one, 0, "delivered"),
        event(one, 1, "processed"),
        event(one, 1, "delivered"),
        event(one, 2, "delivered"),
        event(one, 2, "deferred"),
    )
    assert fates(report_of(sent_issues)) == {"bounced": 1, "delivered": 2}


def test_the_same_event_many_times_counts_once(sent_issues):
    one = sent_issues.sent(1, people(2))
    sent_issues.tell(
        *(event(one, 0, kind) for kind in ("delivered", "complained", "unsubscribed") for _time in range(5))
    )
    report = report_of(sent_issues)
    assert fates(report) == {"delivered": 1, "silent": 1}
    assert (report.outcome.complaints, report.outcome.unsubscribes) == (1, 1)


def test_a_complaint_says_that_the_letter_arrived(sent_issues):
    one = sent_issues.sent(1, people(2))
    sent_issues.tell(event(one, 0, "deferred"), event(one, 0, "complained", HOUR))
    assert fates(report_of(sent_issues)) == {"delivered": 1, "silent": 1}


def test_who_took_it_back_is_no_unsubscription(sent_issues):
    one = sent_issues.sent(1, people(4))
    sent_issues.tell(
        event(one, 0, "unsubscribed", MINUTE),
        event(one, 1, "resubscribed", 2 * MINUTE),
        event(one, 1, "unsubscribed", MINUTE),
        event(one, 2, "unsubscribed", MINUTE),
        event(one, 2, "resubscribed", 2 * MINUTE),
        event(one, 2, "unsubscribed", 3 * MINUTE),
        event(one, None, "unsubscribed", subscriber_ref="r77"),  # of the dispatch, at no known place
    )
    outcome = report_of(sent_issues).outcome
    assert (outcome.unsubscribes, outcome.undone) == (3, 1)


def test_what_is_told_of_nobody_accepted_is_aside(sent_issues):
    one = sent_issues.sent(1, people(4), own={3: RecipientState.EXCLUDED})
    sent_issues.tell(event(one, 3, "delivered"), event(one, None, "bounced"), event(one, 0, "delivered"))
    report = report_of(sent_issues)
    assert (report.aside, fates(report)) == (2, {"delivered": 1, "silent": 2})


def test_what_the_send_itself_was_answered_is_told_by_the_states(sent_issues):
    """Somebody was refused, tried again, and accepted."""
    one = sent_issues.sent(1, people(3), own={2: RecipientState.REFUSED})
    sent_issues.tell(event(one, 0, "blocked", source="send"), event(one, 2, "bounced", source="send"))
    report = report_of(sent_issues)
    assert (fates(report), report.aside, report.sources) == ({"silent": 2}, 0, ())


KINDS = st.sampled_from(list(EventKind))
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1), st.none() | st.integers(0, 7), KINDS, st.integers(-5, 60 * 24 * 40), st.integers(0, 3)
    ),
    max_size=40,
)
STATES = st.lists(
    st.sampled_from([None, *(s for s in RecipientState if s not in {RecipientState.PENDING, RecipientState.SENDING})]),
    min_size=8,
)
STATUSES = (("", ""), ("5.1.1", "no such user"), ("nonsense", "x"), ("4.2.2", "full"))


@settings(max_examples=40)
@given(told=EVENTS, states=STATES, shuffled=st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_report_and_its_numbers_add_up(tmp_path_factory, told, states, shuffled):
    """Each example has a database of its own; both orders are written into it, one after the other."""
    folder = tmp_path_factory.mktemp("order")
    database = open_database(None, folder / "pvd.sqlite")
    prepare_database(database)
    try:
        scene = SentIssues(database)
        domains = ["ville.test", "mairie.example"]
        own = [dict(enumerate(states[:8])), {}]
        names = [
            scene.sent(1, [f"p{at}@{domains[(at + lot) % 2]}" for at in range(8)], name=f"001-{lot}", own=own[lot])
            for lot in (0, 1)
        ]
        written = [
            event(names[lot], at, kind, minutes * MINUTE, status=STATUSES[why][0], reason=STATUSES[why][1])
            for lot, at, kind, minutes, why in told
        ]
        seen = []
        for _round in range(2):
            with database.write() as connection:
                connection.exec_driver_sql("DELETE FROM events")
            scene.tell(*written)
            seen += [report_of(scene, now=moment) for moment in (START + HOUR, LATER, START + timedelta(days=60))]
            shuffled.shuffle(written)
        assert seen[:3] == seen[3:]
    finally:
        database.close()


def test_the_numbers_add_up_in_the_middle_of_a_send(sent_issues):
    own = {
        0: RecipientState.ACCEPTED,
        1: RecipientState.ACCEPTED,
        2: RecipientState.ACCEPTED,
        3: RecipientState.REFUSED,
    }
    one = sent_issues.sent(1, people(10), state="sending", dispatch_state="running", own=own)
    sent_issues.tell(event(one, 0, "delivered"), event(one, 9, "delivered"))  # the webhook was faster than the answer
    report = report_of(sent_issues)
    assert report.audience == 10
    assert report.states == {RecipientState.ACCEPTED: 3, RecipientState.REFUSED: 1, RecipientState.SENDING: 6}
    assert (fates(report), report.aside) == ({"delivered": 1, "silent": 2}, 1)


# Domains, reasons, hours


def test_a_domain_of_ones_own_is_not_named(sent_issues):
    one = sent_issues.sent(1, [*people(5, "ville.test"), *people(4, "petite.test"), "marie@marie-dupont.example"])
    sent_issues.tell(event(one, 9, "complained"), event(one, 0, "bounced"), event(one, 5, "bounced"))
    report = report_of(sent_issues)
    assert [one.name for one in report.domains] == ["ville.test", None]
    others = report.domains[1].outcome
    assert (others.accepted, others.complaints, others.returned) == (5, 1, 1)
    assert "dupont" not in json.dumps(report.as_json()) + report_csv(report)


def test_forgotten_people_still_count_and_are_nobody(sent_issues):
    one = sent_issues.sent(1, [*people(5), "forgotten:001.5", "forgotten:001.6"])
    sent_issues.tell(event(one, 5, "delivered", domain="", subscriber_ref=None))
    report = report_of(sent_issues)
    assert [(one.name, one.outcome.accepted) for one in report.domains] == [("ville.test", 5), (None, 2)]


def test_reasons_are_put_together_whatever_differs_in_the_servers_words(sent_issues):
    one = sent_issues.sent(1, people(8))
    sent_issues.tell(
        *(
            event(
                one,
                at,
                "bounced",
                status="5.1.1",
                reason=f"550 5.1.1 no such user https://support.example.com/?p={at} a1b2c3{at}-{at} mx{at}.ville.test",
            )
            for at in range(5)
        ),
        event(one, 5, "blocked", status="5.2.2", reason="full"),
        event(one, 6, "dropped", reason="Bounced Address"),
        event(one, 7, "bounced", status="<script>", reason=""),
    )
    told = [(str(one.fate), one.status, one.count, one.words) for one in report_of(sent_issues).reasons]
    assert told == [
        ("bounced", "5.1.1", 5, (("550 5.1.1 no such user …", 5),)),
        ("bounced", "", 1, ()),
        ("blocked", "5.2.2", 1, (("full", 1),)),
        ("dropped", "", 1, (("Bounced Address", 1),)),
    ]


@given(st.text(max_size=2000))
def test_what_servers_say_is_bounded_and_names_no_address(text):
    said = generalise(text + " <marie@ville.example> ")
    assert len(said) <= 120
    assert "@" not in said
    assert said.isprintable()


def test_hours_are_counted_since_the_start_then_days(sent_issues):
    one = sent_issues.sent(1, people(8))
    for at, after in enumerate((-MINUTE, 0 * HOUR, HOUR, 71 * HOUR, 72 * HOUR, 95.9 * HOUR, 96 * HOUR, 3000 * HOUR)):
        sent_issues.tell(event(one, at, "delivered", after))
    told = {one.hour: one.delivered for one in report_of(sent_issues, now=START + 4000 * HOUR).periods if one.delivered}
    assert told == {0: 2, 1: 1, 71: 1, 72: 2, 96: 1, 744: 1}


def test_fractions_of_a_second_do_not_move_an_hour(sent_issues):
    one = sent_issues.sent(1, people(2), start=START + timedelta(microseconds=700_000))
    sent_issues.tell(event(one, 0, "delivered", HOUR - timedelta(microseconds=1)), event(one, 1, "delivered", HOUR))
    assert [one.delivered for one in report_of(sent_issues).periods] == [1, 1]


# Readers, Gmail, earlier issues


@pytest.mark.parametrize(
    ("complaints", "level"),
    [
        (0, ComplaintLevel.NONE),
        (1, ComplaintLevel.LOW),
        (2, ComplaintLevel.HIGH),
        (5, ComplaintLevel.HIGH),
        (6, ComplaintLevel.TOO_HIGH),
    ],
)
def test_complaints_are_held_against_gmails_limits(sent_issues, complaints, level):
    one = sent_issues.sent(1, people(2000))
    sent_issues.tell(*(event(one, at, "complained") for at in range(complaints)))
    assert report_of(sent_issues).outcome.level is level


def test_earlier_issues_are_looked_at_at_the_same_age(sent_issues):
    before = START - timedelta(days=30)
    old = sent_issues.sent(1, people(4), start=before)
    rehearsed = sent_issues.sent(2, people(4), start=before, rehearsal=True)
    sent_issues.sent(4, people(4), start=START + timedelta(days=9))
    sent_issues.sent(3, people(4))
    sent_issues.tell(
        event(old, 0, "delivered", HOUR, start=before),
        event(old, 1, "unsubscribed", timedelta(days=9), start=before),
        event(old, 2, "bounced", timedelta(days=9), start=before),
        event(rehearsed, 0, "bounced"),
    )
    (peer,) = report_of(sent_issues, 3).peers
    assert (peer.number, peer.outcome.fates["delivered"], peer.outcome.returned) == (1, 1, 0)
    assert peer.outcome.unsubscribes == 0
    report = report_of(sent_issues, 3, now=START + timedelta(days=90))
    assert (report.peers_age, report.peers[0].outcome.returned, report.peers[0].outcome.unsubscribes) == (None, 1, 1)


def test_rehearsals_and_void_approvals_are_aside(sent_issues):
    sent_issues.sent(1, people(4), rehearsal=True)
    assert view_of(sent_issues, 1, LATER).report is None
    sent_issues.sent(1, people(3), dispatch_state="void", state="cancelled")
    assert view_of(sent_issues, 1, LATER).report is None
    sent_issues.sent(1, people(2))
    assert report_of(sent_issues).audience == 2


@pytest.mark.usefixtures("french")
def test_shares_are_never_rounded_to_all_or_nothing():
    assert format_percent(9999, 10000) == "99,9\u00a0%"
    assert format_percent(1, 100_000) == "< 0,01\u00a0%"
    assert (format_percent(0, 5), format_percent(5, 5), format_percent(0, 0)) == ("0\u00a0%", "100\u00a0%", "–")
    assert (text_bar(1, 100_000, 16), text_bar(0, 5, 16), text_bar(5, 5, 4)) == ("▏", "", "████")


# A hundred thousand


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_hundred_thousand_recipients_are_counted_and_not_loaded(kind, tmp_path, request):
    if kind == "postgresql":
        database = open_database(request.getfixturevalue("postgresql").fresh("prepared"), Path())
    else:
        database = open_database(None, tmp_path / "pvd.sqlite")
        prepare_database(database)
    dice = random.Random(7)  # noqa: S311 - the same numbers each time, and no secret
    try:
        scene = SentIssues(database)
        one = scene.sent(1, [f"l{at}@{f'ville{at}.test' if at % 3 else 'grande.test'}" for at in range(100_000)])
        told = [event(one, at, dice.choice(["delivered", "deferred"]), MINUTE) for at in range(0, 100_000, 2)]
        told += [event(one, at, "bounced", HOUR, reason=f"550 queue id {at:012}") for at in range(0, 100_000, 20)]
        scene.tell(*told)
        del told
        tracemalloc.start()
        report = report_of(scene)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    finally:
        database.close()
    assert (report.outcome.accepted, report.outcome.fates["bounced"], report.outcome.fates["silent"]) == (
        100_000,
        5000,
        50_000,
    )
    assert [one.name for one in report.domains] == ["grande.test", None]
    assert most < 16_000_000


# The spreadsheet


@pytest.mark.parametrize(("lang", "between"), [("fr", ";"), ("en", ",")])
def test_the_csv_opens_in_that_countrys_excel_and_says_what_the_report_says(sent_issues, lang, between):
    one = sent_issues.sent(1, people(6))
    sent_issues.tell(event(one, 0, "delivered"), event(one, 1, "bounced", status="5.1.1", reason="=cmd()"))
    report = report_of(sent_issues)
    set_language(lang)
    text = report_csv(report)
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=between))
    assert {len(row) for row in rows} == {7}
    assert all(row[0] == "1" and row[6].isdecimal() for row in rows[1:])
    outcome = [row for row in rows if row[1] == ("résultat" if lang == "fr" else "outcome")]
    assert sum(int(row[6]) for row in outcome[:7]) == 6
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert re.search(r"2026-12-03 09:00", text)  # Paris
