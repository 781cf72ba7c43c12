"""Every decision has a number, a date and a status, and stands in the index as it is."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
FILES = sorted(FOLDER.glob("[0-9]*.md"))
HEAD = re.compile(r"# (?P<number>\d+)\. (?P<title>.+)\n\n\*\d{4}-\d\d-\d\d · (?P<status>.+)\.\*\n")
STATUS = re.compile(
    r"accepted"
    r"|(?P<whole>superseded by )\[(?P<by>\d+)\]\((?P<file>[\w-]+\.md)\): .+"
    r"|accepted; (?P<part>superseded in part by )\[(?P<part_by>\d+)\]\((?P<part_file>[\w-]+\.md)\): .+"
)
ROW = re.compile(r"^\| (\d+) \| \[(.+)\]\(([\w-]+\.md)\) \| (.+) \|$", re.MULTILINE)


def read(file):
    """A decision's number, title, and status as the index has it; and the decision that took its place."""
    head = HEAD.match(file.read_text("utf-8"))
    assert head, f"{file.name} does not begin with its number, title, date and status"
    status = STATUS.fullmatch(head["status"])
    assert status, head["status"]
    words = status["whole"] or status["part"]
    if not words:
        return int(head["number"]), head["title"], "accepted", None
    number, other = (status["by"] or status["part_by"]), (status["file"] or status["part_file"])
    return int(head["number"]), head["title"], f"{words}[{number}]({other})", (int(number), other)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_decision_says_its_number_and_what_holds(file):
    number, _title, _status, successor = read(file)
    assert file.name.startswith(f"{number:04}-")
    if successor:
        later, name = successor
        assert later > number
        assert name.startswith(f"{later:04}-")


def test_numbers_are_without_a_gap_and_each_is_given_once():
    assert [read(file)[0] for file in FILES] == list(range(1, len(FILES) + 1))


def test_the_index_has_every_decision_as_it_is():
    rows = ROW.findall((FOLDER / "README.md").read_text("utf-8"))
    listed = {name: (int(number), title, status) for number, title, name, status in rows}
    assert len(rows) == len(listed)
    assert listed == {file.name: read(file)[:3] for file in FILES}
