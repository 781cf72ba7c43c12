"""What goes into a backup comes out of it, whichever database it came from and goes to."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from pvd_mailer.database import open_database, schema
from pvd_mailer.database.backup.archive import BackupArchive, write_archive
from pvd_mailer.database.backup.encryption import BackupError
from pvd_mailer.database.backup.restore import restore_database
from pvd_mailer.database.migrate import database_revision, known_revisions, prepare_database, upgrade_database
from pvd_mailer.database.schema import metadata
from pvd_mailer.keys import make_keys
from tests.database import later, rows

LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])  # PostgreSQL keeps no NUL
TEXTS = st.text(LETTERS, max_size=40)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - `timezones` adds it


@pytest.fixture
def both_databases(tmp_path, postgresql):
    """A SQLite database and a PostgreSQL one, both empty but for their tables."""
    url = postgresql.fresh("prepared")
    both = [open_database(f"sqlite:///{tmp_path / 'a.sqlite'}", Path()), open_database(url, Path())]
    prepare_database(both[0])
    yield both
    for one in both:
        one.close()
    postgresql.drop(url)


def packed(database, keys=None):
    """A backup of the database, without its envelope."""
    target = BytesIO()
    with database.read() as connection:
        write_archive(connection, database_revision(database), keys, rows.NOON, target)
    target.seek(0)
    return target


def content(database):
    """All rows of all tables."""
    with database.read() as connection:
        return {
            table.name: sorted(connection.execute(select(table)).all(), key=repr) for table in metadata.sorted_tables
        }


@settings(max_examples=15)
@given(
    people=st.lists(st.tuples(TEXTS, TEXTS, MOMENTS), max_size=5),
    letters=st.lists(st.binary(max_size=300), unique=True, max_size=3),
    marks=st.lists(st.tuples(TEXTS, TEXTS), unique=True, max_size=5),
    known=st.dictionaries(st.text(LETTERS, min_size=1, max_size=40), TEXTS, max_size=3),
)
def test_any_content_goes_from_one_database_to_the_other_and_back(both_databases, people, letters, marks, known):
    sqlite, postgresql = both_databases
    with sqlite.write() as connection:
        for table in (schema.blobs, schema.tags, schema.histories, schema.subscribers, schema.facts):
            connection.execute(delete(table))
        for data in letters:
            rows.letter(connection, data)
        for number, (name, wording, moment) in enumerate(people):
            one = rows.subscriber(
                connection, number, first_name=name, proof_wording=wording, proof_at=moment, address=f"{name}@x"
            )
            for key, value in marks:
                connection.execute(insert(schema.tags).values(subscriber_id=one, key=key, value=value, value_key=value))
        if known:
            connection.execute(insert(schema.facts), [{"name": name, "value": value} for name, value in known.items()])
    before = content(sqlite)
    for source, target in ((sqlite, postgresql), (postgresql, sqlite)):
        archive = BackupArchive(packed(source), "a")
        archive.verify()
        restore_database(target, archive, rows.NOON)
        assert content(target) == before
        archive.close()


def _filled(database):
    with database.write() as connection:
        rows.letter(connection)
        rows.dispatch(connection, state="finished")
        rows.recipients(connection, rows.batch(connection, "accepted"), range(20))
        for number in range(3):
            rows.subscriber(connection, number)


def test_a_restored_database_goes_on_numbering(database):
    _filled(database)
    archive = BackupArchive(packed(database), "a")
    restore_database(database, archive, rows.NOON)
    with database.write() as connection:
        assert rows.batch(connection) == 2
        assert rows.subscriber(connection, 3) == 4
    archive.close()


def test_the_restored_tables_guard_the_states_again(database):
    _filled(database)
    archive = BackupArchive(packed(database), "a")
    restore_database(database, archive, rows.NOON)
    with pytest.raises(Exception, match="pvd: batches"), database.write() as connection:
        connection.execute(schema.batches.update().values(state="pending"))
    archive.close()


def test_a_backup_of_last_year_is_brought_up_to_date(database, tmp_path, monkeypatch):
    _filled(database)
    old = packed(database)
    monkeypatch.setattr(
        "pvd_mailer.database.migrate.MIGRATION_FOLDERS",
        [*_scripts(), later.add(tmp_path, known_revisions()[-1])],
    )
    upgrade_database(database)
    archive = BackupArchive(old, "a")
    restore_database(database, archive, rows.NOON)
    assert database_revision(database) == "0900"
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT language FROM subscribers").scalars().all() == ["fr"] * 3
    archive.close()


def _scripts():
    from pvd_mailer.database.migrate import MIGRATION_FOLDERS  # noqa: PLC0415 - as it is now, for a test that changes it

    return MIGRATION_FOLDERS


def test_a_backup_of_next_year_is_not_restored(database, tmp_path, monkeypatch):
    _filled(database)
    before = content(database)
    with monkeypatch.context() as newer:
        newer.setattr(
            "pvd_mailer.database.migrate.MIGRATION_FOLDERS", [*_scripts(), later.add(tmp_path, known_revisions()[-1])]
        )
        fresh = open_database(f"sqlite:///{tmp_path / 'newer.sqlite'}", Path())
        prepare_database(fresh)
        newest = packed(fresh)
        fresh.close()
    archive = BackupArchive(newest, "next-year.age")
    with pytest.raises(BackupError, match=r"next-year\.age was made by a newer version"):
        restore_database(database, archive, rows.NOON)
    assert content(database) == before
    archive.close()


def test_a_backup_holds_one_moment_whatever_is_written_meanwhile(database, monkeypatch):
    _filled(database)
    from pvd_mailer.database.backup import archive as module  # noqa: PLC0415 - it is changed here

    real = module.read_tables

    def read_tables(connection, names):
        found = real(connection, names)
        connection.execute(select(schema.facts)).all()
        with database.write() as other:  # a send at work, after the backup has begun to read
            rows.subscriber(other, 99)
            rows.recipients(other, rows.batch(other, "accepted"), range(100, 120))
        return found

    monkeypatch.setattr(module, "read_tables", read_tables)
    archive = BackupArchive(packed(database), "a")
    assert archive.manifest.count("subscribers") == 3
    assert archive.manifest.count("recipients") == 20
    assert archive.manifest.count("batches") == 1
    archive.close()


def test_the_key_ring_is_inside(database):
    keys = make_keys()
    archive = BackupArchive(packed(database, keys), "a")
    assert archive.keys == keys
    archive.close()


def test_a_changed_byte_anywhere_is_noticed(database):
    _filled(database)
    whole = packed(database, make_keys()).getvalue()
    told = 0
    for place in range(0, len(whole), 97):
        changed = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        try:
            archive = BackupArchive(BytesIO(changed), "a")
        except BackupError:
            told += 1
            continue
        try:
            archive.verify()
        except BackupError:
            told += 1
        else:
            # In what a zip file says twice, or in what nobody reads: the content is the same all the same.
            assert archive.manifest.tables == BackupArchive(BytesIO(whole), "a").manifest.tables
        archive.close()
    assert told > len(range(0, len(whole), 97)) // 2


@pytest.mark.parametrize("length", [0, 10, 1000, -1])
def test_a_backup_that_is_cut_short_is_noticed(database, length):
    with pytest.raises(BackupError, match="damaged or cut short"):
        BackupArchive(BytesIO(packed(database).getvalue()[:length]), "a")


def test_moments_are_the_same_in_every_zone(database):
    moment = rows.NOON + timedelta(microseconds=123_456)
    with database.write() as connection:
        rows.subscriber(connection, 1, proof_at=moment)
    archive = BackupArchive(packed(database), "a")
    restore_database(database, archive, rows.NOON)
    with database.read() as connection:
        assert connection.execute(select(schema.subscribers.c.proof_at)).scalar() == moment
    archive.close()
