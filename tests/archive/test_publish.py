"""The archive as files."""

import json
import os
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from lxml import html as lxml_html
from sqlalchemy import select

from pvd_mailer.database import schema
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.site.export.folder import MANIFEST_FILE, write_folder
from tests.archive.hosted_workspace import RICH, SITE, STATIC
from tests.preview.conftest import until
from tests.proof.test_accessibility import AXE
from tests.workspace import PUBLICATION
from tools.photograph import View, opened


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST_FILE
    }


@pytest.fixture
def published_folder(hosted_workspace, run, tmp_path):
    """Two publications, a letter of each, written as files."""
    hosted_workspace.publish_issue()
    hosted_workspace.add_publication()
    hosted_workspace.publish_other()
    ran = run("publish", tmp_path / "out")
    assert ran.code == 0, ran.err
    return tmp_path / "out"


def test_it_says_what_it_wrote_and_writes_nothing_twice(published_folder, run):
    before = {path: (published_folder / path).stat().st_mtime_ns for path in (*files(published_folder), MANIFEST_FILE)}
    ran = run("publish", published_folder, "--format", "json")
    assert json.loads(ran.out) == {"written": [], "removed": [], "unchanged": len(before) - 1}
    assert {path: (published_folder / path).stat().st_mtime_ns for path in before} == before
    assert STATIC in run("publish", published_folder).out


def test_all_of_it_is_there_under_the_addresses_that_letters_name(published_folder):
    found = set(files(published_folder))
    (picture,) = {path for path in found if path.startswith("images/")}
    assert found == {
        "index.html",
        picture,
        *(
            f"{name}/{path}"
            for name, number in ((PUBLICATION, 1), ("autre-lettre", 2))
            for path in (
                "index.html",
                "feed.xml",
                "site.css",
                "accessibility/index.html",
                "card.png",
                f"{number}/card.png",
                f"{number}/index.html",
                f"{number}/letter.txt",
                f"{number}/un-webinaire.ics",
                f"{number}/des-breves.ics",
            )
        ),
    }


def test_every_link_within_leads_to_a_file_from_wherever_the_folder_is(published_folder):
    seen = 0
    for path in published_folder.rglob("*.html"):
        tree = lxml_html.document_fromstring(path.read_bytes())
        for element in tree.iter():
            for name in ("href", "src"):
                target = element.get(name, "") if isinstance(element.tag, str) else ""
                if not target or re.match(r"[a-z]+:|#", target):
                    continue
                assert not target.startswith("/")
                assert (path.parent / target.partition("?")[0]).resolve().is_relative_to(published_folder.resolve())
                assert (path.parent / target.partition("?")[0]).is_file(), (path, target)
                seen += 1
    assert seen > 12


def test_the_contents_of_a_letters_page_lead_down_that_page(published_folder):
    pages = [lxml_html.document_fromstring(path.read_bytes()) for path in published_folder.rglob("*.html")]
    targets = [(page, link.get("href")[1:]) for page in pages for link in page.iter("a") if "#" in link.get("href", "")]
    assert targets
    for page, anchor in targets:
        assert page.xpath("//*[@id=$anchor]", anchor=anchor)


def test_nobody_is_in_any_file(published_folder, hosted_workspace):
    people = ("ville.test", "lecteur0", "Lecteur", "pvd-h-", "pvd-t-", "/u/", "Claire")
    with hosted_workspace.database.read() as connection:
        refs = list(connection.execute(select(schema.subscribers.c.ref)).scalars())
    assert refs
    for path, data in {
        **files(published_folder),
        MANIFEST_FILE: (published_folder / MANIFEST_FILE).read_bytes(),
    }.items():
        text = data.decode("utf-8", "replace")
        assert [one for one in (*people, *refs) if one in text] == [], path


def test_who_wants_to_leave_is_led_to_a_page_that_is_nobodys_own(hosted_workspace, run, tmp_path, monkeypatch):
    hosted_workspace.publish_issue()
    run("publish", tmp_path / "out")
    page = tmp_path / "out" / PUBLICATION / "1" / "index.html"
    leave = lxml_html.document_fromstring(page.read_bytes()).xpath("//a[starts-with(@href, 'mailto:desinscription')]")
    assert [one.text_content() for one in leave] == ["Se désinscrire de cette lettre"]
    monkeypatch.setenv("PVD_PUBLIC_URL", SITE)
    run("publish", tmp_path / "out")
    assert f'href="{SITE}/{PUBLICATION}/preferences"' in page.read_text("utf-8")
    assert f"{SITE}/{PUBLICATION}/preferences" in page.with_name("letter.txt").read_text("utf-8")
    index = (tmp_path / "out" / PUBLICATION / "index.html").read_text("utf-8")
    assert f'href="{SITE}/{PUBLICATION}/subscribe"' in index


def test_search_engines_are_kept_out_where_the_publication_wants(hosted_workspace, run, tmp_path):
    hosted_workspace.publish_issue()
    file = hosted_workspace.issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("search_engines: true", "search_engines: false"), "utf-8")
    run("publish", tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.html"):
        assert '<meta name="robots" content="noindex, nofollow"' in path.read_text("utf-8")


def test_an_issue_that_is_not_approved_can_have_its_pictures_and_calendars_hosted_first(
    hosted_workspace, run, tmp_path
):
    assert hosted_workspace.folder.number == 1
    ran = run("publish", tmp_path / "out", "--issue", "1")
    assert ran.code == 0, ran.err
    found = files(tmp_path / "out")
    assert sum(path.startswith("images/") for path in found) == 1
    assert f"{PUBLICATION}/1/un-webinaire.ics" in found
    assert f"{PUBLICATION}/1/index.html" not in found
    # Without the option they stay: a letter in a mailbox may lead to them by now.
    run("publish", tmp_path / "out")
    assert files(tmp_path / "out").keys() >= {path for path in found if path.endswith((".png", ".ics"))}


def test_a_letter_that_was_taken_back_goes_away_and_what_letters_lead_to_stays(hosted_workspace, run, tmp_path):
    hosted_workspace.publish_issue()
    run("publish", tmp_path / "out")
    hosted_workspace.issue_workspace.write(RICH.replace("blocks:\n", "override: {archive: false}\nblocks:\n", 1))
    hosted_workspace.publish_issue(again=True)
    ran = run("publish", tmp_path / "out", "--format", "json")
    assert json.loads(ran.out)["removed"] == [f"{PUBLICATION}/1/index.html", f"{PUBLICATION}/1/letter.txt"]
    assert f"{PUBLICATION}/1/un-webinaire.ics" in files(tmp_path / "out")


def test_what_is_not_ours_is_neither_deleted_nor_overwritten(hosted_workspace, run, tmp_path):
    hosted_workspace.publish_issue()
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "CNAME").write_text("pages.example.org", "utf-8")
    (folder / "index.html").write_text("a page of the town hall", "utf-8")
    ran = run("publish", folder)
    assert ran.code == 2
    assert "index.html" in ran.err
    assert "Nothing was written" in ran.err
    assert set(files(folder)) == {"CNAME", "index.html"}
    (folder / "index.html").unlink()
    assert run("publish", folder).code == 0
    assert run("publish", folder).code == 0
    assert (folder / "CNAME").read_text("utf-8") == "pages.example.org"


def test_a_kill_in_the_middle_leaves_whole_files_and_is_made_up_for(tmp_path, monkeypatch):
    wanted = {f"{number}/index.html": str(number).encode() * 1000 for number in range(5)}
    replace, count = Path.replace, 0

    def failing(self, target):
        nonlocal count
        count += 1
        if count == 4:
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing)
        with pytest.raises(KeyboardInterrupt):
            write_folder(tmp_path / "out", wanted)
    whole = {path: data for path, data in files(tmp_path / "out").items() if not path.endswith(".partial")}
    assert whole.items() < wanted.items()
    write_folder(tmp_path / "out", {path: data + b"." for path, data in wanted.items()})
    assert files(tmp_path / "out") == {path: data + b"." for path, data in wanted.items()}


@pytest.mark.parametrize("text", ["", "[]", '{"files": 3}', "\x00"])
def test_a_list_of_our_files_that_is_damaged_is_told_in_words(tmp_path, text, hosted_workspace, run):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / MANIFEST_FILE).write_text(text, "utf-8")
    ran = run("publish", tmp_path / "out")
    assert ran.code == 3
    assert "cannot be read" in ran.err
    assert hosted_workspace


def test_a_list_of_our_files_names_nothing_outside_the_folder(tmp_path):
    (tmp_path / "mine").write_text("mine", "utf-8")
    (tmp_path / "out").mkdir()
    listed = ["../mine", str(tmp_path / "mine"), "a/../../mine"]
    (tmp_path / "out" / MANIFEST_FILE).write_text(json.dumps({"files": listed}), "utf-8")
    assert write_folder(tmp_path / "out", {}).removed == []
    assert (tmp_path / "mine").exists()


def test_a_link_in_the_folder_leads_nothing_out_of_it(tmp_path):
    """Somebody else may have made the folder, or have write access to the web space it was copied from."""
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.mkdir()
    out.mkdir()
    (mine / "page.html").write_text("mine", "utf-8")
    (out / "a").symlink_to(mine)
    (out / MANIFEST_FILE).write_text(json.dumps({"files": ["a/page.html"]}), "utf-8")
    assert write_folder(out, {}).removed == []
    for name in ("a/page.html", "a/new.html"):
        with pytest.raises(WrongUsageError):
            write_folder(out, {name: b"theirs"})
    (out / ".index.html.partial").symlink_to(mine / "page.html")
    write_folder(out, {"index.html": b"theirs"})
    assert [path.name for path in mine.iterdir()] == ["page.html"]
    assert (mine / "page.html").read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["\ud800.ics", "a\0b.ics", "a" * 5000 + ".html"])
def test_a_list_of_our_files_with_a_name_that_no_file_has_is_no_crash(tmp_path, name):
    (tmp_path / MANIFEST_FILE).write_text(json.dumps({"files": [name]}), "utf-8")
    assert write_folder(tmp_path, {"index.html": b"ours"}).written == ["index.html"]


def test_a_pipe_in_the_place_of_the_list_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / MANIFEST_FILE)
    said = []

    def publish():
        with pytest.raises(PvdError) as caught:
            write_folder(tmp_path, {})
        said.append(str(caught.value))

    threading.Thread(target=publish, daemon=True).start()
    until(lambda: said)
    assert "cannot be read" in said[0]


def test_without_an_address_it_says_what_to_set(issue_workspace, run, tmp_path):
    ran = run("publish", tmp_path / "out")
    assert ran.code == 2
    assert "PVD_STATIC_URL" in ran.err
    assert not (tmp_path / "out").exists()
    assert issue_workspace


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.mark.parametrize("way", ["disk", "below-a-path"])
def test_a_browser_shows_it_from_a_disk_and_below_any_address(browser, published_folder, way):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=published_folder.parent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start = f"http://127.0.0.1:{server.server_port}/out" if way == "below-a-path" else published_folder.as_uri()
    page = browser.new_page()
    failed = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.goto(f"{start}/index.html")
    page.click("text=Petites villes de demain – La lettre")
    page.click("h3 a")
    page.wait_for_load_state("load")  # with its pictures, or with what became of them
    assert page.title().startswith("Petites villes de demain")
    assert page.eval_on_selector_all("img", "all => all.map(one => one.complete && one.naturalWidth)") == [40]
    page.close()
    server.shutdown()
    server.server_close()
    assert [url for url in failed if not url.endswith("favicon.ico")] == []


def test_a_letters_page_leads_to_all_letters_and_not_to_itself(browser, published_folder):
    start = (published_folder / PUBLICATION / "1" / "index.html").as_uri()
    page = browser.new_page()
    page.goto(start)
    assert page.get_by_role("link", name="Lire dans le navigateur").count() == 0
    assert page.get_by_role("main").get_by_role("article").count() == 1
    page.get_by_role("navigation").get_by_role("link", name="Toutes les lettres").click()
    assert page.get_by_role("heading", name="Toutes les lettres").count() == 1
    page.close()


@pytest.mark.parametrize("path", ["index.html", f"{PUBLICATION}/index.html", f"{PUBLICATION}/1/index.html"])
@pytest.mark.parametrize(
    "view", [View(width, dark) for width in (375, 1280) for dark in (False, True)], ids=lambda view: view.name
)
def test_axe_finds_nothing_in_the_archive(browser, published_folder, path, view, need):
    need("tools/node/node_modules/axe-core")
    with opened(browser, published_folder / path, view) as page:
        page.evaluate(AXE.read_text("utf-8"))
        result = page.evaluate("axe.run(document)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]] == []
