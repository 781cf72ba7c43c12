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


def resend(mailing, dispatch_id, **more):
    return recovery.resolve_unknown(
        mailing.office, mailing.find(dispatch_id), accepted=False, cause=None, resolver="Claire", **more
    )[0]


def test_a_second_approval_leaves_out_whoever_has_the_issue(mailing):
    channel = Scripted()
    mailing.send(mailing.approve(channel), channel)
    mailing.join(person("nouvelle@ville.test"))
    second = mailing.approve(channel)
    mailing.send(second, channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY, "nouvelle@ville.test"])
    assert mailing.states(second) == {RecipientState.ACCEPTED: 1, RecipientState.EXCLUDED: 4}
    assert mailing.account(second).reasons == {(RecipientState.EXCLUDED, "already", ""): 4}


def test_a_second_approval_leaves_out_whoever_may_have_it(mailing):
    channel = Scripted(UNKNOWN, ACCEPTED)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert mailing.states(first) == {RecipientState.UNKNOWN: 2, RecipientState.ACCEPTED: 2}
    mailing.join(person("nouvelle@ville.test"))
    second = mailing.approve(channel)
    mailing.send(second, channel)
    assert channel.reached[2:] == ["nouvelle@ville.test"]
    assert mailing.states(second) == {RecipientState.EXCLUDED: 4, RecipientState.ACCEPTED: 1}


def test_a_second_approval_leaves_out_whoever_is_about_to_get_it(mailing):
    channel = Scripted(ACCEPTED, LOGIN)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert mailing.find(first).state is DispatchState.PAUSED
    mailing.join(person("nouvelle@ville.test"))
    second = mailing.approve(channel)
    mailing.send(second, channel)
    mailing.send(first, channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY, "nouvelle@ville.test"])


def test_an_approval_of_which_everybody_has_the_issue_is_none(mailing):
    channel = Scripted()
    first = mailing.approve(channel)
    mailing.send(first, channel)
    before = rows(mailing.database)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        mailing.approve(channel)
    assert rows(mailing.database) == before


def test_again_sends_it_again_to_those_who_have_it(mailing):
    channel = Scripted()
    mailing.send(mailing.approve(channel), channel)
    mailing.send(mailing.approve(channel, again=True), channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY] * 2)


def test_who_got_it_by_a_dispatch_that_sends_again_has_it(mailing):
    channel = Scripted()
    mailing.send(mailing.approve(channel), channel)
    mailing.join(person("nouvelle@ville.test"))
    mailing.send(mailing.approve(channel, again=True), channel)
    mailing.join(person("derniere@ville.test"))
    third = mailing.approve(channel)
    mailing.send(third, channel)
    assert mailing.states(third) == {RecipientState.EXCLUDED: 5, RecipientState.ACCEPTED: 1}
    assert channel.reached.count("nouvelle@ville.test") == 1


def test_who_is_about_to_get_it_by_a_dispatch_that_sends_again_is_left_out(mailing):
    channel = Scripted(LOGIN)
    first = mailing.approve(channel, again=True)
    mailing.send(first, channel)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        mailing.approve(channel)


def test_who_was_cancelled_is_free_for_another_dispatch(mailing):
    channel = Scripted(ACCEPTED, LOGIN)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert control.cancel_dispatch(mailing.office, first)
    assert mailing.states(first) == {RecipientState.ACCEPTED: 2, RecipientState.CANCELLED: 2}
    second = mailing.approve(channel)
    mailing.send(second, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_who_was_refused_is_free_for_another_dispatch(mailing):
    channel = Scripted(members(ACCEPTED, BAD_ADDRESS), REFUSED)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert mailing.states(first) == {RecipientState.ACCEPTED: 1, RecipientState.REFUSED: 3}
    second = mailing.approve(channel)
    mailing.send(second, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_what_comes_back_after_a_dispatch_was_called_off_is_free_and_not_stranded(mailing):
    channel = Scripted(batch_size=4)

    def call_off(consignment):
        assert control.cancel_dispatch(mailing.office, first)
        yield consignment.recipients[0].ref, ACCEPTED
        yield None, LOGIN

    channel.script.append(call_off)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert mailing.find(first).state is DispatchState.CANCELLED
    assert mailing.states(first) == {RecipientState.ACCEPTED: 1, RecipientState.CANCELLED: 3}
    second = mailing.approve(channel)
    mailing.send(second, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_the_batch_in_flight_when_a_dispatch_is_called_off_is_not_free(mailing):
    channel = Scripted(batch_size=2)

    def call_off(_consignment):
        assert control.cancel_dispatch(mailing.office, first)
        assert mailing.states(first) == {RecipientState.SENDING: 2, RecipientState.CANCELLED: 2}
        yield None, ACCEPTED

    channel.script.append(call_off)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert mailing.states(first) == {RecipientState.ACCEPTED: 2, RecipientState.CANCELLED: 2}
    mailing.send(mailing.approve(channel), channel)
    assert sorted(channel.reached) == EVERYBODY


def test_unknowns_of_a_dispatch_that_was_called_off_are_free_once_somebody_says_they_have_it_not(mailing):
    channel = Scripted(UNKNOWN, LOGIN)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    control.cancel_dispatch(mailing.office, first)
    assert mailing.states(mailing.approve(channel)) == {RecipientState.PENDING: 2, RecipientState.EXCLUDED: 2}
    assert resend(mailing, first) == 2
    assert mailing.states(first) == {RecipientState.REFUSED: 2, RecipientState.CANCELLED: 2}
    mailing.send(mailing.approve(channel), channel)
    assert sorted(channel.reached) == EVERYBODY


def test_a_rehearsal_keeps_nobody_from_the_real_letter(mailing):
    rehearsal, real = Scripted(), Scripted()
    rehearsal.is_live = False
    mailing.send(mailing.approve(rehearsal), rehearsal)
    mailing.send(mailing.approve(real), real)
    assert sorted(rehearsal.reached) == sorted(real.reached) == EVERYBODY


def test_trying_the_refused_again_leaves_out_whom_another_dispatch_reached(mailing):
    channel = Scripted(members(ACCEPTED, BUSY), members(BUSY, BAD_ADDRESS))
    first = mailing.approve(channel)
    mailing.send(first, channel)
    assert mailing.account(first).retryable == 2
    leave(mailing.database, "lecteur2@ville.test")
    second = mailing.approve(channel)
    mailing.send(second, channel)
    assert sorted(channel.reached) == ["lecteur0@ville.test", "lecteur1@ville.test", "lecteur3@ville.test"]
    assert recovery.requeue_refused(mailing.office, mailing.find(first)) == 1
    mailing.send(first, channel)
    assert effective(mailing.database, first) == {
        "lecteur0@ville.test": RecipientState.ACCEPTED,
        "lecteur1@ville.test": RecipientState.EXCLUDED,
        "lecteur2@ville.test": RecipientState.EXCLUDED,
        "lecteur3@ville.test": RecipientState.REFUSED,
    }
    assert len(channel.reached) == 3


def test_refused_readers_are_reached_by_another_attempt(mailing_commands, run):
    channel = Scripted(members(ACCEPTED, BUSY), members(ACCEPTED, BAD_ADDRESS))
    first = mailing_commands.approve(channel)
    mailing_commands.send(first, channel)
    assert recovery.requeue_refused(mailing_commands.office, mailing_commands.find(first)) == 1
    assert mailing_commands.find(first).state is DispatchState.RUNNING
    mailing_commands.send(first, channel)
    assert mailing_commands.states(first) == {RecipientState.ACCEPTED: 3, RecipientState.REFUSED: 1}
    assert "refused recipients to be tried again: 1" in run("status", first).out


def test_an_older_dispatch_whose_unknowns_are_to_be_sent_again_is_found(mailing):
    """Although a newer one has ended: finished means that nobody is pending."""
    channel = Scripted(UNKNOWN)
    first = mailing.approve(channel)
    mailing.send(first, channel)
    mailing.join(person("nouvelle@ville.test"))
    mailing.send(mailing.approve(channel), channel)
    assert resend(mailing, first) == 2
    assert selection.select_dispatch(mailing.office, mailing.folder).id == first
    mailing.send(first, channel)
    assert sorted(channel.reached) == sorted([*EVERYBODY, "nouvelle@ville.test"])
    assert mailing.find(first).state is DispatchState.FINISHED


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_approvals_at_once_each_person_is_in_one(mailing, attempt):
    del attempt
    channel = Scripted(batch_size=10)
    mailing.join(*readers(300, start=10))
    begun = mailing.approve(channel)
    together = threading.Barrier(2)
    made, faults = [], []

    def approve():
        together.wait(30)
        try:
            made.append(mailing.approve(channel))
        except PvdError as error:
            faults.append(error)

    threads = [threading.Thread(target=approve) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), faults) == (2, [])
    states = [mailing.find(one).state for one in (begun, *made)]
    assert sorted(states) == [DispatchState.APPROVED, DispatchState.VOID, DispatchState.VOID]


def test_what_was_in_flight_is_shown_as_unknown_before_it_can_be_sent_again(mailing_commands, run):
    channel = Scripted()
    one = mailing_commands.approve(channel)
    with mailing_commands.database.write() as connection:  # a sender that is killed between claim and answer
        dispatches.take_over_dispatch(connection, one, "a sender", clock.now())
        assert batches.claim_batch(connection, one, "a sender", clock.now())
    ran = run("resolve", one, "--resend")
    assert ran.code == 2
    assert "in flight" in ran.err
    assert mailing_commands.states(one) == {RecipientState.UNKNOWN: 2, RecipientState.PENDING: 2}
    assert run("resolve", one, "--resend").code == 0
    assert mailing_commands.states(one) == {RecipientState.PENDING: 4}


def test_status_says_unknown_of_what_a_killed_sender_left(mailing_commands, run):
    channel = Scripted()
    one = mailing_commands.approve(channel)
    with mailing_commands.database.write() as connection:
        dispatches.take_over_dispatch(connection, one, "a sender", clock.now())
        batches.claim_batch(connection, one, "a sender", clock.now())
    said = run("status").out
    assert "unknown" in said
    assert "--cause killed" in said
    assert "No sender is at work" in said


def test_what_is_done_is_said_to_be_done_where_the_record_cannot_be_written(mailing_commands, run):
    channel = Scripted(UNKNOWN)
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel)
    mailing_commands.issue_workspace.folder.rename(mailing_commands.issue_workspace.root / "elsewhere")
    ran = run("resolve", one, "--assume", "accepted")
    assert ran.code == 3
    assert "is done" in ran.err
    assert "sent.json" in ran.err
    assert mailing_commands.account(one).is_complete
    assert run("report", "1").code == 0
