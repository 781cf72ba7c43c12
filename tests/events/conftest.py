"""What the tests of events start from."""

import pytest

from tests.events.world import Feedback
from tests.sendgrid import FakeSendGrid


@pytest.fixture
def fake_sendgrid():
    """A SendGrid on loopback."""
    with FakeSendGrid(patience=1) as server:
        yield server


@pytest.fixture
def feedback(issue_workspace, database, fake_sendgrid):
    """A workspace with four readers, a SendGrid and a site; each test runs with both kinds of database."""
    return Feedback(issue_workspace, database, fake_sendgrid)
