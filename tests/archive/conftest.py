"""Letters that were sent, and where they can be read."""

import pytest

from pvd_mailer.database import open_database
from tests.archive.hosted_workspace import STATIC, HostedWorkspace
from tests.send.line import sqlite_at


@pytest.fixture
def hosted_workspace(issue_workspace, tmp_path, monkeypatch):
    """A workspace whose letters are hosted as files, with three subscribers."""
    monkeypatch.setenv("PVD_STATIC_URL", STATIC)
    url = sqlite_at(tmp_path)
    monkeypatch.setenv("PVD_DATABASE_URL", url)
    database = open_database(url, tmp_path)
    yield HostedWorkspace(issue_workspace, database)
    database.close()


@pytest.fixture
def hosted_mailing(issue_workspace, database, monkeypatch):
    """As `hosted_workspace`, on both kinds of database, and without the commands."""
    monkeypatch.setenv("PVD_STATIC_URL", STATIC)
    return HostedWorkspace(issue_workspace, database)
