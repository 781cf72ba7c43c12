"""What a server installs is what was tested; and what is known to be weak is told."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.workspace import ROOT
from tools.audit import pins, weaknesses

LOCKS = ("requirements.lock", "deploy/requirements.lock", "deploy/spelling.lock", "tools/sbom.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

ADVISORY = """\
id: PYSEC-2023-1
details: A picture that is
  too large.
affected:
- package: {name: pillow, ecosystem: PyPI}
  ranges:
  - type: ECOSYSTEM
    events: [{introduced: 9.0.0}, {fixed: 9.2.0}, {introduced: "10"}, {last_affected: 10.1.0}]
  - type: GIT
    events: [{introduced: "0"}]
  versions: [8.3.1, 9.0.0]
"""


def text(name):
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_each_package_of_a_lock_has_its_hashes(name):
    entries = re.findall(r"^[A-Za-z0-9].*?(?=^[A-Za-z0-9]|\Z)", text(name), re.MULTILINE | re.DOTALL)
    assert len(entries) >= len(pins(text(name)))
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", LOCKS[1:3])
def test_a_server_installs_the_versions_that_were_tested(name):
    assert set(pins(text(name))) <= set(pins(text(LOCKS[0])))


def test_a_server_installs_all_that_the_program_wants():
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["postgresql"]]
    names = {canonicalize_name(Requirement(one).name) for one in wanted}
    assert names <= {name for name, _version in pins(text("deploy/requirements.lock"))}
    spelling = {canonicalize_name(Requirement(one).name) for one in PROJECT["optional-dependencies"]["spelling"]}
    assert spelling <= {name for name, _version in pins(text("deploy/spelling.lock"))}


@pytest.mark.parametrize(
    ("target", "with_tools"), [("demo", False), ("preview", False), ("unit", True), ("lint", True)]
)
def test_make_installs_the_test_tools_for_the_tests_alone(target, with_tools, tmp_path):
    would_run = subprocess.run(
        ["make", "--dry-run", f"VENV={tmp_path}", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    installs = [
        line.partition(" -r ")[2].split(" -r ") for line in would_run.splitlines() if "--require-hashes" in line
    ]
    assert installs == [["deploy/requirements.lock", "deploy/spelling.lock"], *([["requirements.lock"]] * with_tools)]


@pytest.fixture
def advisories(tmp_path):
    """A clone of the advisories with one in it."""
    folder = tmp_path / "advisories"
    (folder / "vulns" / "pillow").mkdir(parents=True)
    (folder / "vulns" / "pillow" / "PYSEC-2023-1.yaml").write_text(ADVISORY, "utf-8")
    for command in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize(
    ("version", "is_weak"),
    [
        *(("8.3.1", True), ("8.3.2", False), ("9.0.0", True), ("9.1.9", True), ("9.2.0", False)),
        *(("10.0.0", True), ("10.1.0", True), ("10.1.1", False), ("not-a-version", False)),
    ],
)
def test_a_version_is_weak_where_an_advisory_says_so(advisories, version, is_weak):
    assert bool(list(weaknesses(advisories, "pillow", version))) is is_weak


def test_an_advisory_that_was_withdrawn_says_nothing(advisories):
    file = advisories / "vulns" / "pillow" / "PYSEC-2023-1.yaml"
    file.write_text(ADVISORY + "withdrawn: '2024-01-01T00:00:00Z'\n", "utf-8")
    assert list(weaknesses(advisories, "pillow", "9.0.0")) == []


def audit(*arguments):
    command = [sys.executable, str(ROOT / "tools" / "audit.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_found_is_told_and_fails(advisories, tmp_path):
    lock = tmp_path / "a.lock"
    lock.write_text("Pillow==9.0.0 ; python_version > '3' \\\n    --hash=sha256:0\njinja2==3.1.6 \\\n", "utf-8")
    ran = audit("--advisories", advisories, lock)
    assert ran.returncode == 1
    assert "pillow 9.0.0: PYSEC-2023-1, mended in 9.2.0\n    A picture that is too large." in ran.stdout
    assert "2 packages" in ran.stdout
    lock.write_text("pillow==12.0.0 \\\n", "utf-8")
    ran = audit("--advisories", advisories, lock)
    assert (ran.returncode, ran.stderr) == (0, "")
    again = {"GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z", "PATH": os.environ["PATH"]}
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--amend", "--no-edit"]
    subprocess.run(command, cwd=advisories, check=True, env=again)
    assert "days old" in audit("--advisories", advisories, lock).stderr


def test_a_folder_that_holds_no_advisories_is_told_of(tmp_path):
    ran = audit("--advisories", tmp_path, ROOT / LOCKS[1])
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
