"""A whole letter of everything that the model can say: it is read, checked, and said in both parts."""

import re

import pytest
import yaml

from pvd_mailer.check import proofread
from pvd_mailer.issue.blocks import Article, Briefs, Event, Image, Resource, SnippetBlock
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.services.proofs import check_context_of
from tests.reading import body_text, folded, normal, parse, references
from tests.workspace import ROOT, IssueWorkspace, picture

SOURCE = (ROOT / "tests" / "examples" / "whole_letter.yaml").read_text("utf-8")
SETTINGS = """
subscribe_label: "Recevoir la lettre chaque mois"
snippets:
  aides-territoires:
    title: "Toutes les aides, au même endroit"
    body: |
      Les offres du programme sont sur [Aides-territoires](https://example.org/aides), avec des **alertes**.
    image:
      file: aides.png
      alt: "La page d’accueil d’Aides-territoires."
    buttons:
      - label: "Programmer une alerte"
        url: https://example.org/alertes
"""
CARD_ALT = "Une entrée de ville bordée d’arbres."
PAGES = Hosting("https://lettre.example.org")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    made = IssueWorkspace.start(tmp_path_factory.mktemp("whole") / "workspace")
    settings = made.own / "publication.yaml"
    settings.write_text(settings.read_text("utf-8") + SETTINGS, "utf-8")
    (made.own / "words.txt").write_text("Ipsos\nADEME\n", "utf-8")
    (made.own / "images").mkdir()
    (made.own / "images" / "aides.png").write_bytes(picture(size=(800, 400), colour="#994411"))
    made.write(SOURCE)
    return made


@pytest.fixture(scope="module")
def composition(whole):
    return whole.load()


@pytest.fixture(scope="module")
def letter(composition):
    made = composition
    return render_letter(made.issue, made.publication, made.pictures, made.templates, PAGES)


def sentences():
    """Every text of the issue and of its snippet, cut where marks and links stand: its key, and itself."""
    hidden = {"publication", "number", "date", "id", "type", "file", "use", "values", "start", "end", "waive", "url"}

    def walk(value, key=""):
        if isinstance(value, dict):
            for name, inner in value.items():
                if name not in hidden and not (name == "kind" and value["type"] == "event"):
                    yield from walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner, key)
        elif key in ("body", "intro"):
            for paragraph in re.split(r"\n\n|\]\([^)]*\)|\*\*|\^|\[", value):
                yield key, paragraph
        else:
            yield key, value

    issue = yaml.load(SOURCE, yaml.BaseLoader)  # noqa: S506 - all it makes is text
    yield from walk(issue)
    yield from walk(yaml.load(SETTINGS, yaml.BaseLoader)["snippets"]["aides-territoires"])  # noqa: S506 - as above


TEXTS = [(key, text) for key, text in sentences() if re.search(r"\w", text)]


def test_it_holds_what_it_is_meant_to_hold(composition):
    issue = composition.issue
    lead = next(block for block in issue.blocks if isinstance(block, Article))
    assert lead.sections[0].figures.rows[0].values == (66.0, 56.0)
    events = [block for block in issue.blocks if isinstance(block, Event)]
    assert [(one.title is None, one.place is None, one.link is None) for one in events] == [
        (True, True, True),
        (False, False, True),
        (True, True, True),
    ]
    carnet = next(block for block in issue.blocks if block.id == "carnet")
    captions = [image.caption for _path, image in parts_of(carnet, Image)]
    assert captions == [None, "Plus de 60 groupes ont travaillé ainsi."]
    assert [block.url for block in issue.blocks if isinstance(block, Resource)] == [
        "https://example.org/fonds-vert",
        "https://example.org/entrees-de-ville",
    ]
    briefs = next(block for block in issue.blocks if isinstance(block, Briefs))
    assert [len(item.links) for item in briefs.items] == [2, 0, 0]
    assert briefs.items[0].image is not None
    assert issue.snippets_used() == ("aides-territoires",)
    assert sum(isinstance(block, SnippetBlock) for block in issue.blocks) == 1
    assert len(issue.images()) == 6


def test_nothing_stands_in_its_way(whole, composition, letter):
    assert composition.findings == ()
    findings = proofread(check_context_of(composition, whole.workspace, lambda: letter, pages_url=PAGES.pages_url))
    assert [(one.rule, one.message) for one in findings if one.severity == "blocking"] == []
    assert [(one.rule, one.block) for one in findings if one.waived] == [("event-nowhere", "mobilites")]
    # The pictures of this test are of one colour, and the same everywhere.
    expected = {"image-credit", "heavy-image", "image-measures"}
    assert {one.rule for one in findings if not one.waived} <= expected


@pytest.mark.parametrize(("key", "text"), TEXTS, ids=[f"{key}-{number}" for number, (key, _text) in enumerate(TEXTS)])
def test_every_text_is_in_both_parts(letter, key, text):
    if key == "subject":
        assert normal(letter.subject) == normal(text)
        return
    if key == "alt" and text == CARD_ALT:
        assert folded(text) in folded(letter.text)  # too small a picture in the HTML, whose title says what it shows
        return
    if key == "alt":
        assert normal(text) in {normal(image.get("alt", "")) for image in parse(letter.html).iter("img")}
    else:
        assert folded(text) in folded(body_text(letter.html))
    assert key == "preheader" or folded(text) in folded(letter.text)


def test_every_address_is_in_both_parts(letter):
    for address in re.findall(r"https://example\.org/[\w-]+", SOURCE + SETTINGS):
        assert address in references(letter.html)
        assert address in letter.text


def test_a_title_that_is_a_link_is_the_link(letter):
    for element in parse(letter.html).iter("a"):
        if element.get("href") == "https://example.org/fonds-vert" and element.text_content().strip():
            assert normal(element.text_content()) == "Le mode d’emploi du Fonds vert"
            break
    else:
        pytest.fail("no link has the title for its words")
    assert "Le mode d’emploi du Fonds vert\n" + "-" * 30 + "\n→ https://example.org/fonds-vert\n" in letter.text


def test_figures_are_read_aloud_line_by_line(letter):
    lines = normal(letter.text)
    for label, here, everywhere in (
        ("La tranquillité", 66, 56),
        ("La nature", 58, 41),
        ("Le bien-être", 41, 31),
        ("La convivialité", 38, 30),
    ):
        assert f"- {label} : Petites villes de demain {here} %, Ensemble {everywhere} %" in lines
        for number in (here, everywhere):
            assert f"{number} %" in body_text(letter.html)


def test_an_event_without_a_title_is_called_by_its_kind(letter):
    assert "- 8\u00a0mars — Webinaire\n- 15\u00a0mars — Webinaire\n" in letter.text
    assert "\nWebinaire\n---------\nmercredi 8\u00a0mars, de 13\u00a0h\u00a030 à 14\u00a0h\u00a030" in letter.text
    calendars = {calendar.name: calendar.data.decode() for calendar in letter.calendars}
    assert "SUMMARY:Webinaire\r\n" in calendars["mobilites.ics"]
    assert set(calendars) == {"mobilites.ics", "numerique.ics", "sante.ics", "breves-2.ics"}


def test_the_words_of_the_link_to_subscribe_are_the_publications(letter, composition):
    assert f"Recevoir la lettre chaque mois\n  {composition.publication.subscribe_url}\n" in letter.text
    links = {normal(one.text_content()): one.get("href") for one in parse(letter.html).iter("a")}
    assert links["Recevoir la lettre chaque mois"] == composition.publication.subscribe_url
    assert "Pour vous inscrire" not in letter.text
