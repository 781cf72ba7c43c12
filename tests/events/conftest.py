"""What the tests of events start from."""

import pytest

from tests.events.world import World
from tests.sendgrid import FakeSendGrid


@pytest.fixture
def fake():
    """A SendGrid on loopback."""
    with FakeSendGrid(patience=1) as server:
        yield server


@pytest.fixture
def world(desk, database, fake):
    """A workspace with four readers, a SendGrid and a site; each test runs with both kinds of database."""
    return World(desk, database, fake)
