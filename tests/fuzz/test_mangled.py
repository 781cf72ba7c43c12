import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.compose import load_issue
from pvd_mailer.findings import has_blocking
from pvd_mailer.render import render_letter
from pvd_mailer.workspace import Workspace
from tests.workspace import REAL, ROOT, IssueWorkspace

EXAMPLES = 500 * int(os.environ.get("PVD_FUZZ", "1"))
WHOLE_FILE = {"file-missing", "file-unreadable", "template"}
SOURCES = {name: (ROOT / "issues" / name / "issue.yaml").read_bytes() for name in REAL}
SIGNS = [
    "*",
    "&",
    "!",
    "|",
    ">",
    "'",
    '"',
    "%",
    "@",
    "`",
    "#",
    " #",
    ":",
    ": ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "---\n",
    "...\n",
    "\t",
    "~",
    "<<: ",
    "\\",
    "\\x",
    "\ud7ff",
    "é",
    "\x00",
    "\x07",
    "\u2028",
    "\u0085",
    "\ufeff",
]


@pytest.fixture(scope="module")
def issue_workspace(tmp_path_factory):
    """A workspace whose issue's pictures are those of the real ones."""
    issue_workspace = IssueWorkspace.start(tmp_path_factory.mktemp("mangled") / "workspace")
    for name in REAL:
        for file in (ROOT / "issues" / name / "images").iterdir():
            (issue_workspace.folder / "images" / file.name).write_bytes(file.read_bytes())
    return issue_workspace


def at(draw, things):
    return draw(st.integers(0, max(len(things) - 1, 0)))


def flip(draw, raw):
    place = at(draw, raw)
    return raw[:place] + bytes([raw[place] ^ (1 << draw(st.integers(0, 7)))]) + raw[place + 1 :] if raw else raw


def drop(draw, raw):
    lines = raw.split(b"\n")
    place = at(draw, lines)
    return b"\n".join(lines[:place] + lines[place + draw(st.integers(1, 3)) :])


def double(draw, raw):
    lines = raw.split(b"\n")
    place = at(draw, lines)
    return b"\n".join(lines[: place + 1] + lines[place:])


def swap(draw, raw):
    lines = raw.split(b"\n")
    one, other = at(draw, lines), at(draw, lines)
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def indent(draw, raw):
    lines = raw.split(b"\n")
    place = at(draw, lines)
    lines[place] = (
        draw(st.sampled_from([b" ", b"  ", b"\t"])) + lines[place]
        if draw(st.booleans())
        else lines[place][draw(st.integers(1, 4)) :]
    )
    return b"\n".join(lines)


def unquote(draw, raw):
    places = [match.start() for match in re.finditer(rb"[\"']", raw)]
    place = places[at(draw, places)] if places else 0
    return raw[:place] + raw[place + 1 :]


def cut(draw, raw):
    return raw[: at(draw, raw)] if draw(st.booleans()) else raw[at(draw, raw) :]


def insert(draw, raw):
    place = at(draw, raw)
    return raw[:place] + draw(st.sampled_from(SIGNS)).encode() + raw[place:]


def head(draw, raw):
    """A sign where a value begins, the place where YAML looks at it."""
    places = [match.end() for match in re.finditer(rb"(?m)^[ -]*\w+: ?", raw)]
    place = places[at(draw, places)] if places else 0
    return raw[:place] + draw(st.sampled_from(SIGNS)).encode() + raw[place:]


@st.composite
def mangled(draw):
    raw = SOURCES[draw(st.sampled_from(REAL))]
    for _ in range(draw(st.integers(1, 4))):
        raw = draw(st.sampled_from([flip, drop, double, swap, indent, unquote, cut, insert, head]))(draw, raw)
    return raw


@given(mangled())
@settings(max_examples=EXAMPLES)
def test_a_mangled_file_is_told_or_rendered(issue_workspace, raw):
    issue_workspace.write(raw)
    made = load_issue(issue_workspace.folder, Workspace(issue_workspace.root))
    lines = raw.count(b"\n") + raw.count(b"\r") + 1
    for one in made.findings:
        assert one.message
        assert one.hint
        assert one.location.file
        assert "{" not in re.sub(r"“.*?”|\".*\"|found .*|around .* do not match", "", one.message, flags=re.DOTALL)
        if one.location.line is None:
            assert one.rule in WHOLE_FILE
        elif one.location.file.endswith("issue.yaml"):
            assert 1 <= one.location.line <= lines
            assert one.location.column >= 1
    assert (made.issue is None) is has_blocking(list(made.findings))
    if made.issue is not None:
        letter = render_letter(made.issue, made.publication, made.pictures, made.templates)
        assert letter.html.endswith("</html>\n")
        assert letter.text.strip()
