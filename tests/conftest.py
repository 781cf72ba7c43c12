"""Fixtures of all tests."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pvd_mailer import i18n
from pvd_mailer.cli.main import run as run_cli
from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from tests.prepared import copying, statements
from tests.servers.postfix import missing as postfix_missing
from tests.servers.postfix import postfix as start_postfix
from tests.servers.postgres import binaries, cluster
from tests.workspace import REAL, ROOT, IssueWorkspace, real
from tools.photograph import chromium, studio

settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("search", deadline=None, suppress_health_check=list(HealthCheck))
# `make fuzz` looks for what is new; `make test` gives the same answer each time.
settings.load_profile("search" if int(os.environ.get("PVD_FUZZ", "1")) > 1 else "steady")


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


def _has_locale(name):
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.lower()
    return name.lower().replace("-", "") in listed.replace("-", "")


@pytest.fixture
def need():
    """Skip where a part is missing on this machine, and say which; fail in CI, which has to have them all."""

    def need(part):
        if part.startswith("locale:"):
            there = shutil.which("locale") is not None and _has_locale(part.partition(":")[2])
        elif "/" in part:
            there = (ROOT / part).exists()
        else:
            there = shutil.which(part) is not None
        if not there:
            tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
            tell(f"{part} is missing on this machine")

    return need


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path):
    for name in os.environ:
        if name.startswith("PVD_") and name != "PVD_FUZZ":
            monkeypatch.delenv(name)
    # Never a developer's own keys.
    monkeypatch.setenv("PVD_KEYS", str(tmp_path / "keys.json"))
    i18n.set_language("en")


@pytest.fixture(scope="session")
def _prepared_tables(tmp_path_factory):
    """What makes the tables of a SQLite database, from one that was migrated."""
    return statements(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(autouse=True)
def _tables_are_copied(monkeypatch, _prepared_tables):
    """A new SQLite database gets its tables by a copy; `tests/database` migrates."""
    monkeypatch.setattr("pvd_mailer.database.migrate.migrate", copying(_prepared_tables))


@pytest.fixture
def french():
    """Speak French in this test."""
    i18n.set_language("fr")


@pytest.fixture
def issue_workspace(tmp_path):
    """A workspace with a minimal issue."""
    return IssueWorkspace.start(tmp_path / "workspace")


@pytest.fixture(scope="session")
def _postgresql():
    """A PostgreSQL of this session's own, with a database to copy whose tables are made; None where it is missing."""
    if binaries() is None:
        yield None
        return
    with cluster() as server:
        server.admin("CREATE DATABASE prepared TEMPLATE template0")
        prepared = open_database(server.url("prepared"), Path())
        prepare_database(prepared)
        prepared.close()
        yield server


@pytest.fixture
def postgresql(request):
    """A real PostgreSQL: `postgresql.fresh()` is the address of a new, empty database."""
    server = request.getfixturevalue("_postgresql")
    if server is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("PostgreSQL is missing on this machine")
    return server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """The address of an empty database, as PVD_DATABASE_URL has it: each test runs with both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'database' / 'pvd.sqlite'}"
        return
    server = request.getfixturevalue("postgresql")
    url = server.fresh()
    yield url
    server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The address of a database whose tables are made: each test runs with both kinds."""
    if request.param == "sqlite":
        made = open_database(f"sqlite:///{tmp_path / 'database' / 'pvd.sqlite'}", Path())
        prepare_database(made)
        made.close()
        yield f"sqlite:///{made.file}"
        return
    server = request.getfixturevalue("postgresql")
    url = server.fresh("prepared")
    yield url
    server.drop(url)


@pytest.fixture
def database(database_url):
    """An open database: each test runs with both kinds."""
    opened = open_database(database_url, Path())
    yield opened
    opened.close()


@pytest.fixture
def on_database(database_url, monkeypatch):
    """Make `run` and `issue_workspace.process` work on `database_url`: each test runs with both kinds."""
    monkeypatch.setenv("PVD_DATABASE_URL", database_url)
    return database_url


@pytest.fixture(scope="session")
def _postfix():
    if postfix_missing() is not None:
        yield None
        return
    with start_postfix() as server:
        yield server


@pytest.fixture
def postfix(request):
    """A real Postfix: it takes mail for `tests.servers.postfix.DOMAIN`, but for addresses that begin with `unknown`."""
    what = postfix_missing()
    if what is not None:
        tell = pytest.fail if os.environ.get("CI") == "true" and os.geteuid() == 0 else pytest.skip
        tell(what)
    return request.getfixturevalue("_postfix")


@pytest.fixture(scope="session")
def _browser():
    if chromium() is None:
        yield None
        return
    with studio() as opened:  # one for all tests: playwright runs one at a time
        yield opened


@pytest.fixture(scope="session")
def browser(request):
    """Chromium, without a window."""
    opened = request.getfixturevalue("_browser")
    if opened is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("Chromium is missing on this machine")
    return opened


@pytest.fixture
def run(issue_workspace, monkeypatch, capsys):
    """Run a command in the workspace, in this process."""

    def run(*arguments, cwd=None):
        monkeypatch.chdir(cwd or issue_workspace.root)
        capsys.readouterr()
        code = run_cli([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Ran(code, written.out, written.err)

    return run


@pytest.fixture(scope="session", params=REAL)
def real_letter(request):
    """The letter of each of the repository's issues."""
    return real(request.param)


@pytest.fixture(scope="session")
def letter_22():
    """The letter of issue 22."""
    return real(REAL[0])
