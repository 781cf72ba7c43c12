"""One sender at a time for one database; the lock dies with its process."""

import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from pvd_mailer.database import DatabaseError, open_database
from pvd_mailer.database.lock import SenderBusyError, sender_lock
from tests.workspace import environment

HOLD = """
import sys
from pathlib import Path
from pvd_mailer.database import open_database
from pvd_mailer.database.lock import sender_lock

with sender_lock(open_database(sys.argv[1], Path())):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(database_url):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, database_url], env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def _take(database):
    """Take the lock as soon as it is free; the time limit only guards against a hang."""
    for _ in range(600):
        try:
            with sender_lock(database) as lock:
                return lock.is_held()
        except SenderBusyError:
            threading.Event().wait(0.05)
    return False


def test_a_second_sender_is_told_of_the_first(database, holder):
    assert holder.poll() is None
    with pytest.raises(SenderBusyError, match="another send is at work") as caught, sender_lock(database):
        pass
    assert "pvd-mailer status" in caught.value.hint


def test_the_lock_is_free_once_its_process_is_killed(database, holder):
    holder.kill()
    holder.wait()
    assert _take(database)


def test_the_lock_can_be_taken_again_and_again(database):
    for _ in range(3):
        with sender_lock(database) as lock:
            assert lock.is_held()
    with pytest.raises(RuntimeError, match="stopped"), sender_lock(database):
        raise RuntimeError("stopped")
    assert _take(database)


def test_the_same_process_takes_it_once(database):
    with sender_lock(database) as lock:
        with pytest.raises(SenderBusyError), sender_lock(database):
            pass
        assert lock.is_held()


def test_any_thread_may_ask_whether_it_is_held(database):
    answers = []
    with sender_lock(database) as lock:
        threads = [threading.Thread(target=lambda: answers.append(lock.is_held())) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert answers == [True] * 8


def test_two_databases_have_a_lock_each(tmp_path, postgresql):
    urls = [f"sqlite:///{tmp_path / 'a.sqlite'}", f"sqlite:///{tmp_path / 'b.sqlite'}"]
    urls += [postgresql.fresh(), postgresql.fresh()]
    with ExitStack() as stack:
        for url in urls:
            database = open_database(url, Path())
            stack.callback(database.close)
            assert stack.enter_context(sender_lock(database)).is_held()
    for url in urls[2:]:
        postgresql.drop(url)


def test_a_lost_connection_is_noticed_and_stays_lost(postgresql):
    url = postgresql.fresh()
    database = open_database(url, Path())
    with sender_lock(database) as lock:
        assert lock.is_held()
        postgresql.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pvd-mailer sender'"
        )
        assert not lock.is_held()
        assert not lock.is_held()
    database.close()
    postgresql.drop(url)


def test_a_server_that_is_not_there_is_told_of_in_words(tmp_path):
    database = open_database("postgresql://nobody:secret@127.0.0.1:1/none", tmp_path)
    with pytest.raises(DatabaseError, match="cannot be reached") as caught, sender_lock(database):
        pass
    assert "secret" not in f"{caught.value} {caught.value.hint}"
    database.close()
