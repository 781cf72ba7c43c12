"""What the tests of a send start from."""

import pytest

from tests.send.line import Mailing, readers


@pytest.fixture
def mailing(issue_workspace, database):
    """A workspace and its database with four subscribers; each test runs with both kinds."""
    made = Mailing(issue_workspace, database)
    made.join(*readers(4))
    return made


@pytest.fixture
def mailing_commands(mailing, on_database, run):
    """As `line`, and the commands work on it."""
    del on_database, run
    return mailing
