import json
import subprocess

import pytest

from pvd_mailer.compose import load_issue
from pvd_mailer.letter import Placeholders
from pvd_mailer.render.draft import Draft, Hosting
from pvd_mailer.render.passes import markup, pictures
from pvd_mailer.workspace import Workspace
from tests.render.test_templates import TEXTS, issue
from tests.workspace import REAL, ROOT

MJML = "tools/node/node_modules/mjml"


def markup_of(folder, root):
    """What the templates make of an issue, before any library changes it."""
    made = load_issue(folder, Workspace(root))
    assert made.issue is not None, made.findings
    key = Placeholders.from_content(b"lint")
    draft = Draft(made.issue, made.publication, made.pictures, made.templates, Hosting(), key)
    return markup.run(pictures.run(draft)).mjml


@pytest.fixture
def lint(need):
    """Npm's mjml in strict mode; the faults that it finds."""
    need("node")
    need(MJML)

    def lint(source):
        ran = subprocess.run(
            ["node", "tools/node/lint.mjs"],
            cwd=ROOT,
            input=source,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
        return json.loads(ran.stdout)

    return lint


@pytest.mark.parametrize("name", REAL)
def test_the_real_issues_are_strict_mjml(lint, name):
    assert lint(markup_of(ROOT / "issues" / name, ROOT)) == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_block_is_strict_mjml(lint, issue_workspace, name):
    issue_workspace.write(issue(name))
    assert lint(markup_of(issue_workspace.folder, issue_workspace.root)) == []


def test_the_linter_finds_what_mrml_lets_pass(lint):
    column = "<mj-text colour='red'>a</mj-text><mj-nothing/>"
    source = f"<mjml><mj-body><mj-section><mj-column>{column}</mj-column></mj-section></mj-body></mjml>"
    assert len(lint(source)) == 2
