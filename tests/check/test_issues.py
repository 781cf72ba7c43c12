"""All rules together, over real and realistic issues, where they find nothing."""

import json
import os
import shutil

import pytest
import yaml
from hypothesis import given, settings

from pvd_mailer.check import proofread
from pvd_mailer.services import proofs
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder, Workspace
from tests.fuzz.issues import issues
from tests.fuzz.test_issues import bare
from tests.workspace import PUBLICATION, REAL, ROOT, IssueWorkspace, picture

REALISTIC = sorted((ROOT / "tests" / "check" / "realistic").glob("*.yaml"))


@pytest.mark.parametrize("number", ["22", "23"])
def test_the_repositorys_issues_have_no_fault_that_is_not_waived(number):
    workspace = Workspace(ROOT)
    found = proofs.check_issue(workspace.issue(number), workspace, Settings())
    assert [f"{one.rule} {one.location} {one.message}" for one in found if one.waived is None] == []


@pytest.mark.parametrize("file", REALISTIC, ids=lambda file: file.stem)
def test_no_rule_cries_wolf_in_a_realistic_issue(issue_workspace, file):
    for name in REAL:
        shutil.copytree(ROOT / "issues" / name / "images", issue_workspace.folder / "images", dirs_exist_ok=True)
    shutil.copy(ROOT / "templates" / PUBLICATION / "words.txt", issue_workspace.own)
    issue_workspace.write(file.read_bytes())
    found = proofs.check_issue(IssueFolder(1, issue_workspace.folder), issue_workspace.workspace, Settings())
    assert [f"{one.rule} {one.location.line} {one.excerpt}" for one in found] == []


def test_one_of_the_realistic_issues_has_forty_blocks():
    assert max(file.read_text("utf-8").count("\n  - id: ") for file in REALISTIC) >= 40


@pytest.fixture(scope="module")
def check_workspace(tmp_path_factory):
    made = IssueWorkspace.start(tmp_path_factory.mktemp("drawn") / "workspace")
    (made.folder / "images" / "sombre.png").write_bytes(picture(colour="#000033"))
    return made


@settings(max_examples=100 * int(os.environ.get("PVD_FUZZ", "1")))
@given(issues())
def test_no_issue_that_can_be_read_makes_a_rule_fail(check_workspace, drawn):
    check_workspace.write(
        yaml.dump(bare(drawn), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=100)
    )
    composition = check_workspace.load()
    if composition.issue is None:
        return
    subject = check_context_of(composition, check_workspace.workspace, check_workspace.render)
    for one in proofread(subject):
        line = check_workspace.file.read_text("utf-8").split("\n")[(one.location.line or 1) - 1]
        assert one.location.file
        assert (one.location.column or 1) - 1 <= len(line)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_new_workspace_begins_without_a_fault(lang, tmp_path, run, monkeypatch):
    monkeypatch.setenv("PVD_LANG", lang)
    assert run("init", "lettre", cwd=tmp_path).code == 0
    ran = run("check", "latest", "--format", "json", cwd=tmp_path / "lettre")
    assert (ran.code, json.loads(ran.out)["findings"]) == (0, [])
