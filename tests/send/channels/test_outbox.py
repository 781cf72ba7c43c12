"""What the outbox does in its own way."""

import pytest

from pvd_mailer.send.channels import DeliveryOutcome, FailureCause, Outbox
from tests.send.channels.harness import SENDER, accepted, consign, people
from tests.workspace import IssueWorkspace


@pytest.fixture(scope="module")
def small_letter(tmp_path_factory):
    return IssueWorkspace.start(tmp_path_factory.mktemp("desk")).render()


def deliver(folder, letter, readers):
    with Outbox(folder).session() as session:
        return list(session.send(consign(letter, readers)))


def test_a_message_that_is_there_is_accepted_and_not_written_again(small_letter, tmp_path):
    accepted(Outbox(tmp_path), small_letter, people())
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "new").iterdir()}
    accepted(Outbox(tmp_path), small_letter, people())
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "new").iterdir()} == before
    assert before.keys() == {one.ref for one in people()}


def test_a_message_that_was_read_is_not_written_again(small_letter, tmp_path):
    accepted(Outbox(tmp_path), small_letter, people())
    for path in list((tmp_path / "new").iterdir()):
        path.rename(tmp_path / "cur" / f"{path.name}:2,S")
    accepted(Outbox(tmp_path), small_letter, people())
    assert list((tmp_path / "new").iterdir()) == []


def test_a_message_half_written_by_a_killed_process_is_written_whole(small_letter, tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "r0ref").write_bytes(b"half")
    accepted(Outbox(tmp_path), small_letter, people())
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_a_disk_that_cannot_be_written_stops(small_letter, tmp_path):
    (tmp_path / "new").write_text("", "utf-8")
    ((ref, result),) = deliver(tmp_path, small_letter, people())
    assert (ref, result.outcome, result.cause, result.is_fatal) == (
        None,
        DeliveryOutcome.NOT_SENT,
        FailureCause.DISK,
        True,
    )
    assert result.reason


def test_what_was_written_before_the_disk_failed_is_accepted(small_letter, tmp_path):
    (tmp_path / "tmp" / "r1ref").mkdir(parents=True)
    told = deliver(tmp_path, small_letter, people())
    assert [(ref, one.outcome) for ref, one in told] == [
        ("r0ref", DeliveryOutcome.ACCEPTED),
        (None, DeliveryOutcome.NOT_SENT),
    ]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["r0ref"]


def test_nothing_is_made_before_the_first_message(small_letter, tmp_path):
    channel = Outbox(tmp_path / "outbox")
    channel.validate(small_letter, SENDER)
    with channel.session():
        pass
    assert list(tmp_path.iterdir()) == []


def test_it_is_a_rehearsal():
    assert not Outbox.is_live
