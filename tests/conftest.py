"""Fixtures of all tests."""

import os
import shutil
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, settings

from pvd_mailer import i18n
from pvd_mailer.cli.run import run as run_cli
from tests.desk import REAL, ROOT, Desk, real

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
def _clean_environment(monkeypatch):
    for name in os.environ:
        if name.startswith("PVD_") and name != "PVD_FUZZ":
            monkeypatch.delenv(name)
    i18n.speak("en")


@pytest.fixture
def french():
    """Speak French in this test."""
    i18n.speak("fr")


@pytest.fixture
def desk(tmp_path):
    """A workspace with a minimal issue."""
    return Desk.start(tmp_path / "workspace")


@pytest.fixture
def run(desk, monkeypatch, capsys):
    """Run a command in the workspace, in this process."""

    def run(*arguments, cwd=None):
        monkeypatch.chdir(cwd or desk.root)
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
