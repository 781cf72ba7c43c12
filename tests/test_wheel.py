"""The built wheel, away from the source tree."""

import hashlib
import os
import shutil
import subprocess
import sys

import pytest

from tests.workspace import ROOT, environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the wheel's content, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(folder / "site"), str(wheel)],
        check=True,
        capture_output=True,
    )
    return folder / "site"


def command(installed, cwd, *arguments, lang="fr"):
    return subprocess.run(
        [sys.executable, "-m", "pvd_mailer", *arguments],
        cwd=cwd,
        env=environment(PYTHONPATH=str(installed), PVD_LANG=lang),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_program_that_runs_is_the_wheels(installed, tmp_path):
    code = "import pvd_mailer, pvd_mailer.workspace as w; print(pvd_mailer.__file__); print(w.builtin_templates())"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(installed)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [line.startswith(str(installed)) for line in said.splitlines()] == [True, True]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_workspace_is_started_checked_rendered_and_sent_with_the_wheel_alone(installed, tmp_path, lang):
    started = command(installed, tmp_path, "init", "lettre", lang=lang)
    assert started.returncode == 0, started.stderr
    issue_workspace = tmp_path / "lettre"
    for arguments in (
        ["check", "latest"],
        ["render", "latest", "-o", "out"],
        ["subscribers", "import", "subscribers/sample.csv", "--basis", "public-mission", "--apply"],
        ["approve", "latest", "--audience", "all", "--by", "Claire", "--channel", "outbox"],
        ["send", "latest"],
        ["doctor"],
        ["schema"],
        ["new"],
    ):
        ran = command(installed, issue_workspace, *arguments, lang=lang)
        assert ran.returncode == 0, (arguments, ran.stdout, ran.stderr)
    assert len(list((issue_workspace / "var" / "outbox" / "new").iterdir())) == 3
    page = (issue_workspace / "out" / "letter.html").read_text("utf-8")
    assert ("Se désinscrire" in page) == (lang == "fr")


@pytest.mark.parametrize(("lang", "right", "wrong"), [("fr", "mairie", "mairrie"), ("en", "colour", "coulour")])
def test_the_wheel_brings_the_dictionaries_of_both_languages(installed, tmp_path, lang, right, wrong):
    code = (
        "import sys; from pvd_mailer.check.text import spelling; spelling._SYSTEM_FOLDERS = ()\n"
        "checker = spelling.spell_checker(sys.argv[1]); print(*map(checker.knows, sys.argv[2:]))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, lang, right, wrong],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(installed)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.split() == ["True", "False"]


def test_a_third_party_s_file_comes_with_its_licence_and_as_it_was(installed):
    folder = installed / "pvd_mailer" / "check" / "data" / "dictionaries"
    assert "Mozilla Public License" in (folder / "fr.license").read_text("utf-8")
    assert "LGPL" in (folder / "en_GB.license").read_text("utf-8")
    assert not [one.name for one in folder.glob("*.license") if "@" in one.read_text("utf-8")]  # nobody's address
    (licences,) = installed.glob("pvd_mailer-*.dist-info/licenses")
    carried = {file.name for file in licences.rglob("*") if file.is_file()}
    assert {"fr.license", "en_GB.license", "MPL-2.0.txt", "LGPL-2.1.txt"} <= carried
    _package, *sums = (folder / "SOURCE.txt").read_text("utf-8").splitlines()
    assert len(sums) == 6
    for line in sums:
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_the_same_sources_give_the_same_wheel(tmp_path):
    """Wherever they are, whenever they were copied, and whatever the mode of new files is."""
    wheels = []
    for number, umask in enumerate((0o022, 0o077)):
        folder = tmp_path / f"sources{number}"
        parts = shutil.ignore_patterns("__pycache__", "*.mo")
        for name in ("pvd_mailer", "templates"):
            shutil.copytree(ROOT / name, folder / name, ignore=parts, copy_function=shutil.copyfile)
        for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
            shutil.copyfile(ROOT / name, folder / name)
        before = os.umask(umask)
        try:
            subprocess.run(
                [sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=folder, check=True, capture_output=True
            )
        finally:
            os.umask(before)
        (wheel,) = (folder / "dist").glob("*.whl")
        wheels.append(wheel.read_bytes())
    assert wheels[0] == wheels[1]
