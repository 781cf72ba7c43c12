"""The preview follows what is saved, whatever that is."""

import shutil

import pytest

from tests.preview.conftest import RICH, override, repaint, serving, until
from tests.workspace import ISSUE


def save_issue(issue_workspace):
    issue_workspace.write(RICH.replace("Un titre", "Un autre titre"))


def save_publication(issue_workspace):
    path = issue_workspace.own / "publication.yaml"
    path.write_text(path.read_text("utf-8").replace("#0f5e5c", "#5c0f5e"), encoding="utf-8")


def save_template(issue_workspace):
    override(issue_workspace, "inline.css", "p { color: #123456; }")


@pytest.mark.parametrize("save", [save_issue, save_publication, save_template, repaint])
def test_a_save_brings_a_new_letter(preview_server, save):
    with preview_server.events() as events:
        first = next(events)
        before = preview_server.get("/letter").body
        save(preview_server.issue_workspace)
        second = next(one for one in events if one["letter"] != first["letter"])
    assert second["state"] == "good"
    assert second["stamp"] != first["stamp"]
    assert preview_server.get("/letter").body != before


def test_a_save_that_changes_nothing_is_told_too(preview_server):
    with preview_server.events() as events:
        first = next(events)
        preview_server.issue_workspace.write(RICH)
        second = next(one for one in events if one["stamp"] != first["stamp"])
    assert second["letter"] == first["letter"]


def test_faults_stand_beside_the_last_good_letter(preview_server):
    with preview_server.events() as events:
        first = next(events)
        preview_server.issue_workspace.write(RICH.replace("number: 1", "number: un"))
        state = next(one for one in events if one["state"] == "blocked")
        assert state["letter"] == first["letter"]
        assert "001-2023-03/issue.yaml:2:9" in state["faults"]
        assert "not-a-number" in state["faults"]
        assert "1 blocking fault" in state["alert"]
        assert "Un titre" in preview_server.get("/letter").body
        preview_server.issue_workspace.write(RICH)
        mended = next(one for one in events if one["state"] == "good")
    assert mended["alert"] == ""
    assert mended["faults"].strip() == ""


def test_a_fault_in_a_template_names_it_and_its_line(preview_server):
    with preview_server.events() as events:
        next(events)
        override(
            preview_server.issue_workspace,
            "blocks/article.mjml",
            "{% macro block(article, level) %}\n{{ nothing.here }}\n{% endmacro %}",
        )
        state = next(one for one in events if one["state"] == "blocked")
    assert "blocks/article.mjml:2" in state["faults"]
    assert preview_server.get("/letter").status == 200


def test_a_fault_is_quoted_without_markup(preview_server):
    with preview_server.events() as events:
        next(events)
        preview_server.issue_workspace.write(RICH.replace("number: 1", "number: <script>alert(1)</script>"))
        state = next(one for one in events if one["state"] == "blocked")
    assert "<script" not in state["faults"]
    assert "cript&gt;alert(1)" in state["faults"]


def test_before_any_good_letter_there_is_an_explanation(issue_workspace):
    issue_workspace.write("number: [")
    with serving(issue_workspace) as served:
        page = served.get("/").body
        assert "No letter yet" in page
        assert served.get("/letter").status == 404
        assert served.get("/text").status == 404
        assert served.get("/source").status == 404
        with served.events() as events:
            assert next(events)["letter"] == ""
            issue_workspace.write(ISSUE)
            assert next(one for one in events if one["state"] == "good")["letter"]
        assert served.get("/letter").status == 200


def test_the_folder_may_go_and_come_back(preview_server):
    folder = preview_server.issue_workspace.folder
    aside = folder.with_name("aside")
    with preview_server.events() as events:
        next(events)
        shutil.move(folder, aside)
        assert "file-missing" in next(one for one in events if one["state"] == "blocked")["faults"]
        assert "Un titre" in preview_server.get("/letter").body
        shutil.move(aside, folder)
        next(one for one in events if one["state"] == "good")
        # And it is followed again.
        save_issue(preview_server.issue_workspace)
        until(lambda: "Un autre titre" in preview_server.get("/text").body)


def test_an_editor_that_replaces_the_file_is_followed(preview_server):
    with preview_server.events() as events:
        first = next(events)
        for title in ("Deux", "Trois"):
            beside = preview_server.issue_workspace.file.with_name("issue.yaml.new")
            beside.write_text(RICH.replace("Un titre", title), encoding="utf-8")
            beside.replace(preview_server.issue_workspace.file)
            first = next(one for one in events if one["letter"] != first["letter"])
            until(lambda title=title: title in preview_server.get("/letter").body)


def test_a_file_that_is_half_written_does_no_harm(preview_server):
    whole = RICH.replace("Un titre", "Un titre entier").encode()
    with preview_server.events() as events:
        next(events)
        for share in (0, 3, 2, 1):
            preview_server.issue_workspace.file.write_bytes(whole[: len(whole) * share // 4])
        preview_server.issue_workspace.file.write_bytes(whole)
        until(lambda: "Un titre entier" in preview_server.get("/text").body)
        last = next(one for one in events if one["stamp"] == preview_server.preview.state.version)
    assert last["state"] == "good"


@pytest.mark.parametrize("bad", [b"\x00\xff\xfe binary", b"[" * 100_000, b"a: &a [*a, *a]\n" * 50])
def test_mangled_files_are_said_in_words(preview_server, bad):
    with preview_server.events() as events:
        next(events)
        preview_server.issue_workspace.write(bad)
        state = next(one for one in events if one["state"] == "blocked")
    assert "fault of the program" not in state["faults"]


def test_a_fault_of_the_program_does_not_stop_it(preview_server, monkeypatch):
    with preview_server.events() as events:
        next(events)
        monkeypatch.setattr("pvd_mailer.services.proofs.render_issue", lambda *_arguments: 1 / 0)
        save_issue(preview_server.issue_workspace)
        assert "ZeroDivisionError" in next(one for one in events if one["state"] == "blocked")["faults"]
        monkeypatch.undo()
        save_publication(preview_server.issue_workspace)
        next(one for one in events if one["state"] == "good")


def test_every_page_is_told_and_one_that_goes_away_does_no_harm(preview_server):
    with preview_server.events() as one, preview_server.events() as other:
        next(one)
        next(other)
        with preview_server.events() as gone:
            next(gone)
        save_issue(preview_server.issue_workspace)
        assert next(one)["letter"] == next(other)["letter"]
