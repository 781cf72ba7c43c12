"""Whom the preview answers, and what it lets a browser do with the answer."""

import re

import pytest

from pvd_mailer.settings import Settings
from tests.preview.conftest import RICH, override, serving
from tests.workspace import ISSUE

PATHS = ["/", "/letter", "/text", "/source", "/static/preview.js", "/static/preview.css", "/nowhere", "/images/no.png"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_headers(preview_server, path):
    answer = preview_server.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'")
    assert "frame-ancestors" in policy
    assert "unsafe-inline" not in policy.replace("style-src 'unsafe-inline'", "" if path == "/letter" else "kept")
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize(
    "hosts",
    [
        ["evil.example"],
        ["127.0.0.1"],
        ["127.0.0.1:1"],
        ["localhost.evil.example:{port}"],
        ["127.0.0.1:{port}.evil.example"],
        ["user@127.0.0.1:{port}"],
        [""],
        ["127.0.0.1:{port}", "evil.example"],
    ],
)
@pytest.mark.parametrize("path", ["/", "/letter", "/events", "/static/preview.js"])
def test_a_request_that_names_another_host_is_refused(preview_server, hosts, path):
    answer = preview_server.get(path, hosts=[host.format(port=preview_server.port) for host in hosts])
    assert answer.status in {400, 421}
    assert "Un titre" not in answer.body


def test_the_names_of_this_machine_are_answered(preview_server):
    for host in (
        f"127.0.0.1:{preview_server.port}",
        f"localhost:{preview_server.port}",
        f"LOCALHOST:{preview_server.port}",
    ):
        assert preview_server.get("/", hosts=[host]).status == 200


def test_nothing_can_be_sent(preview_server):
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert preview_server.get("/", method).status == 405


def test_the_page_runs_its_own_script_only(preview_server):
    answer = preview_server.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert re.findall(r"<script\b[^>]*>", answer.body) == ['<script type="module" src="/static/preview.js">']
    assert not re.search(r"\son\w+=|<style|style=|javascript:", answer.body)


def test_the_letter_stands_in_a_sandbox_without_scripts(preview_server):
    page = preview_server.get("/").body
    sandbox = re.search(r'<iframe[^>]* sandbox="([^"]*)"', page)[1].split()
    assert "allow-scripts" not in sandbox
    assert not any(one.startswith(("allow-top-navigation", "allow-forms")) for one in sandbox)
    policy = preview_server.get("/letter").headers["Content-Security-Policy"]
    # Its own policy holds as well, so that the address opened alone is no way round the frame's.
    assert policy.endswith("sandbox " + " ".join(sandbox))
    assert "script-src" not in policy
    assert "img-src 'self'" in policy
    assert "img-src 'none'" in preview_server.get("/letter?images=0").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "../issue.yaml",
        "..%2fissue.yaml",
        "%2e%2e/issue.yaml",
        "%2e%2e%2fissue.yaml",
        "..%5cissue.yaml",
        "....//issue.yaml",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "une-image.png",
        "une-image.png%00",
        ".",
        "..",
        "",
        "%ff",
    ],
)
@pytest.mark.parametrize("folder", ["images", "static"])
def test_no_path_leads_out(preview_server, name, folder):
    answer = preview_server.get(f"/{folder}/{name}")
    assert answer.status == 404
    assert "root:" not in answer.body
    assert "blocks:" not in answer.body


def test_a_picture_has_its_type(preview_server):
    address = re.search(r'src="(/images/[0-9a-f]+\.png)"', preview_server.get("/letter").body)[1]
    answer = preview_server.get(address)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/png"


def test_hosted_pictures_come_from_here(issue_workspace):
    issue_workspace.write(RICH)
    with serving(issue_workspace, Settings(public_url="https://pictures.example.org")) as served:
        body = served.get("/letter").body
        # A link may lead there; nothing is fetched from there.
        assert re.findall(r'src="(?!/)[^"]*"|url\([^)]*\)', body) == []
        assert served.get(re.search(r'src="(/images/[^"]+)"', body)[1]).status == 200
        assert "pictures.example.org" in served.get("/source").body


def test_the_source_is_what_is_sent_and_is_no_markup(preview_server):
    body = preview_server.get("/source").body
    assert "&lt;table" in body
    assert "cid:" in body
    assert "<table" not in body


def test_the_text_part_is_no_markup(issue_workspace):
    override(
        issue_workspace, "blocks/article.txt", "{% macro block(article) %}</pre><script>1 & 2</script>{% endmacro %}"
    )
    with serving(issue_workspace) as served:
        body = served.get("/text").body
    assert "&lt;script&gt;1 &amp; 2" in body
    assert "<script" not in body


def test_what_an_issue_says_is_escaped_around_the_letter(issue_workspace):
    issue_workspace.write(
        ISSUE.replace("Un sujet", "<img src=x onerror=alert(1)>").replace("Un aperçu", "</dl><script>")
    )
    with serving(issue_workspace) as served:
        body = served.get("/").body
    assert "&lt;img src=x" in body
    assert "<img" not in body
    assert "<script>" not in body


def test_a_fault_of_the_program_is_said_in_words(preview_server, monkeypatch, caplog):
    monkeypatch.setattr("pvd_mailer.preview.page.whole_page", lambda _shown: 1 / 0)
    answer = preview_server.get("/")
    assert answer.status == 500
    assert "Traceback" not in answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert all(record.exc_info is None for record in caplog.records)


def test_the_page_weighs_the_letter(preview_server):
    body = preview_server.get("/").body
    html = preview_server.preview.state.last_good.checked.letter.html
    assert f"<b>{len(html.encode()) / 1000:.1f}".removesuffix(".0") in body
    assert 'max="90000"' in body
    assert "fits" in body


def test_the_page_says_so_when_the_letter_is_too_heavy(issue_workspace):
    issue_workspace.write(ISSUE)
    override(issue_workspace, "head.css", "/*" + "x" * 95_000 + "*/")
    with serving(issue_workspace) as served:
        assert "too heavy" in served.get("/").body


def test_the_page_speaks_french(issue_workspace):
    with serving(issue_workspace, lang="fr") as served:
        page = served.get("/").body
    assert '<html lang="fr">' in page
    assert "Mise à jour à" in page
    assert "Raccourcis clavier" in page
