"""The check of the structure: what it refuses, and that the program stands up to it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def checked(folder):
    """Exit code and words of the check over the package in `folder`."""
    ran = subprocess.run(
        [sys.executable, ROOT / "tools" / "structure.py", folder], capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


def package(folder, files):
    for name, text in files.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder / "house"


SOUND = {
    "__init__.py": "",
    "lower.py": "import re\n\nLIMIT = 1\n_CHUNK = 2\n\ndef run():\n    pass\n",
    "upper.py": "from house import lower\n\n_CHUNK = 3\n\ndef run():\n    return lower.LIMIT\n",
    "services/__init__.py": "",
    "services/readers.py": "def leave(context):\n    with context.database.write() as c:\n        return c\n",
}


def test_the_program_stands_up_to_it():
    code, words = checked(ROOT / "pvd_mailer")
    assert code == 0, words


def test_a_sound_package_passes(tmp_path):
    assert checked(package(tmp_path, SOUND)) == (0, "5 modules of house: 0 to mend\n")


def test_a_folder_without_modules_does_not(tmp_path):
    (tmp_path / "house").mkdir()
    assert checked(tmp_path / "house")[0] == 1


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("other.py", "LIMIT: int = 2\n", "the public name LIMIT is defined twice: house.lower, house.other"),
        ("other.py", "if True:\n    LIMIT = 2\n", "the public name LIMIT is defined twice: house.lower, house.other"),
        ("other.py", "class LIMIT:\n    pass\n", "the public name LIMIT is defined twice: house.lower, house.other"),
        (
            "lower.py",
            "def f():\n    from house.upper import run\n",
            "these modules import each other in a circle: house.lower, house.upper",
        ),
        (
            "lower.py",
            "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from house import upper\n",
            "these modules import each other in a circle: house.lower, house.upper",
        ),
        (
            "other.py",
            "def f(database):\n    with database.read() as connection:\n        return connection\n",
            "house.other, line 2, opens a transaction: that is for services to do",
        ),
        (
            "other.py",
            "async def f(self):\n    with open('x') as f, self.database.write() as connection:\n        return f\n",
            "house.other, line 2, opens a transaction: that is for services to do",
        ),
    ],
)
def test_what_a_stranger_stumbles_over_is_refused(tmp_path, name, text, words):
    code, told = checked(package(tmp_path, SOUND | {name: text}))
    assert code == 1
    assert words in told.splitlines(), told
