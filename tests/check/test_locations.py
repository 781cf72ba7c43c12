"""From what readers read to the character of the file where it stands."""

from unicodedata import normalize

import pytest
import yaml
from hypothesis import given, settings

from pvd_mailer.services.proofs import check_context_of
from tests.check.faulty import issues as faulty
from tests.fuzz.issues import issues
from tests.fuzz.test_issues import bare
from tests.workspace import REAL, ROOT, IssueWorkspace, picture


@pytest.fixture(scope="module")
def check_workspace(tmp_path_factory):
    made = IssueWorkspace.start(tmp_path_factory.mktemp("places") / "workspace")
    (made.folder / "images" / "sombre.png").write_bytes(picture(colour="#000033"))
    return made


def agree(passage):
    """Each character of a text stands where it is said to; what is longer there is an escape, an entity or a fold."""
    text = passage.source_map.text
    for character, (start, end) in zip(passage.text, passage.char_spans, strict=True):
        written = text[start:end]
        assert character in normalize("NFC", written) or written[0] in "\\&'\n \t" or len(written) > 1, (
            character,
            written,
        )
        longer = written[0] in "\\&' \t\n" or written[1:] in ("\u0301", "\\u0301")
        assert end - start == 1 or longer, (character, written)


def lost(check_workspace):
    """The texts of the issue, and those of them whose characters have no certain place."""
    composition = check_workspace.load()
    if composition.issue is None:
        return [], []
    passages = check_context_of(composition, check_workspace.workspace, check_workspace.render).passages
    return list(passages), [passage for passage in passages if passage.char_spans is None]


@settings(max_examples=100)
@given(issues())
def test_every_character_of_a_generated_issue_has_its_place(check_workspace, drawn):
    check_workspace.write(
        yaml.dump(bare(drawn), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=100)
    )
    passages, without = lost(check_workspace)
    for passage in passages:
        if passage not in without:
            agree(passage)
    assert len(without) * 20 <= len(passages), [passage.text for passage in without]


@settings(max_examples=200)
@given(faulty())
def test_every_character_of_a_faulty_issue_has_its_place(check_workspace, raw):
    check_workspace.write(raw)
    passages, without = lost(check_workspace)
    for passage in passages:
        if passage not in without:
            agree(passage)
    assert [passage.text for passage in without] == []


@pytest.mark.parametrize("name", REAL)
def test_every_character_of_a_real_issue_has_its_place(check_workspace, name):
    text = (ROOT / "issues" / name / "issue.yaml").read_bytes()
    for image in (ROOT / "issues" / name / "images").iterdir():
        (check_workspace.folder / "images" / image.name).write_bytes(image.read_bytes())
    check_workspace.write(text)
    passages, without = lost(check_workspace)
    assert len(passages) > 30
    assert without == []
    for passage in passages:
        agree(passage)
