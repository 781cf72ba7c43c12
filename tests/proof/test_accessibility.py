"""axe-core in Chromium, and the eleven faults that the Email Markup Consortium counts, on every letter."""

import json
import re
from itertools import pairwise

import pytest
from lxml import html as lxml_html

from tools.photograph import ROOT, View, opened

AXE = ROOT / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
# A letter is a part of the mail program's page, which has the landmarks.
NOT_FOR_MAIL = ("region", "landmark-one-main", "bypass")
VIEWS = [View(width, dark) for width in (375, 700) for dark in (False, True)]
VAGUE = re.compile(
    r"(cliquez )?ici|en savoir plus|lire( la suite)?|plus d.infos?|voir|lien|suite|click here|here|read more|more|link",
    re.IGNORECASE,
)


def axe(page):
    page.evaluate(AXE.read_text("utf-8"))
    rules = {name: {"enabled": False} for name in NOT_FOR_MAIL}
    return page.evaluate(f"axe.run(document, {json.dumps({'rules': rules})})")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_axe_finds_nothing_and_measures_every_contrast(browser, file, view, need):
    need("tools/node/node_modules/axe-core")
    with opened(browser, file, view) as page:
        result = axe(page)
    assert [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]] == []
    measured = [one for one in result["passes"] if one["id"] == "color-contrast"]
    assert measured
    assert len(measured[0]["nodes"]) > 20
    unsure = [
        node["html"]
        for one in result["incomplete"]
        if one["id"] == "color-contrast"
        for node in one["nodes"]
        # axe does not judge a single sign, such as an arrow or a day's number; it stands in a measured colour.
        if node["any"][0]["data"].get("messageKey") not in ("shortTextContent", "nonBmp")
    ]
    assert unsure == []


def test_axe_sees_a_spoiled_letter(browser, file, need, tmp_path):
    need("tools/node/node_modules/axe-core")
    page_text = file.read_text("utf-8")
    spoiled = tmp_path / "letter.html"
    spoiled.write_text(re.sub(r' alt="[^"]+"', "", page_text).replace('lang="fr"', ""), encoding="utf-8")
    with opened(browser, spoiled, View(700)) as page:
        found = {one["id"] for one in axe(page)["violations"]}
    assert {"image-alt", "html-has-lang"} <= found


@pytest.fixture(scope="module")
def tree(letter):
    return lxml_html.document_fromstring(letter.html)


@pytest.fixture(scope="module")
def everything(letter):
    """The document with what only Outlook sees."""
    shown = re.sub(r"<!--\[if [^\]]*\]><!-->|<!--<!\[endif\]-->|<!--\[if [^\]]*\]>|<!\[endif\]-->", "", letter.html)
    return lxml_html.document_fromstring(shown)


def _says(link):
    """Its name: what it is called, or its words and pictures."""
    if link.get("aria-label"):
        return link.get("aria-label")
    return " ".join((link.text_content() + " " + " ".join(link.xpath(".//img/@alt"))).split())


def test_the_document_and_every_child_of_body_have_lang_and_dir(tree):
    for element in (tree, *tree.find("body").iterchildren("div", "table", "p")):
        assert element.get("lang")
        assert element.get("dir") in ("ltr", "rtl")
    assert all(child.get("lang") for child in tree.find("body") if isinstance(child.tag, str))


def test_every_layout_table_has_a_role(everything):
    tables = everything.findall(".//table")
    assert tables
    # Those that are tables to be read say that, and have headers.
    read = [table for table in tables if table.get("role") not in ("presentation", "none")]
    assert [table.attrib for table in read if table.get("role") != "table" or not table.findall(".//th[@scope]")] == []


def test_there_is_one_h1_and_no_level_is_skipped(tree):
    levels = [int(element.tag[1]) for element in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_link_says_where_it_leads(tree):
    said = [_says(link) for link in tree.iter("a") if link.get("aria-hidden") != "true"]
    assert said
    assert [words for words in said if not words or VAGUE.fullmatch(words) or words.startswith("http")] == []


def test_one_text_leads_to_one_place(tree):
    places = {}
    for link in tree.xpath("//a[not(@aria-hidden)]"):
        places.setdefault(_says(link), set()).add(link.get("href"))
    assert {words for words, hrefs in places.items() if len(hrefs) > 1} == set()


def test_links_are_told_by_more_than_colour(tree):
    # In running text; a title, a date's line and the contents are links as a whole, and there is nothing beside them.
    within = tree.xpath("//p//a | //li[not(ancestor::div[@id='_contents'])]//a | //a[contains(@class, 'go')]")
    assert len(within) > 5
    assert [_says(link) for link in within if "text-decoration:none" in link.get("style", "")] == []


def test_every_image_has_an_alt(tree):
    assert all(image.get("alt") is not None for image in tree.iter("img"))


def test_the_document_has_a_title(tree):
    assert (tree.findtext(".//title") or "").strip()
