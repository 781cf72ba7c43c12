"""A backup is encrypted, whole or not there, and read back; keys and database belong together."""

import errno
import os
import pty
import shutil
import sqlite3
import stat
import zipfile
from pathlib import Path

import pyrage.passphrase
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pvd_mailer.database import DatabaseError, open_database, schema
from pvd_mailer.database.backup.age import AgeWriter
from pvd_mailer.database.backup.create import backup_name, make_backup, read_backup
from pvd_mailer.database.backup.encryption import BackupError, check_passphrase, decrypt_backup
from pvd_mailer.database.backup.restore import restore_database
from pvd_mailer.database.key_binding import ensure_same_keys, stored_key_fingerprint
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.keys import KeysError, make_keys, with_new_key
from tests.database import rows

PASSPHRASE = "quatre mots sans rapport"  # noqa: S105 - of tests alone
KEYS = make_keys()


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    """A backup, made once: encrypting takes its time."""
    folder = tmp_path_factory.mktemp("backup")
    database = open_database(f"sqlite:///{folder / 'pvd.sqlite'}", Path())
    prepare_database(database)
    with database.write() as connection:
        rows.letter(connection)
        for number in range(3):
            rows.subscriber(connection, number)
    made = make_backup(database, KEYS, PASSPHRASE, folder / "backups" / "one.age", rows.NOON)
    database.close()
    return made


def test_a_backup_is_for_its_owner_alone_and_holds_nothing_that_can_be_read(backup):
    assert stat.S_IMODE(backup.file.stat().st_mode) == 0o600
    assert [one.name for one in backup.file.parent.iterdir()] == ["one.age"]
    data = backup.file.read_bytes()
    assert backup.size == len(data)
    for secret in (
        b"example.org",
        KEYS.opposition.encode(),
        KEYS.signing[0].encode(),
        b"manifest",
        PASSPHRASE.encode(),
    ):
        assert secret not in data


def test_a_backup_reads_back(backup):
    archive = read_backup(backup.file, PASSPHRASE)
    assert archive.keys == KEYS
    assert archive.manifest == backup.manifest
    assert archive.manifest.count("subscribers") == 3
    archive.close()


def test_the_standard_tool_opens_it(backup, need, tmp_path):
    need("age")
    opened = tmp_path / "opened.zip"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(shutil.which("age"), ["age", "--decrypt", "--output", str(opened), str(backup.file)])  # noqa: S606 - it asks at a terminal
    said = b""
    while b"passphrase" not in said:
        said += os.read(terminal, 1000)
    os.write(terminal, PASSPHRASE.encode() + b"\n")
    while True:
        try:
            if not os.read(terminal, 1000):
                break
        except OSError:  # the terminal is gone with its process
            break
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(terminal)
    with zipfile.ZipFile(opened) as inside:
        assert b"reader1@example.org" in inside.read("tables/subscribers.jsonl")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-7], "damaged or cut short"),
        (lambda data: data[:900], "damaged or cut short"),
        (lambda data: data[:60], "damaged or cut short"),
        (lambda data: data[:-100] + b"!" + data[-99:], "damaged or cut short"),
        (lambda _data: b"", "not a backup"),
        (lambda _data: b"PK\x03\x04 something else", "not a backup"),
        (lambda _data: b"age-encryption.org/v1\n-> X25519 abc\n", "not a backup"),
    ],
)
def test_what_is_not_a_whole_backup_is_told_of(backup, tmp_path, change, words):
    file = tmp_path / "a.age"
    file.write_bytes(change(backup.file.read_bytes()))
    with pytest.raises(BackupError, match=words):
        read_backup(file, PASSPHRASE)


def test_another_passphrase_is_told_of(backup):
    with pytest.raises(BackupError, match=r"the passphrase does not open one\.age"):
        read_backup(backup.file, "quatre autres mots encore")


def test_a_file_that_is_not_there_is_told_of(tmp_path):
    with pytest.raises(BackupError, match="there is no such file"):
        read_backup(tmp_path / "none.age", PASSPHRASE)


@pytest.mark.parametrize("passphrase", ["", "court", "aaaaaaaaaaaaaaaaaaaa", "12121212121212"])
def test_a_weak_passphrase_is_refused(passphrase):
    with pytest.raises(WrongUsageError, match="12 characters or more"):
        check_passphrase(passphrase)


def test_no_backup_is_overwritten(database, backup):
    before = backup.file.read_bytes()
    with pytest.raises(WrongUsageError, match="there already"):
        make_backup(database, KEYS, PASSPHRASE, backup.file, rows.NOON)
    assert backup.file.read_bytes() == before


def test_a_backup_that_does_not_read_back_is_not_kept(database, tmp_path, monkeypatch):
    monkeypatch.setattr("pvd_mailer.database.backup.age.AgeWriter.close", lambda _sealing: None)
    with pytest.raises(BackupError, match="damaged"):
        make_backup(database, KEYS, PASSPHRASE, tmp_path / "backups" / "a.age", rows.NOON)
    assert list((tmp_path / "backups").iterdir()) == []


def test_two_backups_of_one_second_have_two_names():
    assert backup_name(rows.NOON) != backup_name(rows.NOON)
    assert backup_name(rows.NOON).startswith("pvd-mailer-20260307T120000Z-")


def test_a_database_remembers_its_keys(database):
    assert stored_key_fingerprint(database) is None
    ensure_same_keys(database, KEYS)
    ensure_same_keys(database, with_new_key(KEYS))
    assert stored_key_fingerprint(database) == KEYS.fingerprint
    with pytest.raises(KeysError, match="signed with another key") as caught:
        ensure_same_keys(database, make_keys())
    assert "PVD_KEYS" in caught.value.hint
    assert stored_key_fingerprint(database) == KEYS.fingerprint
    with database.read() as connection:
        assert KEYS.opposition not in str(connection.execute(select(schema.facts)).all())


def test_a_database_that_another_program_keeps_locked_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr("pvd_mailer.database.engine.BUSY_SECONDS", 0)
    database = open_database(f"sqlite:///{tmp_path / 'pvd.sqlite'}", Path())
    prepare_database(database)
    database.close()
    other = sqlite3.connect(database.file, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseError, match="in use by another program"):
        make_backup(database, KEYS, PASSPHRASE, tmp_path / "a.age", rows.NOON)
    other.close()
    database.close()
    assert not (tmp_path / "a.age").exists()


def test_a_backup_of_before_is_restored(database, backup, tmp_path):
    """They were enclosed by another library, whose scrypt was as dear as the machine was fast."""
    with decrypt_backup(backup.file.open("rb"), PASSPHRASE, "one.age") as inside:
        plain = inside.read()
    file = tmp_path / "before.age"
    file.write_bytes(pyrage.passphrase.encrypt(plain, PASSPHRASE))
    archive = read_backup(file, PASSPHRASE)
    assert archive.manifest == backup.manifest
    assert restore_database(database, archive, rows.NOON).counts["subscribers"] == 3
    archive.close()


def test_no_room_in_the_middle_is_told_and_leaves_nothing(database, tmp_path, monkeypatch):
    with database.write() as connection:
        rows.letter(connection, os.urandom(300_000))
    real, written = AgeWriter._write_chunk, []

    def put(sealing, chunk, *, last):
        written.append(chunk)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(sealing, chunk, last=last)

    monkeypatch.setattr(AgeWriter, "_write_chunk", put)
    with pytest.raises(OSError, match="No space left"):
        make_backup(database, KEYS, PASSPHRASE, tmp_path / "backups" / "a.age", rows.NOON)
    assert list((tmp_path / "backups").iterdir()) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255))
def test_a_byte_changed_anywhere_is_told_in_words(chunked_backup, tmp_path, place, change):
    data = bytearray(chunked_backup.file.read_bytes())
    data[int(place * len(data))] ^= change
    file = tmp_path / "a.age"
    file.write_bytes(bytes(data))
    with pytest.raises(BackupError, match=r"damaged or cut short|does not open|not a backup"):
        read_backup(file, PASSPHRASE).close()


@pytest.fixture
def chunked_backup(database, tmp_path, monkeypatch):
    """A backup of more than one chunk, whose guessing is cheap."""
    monkeypatch.setattr("pvd_mailer.database.backup.age.SCRYPT_WORK_FACTOR", 4)
    with database.write() as connection:
        rows.letter(connection, os.urandom(100_000))
        rows.subscriber(connection, 1)
    return make_backup(database, KEYS, PASSPHRASE, tmp_path / "quick" / "one.age", rows.NOON)


def test_a_backup_damaged_between_its_check_and_its_restore_changes_nothing(chunked_backup, database):
    archive = read_backup(chunked_backup.file, PASSPHRASE)
    with database.write() as connection:
        rows.subscriber(connection, 2)
    data = bytearray(chunked_backup.file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    chunked_backup.file.write_bytes(bytes(data))
    with pytest.raises(BackupError, match="damaged"):
        restore_database(database, archive, rows.NOON)
    archive.close()
    with database.read() as connection:
        assert len(connection.execute(select(schema.subscribers)).all()) == 2


def test_a_machine_with_too_little_memory_says_so(backup, monkeypatch):
    def none_left(*_told):
        raise MemoryError

    monkeypatch.setattr("pvd_mailer.database.backup.age._wrapping_cipher", none_left)
    with pytest.raises(BackupError, match=r"too little memory to open one\.age"):
        read_backup(backup.file, PASSPHRASE)
