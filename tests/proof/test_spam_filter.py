"""What SpamAssassin's own rules say of the letters: nothing of theirs costs a point.

Only rules that need no network: what it asks of other hosts is about who sends, not about the letter. Each message is
dated now, and names no server that it came by: its age and its way would have points of their own.
"""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from email.utils import format_datetime

import pytest

from tests.workspace import LIST, REAL, ROOT, IssueWorkspace

REPORT = "clear_report_template\nreport PVD _SCORE_ _TESTSSCORES(,)_"
SCORE = re.compile(r"^PVD (-?[\d.]+) (\S+)$", re.MULTILINE)


def scores(message, home):
    """The points of each rule that hits `message`, and their sum as SpamAssassin rounds it."""
    now = format_datetime(datetime.now(UTC)).encode()
    message = re.sub(rb"^Date: [^\r\n]*", b"Date: " + now, message, count=1, flags=re.MULTILINE)
    done = subprocess.run(
        ["spamassassin", "--local", "--test-mode", "--nocreate-prefs", "--cf", REPORT],
        input=message.replace(b"\r\n", b"\n"),
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        timeout=120,
        check=True,
    )
    total, rules = SCORE.findall(done.stdout.decode("utf-8", "replace"))[-1]
    return float(total), {name: float(points) for name, points in (rule.split("=") for rule in rules.split(","))}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home for SpamAssassin in which nobody has taught it anything."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", params=REAL)
def desk(request, tmp_path_factory):
    """A workspace whose issue was rendered, approved and delivered to the outbox."""
    root = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "templates", root / "templates")
    shutil.copytree(ROOT / "issues" / request.param, root / "issues" / request.param)
    (root / "subscribers").mkdir()
    (root / "subscribers" / "sample.csv").write_text(LIST, encoding="utf-8")
    workspace, number = IssueWorkspace(root), request.param[:3].lstrip("0")
    for arguments in (
        ("render", number, "-o", "letter"),
        ("subscribers", "import", "subscribers/sample.csv", "--basis", "public-mission", "--apply"),
        ("approve", number, "--audience", "all", "--by", "Claire", "--channel", "outbox"),
        ("send", number),
    ):
        done = workspace.process(*arguments, timeout=120)
        assert done.returncode == 0, done.stderr
    return root


@pytest.mark.parametrize(("place", "pattern"), [("letter", "letter.eml"), ("var/outbox/new", "*")])
def test_a_letter_costs_no_point(need, desk, home, place, pattern):
    need("spamassassin")
    total, rules = scores(min((desk / place).glob(pattern)).read_bytes(), home)
    assert "HTML_MESSAGE" in rules, "SpamAssassin has no rules on this machine"
    assert total <= 0.0, rules
    # HTML_MESSAGE, that there is HTML at all, has 0.001; and nothing may be hidden by what others take off.
    assert {name: points for name, points in rules.items() if abs(points) > 0.01} == {}


def test_a_preheader_in_the_colour_of_its_paper_costs_points(need, desk, home):
    need("spamassassin")
    message = message_from_bytes((desk / "letter" / "letter.eml").read_bytes(), policy=default)
    part = message.get_body(("html",))
    html = part.get_content()
    spoiled = re.sub(r'style="(?=display:none)', 'style="color:#ffffff;', html, count=1)
    assert spoiled != html
    part.set_content(spoiled, subtype="html", cte="quoted-printable")
    total, rules = scores(message.as_bytes(), home)
    assert rules["HTML_FONT_LOW_CONTRAST"] > 0
    assert total > 0
