"""The feed, held against RFC 4287."""

import re
from datetime import UTC, datetime

from lxml import etree
from lxml import html as lxml_html

from pvd_mailer.site.views.archive_pages import FEED_LENGTH, ArchivePages
from tests.archive.hosted_workspace import RICH, STATIC

ATOM = "{http://www.w3.org/2005/Atom}"
XML = "{http://www.w3.org/XML/1998/namespace}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
# What may be in a feed and in an entry, how often (4.1.1, 4.1.2).
FEED = {
    "id": (1, 1),
    "title": (1, 1),
    "subtitle": (0, 1),
    "updated": (1, 1),
    "author": (1, 9),
    "link": (1, 9),
    "entry": (0, 99),
}
ENTRY = {
    "id": (1, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "published": (0, 1),
    "link": (1, 9),
    "summary": (0, 1),
    "content": (0, 1),
}


def held(element, rules):
    """Look that `element` has what it has to have, and nothing else."""
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= set(rules)
    for name, (least, most) in rules.items():
        assert least <= names.count(name) <= most, name
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id"))
    assert element.findtext(f"{ATOM}title")
    for name in ("updated", "published"):
        for moment in element.findall(f"{ATOM}{name}"):
            assert MOMENT.fullmatch(moment.text)
    links = [(link.get("rel"), link.get("type")) for link in element.findall(f"{ATOM}link")]
    assert len(links) == len(set(links))
    assert ("alternate", "text/html") in links
    assert all(link.get("href").startswith("https://") for link in element.findall(f"{ATOM}link"))


def valid(data):
    """The feed in `data`, once it has been held against the specification."""
    root = etree.fromstring(data)
    assert data.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert root.tag == f"{ATOM}feed"
    held(root, FEED)
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert "self" in {link.get("rel") for link in root.findall(f"{ATOM}link")}
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        held(entry, ENTRY)
        content = entry.find(f"{ATOM}content")
        assert content.get("type") == "html"
        shown = lxml_html.fromstring(content.text)
        assert shown.text_content()
        # What is beside the page is found from anywhere: few readers of feeds heed a base.
        for address in shown.xpath("//@src | //@href"):
            assert address.startswith(("https://", "mailto:", "tel:")), address
    ids = [one.findtext(f"{ATOM}id") for one in (root, *entries)]
    assert len(ids) == len(set(ids))
    return root


def feed(hosted_workspace):
    return ArchivePages(hosted_workspace.site, static=True).feed("petites-villes-de-demain").body


def test_an_archive_without_letters_has_a_feed(hosted_workspace):
    root = valid(feed(hosted_workspace))
    assert root.findall(f"{ATOM}entry") == []


def test_a_letter_is_an_entry_with_all_that_a_reader_of_feeds_shows(hosted_workspace):
    hosted_workspace.publish_issue()
    root = valid(feed(hosted_workspace))
    (entry,) = root.findall(f"{ATOM}entry")
    assert root.get(f"{XML}lang") == "fr"
    assert root.findtext(f"{ATOM}title") == "Petites villes de demain – La lettre"
    assert entry.findtext(f"{ATOM}title") == "Un sujet"
    assert entry.findtext(f"{ATOM}summary") == "Un aperçu"
    assert entry.find(f"{ATOM}link").get("href") == f"{STATIC}/petites-villes-de-demain/1/"
    content = entry.findtext(f"{ATOM}content")
    assert "Halles &amp; marchés" in content
    assert "<!--" not in content
    assert "pvd-h-" not in content
    assert "Un aperçu" not in content  # it is hidden in the letter, and here it is the summary
    assert f'src="{STATIC}/images/' in content
    assert f'href="{STATIC}/petites-villes-de-demain/1/un-webinaire.ics"' in content
    assert root.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated")


def test_ids_and_dates_stay_and_a_corrected_letter_is_an_update(hosted_workspace):
    hosted_workspace.publish_issue()
    first, again = feed(hosted_workspace), feed(hosted_workspace)
    assert first == again
    before = valid(first).find(f"{ATOM}entry")
    hosted_workspace.issue_workspace.write(RICH.replace("Un sujet", "Un sujet corrigé"))
    hosted_workspace.publish_issue(again=True)
    after = valid(feed(hosted_workspace)).find(f"{ATOM}entry")
    assert after.findtext(f"{ATOM}title") == "Un sujet corrigé"
    for name in ("id", "published"):
        assert after.findtext(f"{ATOM}{name}") == before.findtext(f"{ATOM}{name}")
    assert after.findtext(f"{ATOM}updated") >= before.findtext(f"{ATOM}updated")
    assert FEED_LENGTH >= 10
    assert datetime.fromisoformat(after.findtext(f"{ATOM}updated")) <= datetime.now(UTC)
