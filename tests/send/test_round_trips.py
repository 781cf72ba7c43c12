"""How often a send asks PostgreSQL: each question takes as long as the way there and back."""

import os

import pytest
from sqlalchemy import event

from pvd_mailer.database.states import RecipientState
from tests.send.scripted import Scripted

ROUND_TRIPS = 12
"""To claim a batch, see whom it is for and that it is ours still, and settle it; with the pool's four pings."""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_batch_more_costs_a_dozen_round_trips(mailing, tmp_path):
    folders = []

    @event.listens_for(mailing.database.engine, "connect")
    def trace(connection, _record):
        path = folders[-1] / str(len(list(folders[-1].iterdir())))
        connection.pgconn.trace(os.open(path, os.O_WRONLY | os.O_CREAT))  # libpq closes it

    def round_trips(batch_size):
        folders.append(tmp_path / str(batch_size))
        folders[-1].mkdir()
        channel = Scripted(batch_size=batch_size)
        one = mailing.approve(channel, again=True)
        mailing.database.engine.dispose()
        mailing.send(one, channel)
        assert mailing.states(one) == {RecipientState.ACCEPTED: 4}
        mailing.database.engine.dispose()
        return sum(path.read_text().count("ReadyForQuery") for path in folders[-1].iterdir())

    many, few = round_trips(1), round_trips(4)
    assert few > 0
    assert many - few <= 3 * ROUND_TRIPS
