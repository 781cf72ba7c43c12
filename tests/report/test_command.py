"""`report` as an editor runs it: on a terminal, for a program, for a spreadsheet, as a page."""

import json

import pytest

from pvd_mailer import clock
from tests.report.scene import HOURS_AGO, SentIssues, event


@pytest.fixture
def sent_issue(issue_workspace, on_database, database, run):
    """Issue 1 was sent to twenty people three hours ago; `run` works on it."""
    del issue_workspace, on_database
    scene = SentIssues(database)
    start = clock.now() - HOURS_AGO
    one = scene.sent(1, [f"lecteur{at}@ville.test" for at in range(20)], start=start)
    scene.tell(
        *(event(one, at, "delivered", start=start) for at in range(15)),
        event(one, 15, "bounced", status="5.1.1", reason="550 5.1.1 no such user", start=start),
        event(one, 16, "deferred", start=start),
        event(one, 0, "complained", start=start),
        event(one, 1, "unsubscribed", source="site", start=start),
    )
    return run


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_text_fits_eighty_columns_and_says_what_became_of_everybody(sent_issue, lang):
    from pvd_mailer.i18n import set_language  # noqa: PLC0415 - beside its one use

    set_language(lang)
    ran = sent_issue("report", "1")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    assert [line for line in ran.out.splitlines() if line != line.rstrip()] == []
    wanted = ("remis", "plaintes", "sans nouvelle") if lang == "fr" else ("delivered", "complaints", "nothing heard")
    assert all(words in ran.out for words in wanted)
    assert "lecteur" not in ran.out.replace("lecteurs", "").replace("du lecteur", "")


def test_json_has_the_report_beside_the_dispatches(sent_issue):
    told = json.loads(sent_issue("report", "1", "--format", "json").out)
    assert (told["accepted"], told["unknown"], len(told["dispatches"])) == (20, 0, 1)
    report = told["report"]
    assert report["outcome"]["fates"] == {
        "delivered": 15,
        "bounced": 1,
        "blocked": 0,
        "dropped": 0,
        "deferred": 1,
        "processed": 0,
        "silent": 3,
    }
    assert report["complaint_level"] == "too-high"
    assert report["sources"] == ["sendgrid", "site"]


@pytest.mark.parametrize(
    ("name", "begins"), [("r.html", "<!DOCTYPE"), ("r.csv", "\ufeffissue"), ("r.json", "{"), ("r.txt", "Dispatch")]
)
def test_a_file_is_written_in_the_form_of_its_name(sent_issue, issue_workspace, name, begins):
    ran = sent_issue("report", "1", "-o", name)
    assert (ran.code, ran.out) == (0, "")
    assert (issue_workspace.root / name).read_bytes().decode().startswith(begins)
    assert sent_issue("report", "1", "--format", "html" if name == "r.html" else "csv").out


@pytest.mark.parametrize("name", ["bilan.pdf", "bilan.xyz", "bilan.html.exe"])
def test_a_form_that_nobody_asked_for_is_not_guessed(sent_issue, issue_workspace, name):
    ran = sent_issue("report", "1", "-o", name)
    assert (ran.code, "Let the name end in" in ran.err) == (2, True)
    assert not (issue_workspace.root / name).exists()
    assert sent_issue("report", "1", "--format", "text", "-o", name).code == 0


def test_a_file_that_cannot_be_written_is_told_in_words(sent_issue, tmp_path):
    ran = sent_issue("report", "1", "-o", tmp_path / "nowhere" / "r.html")
    assert ran.code == 3
    assert "cannot be written" in ran.err


def test_what_was_not_sent_has_no_page(issue_workspace, on_database, run):
    del issue_workspace, on_database
    ran = run("report", "1", "--format", "html")
    assert (ran.code, ran.out) == (2, "")
    assert "not approved yet" in ran.err


def test_a_publication_that_is_gone_still_has_its_page(sent_issue, issue_workspace):
    (issue_workspace.own / "publication.yaml").unlink()
    assert "<h1>" in sent_issue("report", "1", "--format", "html").out
