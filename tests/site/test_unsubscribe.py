"""The way out: a page that asks, a POST that acts, a button that takes it back."""

import re
from contextlib import closing

import pytest
from sqlalchemy import func, select, update

from pvd_mailer import clock
from pvd_mailer.database import Database, DatabaseError, migrate, open_database, schema
from pvd_mailer.database.backup.suppressions import unknown_unsubscribes, write_unknown_unsubscribes
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.keys import make_keys, rotate_keys
from pvd_mailer.services.machine.installation import is_empty_database
from pvd_mailer.services.readers.unknown_unsubscribes import import_unknown_unsubscribes
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers.queries import find_subscriber, read_history
from pvd_mailer.subscribers.state_changes import change_state
from pvd_mailer.tokens import Purpose, TokenSigner, sign_timed_token
from tests.send.line import Line
from tests.send.scripted import UNKNOWN, Scripted
from tests.site.conftest import CLAIRE, FORM, GONE, HERE, KARIM, PREFERENCES, SUBSCRIBE, serving
from tests.subscribers.people import person

BOUNDARY = "----mail"
MULTIPART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--{BOUNDARY}--\r\n'
)
ONE_CLICK = {
    "form": (FORM, b"List-Unsubscribe=One-Click"),
    "multipart": (f"multipart/form-data; boundary={BOUNDARY}", MULTIPART.encode()),
    "nothing": (FORM, b""),
    "no type": ("", b"List-Unsubscribe=One-Click"),
    "garbage": ("multipart/form-data; charset=nowhere", b"\xff\x00" * 100),
    "something else": ("application/json", b"{}"),
}


def undo_of(answer):
    return re.search(r'action="(/undo/[^"]+)"', answer.body)[1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_link_never_lets_anybody_go(served, method):
    answer = served.call(served.link_of(CLAIRE), method)
    assert answer.status == 200
    assert served.state(CLAIRE) is HERE
    assert served.events() == []


@pytest.mark.parametrize("kind", ONE_CLICK)
def test_one_click_lets_go_whatever_its_body_says(quick, kind):
    kind, body = ONE_CLICK[kind]
    answer = quick.call(quick.link_of(CLAIRE), "POST", body, {"Content-Type": kind} if kind else None)
    assert answer.status == 200
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert quick.state(CLAIRE) is GONE
    assert quick.state(KARIM) is HERE


def test_a_departure_is_an_event_and_a_line_of_the_history(served):
    served.post(served.link_of(CLAIRE))
    (event,) = served.events()
    assert (event["source"], event["kind"], event["dispatch_id"]) == ("site", "unsubscribed", None)
    assert event["domain"] == "example.org"
    with served.database.read() as connection:
        one = find_subscriber(connection, CLAIRE)
        assert event["subscriber_ref"] == one.ref
        assert event["at"] == one.changed_at
        last = read_history(connection, one.id)[-1]
    assert (last.what, last.source) == ("unsubscribed", "the readers' site")


def test_the_event_names_the_last_letter_that_reached_or_may_have(served):
    channel = Scripted(UNKNOWN, batch_size=5)
    dispatch = served.line.approve(channel)
    served.line.send(dispatch, channel)
    rehearsal = Scripted()
    rehearsal.is_live = False
    rehearsal.identity = "rehearsal"
    practice = served.line.approve(rehearsal, again=True)
    served.line.send(practice, rehearsal)
    served.post(served.link_of(KARIM))
    (event,) = served.events()
    assert event["dispatch_id"] == dispatch
    with served.database.read() as connection:
        found = connection.scalar(
            select(schema.recipients.c.address_key).where(
                schema.recipients.c.dispatch_id == dispatch, schema.recipients.c.position == event["position"]
            )
        )
    assert found == KARIM


def test_a_letter_that_was_not_sent_is_not_named(served):
    served.line.approve(Scripted())
    served.post(served.link_of(KARIM))
    assert served.events()[0]["dispatch_id"] is None


def test_a_second_click_says_the_same_and_changes_nothing(served):
    first = served.post(served.link_of(CLAIRE))
    second = served.post(served.link_of(CLAIRE))
    assert second.status == 200
    assert len(served.events()) == 1
    assert "undo" in second.body
    assert re.sub(r"/undo/[^\"]+", "", first.body) == re.sub(r"/undo/[^\"]+", "", second.body)


def test_undo_puts_everything_back_as_it_was(served):
    with served.database.read() as connection:
        before = find_subscriber(connection, CLAIRE)
    answer = served.post(served.link_of(CLAIRE))
    assert served.call(undo_of(answer)).status == 200  # looking at it does nothing
    assert served.state(CLAIRE) is GONE
    assert served.post(undo_of(answer)).status == 200
    with served.database.read() as connection:
        after = find_subscriber(connection, CLAIRE)
        lines = read_history(connection, after.id)
    assert (after.state, after.proof, after.ref, after.last_contact_at) == (
        before.state,
        before.proof,
        before.ref,
        before.last_contact_at,
    )
    assert [line.what for line in lines[-2:]] == ["unsubscribed", "resubscribed"]
    assert [event["kind"] for event in served.events()] == ["unsubscribed", "resubscribed"]


def test_undo_works_once(served):
    path = undo_of(served.post(served.link_of(CLAIRE)))
    assert served.post(path).status == 200
    served.post(served.link_of(CLAIRE))
    assert served.post(path).status == 410
    assert served.state(CLAIRE) is GONE


def test_undo_works_for_an_hour(quick):
    path = undo_of(quick.post(quick.link_of(CLAIRE)))
    quick.clock.forward(minutes=61)
    assert quick.post(path).status == 410
    assert quick.state(CLAIRE) is GONE
    assert "undo" not in quick.post(quick.link_of(CLAIRE)).body


def test_undo_brings_nobody_back_who_complained_meanwhile(served):
    path = undo_of(served.post(served.link_of(CLAIRE)))
    with served.database.write() as connection:
        change_state(connection, CLAIRE, SubscriberState.COMPLAINED, clock.now(), "a provider")
    assert served.post(path).status == 410
    assert served.state(CLAIRE) is SubscriberState.COMPLAINED


@pytest.mark.parametrize("state", [SubscriberState.BOUNCED, SubscriberState.PENDING, SubscriberState.COMPLAINED])
def test_undo_is_offered_to_nobody_who_was_not_subscribed(served, state):
    with served.database.write() as connection:
        connection.execute(
            update(schema.subscribers).where(schema.subscribers.c.address_key == CLAIRE).values(state=state)
        )
    for _click in range(2):
        answer = served.post(served.link_of(CLAIRE))
        assert answer.status == 200
        assert "/undo/" not in answer.body
    assert served.state(CLAIRE) is (GONE if state is not SubscriberState.COMPLAINED else state)
    # Not even with a token that is ours.
    for event in served.events():
        token = sign_timed_token(
            served.site.keys, Purpose.UNDO, event["key"], clock.now() + clock.now().resolution * 10**9
        )
        assert served.post(f"/undo/{token}").status == 410


def test_somebody_who_was_forgotten_gets_the_same_calm_page(served):
    path = served.link_of(CLAIRE)
    erase_person(served.database, CLAIRE, served.site.keys, clock.now())
    ghost = served.post(path)
    served.post(served.link_of(KARIM))
    served.clock.forward(hours=2)
    known = served.post(served.link_of(KARIM))
    assert ghost.status == known.status == 200
    assert ghost.body == known.body
    assert served.call(path).status == 200


def test_a_bad_link_says_how_to_leave_otherwise(quick):
    for method in ("GET", "POST"):
        answer = quick.call("/u/nobody.forged", method, b"" if method == "POST" else None)
        assert answer.status == 404
        assert "mailto:desinscription@lettre.test?subject=unsubscribe" in answer.body
        assert "/preferences" in answer.body


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.UNSUBSCRIBE])
def test_a_token_of_another_purpose_opens_nothing(quick, purpose):
    with quick.database.read() as connection:
        ref = find_subscriber(connection, CLAIRE).ref
    assert quick.post(f"/u/{TokenSigner(quick.site.keys, purpose).sign(ref)}").status == 404
    assert quick.state(CLAIRE) is HERE


def test_old_links_work_after_the_keys_were_rotated_and_new_ones_at_once(quick):
    old = quick.link_of(CLAIRE)
    rotate_keys(quick.site.context.settings.keys_path)
    new = quick.link_of(KARIM)
    assert len(quick.site.keys.signing) == 2
    assert quick.post(old).status == 200
    assert quick.post(new).status == 200
    assert (quick.state(CLAIRE), quick.state(KARIM)) == (GONE, GONE)


def test_many_who_leave_at_once_are_all_gone_and_counted_once(served):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - of this test alone

    from tests.send.line import readers  # noqa: PLC0415 - as above

    people = readers(60)
    served.line.join(*people)
    paths = [served.link_of(one.address.key) for one in people] * 2
    with ThreadPoolExecutor(20) as pool:
        assert {answer.status for answer in pool.map(served.post, paths)} == {200}
    assert {served.state(one.address.key) for one in people} == {GONE}
    with served.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.events)) == 60


def test_what_stands_in_the_way_of_one_does_not_keep_the_others(quick, monkeypatch):
    from pvd_mailer.site.jobs import unsubscribe_batcher  # noqa: PLC0415 - to put a fault into it

    with quick.database.read() as connection:
        faulty = find_subscriber(connection, CLAIRE).ref
    real = unsubscribe_batcher.unsubscribe

    def leave(context, refs):
        if faulty in refs:
            raise ArithmeticError
        return real(context, refs)

    monkeypatch.setattr(unsubscribe_batcher, "unsubscribe", leave)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - of this test alone

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(quick.post, [quick.link_of(CLAIRE), quick.link_of(KARIM)]))
    assert [one.status for one in answers] == [500, 200]
    assert quick.state(KARIM) is GONE


def test_the_office_writes_such_an_event_too(run, database, on_database):
    del on_database
    run("subscribers", "import", "subscribers/sample.csv", "--basis", "consent", "--apply")
    assert run("subscribers", "unsubscribe", "claire@example.org").code == 0
    assert "had left already" in run("subscribers", "unsubscribe", "claire@example.org").out
    with database.read() as connection:
        told = connection.execute(select(schema.events.c.source, schema.events.c.kind)).all()
    assert told == [("office", "unsubscribed")]
    shown = run("subscribers", "show", "claire@example.org").out
    assert shown.count("unsubscribed, pvd-mailer subscribers unsubscribe") == 1


def test_what_answers_a_form_has_no_link_that_would_ask_again(quick):
    link = quick.link_of(CLAIRE)
    assert 'href="?lang=en"' in quick.call(link).body
    quick.fill(PREFERENCES, address=KARIM)
    own = quick.mail()["path"]
    assert 'href="?lang=en"' in quick.call(own).body
    gone = quick.post(link)
    answers = {
        "gone": gone,
        "back": quick.post(undo_of(gone)),
        "too late": quick.post(undo_of(gone)),
        "link sent": quick.post(f"{link}/preferences"),
        "asked": quick.fill(PREFERENCES, address=CLAIRE),
        "a fault": quick.fill(PREFERENCES, address="claire"),
        "saved": quick.save(own, first_name="Karim"),
        "gone from one's own page": quick.post(f"{own}/unsubscribe"),
        "erased": quick.post(f"{own}/erase"),
        "a problem": quick.post("/nowhere"),
    }
    assert [name for name, answer in answers.items() if "lang=en" in answer.body] == []
    assert "Location" not in gone.headers


def test_a_link_that_was_used_says_so_and_can_still_be_taken_back(served):
    link = served.link_of(CLAIRE)
    served.post(link)
    again = served.call(link)
    assert again.status == 200
    assert "Votre désinscription est déjà faite" in again.body
    assert served.post(undo_of(again)).status == 200
    assert served.state(CLAIRE) is HERE
    assert "Votre désinscription est déjà faite" not in served.call(link).body
    served.post(link)
    served.clock.forward(hours=2)
    late = served.call(link)
    assert "Votre désinscription est déjà faite" in late.body
    assert "/undo/" not in late.body


def stranger(served):
    """The way out of somebody whose letter was sent from another database, with the same keys."""
    return f"/u/{TokenSigner(served.site.keys, Purpose.UNSUBSCRIBE).sign('0123456789abcdef')}"


def test_who_is_not_known_is_written_down_once_and_told_the_same(served):
    link = stranger(served)
    assert served.call(link).status == 200
    assert served.events() == []
    first, second = served.post(link), served.post(link)
    assert first.status == second.status == 200
    assert first.body == second.body
    assert "/undo/" not in first.body
    (event,) = served.events()
    assert (event["subscriber_ref"], event["reason"], event["dispatch_id"]) == ("0123456789abcdef", "unknown", None)
    erase_person(served.database, CLAIRE, served.site.keys, clock.now())
    assert len(served.events()) == 1
    assert served.call(link).body == served.call(link).body


def test_who_left_while_the_site_ran_on_a_new_file_is_let_go_once_its_own_database_is_named(
    desk, database, monkeypatch
):
    beside = desk.root / "var" / "pvd-mailer.sqlite"
    wrong = open_database(None, beside)
    migrate.prepare_database(wrong)
    line = Line(desk, database)
    line.join(person(CLAIRE), person(KARIM))
    with database.read() as connection:
        ref = find_subscriber(connection, CLAIRE).ref
    with serving(desk, wrong, monkeypatch) as served:
        assert is_empty_database(wrong)
        assert served.post(f"/u/{TokenSigner(served.site.keys, Purpose.UNSUBSCRIBE).sign(ref)}").status == 200
        assert served.post(stranger(served)).status == 200
    wrong.close()
    assert import_unknown_unsubscribes(line.office, beside) == 1
    assert import_unknown_unsubscribes(line.office, beside) == 0  # and not when they have come back since
    with database.read() as connection:
        assert find_subscriber(connection, CLAIRE).state is GONE
        assert find_subscriber(connection, KARIM).state is HERE
        assert set(unknown_unsubscribes(connection)) == {"0123456789abcdef"}  # goes on with the database
    assert not is_empty_database(database)


def test_a_file_beside_that_was_signed_with_other_keys_lets_nobody_go(desk, database):
    beside = desk.root / "var" / "pvd-mailer.sqlite"
    line = Line(desk, database)
    line.join(person(CLAIRE))
    with database.read() as connection:
        ref = find_subscriber(connection, CLAIRE).ref
    with closing(open_database(None, beside)) as wrong:
        migrate.prepare_database(wrong)
        ensure_same_keys(wrong, make_keys())
        with wrong.write() as connection:
            write_unknown_unsubscribes(connection, {ref: clock.now()}, "site")
    assert import_unknown_unsubscribes(line.office, beside) == 0
    with database.read() as connection:
        assert find_subscriber(connection, CLAIRE).state is HERE


@pytest.mark.parametrize("slashes", ["", "/"])
def test_a_final_slash_changes_nothing_and_redirects_nobody(quick, slashes):
    link = quick.link_of(CLAIRE)
    asks = quick.call(link + slashes)
    assert asks.status == 200
    gone = quick.post(link + slashes)
    assert gone.status == 200
    assert "Location" not in gone.headers
    assert quick.state(CLAIRE) is GONE
    assert quick.post(undo_of(gone) + slashes).status == 200
    assert quick.fill(SUBSCRIBE + slashes, address="lea@example.net").status == 200
    assert quick.fill(PREFERENCES + slashes, address=CLAIRE).status == 200
    quick.settled()
    for mail in quick.mails():
        assert quick.call(mail["path"] + slashes).status == 200


@pytest.mark.parametrize(
    ("method", "end"), [("PUT", ""), ("DELETE", "/"), ("GET", "/what/else"), ("GET", "/preferences")]
)
def test_whatever_is_asked_of_the_way_out_it_says_how_to_leave(quick, method, end):
    answer = quick.call(quick.link_of(CLAIRE) + end, method)
    assert answer.status in {404, 405}
    assert "mailto:desinscription@lettre.test" in answer.body
    assert quick.state(CLAIRE) is HERE


def test_a_database_that_is_gone_keeps_nobody_from_knowing_how_to_leave(quick, monkeypatch):
    link = quick.link_of(CLAIRE)

    def fail(_self):
        raise DatabaseError("gone")

    monkeypatch.setattr(Database, "write", fail)
    monkeypatch.setattr(Database, "read", fail)
    assert quick.call(link).status == 200
    answer = quick.post(link)
    assert answer.status == 503
    assert "mailto:desinscription@lettre.test" in answer.body
