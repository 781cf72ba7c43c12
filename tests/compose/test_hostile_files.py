import json
import os
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.workspace import ARTICLE, HEAD, ISSUE, IssueWorkspace, blocks

LIMIT = 20  # seconds; only a guard against a hang

TEXTS = {
    "a megabyte": "a: b\n" * 200_000,
    "a megabyte of an issue": HEAD + "blocks:\n" + ARTICLE * 16_000,
    "100,000 open brackets": HEAD + "blocks: " + "[" * 100_000,
    "100,000 nested brackets": HEAD + "blocks: " + "[" * 100_000 + "]" * 100_000,
    "100,000 nested braces": HEAD + "blocks: " + "{a: " * 60_000 + "}" * 60_000,
    "100,000 nested dashes": HEAD + "blocks:\n" + "- " * 100_000 + "a\n",
    "100,000 question marks": HEAD + "? " * 100_000 + "a\n",
    "an alias bomb": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "binary": bytes(range(256)) * 100,
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100),
    "UTF-16": ISSUE.encode("utf-16"),
    "UTF-16 without a mark": ISSUE.encode("utf-16-le"),
    "UTF-32": ISSUE.encode("utf-32"),
    "Latin-1": ISSUE.encode("latin-1"),
    "a NUL": ISSUE.replace("Un titre", "Un\0titre"),
    "control characters": ISSUE.replace("Un titre", "Un\x1b[31mtitre\x07"),
    "tabs": ISSUE.replace("    ", "\t"),
    "a tab and a mapping": "\t- a: b\n\t\tc: d\n",
    "a half surrogate in an escape": ISSUE.replace("Un titre", r"Un \ud800 titre"),
    "a surrogate pair in escapes": ISSUE.replace("Un titre", r"Un \ud83d\ude00 titre"),
    "a half surrogate in a remark": ISSUE.replace("subject:", 'note: "\\udfff"\nsubject:'),
    "a half surrogate in a key": ISSUE.replace("subject:", '"\\udfff": 1\nsubject:'),
    "deep Markdown lists": HEAD
    + "blocks:\n  - id: un\n    type: article\n    title: Un\n    body: |\n"
    + "".join(" " * (6 + 2 * depth) + "- a\n" for depth in range(120)),
    "deep Markdown lists on a line": ISSUE.replace('"Un texte."', f'"{"- " * 9_000}a"'),
    "deep Markdown quotations": ISSUE.replace('"Un texte."', f'"{">" * 19_000}a"'),
    "deep Markdown brackets": ISSUE.replace('"Un texte."', f'"{"[" * 9_000}a{"]" * 9_000}"'),
    "deep Markdown emphasis": ISSUE.replace('"Un texte."', f'"{"*a " * 6_000}"'),
    "100,000 stars in a body": ISSUE.replace("Un texte.", "*" * 100_000),
    "100,000 brackets in a body": ISSUE.replace("Un texte.", "[" * 100_000),
    "20,000 brackets in a body": ISSUE.replace("Un texte.", "[" * 20_000),
    "links in links": ISSUE.replace("Un texte.", "[a](" * 4_500),
    "a line of half a megabyte": ISSUE.replace("Un texte.", "a " * 240_000),
    "a key of half a megabyte": f"{ISSUE}{'k' * 400_000}: a\n",
    "100,000 keys": ISSUE + "".join(f"k{number}: a\n" for number in range(30_000)),
    "the same key 20,000 times": ISSUE + "number: 1\n" * 15_000,
    "a fault on every line": HEAD + "blocks:\n" + "  - id: @a\n" * 20_000,
    "an unclosed quote": ISSUE.replace('"Un titre"', '"Un titre'),
    "a list": "- a\n- b\n",
    "a text": "Bonjour\n",
    "a number": "22\n",
    "nothing": "",
    "blanks": " \n\n  \n",
    "only a mark of byte order": b"\xef\xbb\xbf",
    "a directive": f"%YAML 1.1\n---\n{ISSUE}",
    "another directive": f"%TAG ! tag:example.org,2000:\n---\n!a {ISSUE}",
    "merge keys": ISSUE.replace("number: 1", "<<: {number: 1}"),
    "a Python object": ISSUE.replace('"Un titre"', "!!python/object/apply:os.system [id]"),
    "a path for a publication": ISSUE.replace("petites-villes-de-demain", '"../../etc"'),
    "a huge number": ISSUE.replace("number: 1", f"number: {'9' * 5_000}"),
    "a huge float": ISSUE.replace('"Un titre"', "1e999999"),
    "a year 0": ISSUE.replace("2023-03-07", "0000-01-01"),
    "an override that is a list": ISSUE.replace("number: 1", "number: 1\noverride: [a]"),
    "an override of everything": ISSUE.replace(
        "number: 1", "number: 1\noverride: {theme: 1, legal: [], sender: x, lang: []}"
    ),
}
GOOD = {
    "a huge float",
    "a directive",
    "a surrogate pair in escapes",
    "deep Markdown brackets",
    "a half surrogate in a remark",
    "20,000 brackets in a body",
    "deep Markdown emphasis",
    "links in links",
}  # text like any other, or an oddity that harms nobody


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What `check` says of each text, several processes at once."""
    folders = {name: tmp_path_factory.mktemp("hostile") for name in TEXTS}  # pytest makes them one at a time

    def ask(name):
        issue_workspace = IssueWorkspace.start(folders[name] / "workspace")
        issue_workspace.write(TEXTS[name])
        try:
            return name, issue_workspace.process("check", "1", "--format", "json", timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return name, None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(ask, TEXTS))


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_file_gets_an_answer(answers, name):
    ran = answers[name]
    assert ran is not None, "no answer"
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "fault of the program" not in ran.stderr
    found = json.loads(ran.stdout)["findings"]
    blocking = [one for one in found if one["severity"] == "blocking"]
    assert ran.returncode == bool(blocking)
    assert blocking or name in GOOD
    assert all(one["message"] and one["hint"] and one["file"] for one in found)
    assert len(ran.stdout) < 20_000_000


@pytest.mark.parametrize("name", ["100,000 open brackets", "binary", "a fault on every line", "control characters"])
def test_a_hostile_file_is_told_to_people_in_lines_that_fit(issue_workspace, name):
    issue_workspace.write(TEXTS[name])
    ran = issue_workspace.process("check", "1", timeout=LIMIT)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "\x1b" not in ran.stderr
    assert max(map(len, ran.stderr.splitlines())) < 400


def test_a_byte_order_mark_is_no_fault(issue_workspace):
    assert issue_workspace.findings(b"\xef\xbb\xbf" + ISSUE.encode()) == ()


def test_the_column_after_a_byte_order_mark_is_an_editors(issue_workspace):
    (found,) = issue_workspace.findings(b"\xef\xbb\xbfnombre: 1\n" + ISSUE.encode())
    assert (found.location.line, found.location.column) == (1, 1)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_no_fault_and_lines_are_counted_right(issue_workspace, end):
    assert issue_workspace.findings(ISSUE.replace("\n", end).encode()) == ()
    (found,) = issue_workspace.findings(ISSUE.replace("type: article", "type: artikel").replace("\n", end).encode())
    assert found.location.line == 8


def test_line_ends_of_other_systems_give_the_same_letter(issue_workspace):
    text = ISSUE.replace('"Un texte."', "|\n      Un texte,\n      une suite.\n\n      Un autre.")
    assert issue_workspace.render(text) == issue_workspace.render(text.replace("\n", "\r\n"))


def test_a_folder_in_the_files_place(issue_workspace):
    issue_workspace.file.unlink()
    issue_workspace.file.mkdir()
    ran = issue_workspace.process("check", "1", timeout=LIMIT)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr


def test_a_file_that_may_not_be_read(issue_workspace):
    issue_workspace.file.chmod(0)
    try:
        if os.access(issue_workspace.file, os.R_OK):
            pytest.skip("whoever runs this test may read every file")
        ran = issue_workspace.process("check", "1", timeout=LIMIT)
    finally:
        issue_workspace.file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr


def test_a_missing_file(issue_workspace):
    issue_workspace.file.unlink()
    ran = issue_workspace.process("check", "1", timeout=LIMIT)
    assert ran.returncode == 1
    assert "issue.yaml" in ran.stderr


def test_a_link_that_leads_nowhere(issue_workspace):
    issue_workspace.file.unlink()
    issue_workspace.file.symlink_to("nulle-part")
    ran = issue_workspace.process("check", "1", timeout=LIMIT)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", ["issue.yaml", "images/une-image.png", "publication.yaml", "words.txt", "blocks"])
def test_links_in_a_circle_are_told_of(issue_workspace, name):
    issue_workspace.write(blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Une place"}'))
    path = (issue_workspace.folder if name.startswith("i") else issue_workspace.own) / name
    path.unlink(missing_ok=True)
    path.symlink_to(path.name)
    ran = issue_workspace.process("check", "1", timeout=LIMIT)
    assert ran.returncode == (0 if name in {"words.txt", "blocks"} else 1), ran.stderr
    assert "RuntimeError" not in ran.stderr


@pytest.mark.parametrize("name", ["issue.yaml", "images/une-image.png", "publication.yaml", "words.txt"])
def test_a_link_out_of_the_workspace_shows_nothing_of_what_it_leads_to(issue_workspace, tmp_path, name):
    """A workspace that somebody else made could have our own files read, quoted in findings and sent."""
    issue_workspace.write(blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Une place"}'))
    path = (issue_workspace.own if name in {"publication.yaml", "words.txt"} else issue_workspace.folder) / name
    before = path.read_bytes() if path.exists() else b"secret\n"
    secret = tmp_path / "elsewhere"
    secret.write_bytes(b"k\xc3\xa9y: s3cret [\n" if name.endswith(("yaml", "txt")) else before)
    path.unlink(missing_ok=True)
    path.symlink_to(secret)
    said = issue_workspace.process("check", "1", timeout=LIMIT)
    assert "leads out of the workspace" in said.stdout + said.stderr
    assert "s3cret" not in said.stdout + said.stderr
    assert said.returncode == (0 if name == "words.txt" else 1)


def test_a_link_inside_the_workspace_is_followed(issue_workspace):
    image = issue_workspace.folder / "images" / "une-image.png"
    shared = issue_workspace.root / "shared.png"
    image.rename(shared)
    image.symlink_to(shared)
    issue_workspace.write(blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Une place"}'))
    assert issue_workspace.load().issue is not None


def test_an_issue_folder_that_is_a_link_is_read(issue_workspace, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    issue_workspace.folder.rename(elsewhere)
    issue_workspace.folder.symlink_to(elsewhere)
    assert issue_workspace.load().issue is not None


def test_a_pipe_in_the_files_place_does_not_hang(issue_workspace):
    issue_workspace.file.unlink()
    os.mkfifo(issue_workspace.file)
    ran = issue_workspace.process("check", "1", timeout=LIMIT)
    assert ran.returncode == 1
