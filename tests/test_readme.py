"""README.md knows every command, option and setting, and no other."""

import re
from pathlib import Path

import click
import pytest

from pvd_mailer.cli.app import app
from pvd_mailer.settings import ENVIRONMENT_ONLY, ENVIRONMENT_SECRETS, Settings

README = Path(__file__).parents[1] / "README.md"
GUIDE = Path(__file__).parents[1] / "subscribers" / "README.md"
COMMANDS = "### Commands\n"


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
    text = README.read_text("utf-8")
    text = text[text.index(COMMANDS) : text.index("### Exit codes")]
    rows = [line for line in text.splitlines() if re.search(rf"`(?:pvd-mailer )?{re.escape(name)}[` ]", line)]
    return "\n".join(rows), text


@pytest.mark.parametrize("name", EVERY)
def test_the_readme_has_every_command_with_its_options(name):
    row, whole = described(name)
    assert row, name
    for parameter in EVERY[name].params:
        if isinstance(parameter, click.Option) and "--help" not in parameter.opts:
            # --format is told of once for all, below the tables.
            place = whole if "--format" in parameter.opts else row
            assert any(spelled in place for spelled in parameter.opts), (name, parameter.opts)


def test_the_readme_says_which_commands_have_no_json():
    _row, whole = described("check")
    (sentence,) = re.findall(r"Most take `--format text\|json`: all but (.*?)\. Findings", whole, re.DOTALL)
    without = {
        name for name, command in EVERY.items() if not any("--format" in parameter.opts for parameter in command.params)
    }
    said = set(re.findall(r"`([a-z -]+)`", sentence))
    assert without == {name for name in EVERY if name in said or name.partition(" ")[0] in said}


def test_the_readme_names_no_command_that_is_not_there():
    text = README.read_text("utf-8") + GUIDE.read_text("utf-8")
    groups = {name.partition(" ")[0] for name in EVERY if " " in name}
    for first, second in re.findall(r"pvd-mailer ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?", text):
        if first in groups:
            assert not second or f"{first} {second}" in EVERY, (first, second)
        else:
            assert first in EVERY, first


def test_the_readme_has_every_setting_and_no_other():
    text = README.read_text("utf-8")
    text = text[text.index("### Settings\n") : text.index("### Where it runs")]
    named = set(re.findall(r"^\| `([A-Z_]+)`", text, re.MULTILINE))
    known = {f"PVD_{name.upper()}" for name in Settings.model_fields}
    aside = {"SENDGRID_API_KEY", "PVD_BACKUP_PASSPHRASE", "PVD_WORKSPACE", "PVD_DEBUG"}
    assert named == known | aside
    for name in Settings.model_fields:
        (row,) = re.findall(rf"^\| `PVD_{name.upper()}` \| (.*?) \|", text, re.MULTILINE)
        assert row == ("–" if name in {*ENVIRONMENT_SECRETS, *ENVIRONMENT_ONLY} else f"`{name}`")


def test_the_readmes_links_within_lead_somewhere():
    text = README.read_text("utf-8")
    titles = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= titles
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (README.parent / target).exists(), target
