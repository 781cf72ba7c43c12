"""README.md: short, French first, and what it tells a reader to type does what it says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace import environment

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text("utf-8")
FRENCH, ENGLISH = TEXT.split("\n## In English\n")
LONGEST = 150


def typed(part):
    """The commands of the fenced blocks of `part`, in order, as words."""
    blocks = re.findall(r"^```\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


def test_it_is_short_and_french_comes_first():
    assert len(TEXT.splitlines()) <= LONGEST
    assert "Vous écrivez" in FRENCH
    assert "You write" in ENGLISH


def test_both_languages_tell_the_same_steps():
    steps = [[words[:1] if words[0] == "cd" else words[:2] for words in typed(part)] for part in (FRENCH, ENGLISH)]
    assert steps[0] == steps[1]
    assert FRENCH.count("\n| ") == ENGLISH.count("\n| ")


def test_the_two_commands_to_see_it_are_made_here():
    made = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    told = re.findall(r"make ([a-z-]+)", TEXT)
    assert {"demo", "preview"} <= set(told) <= set(made)


@pytest.mark.parametrize(("part", "lang"), [(FRENCH, "fr"), (ENGLISH, "en")], ids=["fr", "en"])
def test_the_first_letter_is_written_and_sent_by_the_commands_it_gives(part, lang, tmp_path):
    """From an empty home, each in its turn and where the one before has led; but the preview, which does not end."""
    here = tmp_path
    ran = []
    for program, *words in typed(part):
        arguments = [word.replace("~", str(tmp_path)) for word in words]
        if program == "cd":
            (folder,) = arguments
            here = Path(folder)
        elif program == "pvd-mailer" and arguments[0] != "preview":
            done = subprocess.run(
                [sys.executable, "-m", "pvd_mailer", *arguments],
                cwd=here,
                env=environment(PVD_LANG=lang, PVD_KEYS=str(tmp_path / "keys.json")),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (arguments, done.stdout, done.stderr)
            ran.append(arguments[0])
    assert ran == ["init", "check", "subscribers", "test", "approve", "send", "send"]
    # One test, and the letter of each of the three people.
    assert len(list((here / "var" / "outbox" / "new").iterdir())) == 4
