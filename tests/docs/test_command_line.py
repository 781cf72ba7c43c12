"""The documents know every command, option and setting, and no other."""

import re
from pathlib import Path

import click
import pytest

from pvd_mailer.cli.app import app
from pvd_mailer.settings import ENVIRONMENT_ONLY, ENVIRONMENT_SECRETS, Settings

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "docs" / "reference" / "command-line.md"
SETTINGS = ROOT / "docs" / "reference" / "settings.md"
FOR_USERS = [
    ROOT / "README.md",
    ROOT / "subscribers" / "README.md",
    *(ROOT / "docs" / "user").rglob("*.md"),
    *(ROOT / "docs" / "reference").rglob("*.md"),
]


def walk(group, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from walk(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


EVERY = dict(walk(app))


def described(name):
    """What the table of commands says of a command: its row."""
    text = COMMANDS.read_text("utf-8").partition("\n## Exit codes")[0]
    rows = [line for line in text.splitlines() if re.search(rf"`(?:pvd-mailer )?{re.escape(name)}[` ]", line)]
    return "\n".join(rows), text


@pytest.mark.parametrize("name", EVERY)
def test_the_reference_has_every_command_with_its_options(name):
    row, whole = described(name)
    assert row, name
    for parameter in EVERY[name].params:
        if isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            # --format is told of once for all, below the tables.
            place = whole if "--format" in parameter.opts else row
            assert any(spelled in place for spelled in parameter.opts), (name, parameter.opts)


def test_the_reference_says_which_commands_have_no_json():
    _row, whole = described("check")
    (sentence,) = re.findall(r"Most take `--format text\|json`: all but (.*?)\. Findings", whole, re.DOTALL)
    without = {
        name for name, command in EVERY.items() if not any("--format" in parameter.opts for parameter in command.params)
    }
    said = set(re.findall(r"`([a-z -]+)`", sentence))
    assert without == {name for name in EVERY if name in said or name.partition(" ")[0] in said}


@pytest.mark.parametrize("page", FOR_USERS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_names_a_command_that_is_not_there(page):
    text = page.read_text("utf-8")
    groups = {name.partition(" ")[0] for name in EVERY if " " in name}
    for first, second in re.findall(r"pvd-mailer ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?", text):
        if first in groups:
            assert not second or f"{first} {second}" in EVERY, (first, second)
        else:
            assert first in EVERY, first


def test_the_reference_has_every_setting_and_no_other():
    text = SETTINGS.read_text("utf-8")
    named = set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))
    known = {f"PVD_{name.upper()}" for name in Settings.model_fields}
    aside = {"SENDGRID_API_KEY", "PVD_BACKUP_PASSPHRASE", "PVD_WORKSPACE", "PVD_DEBUG"}
    assert named == known | aside
    for name in Settings.model_fields:
        (row,) = re.findall(rf"^\| `PVD_{name.upper()}` \| (.*?) \|", text, re.MULTILINE)
        assert row == ("–" if name in {*ENVIRONMENT_SECRETS, *ENVIRONMENT_ONLY} else f"`{name}`")
