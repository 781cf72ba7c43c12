"""Here the tables are made by the migrations themselves."""

import pytest


@pytest.fixture(autouse=True)
def _tables_are_copied():
    """Not here: see `tests/conftest.py`."""
