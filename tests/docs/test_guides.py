"""The guides: every command and option in them is one of the program's, and every file one of the sources'."""

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.docs.test_command_line import EVERY

ROOT = Path(__file__).parents[2]
USER = ROOT / "docs" / "user"
GUIDES = {
    "fr/serveur.md": "en/server.md",
    "fr/un-seul-ordinateur.md": "en/one-computer.md",
}
ALL = [*GUIDES, *GUIDES.values()]


def commands(name):
    """What a reader is told to type, as words."""
    text = (USER / name).read_text("utf-8")
    fenced = re.findall(r"^```\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in fenced for line in block.splitlines()]
    lines += [
        " ".join(one.split()) for one in re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    ]
    for line in lines:
        found = re.match(r"(?:ExecStart=/opt/pvd-mailer/bin/)?(?:pvd-mailer|lettre) ([a-z].*)", line)
        if found and "/" not in found[1].split()[0]:
            yield shlex.split(found[1])


@pytest.mark.parametrize("name", ALL)
def test_every_command_of_a_guide_is_real(name):
    told = list(commands(name))
    assert len(told) > 8
    for words in told:
        spelled = " ".join(words[:2]) if " ".join(words[:2]) in EVERY else words[0]
        assert spelled in EVERY, words
        known = {
            name
            for parameter in EVERY[spelled].params
            if isinstance(parameter, click.Option)
            for name in parameter.opts
        }
        assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known, words


@pytest.mark.parametrize("name", ALL)
def test_every_file_that_a_guide_names_is_there(name):
    text = (USER / name).read_text("utf-8")
    for file in re.findall(r"(?<![\w/])deploy/[\w./-]+\w", text):
        assert (ROOT / file).exists() or list((ROOT / file).parent.glob(f"{Path(file).name}*")), file


@pytest.mark.parametrize(("french", "english"), GUIDES.items())
def test_both_languages_tell_the_same_steps(french, english):
    first, second = ((USER / name).read_text("utf-8") for name in (french, english))
    assert first.count("\n## ") == second.count("\n## ")
    assert [words[0] for words in commands(french)] == [words[0] for words in commands(english)]


def test_addresses_are_reserved_ones():
    for name in ALL:
        text = (USER / name).read_text("utf-8")
        for domain in re.findall(r"[\w.-]+@([\w.-]+\w)", text):
            assert domain.endswith(("example.org", "example.com")) or domain == "127.0.0.1", domain
