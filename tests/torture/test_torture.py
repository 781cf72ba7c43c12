"""The short version of `make torture`."""

import pytest

from tests.torture.restores import restores
from tests.torture.rounds import LINES, torture

KILLS = 3


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_whoever_is_killed_loses_nobody_and_writes_to_nobody_twice(line, tmp_path, request):
    fresh = (lambda: None) if line.server == "SQLite" else request.getfixturevalue("postgresql").fresh
    tally = torture(line, KILLS, tmp_path, fresh, seed=1, people=1000)
    assert tally.kills == KILLS
    assert tally.is_clean, tally


@pytest.mark.parametrize("server", ["SQLite", "PostgreSQL"])
def test_an_older_database_that_comes_back_writes_to_nobody_twice(server, tmp_path, request):
    tally = restores(
        2, tmp_path, seed=3, server=request.getfixturevalue("postgresql") if server == "PostgreSQL" else None
    )
    assert tally.rounds == 2
    assert tally.is_clean, tally
