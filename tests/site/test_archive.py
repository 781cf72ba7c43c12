"""The archive at the readers' site."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest
from lxml import html as lxml_html
from sqlalchemy import update

from pvd_mailer.database import schema
from pvd_mailer.send.channels import Outbox
from pvd_mailer.services.approvals.letter_tests import send_test
from pvd_mailer.site import create_app, open_site
from tests.archive.hosted_workspace import RICH, SITE, HostedWorkspace
from tests.send.scripted import Scripted
from tests.workspace import PUBLICATION


@dataclass
class ArchiveVisit:
    """A press, and its site as readers reach it."""

    hosted_workspace: HostedWorkspace
    base: str = SITE

    def get(self, path, method="GET", **headers):
        """The answer of the whole application, guard included."""
        app = create_app(open_site(self.hosted_workspace.office), Outbox(self.hosted_workspace.office.outbox))

        async def ask():
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                return await client.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})

        # In a thread of its own: the browser of other tests has a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(ask())).result()


@pytest.fixture
def archive_visit(issue_workspace, database, monkeypatch):
    monkeypatch.setenv("PVD_PUBLIC_URL", SITE)
    return ArchiveVisit(HostedWorkspace(issue_workspace, database))


@pytest.fixture
def sent_archive_visit(archive_visit):
    archive_visit.hosted_workspace.publish_issue()
    return archive_visit


LETTER = f"/{PUBLICATION}/1/"


def test_a_letter_has_an_address_of_its_own_with_a_policy_of_its_own(sent_archive_visit):
    answer = sent_archive_visit.get(LETTER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; base-uri 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    assert answer.headers["content-language"] == "fr"
    tree = lxml_html.document_fromstring(answer.content)
    assert tree.xpath("//link[@rel='canonical']/@href") == [SITE + LETTER]
    assert f'href="{SITE}/{PUBLICATION}/preferences"' in answer.text
    assert "pvd-h-" not in answer.text
    assert "/u/" not in answer.text
    text = sent_archive_visit.get(f"{LETTER}letter.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"{SITE}/{PUBLICATION}/preferences" in text.text


def test_what_the_letter_leads_to_is_there(sent_archive_visit):
    page = sent_archive_visit.get(LETTER)
    (picture,) = re.findall(r'src="\.\./\.\.(/images/[^"]+)"', page.text)
    answer = sent_archive_visit.get(picture)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    calendar = sent_archive_visit.get(f"{LETTER}un-webinaire.ics")
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    assert calendar.content.startswith(b"BEGIN:VCALENDAR\r\n")


def test_the_index_is_by_year_and_leads_to_the_letters(sent_archive_visit):
    answer = sent_archive_visit.get(f"/{PUBLICATION}/")
    tree = lxml_html.document_fromstring(answer.content)
    (link,) = tree.xpath("//main//h3/a")
    assert link.text_content() == "Un sujet"
    assert link.get("href") == LETTER
    assert "Un aperçu" in answer.text
    assert len(tree.xpath("//main//h2")) == 1
    assert sent_archive_visit.get("/").text == answer.text  # it is the only publication
    feed = sent_archive_visit.get(f"/{PUBLICATION}/feed.xml")
    assert feed.headers["content-type"] == "application/atom+xml"
    assert f'href="/{PUBLICATION}/feed.xml"' in answer.text


def test_the_index_speaks_the_language_that_is_asked_for(sent_archive_visit):
    assert "Toutes les lettres" in sent_archive_visit.get(f"/{PUBLICATION}/").text
    english = sent_archive_visit.get(f"/{PUBLICATION}/?lang=en").text
    assert "All letters" in english
    assert '<a href="/petites-villes-de-demain/1/?lang=en" lang="fr">Un sujet</a>' in english


def test_several_publications_are_listed(sent_archive_visit):
    sent_archive_visit.hosted_workspace.add_publication()
    answer = sent_archive_visit.get("/")
    tree = lxml_html.document_fromstring(answer.content)
    assert tree.xpath("//main//h2/a/@href") == [f"/{PUBLICATION}/", "/autre-lettre/"]
    assert "Aucune lettre" in sent_archive_visit.get("/autre-lettre/").text


@pytest.mark.parametrize("path", ["/", f"/{PUBLICATION}/", LETTER, f"{LETTER}letter.txt", f"/{PUBLICATION}/feed.xml"])
def test_who_has_it_already_is_not_given_it_again(sent_archive_visit, path):
    first = sent_archive_visit.get(path)
    assert first.status_code == 200
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    for given in (tag, f'W/{tag}, "x"', "*", f'"y",{tag}'):
        again = sent_archive_visit.get(path, if_none_match=given)
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert sent_archive_visit.get(path, if_modified_since=modified).status_code == 304
    for headers in (
        {"if_none_match": '"x"', "if_modified_since": modified},
        {"if_modified_since": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"if_modified_since": "not a date"},
        {"if_modified_since": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"},
        {"if_modified_since": "Mon, 01 Jan 2001 00:00:00 +99999999999999999999"},
        {"if_none_match": ""},
    ):
        assert sent_archive_visit.get(path, **headers).status_code == 200
    assert sent_archive_visit.get(path).headers["etag"] == tag
    head = sent_archive_visit.get(path, "HEAD")
    assert head.status_code == 200
    assert head.headers["etag"] == tag
    assert sent_archive_visit.get(path, "POST").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        f"/{PUBLICATION}/2/",
        f"/{PUBLICATION}/01/",
        f"/{PUBLICATION}/0/",
        f"/{PUBLICATION}/{'9' * 5000}/",
        f"/{PUBLICATION}/-1/",
        f"/{PUBLICATION}/x/",
        f"/{PUBLICATION}/1/x.ics",
        f"/{PUBLICATION}/1/..%2f..%2fissue.ics",
        f"/{PUBLICATION}/2/un-webinaire.ics",
        "/no-such-letter/",
        "/no-such-letter/1/",
        "/no-such-letter/1/un-webinaire.ics",
        "/no-such-letter/feed.xml",
        "/images/00000000000000000000.png",
        "/images/%25.png",
        "/images/..%2f..%2fkeys.json",
        "/images/'%20OR%201=1--.png",
        "/%00/",
        "/%00",
        f"/{PUBLICATION}/%00.ics",
    ],
)
def test_what_is_not_there_is_said_in_words(sent_archive_visit, path):
    answer = sent_archive_visit.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


def test_a_letter_that_has_not_left_is_not_shown_and_its_files_are(archive_visit):
    hosted_workspace = archive_visit.hosted_workspace
    send_test(hosted_workspace.office, hosted_workspace.folder, Scripted(), ("a@example.org",))
    answer = archive_visit.get(LETTER)
    assert answer.status_code == 404
    assert "Cette lettre n’est pas ici" in answer.text
    assert f'href="/{PUBLICATION}/"' in answer.text
    assert archive_visit.get(f"{LETTER}un-webinaire.ics").status_code == 200
    hosted_workspace.issue_workspace.write(RICH.replace("blocks:\n", "override: {archive: false}\nblocks:\n", 1))
    hosted_workspace.publish_issue()
    assert archive_visit.get(LETTER).status_code == 404
    assert archive_visit.get(f"{LETTER}letter.txt").status_code == 404
    assert "Un sujet" not in archive_visit.get(f"/{PUBLICATION}/").text


def test_no_blob_but_a_picture_is_given(sent_archive_visit):
    one = sent_archive_visit.hosted_workspace.find(sent_archive_visit.hosted_workspace.publish_issue(again=True))
    for ending in ("png", "jpg", "gif", "html", "json"):
        assert sent_archive_visit.get(f"/images/{one.letter[:20]}.{ending}").status_code == 404


def test_an_address_without_its_final_slash_leads_to_the_one_with_it(sent_archive_visit):
    for path in (f"/{PUBLICATION}", f"/{PUBLICATION}/1"):
        answer = sent_archive_visit.get(path)
        assert (answer.status_code, answer.headers["location"]) == (308, f"{path}/")


def test_the_site_may_lie_below_a_path(sent_archive_visit, monkeypatch):
    monkeypatch.setenv("PVD_PUBLIC_URL", f"{SITE}/lettres")
    sent_archive_visit.hosted_workspace.with_settings()
    answer = sent_archive_visit.get("/lettres/")
    assert f'href="/lettres/{PUBLICATION}/1/"' in answer.text
    assert sent_archive_visit.get(f"/lettres{LETTER}").status_code == 200


def test_a_damaged_letter_is_no_crash_and_no_letter(sent_archive_visit):
    with sent_archive_visit.hosted_workspace.database.write() as connection:
        connection.execute(update(schema.blobs).values(data=b"{}"))
    answer = sent_archive_visit.get(LETTER)
    assert answer.status_code == 503
    assert "Traceback" not in answer.text


def test_the_final_slash_is_put_and_the_language_kept(sent_archive_visit):
    for path in (f"/{PUBLICATION}", f"/{PUBLICATION}/1"):
        assert sent_archive_visit.get(f"{path}?lang=en").headers["location"] == f"{path}/?lang=en"
        assert sent_archive_visit.get(f"{path}?lang=xx&x=//evil.example").headers["location"] == f"{path}/"


def test_no_icon_is_no_page_that_is_missing(sent_archive_visit):
    answer = sent_archive_visit.get("/favicon.ico")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "max-age" in answer.headers["cache-control"]
