"""A person gets an issue once, across all its dispatches."""

import threading

import pytest

from pvd_mailer import clock
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.errors import PvdError
from pvd_mailer.journal import batches, dispatches
from pvd_mailer.services.dispatches import control, recovery, selection
from tests.send.line import effective, leave, readers, rows
from tests.send.scripted import ACCEPTED, BAD_ADDRESS, BUSY, LOGIN, REFUSED, UNKNOWN, Scripted, members
from tests.subscribers.people import person

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


def resend(line, dispatch_id, **more):
    return recovery.resolve_unknown(
        line.office, line.find(dispatch_id), accepted=False, cause=None, resolver="Claire", **more
    )[0]


def test_a_second_approval_leaves_out_whoever_has_the_issue(line):
    channel = Scripted()
    line.send(line.approve(channel), channel)
    line.join(person("nouvelle@ville.test"))
    second = line.approve(channel)
    line.send(second, channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY, "nouvelle@ville.test"])
    assert line.states(second) == {RecipientState.ACCEPTED: 1, RecipientState.EXCLUDED: 4}
    assert line.account(second).reasons == {(RecipientState.EXCLUDED, "already", ""): 4}


def test_a_second_approval_leaves_out_whoever_may_have_it(line):
    channel = Scripted(UNKNOWN, ACCEPTED)
    first = line.approve(channel)
    line.send(first, channel)
    assert line.states(first) == {RecipientState.UNKNOWN: 2, RecipientState.ACCEPTED: 2}
    line.join(person("nouvelle@ville.test"))
    second = line.approve(channel)
    line.send(second, channel)
    assert channel.reached[2:] == ["nouvelle@ville.test"]
    assert line.states(second) == {RecipientState.EXCLUDED: 4, RecipientState.ACCEPTED: 1}


def test_a_second_approval_leaves_out_whoever_is_about_to_get_it(line):
    channel = Scripted(ACCEPTED, LOGIN)
    first = line.approve(channel)
    line.send(first, channel)
    assert line.find(first).state is DispatchState.PAUSED
    line.join(person("nouvelle@ville.test"))
    second = line.approve(channel)
    line.send(second, channel)
    line.send(first, channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY, "nouvelle@ville.test"])


def test_an_approval_of_which_everybody_has_the_issue_is_none(line):
    channel = Scripted()
    first = line.approve(channel)
    line.send(first, channel)
    before = rows(line.database)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        line.approve(channel)
    assert rows(line.database) == before


def test_again_sends_it_again_to_those_who_have_it(line):
    channel = Scripted()
    line.send(line.approve(channel), channel)
    line.send(line.approve(channel, again=True), channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY] * 2)


def test_who_got_it_by_a_dispatch_that_sends_again_has_it(line):
    channel = Scripted()
    line.send(line.approve(channel), channel)
    line.join(person("nouvelle@ville.test"))
    line.send(line.approve(channel, again=True), channel)
    line.join(person("derniere@ville.test"))
    third = line.approve(channel)
    line.send(third, channel)
    assert line.states(third) == {RecipientState.EXCLUDED: 5, RecipientState.ACCEPTED: 1}
    assert channel.reached.count("nouvelle@ville.test") == 1


def test_who_is_about_to_get_it_by_a_dispatch_that_sends_again_is_left_out(line):
    channel = Scripted(LOGIN)
    first = line.approve(channel, again=True)
    line.send(first, channel)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        line.approve(channel)


def test_who_was_cancelled_is_free_for_another_dispatch(line):
    channel = Scripted(ACCEPTED, LOGIN)
    first = line.approve(channel)
    line.send(first, channel)
    assert control.cancel_dispatch(line.office, first)
    assert line.states(first) == {RecipientState.ACCEPTED: 2, RecipientState.CANCELLED: 2}
    second = line.approve(channel)
    line.send(second, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_who_was_refused_is_free_for_another_dispatch(line):
    channel = Scripted(members(ACCEPTED, BAD_ADDRESS), REFUSED)
    first = line.approve(channel)
    line.send(first, channel)
    assert line.states(first) == {RecipientState.ACCEPTED: 1, RecipientState.REFUSED: 3}
    second = line.approve(channel)
    line.send(second, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_what_comes_back_after_a_dispatch_was_called_off_is_free_and_not_stranded(line):
    channel = Scripted(batch_size=4)

    def call_off(consignment):
        assert control.cancel_dispatch(line.office, first)
        yield consignment.recipients[0].ref, ACCEPTED
        yield None, LOGIN

    channel.script.append(call_off)
    first = line.approve(channel)
    line.send(first, channel)
    assert line.find(first).state is DispatchState.CANCELLED
    assert line.states(first) == {RecipientState.ACCEPTED: 1, RecipientState.CANCELLED: 3}
    second = line.approve(channel)
    line.send(second, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_the_batch_in_flight_when_a_dispatch_is_called_off_is_not_free(line):
    channel = Scripted(batch_size=2)

    def call_off(_consignment):
        assert control.cancel_dispatch(line.office, first)
        assert line.states(first) == {RecipientState.SENDING: 2, RecipientState.CANCELLED: 2}
        yield None, ACCEPTED

    channel.script.append(call_off)
    first = line.approve(channel)
    line.send(first, channel)
    assert line.states(first) == {RecipientState.ACCEPTED: 2, RecipientState.CANCELLED: 2}
    line.send(line.approve(channel), channel)
    assert sorted(channel.reached) == EVERYBODY


def test_unknowns_of_a_dispatch_that_was_called_off_are_free_once_somebody_says_they_have_it_not(line):
    channel = Scripted(UNKNOWN, LOGIN)
    first = line.approve(channel)
    line.send(first, channel)
    control.cancel_dispatch(line.office, first)
    assert line.states(line.approve(channel)) == {RecipientState.PENDING: 2, RecipientState.EXCLUDED: 2}
    assert resend(line, first) == 2
    assert line.states(first) == {RecipientState.REFUSED: 2, RecipientState.CANCELLED: 2}
    line.send(line.approve(channel), channel)
    assert sorted(channel.reached) == EVERYBODY


def test_a_rehearsal_keeps_nobody_from_the_real_letter(line):
    rehearsal, real = Scripted(), Scripted()
    rehearsal.is_live = False
    line.send(line.approve(rehearsal), rehearsal)
    line.send(line.approve(real), real)
    assert sorted(rehearsal.reached) == sorted(real.reached) == EVERYBODY


def test_trying_the_refused_again_leaves_out_whom_another_dispatch_reached(line):
    channel = Scripted(members(ACCEPTED, BUSY), members(BUSY, BAD_ADDRESS))
    first = line.approve(channel)
    line.send(first, channel)
    assert line.account(first).retryable == 2
    leave(line.database, "lecteur2@ville.test")
    second = line.approve(channel)
    line.send(second, channel)
    assert sorted(channel.reached) == ["lecteur0@ville.test", "lecteur1@ville.test", "lecteur3@ville.test"]
    assert recovery.requeue_refused(line.office, line.find(first)) == 1
    line.send(first, channel)
    assert effective(line.database, first) == {
        "lecteur0@ville.test": RecipientState.ACCEPTED,
        "lecteur1@ville.test": RecipientState.EXCLUDED,
        "lecteur2@ville.test": RecipientState.EXCLUDED,
        "lecteur3@ville.test": RecipientState.REFUSED,
    }
    assert len(channel.reached) == 3


def test_refused_readers_are_reached_by_another_attempt(seated, run):
    channel = Scripted(members(ACCEPTED, BUSY), members(ACCEPTED, BAD_ADDRESS))
    first = seated.approve(channel)
    seated.send(first, channel)
    assert recovery.requeue_refused(seated.office, seated.find(first)) == 1
    assert seated.find(first).state is DispatchState.RUNNING
    seated.send(first, channel)
    assert seated.states(first) == {RecipientState.ACCEPTED: 3, RecipientState.REFUSED: 1}
    assert "refused recipients to be tried again: 1" in run("status", first).out


def test_an_older_dispatch_whose_unknowns_are_to_be_sent_again_is_found(line):
    """Although a newer one has ended: finished means that nobody is pending."""
    channel = Scripted(UNKNOWN)
    first = line.approve(channel)
    line.send(first, channel)
    line.join(person("nouvelle@ville.test"))
    line.send(line.approve(channel), channel)
    assert resend(line, first) == 2
    assert selection.select_dispatch(line.office, line.folder).id == first
    line.send(first, channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY, "nouvelle@ville.test"])
    assert line.find(first).state is DispatchState.FINISHED


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_approvals_at_once_each_person_is_in_one(line, attempt):
    del attempt
    channel = Scripted(batch_size=10)
    line.join(*readers(300, start=10))
    begun = line.approve(channel)
    together = threading.Barrier(2)
    made, faults = [], []

    def approve():
        together.wait(30)
        try:
            made.append(line.approve(channel))
        except PvdError as error:
            faults.append(error)

    threads = [threading.Thread(target=approve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), faults) == (2, [])
    states = [line.find(one).state for one in (begun, *made)]
    assert sorted(states) == [DispatchState.APPROVED, DispatchState.VOID, DispatchState.VOID]


def test_what_was_in_flight_is_shown_as_unknown_before_it_can_be_sent_again(seated, run):
    channel = Scripted()
    one = seated.approve(channel)
    with seated.database.write() as connection:  # a sender that is killed between claim and answer
        dispatches.take_over_dispatch(connection, one, "a sender", clock.now())
        assert batches.claim_batch(connection, one, "a sender", clock.now())
    ran = run("resolve", one, "--resend")
    assert ran.code == 2
    assert "in flight" in ran.err
    assert seated.states(one) == {RecipientState.UNKNOWN: 2, RecipientState.PENDING: 2}
    assert run("resolve", one, "--resend").code == 0
    assert seated.states(one) == {RecipientState.PENDING: 4}


def test_status_says_unknown_of_what_a_killed_sender_left(seated, run):
    channel = Scripted()
    one = seated.approve(channel)
    with seated.database.write() as connection:
        dispatches.take_over_dispatch(connection, one, "a sender", clock.now())
        batches.claim_batch(connection, one, "a sender", clock.now())
    said = run("status").out
    assert "unknown" in said
    assert "--cause killed" in said
    assert "No sender is at work" in said


def test_what_is_done_is_said_to_be_done_where_the_record_cannot_be_written(seated, run):
    channel = Scripted(UNKNOWN)
    one = seated.approve(channel)
    seated.send(one, channel)
    seated.desk.folder.rename(seated.desk.root / "elsewhere")
    ran = run("resolve", one, "--assume", "accepted")
    assert ran.code == 3
    assert "is done" in ran.err
    assert "sent.json" in ran.err
    assert seated.account(one).is_complete
    assert run("report", "1").code == 0
