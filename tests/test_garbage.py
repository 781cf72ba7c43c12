import gc
from threading import Barrier, Thread

import pytest

from pvd_mailer.errors import BlockedError
from pvd_mailer.garbage import collection_paused
from tests.workspace import IssueWorkspace


@pytest.fixture(autouse=True)
def enabled():
    gc.enable()
    yield
    gc.enable()


def test_nothing_is_collected_while_a_letter_is_made(tmp_path):
    issue_workspace = IssueWorkspace.start(tmp_path)
    issue_workspace.render()
    generations = []

    def note(phase, _info):
        if phase == "start":
            generations.append(gc.isenabled())

    gc.callbacks.append(note)
    try:
        issue_workspace.render()
    finally:
        gc.callbacks.remove(note)
    # Between reading and rendering one may come, and one at the end.
    assert len(generations) <= 2
    assert gc.isenabled()


def test_collection_goes_on_after_a_fault_of_the_letter(tmp_path):
    issue_workspace = IssueWorkspace.start(tmp_path)
    (issue_workspace.own / "letter.mjml").write_text("{{ 1 / 0 }}", encoding="utf-8")
    with pytest.raises(BlockedError):
        issue_workspace.render()
    assert gc.isenabled()


def test_collection_that_was_off_stays_off(tmp_path):
    gc.disable()
    IssueWorkspace.start(tmp_path).render()
    assert not gc.isenabled()


def test_a_pause_inside_a_pause_does_not_end_it():
    with collection_paused():
        with collection_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collection_goes_on_when_the_last_thread_is_done():
    inside, leave = Barrier(3), Barrier(3)
    seen = []

    def pause(*, fail):
        try:
            with collection_paused():
                inside.wait(20)
                if fail:
                    int("a fault")
                leave.wait(20)
        except ValueError:
            leave.wait(20)

    threads = [Thread(target=pause, kwargs={"fail": fail}) for fail in (False, True)]
    for thread in threads:
        thread.start()
    inside.wait(20)
    seen.append(gc.isenabled())
    leave.wait(20)
    for thread in threads:
        thread.join(20)
    assert seen == [False]
    assert gc.isenabled()
