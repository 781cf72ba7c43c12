"""What is shown of a letter's page where it is shared: its first picture, or a card."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from PIL import Image

from pvd_mailer.archive.card import CARD_HEIGHT, CARD_WIDTH, Card, draw_card
from tests.archive.hosted_workspace import RICH, SITE, STATIC
from tests.archive.test_publish import published_folder  # noqa: F401 - a fixture
from tests.site.test_archive import LETTER, archive_visit  # noqa: F401 - a fixture
from tests.workspace import PUBLICATION, picture

DECORATION = """
  - id: ornement
    type: image
    image:
      file: une-image.png
      decorative: true
"""


def metas(page):
    tree = lxml_html.document_fromstring(page.encode())
    return {one.get("property"): one.get("content") for one in tree.xpath("//meta[@property]")}


def with_picture(hosted_workspace, size, text=RICH):
    hosted_workspace.issue_workspace.write(text)
    (hosted_workspace.issue_workspace.folder / "images" / "une-image.png").write_bytes(picture(size=size))


def test_a_letter_is_shown_by_its_first_picture(archive_visit):  # noqa: F811 - the fixture
    with_picture(archive_visit.hosted_workspace, (1072, 804))
    archive_visit.hosted_workspace.publish_issue()
    page = archive_visit.get(LETTER)
    said = metas(page.text)
    assert said["og:image"].startswith(f"{SITE}/images/")
    assert (said["og:image:width"], said["og:image:height"]) == ("1072", "804")
    assert (said["og:image:type"], said["og:image:alt"]) == ("image/png", "Une image")
    assert (said["og:title"], said["og:description"], said["og:type"]) == ("Un sujet", "Un aperçu", "article")
    assert said["og:url"] == SITE + LETTER
    assert archive_visit.get(said["og:image"].removeprefix(SITE)).headers["content-type"] == "image/png"


@pytest.mark.parametrize("kind", ["none", "small", "decorative"])
def test_a_letter_without_a_picture_that_says_something_is_shown_by_a_card(archive_visit, kind):  # noqa: F811 - the fixture
    bare = RICH.replace('    image:\n      file: une-image.png\n      alt: "Une image"\n', "")
    assert bare != RICH
    texts = {"none": bare, "small": RICH, "decorative": bare + DECORATION}
    with_picture(archive_visit.hosted_workspace, (199, 800) if kind == "small" else (1072, 804), texts[kind])
    archive_visit.hosted_workspace.publish_issue()
    said = metas(archive_visit.get(LETTER).text)
    assert said["og:image"] == f"{SITE}{LETTER}card.png"
    assert said["og:image:alt"] == "Un sujet – Petites villes de demain"
    card = archive_visit.get(f"{LETTER}card.png")
    assert card.headers["content-type"] == "image/png"
    assert card.headers["cross-origin-resource-policy"] == "cross-origin"
    with Image.open(BytesIO(card.content)) as seen:
        assert seen.size == (CARD_WIDTH, CARD_HEIGHT) == (int(said["og:image:width"]), int(said["og:image:height"]))


def test_the_list_of_letters_is_shown_by_the_publications_card(archive_visit):  # noqa: F811 - the fixture
    archive_visit.hosted_workspace.publish_issue()
    said = metas(archive_visit.get(f"/{PUBLICATION}/").text)
    assert said["og:image"] == f"{SITE}/{PUBLICATION}/card.png"
    assert said["og:url"] == f"{SITE}/{PUBLICATION}/"
    assert archive_visit.get(f"/{PUBLICATION}/card.png").content.startswith(b"\x89PNG")
    for path in ("/nobody/card.png", f"/{PUBLICATION}/99/card.png", f"/{PUBLICATION}/x/card.png"):
        assert archive_visit.get(path).status_code == 404


def test_published_pages_lead_to_cards_that_are_there(published_folder):  # noqa: F811 - the fixture
    pages = [path for path in published_folder.rglob("index.html") if "accessibility" not in path.parts]
    assert len(pages) == 5
    for path in pages:
        address = metas(path.read_text("utf-8"))["og:image"]
        assert address.startswith(f"{STATIC}/")
        assert (published_folder / address.removeprefix(f"{STATIC}/")).is_file()


def card(title, **more):
    usual = {"above": "La lettre", "below": "Petites villes", "background": "#0f5e5c", "strong": "#ffffff"}
    return Card(title=title, **({**usual, "soft": "#cbdddc"} | more))


def ink(data):
    """Where something is drawn, as a box."""
    with Image.open(BytesIO(data)) as seen:
        flat = seen.convert("RGB")
    return Image.eval(flat.convert("L"), lambda grey: 255 if grey > 120 else 0).getbbox()


@given(st.text(max_size=150), st.text(max_size=60), st.booleans())
def test_whatever_is_written_stays_on_the_card(title, above, is_serif):
    left, top, right, bottom = ink(draw_card(card(title, above=above, is_serif=is_serif)))
    assert left >= 40
    assert right <= CARD_WIDTH - 40
    assert top >= 30
    assert bottom <= CARD_HEIGHT - 30


def test_french_letters_are_drawn_and_what_no_font_has_is_left_out():
    for sign in "éèêëàâçîïôùûüÿœæÉÈÀÇŒ’«»–…€°":
        assert draw_card(card(f"x{sign}")) != draw_card(card("x")), sign
    assert draw_card(card("x\N{PARTY POPPER}")) == draw_card(card("x"))
    assert draw_card(card("Une suite de mots " * 9)) == draw_card(card("Une suite de mots " * 9))
