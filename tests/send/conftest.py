"""What the tests of a send start from."""

import pytest

from tests.send.line import Line, readers


@pytest.fixture
def line(desk, database):
    """A workspace and its database with four subscribers; each test runs with both kinds."""
    made = Line(desk, database)
    made.join(*readers(4))
    return made


@pytest.fixture
def seated(line, on_database, run):
    """As `line`, and the commands work on it."""
    del on_database, run
    return line
