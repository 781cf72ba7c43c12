"""After a restore nothing fires, and nobody is written to twice."""

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from pvd_mailer.database import open_database, schema
from pvd_mailer.database.backup.archive import BackupArchive
from pvd_mailer.database.backup.restore import has_nothing_to_replace, restore_database
from pvd_mailer.database.backup.suppressions import unknown_unsubscribes, write_unknown_unsubscribes
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import ForeignDatabaseError, migrate
from pvd_mailer.keys import make_keys
from tests.database import rows
from tests.database.backup.test_archive import content, packed

AFTER = rows.NOON.replace(year=2027)


@pytest.fixture
def restored(database):
    """Restore the database from a backup of itself."""

    def restored(keys=None, then=None):
        archive = BackupArchive(packed(database, keys), "a")
        if then is not None:
            with database.write() as connection:
                then(connection)
        done = restore_database(database, archive, AFTER)
        archive.close()
        return done

    return restored


def _states(database, dispatch_id):
    effective = func.coalesce(schema.recipients.c.state, schema.batches.c.state)
    cause = func.coalesce(func.nullif(schema.recipients.c.cause, ""), schema.batches.c.cause, "")
    query = (
        select(effective, cause, schema.recipients.c.claims_issue, func.count())
        .select_from(schema.recipients.outerjoin(schema.batches, schema.recipients.c.batch_id == schema.batches.c.id))
        .where(schema.recipients.c.dispatch_id == dispatch_id)
        .group_by(effective, cause, schema.recipients.c.claims_issue)
    )
    with database.read() as connection:
        return {(state, why, holds): count for state, why, holds, count in connection.execute(query)}


def _dispatch(database, name):
    with database.read() as connection:
        return connection.execute(select(schema.dispatches).where(schema.dispatches.c.id == name)).one()


def test_an_approval_is_void_and_its_schedule_gone(database, restored):
    with database.write() as connection:
        rows.letter(connection)
        rows.dispatch(connection, state="approved", start_at=rows.NOON)
        rows.recipients(connection, rows.batch(connection), range(5))
    done = restored()
    assert done.quarantine.void == ["d1"]
    assert done.quarantine.unknown == 0
    one = _dispatch(database, "d1")
    assert (one.state, one.start_at, one.ended_at) == ("void", None, AFTER)
    assert _states(database, "d1") == {("cancelled", "", False): 5}
    with database.read() as connection:
        assert connection.execute(select(schema.log.c.what, schema.log.c.detail)).all() == [("void", "restored")]


@pytest.mark.parametrize("state", ["running", "paused"])
def test_who_may_have_been_written_to_since_is_unknown(database, restored, state):
    with database.write() as connection:
        rows.letter(connection)
        rows.dispatch(connection, state=state, owner="me", start_at=rows.NOON)
        rows.recipients(connection, rows.batch(connection, "accepted"), range(3))
        rows.recipients(connection, rows.batch(connection, "sending", owner="me", attempt=1), range(10, 14))
        rows.recipients(connection, rows.batch(connection, not_before=rows.NOON), range(20, 25))
        rows.recipients(connection, rows.batch(connection, "unknown", cause="no-answer"), range(30, 32))
        rows.recipients(connection, rows.batch(connection), [40], state="refused", claims_issue=False)
        rows.recipients(connection, None, [50], state="excluded", cause="unsubscribed")
    done = restored()
    assert done.quarantine.paused == ["d1"]
    assert done.quarantine.unknown == 9
    one = _dispatch(database, "d1")
    assert (one.state, one.paused_why, one.owner, one.start_at) == ("paused", "restored", None, None)
    assert _states(database, "d1") == {
        ("accepted", "", True): 3,
        ("unknown", "restored", True): 9,
        ("unknown", "no-answer", True): 2,
        ("refused", "restored", False): 1,
        ("excluded", "unsubscribed", False): 1,
    }
    with database.read() as connection:
        owners = connection.execute(select(schema.batches.c.owner)).scalars().all()
        assert set(owners) == {None}


def test_who_was_refused_and_may_have_been_tried_again_is_unknown(database, restored):
    with database.write() as connection:
        rows.letter(connection)
        rows.dispatch(connection, state="finished")
        rows.recipients(connection, rows.batch(connection, "refused", retryable=True), range(3), claims_issue=False)
        own = rows.batch(connection, "accepted")
        rows.recipients(connection, own, [10], state="refused", retryable=True, claims_issue=False)
        rows.recipients(connection, own, [11], state="refused", cause="address", claims_issue=False)
        rows.recipients(connection, own, [12])
    done = restored()
    assert done.quarantine.unknown == 4
    assert _states(database, "d1") == {
        ("unknown", "restored", True): 4,
        ("refused", "address", False): 1,
        ("accepted", "", True): 1,
    }


def test_who_was_refused_by_two_dispatches_is_held_by_one(database, restored):
    with database.write() as connection:
        rows.letter(connection)
        for name, moment in (("d1", rows.NOON), ("d2", AFTER)):
            rows.dispatch(connection, name, state="finished", approved_at=moment)
            refused = rows.batch(connection, "refused", name, retryable=True)
            rows.recipients(connection, refused, [1], dispatch_id=name, claims_issue=False)
    assert restored().quarantine.unknown == 1
    assert _states(database, "d1") == {("refused", "", False): 1}
    assert _states(database, "d2") == {("unknown", "restored", True): 1}


def test_what_is_finished_stays_as_it_is(database, restored):
    with database.write() as connection:
        rows.letter(connection)
        for number, state in enumerate(("finished", "cancelled", "void")):
            rows.dispatch(connection, f"d{number}", state=state, number=number)
            batch = rows.batch(connection, "accepted" if state == "finished" else "cancelled", f"d{number}")
            rows.recipients(connection, batch, range(5), dispatch_id=f"d{number}", number=number)
    before = content(database)
    done = restored()
    assert (done.quarantine.void, done.quarantine.paused, done.quarantine.unknown) == ([], [], 0)
    assert content(database) == before


def test_who_left_since_the_backup_stays_away(database, restored):
    keys = make_keys()
    ensure_same_keys(database, keys)
    with database.write() as connection:
        for number in range(5):
            rows.subscriber(connection, number)
        rows.subscriber(connection, 5, state="unsubscribed")

    def leave(connection):
        connection.execute(text("UPDATE subscribers SET state = 'unsubscribed' WHERE ref = 'r0'"))
        connection.execute(text("UPDATE subscribers SET state = 'complained' WHERE ref = 'r1'"))
        connection.execute(text("DELETE FROM subscribers WHERE ref = 'r2'"))
        digest = keys.opposition_digest("reader2@example.org")
        connection.execute(schema.oppositions.insert().values(digest=digest, at=AFTER, reason="forgotten"))
        connection.execute(text("UPDATE subscribers SET state = 'subscribed' WHERE ref = 'r5'"))

    done = restored(keys, leave)
    assert (done.unsubscribed, done.forgotten) == (2, 1)
    with database.read() as connection:
        query = select(schema.subscribers.c.state).order_by(schema.subscribers.c.ref)
        assert Counter(connection.execute(query).scalars()) == Counter(
            {"unsubscribed": 3, "complained": 1, "subscribed": 2}
        )
        assert connection.execute(select(func.count()).select_from(schema.oppositions)).scalar() == 1


def test_who_left_by_a_link_that_the_replaced_database_did_not_know_stays_away(database, restored):
    with database.write() as connection:
        for number in range(3):
            rows.subscriber(connection, number)

    def leave(connection):
        connection.execute(text("DELETE FROM subscribers"))
        write_unknown_unsubscribes(connection, {"r1": AFTER, "nobody": AFTER}, "site")

    assert restored(None, leave).unsubscribed == 1
    with database.read() as connection:
        query = select(schema.subscribers.c.ref, schema.subscribers.c.state).order_by(schema.subscribers.c.ref)
        assert [tuple(row) for row in connection.execute(query)] == [
            ("r0", "subscribed"),
            ("r1", "unsubscribed"),
            ("r2", "subscribed"),
        ]
        assert unknown_unsubscribes(connection) == {"nobody": AFTER}


def test_a_backup_from_before_the_column_was_renamed_says_who_claims_the_issue(database, tmp_path):
    older = open_database(None, tmp_path / "older.sqlite")
    with older.write() as connection:
        migrate(connection, "0005")
        rows.letter(connection)
        rows.dispatch(connection, state="running")
        accepted, pending = rows.batch(connection, "accepted"), rows.batch(connection)
        for position, batch in enumerate((accepted, accepted, pending)):
            rows.old_recipient(connection, batch, position, holds=position != 1)
    archive = BackupArchive(packed(older), "a")
    assert restore_database(database, archive, AFTER).quarantine.unknown == 1
    assert _states(database, "d1") == {
        ("accepted", "", True): 1,
        ("accepted", "", False): 1,
        ("unknown", "restored", True): 1,
    }
    archive.close()
    older.close()


def test_a_restore_that_fails_leaves_everything_as_it_was(database, monkeypatch):
    with database.write() as connection:
        rows.letter(connection)
        rows.dispatch(connection, state="approved", start_at=rows.NOON)
        rows.recipients(connection, rows.batch(connection), range(5))
    before = content(database)
    archive = BackupArchive(packed(database), "a")

    def fail(*_told):
        raise RuntimeError("in the middle")

    monkeypatch.setattr("pvd_mailer.database.backup.restore.quarantine_after_restore", fail)
    with pytest.raises(RuntimeError):
        restore_database(database, archive, AFTER)
    assert content(database) == before
    archive.close()


def test_a_database_of_another_program_is_not_replaced(database, empty_url):
    archive = BackupArchive(packed(database), "a")
    foreign = open_database(empty_url, Path())
    with foreign.write() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(ForeignDatabaseError):
        has_nothing_to_replace(foreign)
    with pytest.raises(ForeignDatabaseError):
        restore_database(foreign, archive, AFTER)
    foreign.close()
    archive.close()


def test_a_table_of_another_program_beside_ours_is_not_dropped(database):
    archive = BackupArchive(packed(database), "a")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    with pytest.raises(ForeignDatabaseError):
        restore_database(database, archive, AFTER)
    archive.close()


def test_a_database_is_empty_until_it_holds_something(database, empty_url):
    untouched = open_database(empty_url, Path())
    assert has_nothing_to_replace(untouched)
    untouched.close()
    assert has_nothing_to_replace(database)
    ensure_same_keys(database, make_keys())
    assert has_nothing_to_replace(database)
    with database.write() as connection:
        rows.subscriber(connection, 1)
    assert not has_nothing_to_replace(database)
