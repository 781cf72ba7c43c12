"""The database itself holds the states to the changes that are allowed."""

import itertools

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from pvd_mailer.database import schema
from pvd_mailer.database.states import (
    BATCH_TRANSITIONS,
    DISPATCH_TRANSITIONS,
    RECIPIENT_TRANSITIONS,
    DispatchState,
    RecipientState,
)
from tests.database import rows

BATCH_STATES = list(BATCH_TRANSITIONS)
OWN_STATES = list(RECIPIENT_TRANSITIONS)
MOVABLE = {"unknown", "refused", "sending"}


@pytest.fixture
def database_with_letter(database):
    """A database with a letter in it."""
    with database.write() as connection:
        rows.letter(connection)
    return database


def _is_allowed(database, *statements):
    """Whether the database carries out the last of `statements`; nothing of it stays."""
    connection = database.engine.connect()
    transaction = connection.begin()
    try:
        for one in statements[:-1]:
            one(connection)
        told = ""
        try:
            statements[-1](connection)
        except IntegrityError as refused:
            told = str(refused.orig)
        assert not told or "pvd: " in told
        return not told
    finally:
        transaction.rollback()
        connection.close()


def test_the_dictionaries_name_every_state():
    assert set(DISPATCH_TRANSITIONS) == set(DispatchState)
    assert set(BATCH_TRANSITIONS) == set(RecipientState) - {RecipientState.EXCLUDED}
    assert set(RECIPIENT_TRANSITIONS) == {None, *RecipientState} - {RecipientState.PENDING, RecipientState.SENDING}


def test_a_dispatch_changes_only_as_allowed(database_with_letter):
    for old, new in itertools.product(DispatchState, repeat=2):
        change = update(schema.dispatches).values(state=new)
        done = _is_allowed(
            database_with_letter, lambda c, old=old: rows.dispatch(c, state=old), lambda c, x=change: c.execute(x)
        )
        assert done == (new == old or new in DISPATCH_TRANSITIONS[old]), (old, new)


def test_a_batch_changes_only_as_allowed(database_with_letter):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
    for old, new in itertools.product(BATCH_STATES, repeat=2):
        change = update(schema.batches).values(state=new)
        done = _is_allowed(
            database_with_letter, lambda c, old=old: rows.batch(c, old), lambda c, x=change: c.execute(x)
        )
        assert done == (new == old or new in BATCH_TRANSITIONS[old]), (old, new)


@pytest.mark.parametrize("batch_state", BATCH_STATES)
def test_a_recipient_changes_only_as_allowed_and_who_has_the_letter_keeps_it(database_with_letter, batch_state):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
        batch = rows.batch(connection, batch_state)
    for old, new in itertools.product(OWN_STATES, repeat=2):
        change = update(schema.recipients).values(state=new)
        done = _is_allowed(
            database_with_letter,
            lambda c, old=old: rows.recipients(c, batch, [1], state=old),
            lambda c, change=change: c.execute(change),
        )
        allowed = new == old or new in RECIPIENT_TRANSITIONS[old]
        if old is None and batch_state == RecipientState.ACCEPTED:
            allowed = new in {None, RecipientState.ACCEPTED}
        assert done == allowed, (old, new)


@pytest.mark.parametrize("batch_state", BATCH_STATES)
@pytest.mark.parametrize("own", OWN_STATES)
def test_only_those_whom_nothing_reached_move_to_another_batch(database_with_letter, batch_state, own):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
        old = rows.batch(connection, batch_state)
        targets = {state: rows.batch(connection, state) for state in BATCH_STATES}
        rows.recipients(connection, old, [1], state=own)
    for state, target in {**targets, None: None}.items():
        change = update(schema.recipients).values(batch_id=target)
        movable = (own or batch_state) in MOVABLE and state == RecipientState.PENDING
        assert _is_allowed(database_with_letter, lambda c, x=change: c.execute(x)) == movable, state
        again = update(schema.recipients).values(batch_id=target, state=None)
        assert _is_allowed(database_with_letter, lambda c, x=again: c.execute(x)) == (
            movable and (own is None or None in RECIPIENT_TRANSITIONS[own])
        )
    stay = update(schema.recipients).values(batch_id=old)
    assert _is_allowed(database_with_letter, lambda c: c.execute(stay))


def test_who_was_left_out_when_the_audience_was_frozen_moves_nowhere(database_with_letter):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
        target = rows.batch(connection)
        rows.recipients(connection, None, [1], state="excluded")
    for change in ({"batch_id": target}, {"batch_id": target, "state": None}, {"state": None}, {"state": "accepted"}):
        moving = update(schema.recipients).values(**change)
        assert not _is_allowed(database_with_letter, lambda c, x=moving: c.execute(x))


def test_nothing_of_the_journal_is_deleted(database_with_letter):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
        rows.dispatch(connection, "d2", number=2)
        rows.recipients(connection, rows.batch(connection), [1])
        rows.batch(connection)
    for table in (schema.recipients, schema.batches, schema.dispatches):
        removal = delete(table)
        assert not _is_allowed(database_with_letter, lambda c, x=removal: c.execute(x))


def test_other_columns_change_freely(database_with_letter):
    with database_with_letter.write() as connection:
        rows.dispatch(connection, state="cancelled")
        rows.recipients(connection, rows.batch(connection, "accepted"), range(3))
    with database_with_letter.write() as connection:
        connection.execute(update(schema.recipients).values(address="", name="", subscriber_ref=None))
        connection.execute(update(schema.batches).values(reason="250 OK"))
        connection.execute(update(schema.dispatches).values(ended_at=rows.NOON))


def test_a_whole_batch_of_recipients_moves_in_one_statement(database_with_letter):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
        first = rows.batch(connection, "sending")
        rows.recipients(connection, first, range(1000))
        second = rows.batch(connection)
    with database_with_letter.write() as connection:
        of_first = update(schema.recipients).where(schema.recipients.c.batch_id == first)
        assert connection.execute(of_first.values(state="refused")).rowcount == 1000
        assert connection.execute(of_first.values(state=None, batch_id=second)).rowcount == 1000
    with database_with_letter.read() as connection:
        found = connection.execute(select(schema.recipients.c.batch_id, schema.recipients.c.state).distinct()).all()
        assert found == [(second, None)]


def test_a_person_with_a_database_client_is_held_to_it_as_well(database_with_letter):
    with database_with_letter.write() as connection:
        rows.dispatch(connection)
        rows.recipients(connection, rows.batch(connection, "accepted"), [1])
    with (
        pytest.raises(IntegrityError, match="pvd: batches cannot change to this state"),
        database_with_letter.write() as connection,
    ):
        connection.execute(text("UPDATE batches SET state = 'pending'"))
