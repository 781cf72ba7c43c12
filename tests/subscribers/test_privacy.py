import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from pvd_mailer.database.schema import (
    batches,
    blobs,
    dispatches,
    histories,
    metadata,
    oppositions,
    recipients,
    subscribers,
    tags,
)
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.services.subscribers.privacy import erase_expired, erase_person
from pvd_mailer.subscribers.exclusions import FORGOTTEN, suppressed_in_batch
from pvd_mailer.subscribers.mutations import sign_up
from pvd_mailer.subscribers.privacy import build_access_report, expired_subscribers
from pvd_mailer.subscribers.queries import count_by_state, find_subscriber
from pvd_mailer.subscribers.state_changes import change_state, unsubscribe_address
from tests.subscribers.people import CONSENT, FOUR, KEYS, NOW, person, settle

CLAIRE, KARIM, MAIRIE, LEA = (one.address.key for one in FOUR)
YEAR = timedelta(days=366)


@pytest.fixture
def journal(database):
    """Four people, two letters to each: one accepted, one about to leave; and a stranger in the first."""
    settle(database, *FOUR)
    with database.write() as connection:
        connection.execute(insert(blobs), {"digest": "d", "data": b"letter"})
        for number, state in ((1, "finished"), (2, "running")):
            connection.execute(
                insert(dispatches),
                {
                    "id": f"d{number}",
                    "publication": "p",
                    "number": number,
                    "issue_key": f"p/{number}",
                    "state": "approved",
                    "letter": "d",
                    "sealed": "{}",
                    "approved_by": "Camille",
                    "approved_at": NOW + timedelta(days=number),
                },
            )
            batch = connection.execute(
                insert(batches).values(dispatch_id=f"d{number}", state="pending").returning(batches.c.id)
            ).scalar()
            people = [*FOUR, person("stranger@example.org")] if number == 1 else FOUR
            for position, one in enumerate(people):
                known = find_subscriber(connection, one.address.key)
                connection.execute(
                    insert(recipients),
                    {
                        "dispatch_id": f"d{number}",
                        "position": position,
                        "batch_id": batch,
                        "subscriber_ref": known.ref if known else None,
                        "issue_key": f"p/{number}",
                        "address_key": one.address.key,
                        "address": one.address.as_written,
                        "name": f"{one.first_name} {one.last_name}",
                        "claims_issue": True,
                    },
                )
            connection.execute(dispatches.update().where(dispatches.c.id == f"d{number}").values(state="running"))
            if state == "finished":
                for step in ("sending", "accepted"):
                    connection.execute(
                        batches.update().where(batches.c.id == batch).values(state=step, settled_at=NOW, cause="")
                    )
    return database


def test_the_report_holds_everything(journal):
    with journal.read() as connection:
        report = build_access_report(connection, CLAIRE, KEYS)
    json.dumps(report)
    assert report["subscriber"]["address"] == "claire@example.org"
    assert report["subscriber"]["proof_source"] == "liste.csv"
    assert report["tags"] == {"department": ("35",), "region": ("Bretagne",), "role": ("Cheffe de projet",)}
    assert [line["what"] for line in report["history"]] == ["added"]
    assert [(line["dispatch"], line["number"], line["state"], line["at"]) for line in report["letters"]] == [
        ("d1", 1, "accepted", NOW.isoformat()),
        ("d2", 2, "pending", None),
    ]
    assert report["letters"][0]["name"] == "Claire Exemple"
    assert report["opposed_since"] is None


def test_the_report_on_nobody_is_empty(journal):
    with journal.read() as connection:
        report = build_access_report(connection, "nobody@example.org", KEYS)
    assert (report["subscriber"], report["tags"], report["history"], report["letters"]) == (None, {}, [], [])


def test_who_is_forgotten_is_nowhere_and_the_accounts_still_add_up(journal):
    gone = erase_person(journal, CLAIRE, KEYS, NOW)
    assert (gone.subscribers, gone.recipients) == (1, 2)
    with journal.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert "claire" not in str(tuple(row)).casefold(), table.name
                assert "Exemple" not in str(tuple(row)), table.name
        assert connection.scalar(select(func.count()).select_from(recipients)) == 9
        assert connection.scalar(select(func.count()).select_from(histories)) == 3
        kept = connection.execute(select(recipients).where(recipients.c.address == "")).all()
        assert {row.address_key for row in kept} == {"forgotten:d1.0", "forgotten:d2.0"}
        assert connection.scalars(select(oppositions.c.digest)).all() == [KEYS.opposition_digest(CLAIRE)]
        report = build_access_report(connection, CLAIRE, KEYS)
    assert (report["subscriber"], report["letters"]) == (None, [])
    assert report["opposed_since"] == NOW.isoformat()


def test_who_is_forgotten_before_a_batch_leaves_is_not_written_to(journal):
    erase_person(journal, CLAIRE, KEYS, NOW)
    with journal.write() as connection:
        unsubscribe_address(connection, KARIM, NOW, "a mail")
    with journal.read() as connection:
        batch = connection.scalar(select(batches.c.id).where(batches.c.dispatch_id == "d2"))
        assert suppressed_in_batch(connection, batch) == {0: FORGOTTEN, 1: "unsubscribed"}


def test_somebody_who_is_in_the_journal_alone_is_forgotten(journal):
    gone = erase_person(journal, "stranger@example.org", KEYS, NOW)
    assert (gone.subscribers, gone.recipients) == (0, 1)


def test_forgetting_twice_is_forgetting_once(journal):
    erase_person(journal, CLAIRE, KEYS, NOW)
    again = erase_person(journal, CLAIRE, KEYS, NOW + YEAR)
    assert (again.subscribers, again.recipients) == (0, 0)
    with journal.read() as connection:
        assert connection.scalars(select(oppositions.c.at)).all() == [NOW]


def test_two_people_of_one_letter_are_forgotten(journal):
    for key in (CLAIRE, KARIM, MAIRIE, LEA):
        erase_person(journal, key, KEYS, NOW)
    with journal.read() as connection:
        assert connection.scalar(select(func.count()).select_from(recipients)) == 9
        assert connection.scalar(select(func.count()).select_from(subscribers)) == 0
        assert connection.scalar(select(func.count()).select_from(tags)) == 0


def test_the_bytes_are_gone_from_the_file(journal):
    if not journal.is_sqlite:  # PostgreSQL clears its pages by itself, in its own time
        assert not erase_person(journal, CLAIRE, KEYS, NOW).is_wal_truncated
        return
    crowd = [person(f"n{n}@example.org", f"Prénom{n}", "Personne", role=f"Rôle {n}") for n in range(1500)]
    settle(journal, *crowd)
    places = [journal.file, *journal.file.parent.glob(journal.file.name + "-*")]
    assert any(b"claire@example.org" in place.read_bytes() for place in places)
    for key in (CLAIRE, *(f"n{n}@example.org" for n in range(0, 1500, 100))):
        assert erase_person(journal, key, KEYS, NOW).is_wal_truncated
    raw = b"".join(place.read_bytes() for place in places if place.exists())
    assert b"n101@example.org" in raw
    for trace in (b"claire@example.org", b"Claire", b"n100@example.org", "Prénom700".encode(), "Rôle 1400".encode()):
        assert trace not in raw, trace


def test_retention_names_who_had_no_contact_and_who_left_long_ago(database):
    settle(database, FOUR[0], now=NOW - 4 * YEAR)  # the proof, and so the contact, is of today
    old = type(CONSENT)(CONSENT.basis, NOW - 4 * YEAR, "a form")
    settle(database, FOUR[1], FOUR[2], FOUR[3], proof=old, now=NOW - 4 * YEAR)
    with database.write() as connection:
        unsubscribe_address(connection, KARIM, NOW - 4 * YEAR, "a mail")
        change_state(connection, MAIRIE, SubscriberState.BOUNCED, NOW - YEAR, "smtp")
    with database.read() as connection:
        assert {(one.address_key, one.state) for one in expired_subscribers(connection, NOW, 3)} == {
            (KARIM, "unsubscribed"),
            (LEA, "subscribed"),
        }
        assert {one.address_key for one in expired_subscribers(connection, NOW, 5)} == set()
    assert len(erase_expired(database, KEYS, NOW, 3)) == 2
    with database.read() as connection:
        assert find_subscriber(connection, KARIM) is None
        assert count_by_state(connection) == {"subscribed": 1, "bounced": 1}
        # Who said no stays opposed; who was merely silent may come back on a list.
        assert connection.scalars(select(oppositions.c.digest)).all() == [KEYS.opposition_digest(KARIM)]


def test_a_leap_day_has_an_anniversary(database):
    with database.read() as connection:
        leap = NOW.replace(year=2028, month=2, day=29)
        assert list(expired_subscribers(connection, leap, 3)) == []


@pytest.mark.usefixtures("on_database")
def test_a_person_is_forgotten_from_the_command_line(run):
    add = ("subscribers", "add", "eve@example.org", "--basis", "consent", "--source", "un appel")
    assert run(*add).code == 0
    report = json.loads(run("subscribers", "access-report", "Eve@example.org").out)
    assert report["subscriber"]["proof_source"] == "un appel"
    asked = run("subscribers", "forget", "eve@example.org")
    assert (asked.code, "--yes" in asked.err) == (2, True)
    done = run("subscribers", "forget", "eve@example.org", "--yes")
    assert (done.code, "is forgotten" in done.out) == (0, True)
    assert "Nothing was held" in run("subscribers", "forget", "eve@example.org", "--yes").out
    again = run(*add)
    assert (again.code, "asked to be forgotten" in again.err) == (2, True)
    told = json.loads(run("subscribers", "forget", "eve@example.org", "--yes", "--format", "json").out)
    assert (told["subscribers"], told["journal_rows"]) == (0, 0)


@pytest.mark.usefixtures("on_database")
def test_retention_is_a_simulation_until_it_is_applied(run):
    add = (
        "subscribers",
        "add",
        "eve@example.org",
        "--basis",
        "consent",
        "--source",
        "un appel",
        "--date",
        "2001-01-01",
    )
    assert run(*add).code == 0
    dry = run("subscribers", "retention")
    assert "eve@example.org" in dry.out
    assert "1 person to erase\nSimulation" in dry.out
    assert run("subscribers", "list").out.endswith("1 person\n")
    assert "1 person erased" in run("subscribers", "retention", "--apply").out
    assert run("subscribers", "list", "--state", "all").out == "0 people\n"
    told = json.loads(run("subscribers", "retention", "--format", "json").out)
    assert told == {"years": 3, "applied": False, "people": []}


def test_a_sign_up_after_being_forgotten_starts_anew(journal):
    erase_person(journal, CLAIRE, KEYS, NOW)
    with journal.write() as connection:
        new = sign_up(connection, person(CLAIRE), CONSENT, KEYS, NOW)
        report = build_access_report(connection, CLAIRE, KEYS)
    assert new.first_name == ""
    assert report["opposed_since"] is None
    assert [line["what"] for line in report["history"]] == ["signed-up"]
