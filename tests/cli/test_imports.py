"""What each command loads: a package that it does not need costs everybody who calls it time, every time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspace import ROOT, environment

ALWAYS = {"_distutils_hack", "click"}
PYDANTIC = {"annotated_types", "pydantic", "pydantic_core", "typing_extensions", "typing_inspection"}
DATABASE = {"platformdirs", "sqlalchemy", "typing_extensions"}
SENDING = {"filelock", "itsdangerous"}  # the lock by which one sender is known, and readers' links
CSS = {"cssselect", "lxml", "tinycss2", "webencodings"}
MARKDOWN = {"markdown_it", "mdit_py_plugins", "mdurl"}
ISSUE = PYDANTIC | MARKDOWN | {"PIL", "email_validator", "idna", "yaml"}
LETTER = (
    {"cachetools", "cssutils", "encutils", "more_itertools", "premailer"}  # inlining
    | {"babel", "jinja2", "markupsafe", "mjml", "nh3"}
    | CSS
)
PROOF = ISSUE | LETTER | {"hunspell", "itsdangerous", "platformdirs"}

ALLOWED = {
    ("--version",): set(),
    ("preview", "--help"): set(),
    ("schema",): PYDANTIC | MARKDOWN | {"email_validator", "idna"},
    ("new",): ISSUE | {"platformdirs"},
    ("check", "1"): PROOF,
    ("render", "1", "-o", "out"): PROOF,
    ("subscribers", "list"): PYDANTIC | DATABASE,
    ("status",): PYDANTIC | DATABASE | SENDING,
    ("serve", "--help"): PYDANTIC | DATABASE | SENDING,
    ("approve", "--help"): PROOF | DATABASE | SENDING,
    ("send", "--help"): PROOF | DATABASE | SENDING,
}


def loaded_by(arguments, folder):
    """Package -> how it came in, for a command in a process of its own."""
    report = folder / "report.json"
    trace = Path(__file__).with_name("import_trace.py")
    command = [sys.executable, trace, report, *arguments]
    ran = subprocess.run(command, check=False, cwd=folder, env=environment(), capture_output=True, text=True)
    assert report.is_file(), ran.stderr
    content = json.loads(report.read_text("utf-8"))
    assert content["code"] in {0, 1}, ran.stderr  # 1: the issue has a fault, and was read
    return content["loaded"]


@pytest.mark.parametrize("arguments", ALLOWED, ids=" ".join)
def test_a_command_loads_what_it_needs_alone(arguments, issue_workspace):
    folder = issue_workspace.workspace.root
    if "sqlalchemy" in ALLOWED[arguments]:
        loaded_by(("subscribers", "list"), folder)  # the first command makes the database, for which it needs Alembic
    loaded = loaded_by(arguments, folder)
    needless = {name: " < ".join(chain) for name, chain in loaded.items() if name not in ALWAYS | ALLOWED[arguments]}
    assert not needless, "\n".join(needless.values())


def test_the_trace_finds_what_a_command_loads(issue_workspace):
    loaded = loaded_by(("check", "1"), issue_workspace.workspace.root)
    assert {"pydantic", "yaml", "lxml", "mjml", "premailer"} <= loaded.keys()
    assert loaded["premailer"][1:3] == ["pvd_mailer.render.premailer_offline", "pvd_mailer.render.passes.inline"]


def test_requests_is_there_for_whoever_uses_it_after_premailer():
    code = (
        "import sys; from pvd_mailer.render.passes import inline; assert 'requests.sessions' not in sys.modules;"
        "import requests; assert requests.Session().verify is True and 'requests.sessions' in sys.modules;"
        "from requests.adapters import HTTPAdapter"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), check=True)
