"""What the tests of the site start from."""

import pytest

from tests.observe.world import World
from tests.sendgrid import FakeSendGrid
from tests.site.hook import Hook


@pytest.fixture
def told_world(desk, database):
    """A letter that was sent by SendGrid; each test runs with both kinds of database."""
    with FakeSendGrid(patience=1) as fake:
        yield World(desk, database, fake)


@pytest.fixture
def hook(told_world):
    """The webhook's address."""
    made = Hook(told_world.office)
    yield made
    made.close()
