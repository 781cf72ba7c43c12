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
from tests.send.line import Mailing
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
def test_looking_at_the_link_never_lets_anybody_go(site_server, method):
    answer = site_server.call(site_server.link_of(CLAIRE), method)
    assert answer.status == 200
    assert site_server.state(CLAIRE) is HERE
    assert site_server.events() == []


@pytest.mark.parametrize("kind", ONE_CLICK)
def test_one_click_lets_go_whatever_its_body_says(sqlite_site, kind):
    kind, body = ONE_CLICK[kind]
    answer = sqlite_site.call(sqlite_site.link_of(CLAIRE), "POST", body, {"Content-Type": kind} if kind else None)
    assert answer.status == 200
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert sqlite_site.state(CLAIRE) is GONE
    assert sqlite_site.state(KARIM) is HERE


def test_a_departure_is_an_event_and_a_line_of_the_history(site_server):
    site_server.post(site_server.link_of(CLAIRE))
    (event,) = site_server.events()
    assert (event["source"], event["kind"], event["dispatch_id"]) == ("site", "unsubscribed", None)
    assert event["domain"] == "example.org"
    with site_server.database.read() as connection:
        one = find_subscriber(connection, CLAIRE)
        assert event["subscriber_ref"] == one.ref
        assert event["at"] == one.changed_at
        last = read_history(connection, one.id)[-1]
    assert (last.what, last.source) == ("unsubscribed", "the readers' site")


def test_the_event_names_the_last_letter_that_reached_or_may_have(site_server):
    channel = Scripted(UNKNOWN, batch_size=5)
    dispatch = site_server.line.approve(channel)
    site_server.line.send(dispatch, channel)
    rehearsal = Scripted()
    rehearsal.is_live = False
    rehearsal.identity = "rehearsal"
    practice = site_server.line.approve(rehearsal, again=True)
    site_server.line.send(practice, rehearsal)
    site_server.post(site_server.link_of(KARIM))
    (event,) = site_server.events()
    assert event["dispatch_id"] == dispatch
    with site_server.database.read() as connection:
        found = connection.scalar(
            select(schema.recipients.c.address_key).where(
                schema.recipients.c.dispatch_id == dispatch, schema.recipients.c.position == event["position"]
            )
        )
    assert found == KARIM


def test_a_letter_that_was_not_sent_is_not_named(site_server):
    site_server.line.approve(Scripted())
    site_server.post(site_server.link_of(KARIM))
    assert site_server.events()[0]["dispatch_id"] is None


def test_a_second_click_says_the_same_and_changes_nothing(site_server):
    first = site_server.post(site_server.link_of(CLAIRE))
    second = site_server.post(site_server.link_of(CLAIRE))
    assert second.status == 200
    assert len(site_server.events()) == 1
    assert "undo" in second.body
    assert re.sub(r"/undo/[^\"]+", "", first.body) == re.sub(r"/undo/[^\"]+", "", second.body)


def test_undo_puts_everything_back_as_it_was(site_server):
    with site_server.database.read() as connection:
        before = find_subscriber(connection, CLAIRE)
    answer = site_server.post(site_server.link_of(CLAIRE))
    assert site_server.call(undo_of(answer)).status == 200  # looking at it does nothing
    assert site_server.state(CLAIRE) is GONE
    assert site_server.post(undo_of(answer)).status == 200
    with site_server.database.read() as connection:
        after = find_subscriber(connection, CLAIRE)
        lines = read_history(connection, after.id)
    assert (after.state, after.proof, after.ref, after.last_contact_at) == (
        before.state,
        before.proof,
        before.ref,
        before.last_contact_at,
    )
    assert [line.what for line in lines[-2:]] == ["unsubscribed", "resubscribed"]
    assert [event["kind"] for event in site_server.events()] == ["unsubscribed", "resubscribed"]


def test_undo_works_once(site_server):
    path = undo_of(site_server.post(site_server.link_of(CLAIRE)))
    assert site_server.post(path).status == 200
    site_server.post(site_server.link_of(CLAIRE))
    assert site_server.post(path).status == 410
    assert site_server.state(CLAIRE) is GONE


def test_undo_works_for_an_hour(sqlite_site):
    path = undo_of(sqlite_site.post(sqlite_site.link_of(CLAIRE)))
    sqlite_site.clock.forward(minutes=61)
    assert sqlite_site.post(path).status == 410
    assert sqlite_site.state(CLAIRE) is GONE
    assert "undo" not in sqlite_site.post(sqlite_site.link_of(CLAIRE)).body


def test_undo_brings_nobody_back_who_complained_meanwhile(site_server):
    path = undo_of(site_server.post(site_server.link_of(CLAIRE)))
    with site_server.database.write() as connection:
        change_state(connection, CLAIRE, SubscriberState.COMPLAINED, clock.now(), "a provider")
    assert site_server.post(path).status == 410
    assert site_server.state(CLAIRE) is SubscriberState.COMPLAINED


@pytest.mark.parametrize("state", [SubscriberState.BOUNCED, SubscriberState.PENDING, SubscriberState.COMPLAINED])
def test_undo_is_offered_to_nobody_who_was_not_subscribed(site_server, state):
    with site_server.database.write() as connection:
        connection.execute(
            update(schema.subscribers).where(schema.subscribers.c.address_key == CLAIRE).values(state=state)
        )
    for _click in range(2):
        answer = site_server.post(site_server.link_of(CLAIRE))
        assert answer.status == 200
        assert "/undo/" not in answer.body
    assert site_server.state(CLAIRE) is (GONE if state is not SubscriberState.COMPLAINED else state)
    # Not even with a token that is ours.
    for event in site_server.events():
        token = sign_timed_token(
            site_server.site.keys, Purpose.UNDO, event["key"], clock.now() + clock.now().resolution * 10**9
        )
        assert site_server.post(f"/undo/{token}").status == 410


def test_somebody_who_was_forgotten_gets_the_same_calm_page(site_server):
    path = site_server.link_of(CLAIRE)
    erase_person(site_server.database, CLAIRE, site_server.site.keys, clock.now())
    ghost = site_server.post(path)
    site_server.post(site_server.link_of(KARIM))
    site_server.clock.forward(hours=2)
    known = site_server.post(site_server.link_of(KARIM))
    assert ghost.status == known.status == 200
    assert ghost.body == known.body
    assert site_server.call(path).status == 200


def test_a_bad_link_says_how_to_leave_otherwise(sqlite_site):
    for method in ("GET", "POST"):
        answer = sqlite_site.call("/u/nobody.forged", method, b"" if method == "POST" else None)
        assert answer.status == 404
        assert "mailto:desinscription@lettre.test?subject=unsubscribe" in answer.body
        assert "/preferences" in answer.body


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.UNSUBSCRIBE])
def test_a_token_of_another_purpose_opens_nothing(sqlite_site, purpose):
    with sqlite_site.database.read() as connection:
        ref = find_subscriber(connection, CLAIRE).ref
    assert sqlite_site.post(f"/u/{TokenSigner(sqlite_site.site.keys, purpose).sign(ref)}").status == 404
    assert sqlite_site.state(CLAIRE) is HERE


def test_old_links_work_after_the_keys_were_rotated_and_new_ones_at_once(sqlite_site):
    old = sqlite_site.link_of(CLAIRE)
    rotate_keys(sqlite_site.site.context.settings.keys_path)
    new = sqlite_site.link_of(KARIM)
    assert len(sqlite_site.site.keys.signing) == 2
    assert sqlite_site.post(old).status == 200
    assert sqlite_site.post(new).status == 200
    assert (sqlite_site.state(CLAIRE), sqlite_site.state(KARIM)) == (GONE, GONE)


def test_many_who_leave_at_once_are_all_gone_and_counted_once(site_server):
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - of this test alone

    from tests.send.line import readers  # noqa: PLC0415 - as above

    people = readers(60)
    site_server.line.join(*people)
    paths = [site_server.link_of(one.address.key) for one in people] * 2
    with ThreadPoolExecutor(20) as pool:
        assert {answer.status for answer in pool.map(site_server.post, paths)} == {200}
    assert {site_server.state(one.address.key) for one in people} == {GONE}
    with site_server.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(schema.events)) == 60


def test_what_stands_in_the_way_of_one_does_not_keep_the_others(sqlite_site, monkeypatch):
    from pvd_mailer.site.jobs import unsubscribe_batcher  # noqa: PLC0415 - to put a fault into it

    with sqlite_site.database.read() as connection:
        faulty = find_subscriber(connection, CLAIRE).ref
    real = unsubscribe_batcher.unsubscribe

    def leave(context, refs):
        if faulty in refs:
            raise ArithmeticError
        return real(context, refs)

    monkeypatch.setattr(unsubscribe_batcher, "unsubscribe", leave)
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - of this test alone

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(sqlite_site.post, [sqlite_site.link_of(CLAIRE), sqlite_site.link_of(KARIM)]))
    assert [one.status for one in answers] == [500, 200]
    assert sqlite_site.state(KARIM) is GONE


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


def test_what_answers_a_form_has_no_link_that_would_ask_again(sqlite_site):
    link = sqlite_site.link_of(CLAIRE)
    assert 'href="?lang=en"' in sqlite_site.call(link).body
    sqlite_site.fill(PREFERENCES, address=KARIM)
    own = sqlite_site.mail()["path"]
    assert 'href="?lang=en"' in sqlite_site.call(own).body
    gone = sqlite_site.post(link)
    answers = {
        "gone": gone,
        "back": sqlite_site.post(undo_of(gone)),
        "too late": sqlite_site.post(undo_of(gone)),
        "link sent": sqlite_site.post(f"{link}/preferences"),
        "asked": sqlite_site.fill(PREFERENCES, address=CLAIRE),
        "a fault": sqlite_site.fill(PREFERENCES, address="claire"),
        "saved": sqlite_site.save(own, first_name="Karim"),
        "gone from one's own page": sqlite_site.post(f"{own}/unsubscribe"),
        "erased": sqlite_site.post(f"{own}/erase"),
        "a problem": sqlite_site.post("/nowhere"),
    }
    assert [name for name, answer in answers.items() if "lang=en" in answer.body] == []
    assert "Location" not in gone.headers


def test_a_link_that_was_used_says_so_and_can_still_be_taken_back(site_server):
    link = site_server.link_of(CLAIRE)
    site_server.post(link)
    again = site_server.call(link)
    assert again.status == 200
    assert "Votre désinscription est déjà faite" in again.body
    assert site_server.post(undo_of(again)).status == 200
    assert site_server.state(CLAIRE) is HERE
    assert "Votre désinscription est déjà faite" not in site_server.call(link).body
    site_server.post(link)
    site_server.clock.forward(hours=2)
    late = site_server.call(link)
    assert "Votre désinscription est déjà faite" in late.body
    assert "/undo/" not in late.body


def stranger(site_server):
    """The way out of somebody whose letter was sent from another database, with the same keys."""
    return f"/u/{TokenSigner(site_server.site.keys, Purpose.UNSUBSCRIBE).sign('0123456789abcdef')}"


def test_who_is_not_known_is_written_down_once_and_told_the_same(site_server):
    link = stranger(site_server)
    assert site_server.call(link).status == 200
    assert site_server.events() == []
    first, second = site_server.post(link), site_server.post(link)
    assert first.status == second.status == 200
    assert first.body == second.body
    assert "/undo/" not in first.body
    (event,) = site_server.events()
    assert (event["subscriber_ref"], event["reason"], event["dispatch_id"]) == ("0123456789abcdef", "unknown", None)
    erase_person(site_server.database, CLAIRE, site_server.site.keys, clock.now())
    assert len(site_server.events()) == 1
    assert site_server.call(link).body == site_server.call(link).body


def test_who_left_while_the_site_ran_on_a_new_file_is_let_go_once_its_own_database_is_named(
    issue_workspace, database, monkeypatch
):
    beside = issue_workspace.root / "var" / "pvd-mailer.sqlite"
    wrong = open_database(None, beside)
    migrate.prepare_database(wrong)
    line = Mailing(issue_workspace, database)
    line.join(person(CLAIRE), person(KARIM))
    with database.read() as connection:
        ref = find_subscriber(connection, CLAIRE).ref
    with serving(issue_workspace, wrong, monkeypatch) as served:
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


def test_a_file_beside_that_was_signed_with_other_keys_lets_nobody_go(issue_workspace, database):
    beside = issue_workspace.root / "var" / "pvd-mailer.sqlite"
    line = Mailing(issue_workspace, database)
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
def test_a_final_slash_changes_nothing_and_redirects_nobody(sqlite_site, slashes):
    link = sqlite_site.link_of(CLAIRE)
    asks = sqlite_site.call(link + slashes)
    assert asks.status == 200
    gone = sqlite_site.post(link + slashes)
    assert gone.status == 200
    assert "Location" not in gone.headers
    assert sqlite_site.state(CLAIRE) is GONE
    assert sqlite_site.post(undo_of(gone) + slashes).status == 200
    assert sqlite_site.fill(SUBSCRIBE + slashes, address="lea@example.net").status == 200
    assert sqlite_site.fill(PREFERENCES + slashes, address=CLAIRE).status == 200
    sqlite_site.settled()
    for mail in sqlite_site.mails():
        assert sqlite_site.call(mail["path"] + slashes).status == 200


@pytest.mark.parametrize(
    ("method", "end"), [("PUT", ""), ("DELETE", "/"), ("GET", "/what/else"), ("GET", "/preferences")]
)
def test_whatever_is_asked_of_the_way_out_it_says_how_to_leave(sqlite_site, method, end):
    answer = sqlite_site.call(sqlite_site.link_of(CLAIRE) + end, method)
    assert answer.status in {404, 405}
    assert "mailto:desinscription@lettre.test" in answer.body
    assert sqlite_site.state(CLAIRE) is HERE


def test_a_database_that_is_gone_keeps_nobody_from_knowing_how_to_leave(sqlite_site, monkeypatch):
    link = sqlite_site.link_of(CLAIRE)

    def fail(_self):
        raise DatabaseError("gone")

    monkeypatch.setattr(Database, "write", fail)
    monkeypatch.setattr(Database, "read", fail)
    assert sqlite_site.call(link).status == 200
    answer = sqlite_site.post(link)
    assert answer.status == 503
    assert "mailto:desinscription@lettre.test" in answer.body
