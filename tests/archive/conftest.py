"""Letters that were sent, and where they can be read."""

import pytest

from pvd_mailer.database import open_database
from tests.archive.hosted_workspace import STATIC, Press
from tests.send.line import sqlite_at


@pytest.fixture
def press(desk, tmp_path, monkeypatch):
    """A workspace whose letters are hosted as files, with three subscribers."""
    monkeypatch.setenv("PVD_STATIC_URL", STATIC)
    url = sqlite_at(tmp_path)
    monkeypatch.setenv("PVD_DATABASE_URL", url)
    database = open_database(url, tmp_path)
    yield Press(desk, database)
    database.close()


@pytest.fixture
def both(desk, database, monkeypatch):
    """As `press`, on both kinds of database, and without the commands."""
    monkeypatch.setenv("PVD_STATIC_URL", STATIC)
    return Press(desk, database)
