import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from pvd_mailer.issue.blocks import Article, Briefs, CallToAction, Editorial, Heading, Image, Resource, Share
from pvd_mailer.render.credits import credit_line
from pvd_mailer.render.fitting import break_after_colon, figure_size, phone_size_class, picture_size, short_label
from pvd_mailer.render.layout import lay_out
from pvd_mailer.render.richtext import bind_words, hold_compounds
from tests.reading import parse
from tests.workspace import HEAD
from tests.workspace import picture as picture_bytes

BODY = "Un texte."


def article(name, **more):
    return Article(id=name, type="article", title=name, body=BODY, **more)


def card(name, **more):
    return Resource(id=name, type="resource", title=name, body=BODY, url="https://example.org/", **more)


def heading(name):
    return Heading(id=name, type="heading", title=name)


def call(name):
    button = {"label": "Aller voir", "url": "https://example.org/"}
    return CallToAction(id=name, type="call-to-action", title=name, button=button)


def names(rows):
    return [[block.id for block in row.blocks] for row in rows]


MAIL = Editorial(id="mot", type="editorial", body=BODY)
SHARE = Share(id="partage", type="share", title="Partagez")


def test_the_article_that_the_issue_begins_with_leads_it():
    layout = lay_out((article("a"), MAIL, heading("r"), article("b")))
    assert (layout.lead.id, layout.welcome.id) == ("a", "mot")
    assert [block.id for rubric in layout.rubrics for block in rubric.blocks] == ["b"]


def test_an_issue_that_begins_with_anything_else_has_no_lead():
    layout = lay_out((MAIL, heading("r"), article("b")))
    assert (layout.lead, layout.welcome.id) == (None, "mot")
    assert lay_out((heading("r"), article("b"))).lead is None


@pytest.mark.parametrize(
    ("count", "expected"), [(1, [["0"]]), (2, [["0", "1"]]), (3, [["0"], ["1", "2"]]), (4, [["0", "1"], ["2", "3"]])]
)
def test_cards_stand_in_pairs_and_an_odd_one_comes_first(count, expected):
    layout = lay_out((heading("r"), *(card(str(number)) for number in range(count))))
    assert names(layout.rubrics[0].rows) == expected


def test_cards_that_another_block_parts_are_no_pair():
    layout = lay_out((heading("r"), card("0"), article("x"), card("1")))
    assert names(layout.rubrics[0].rows) == [["0"], ["x"], ["1"]]


def test_the_first_call_of_those_that_end_the_letter_is_the_last_word():
    layout = lay_out((article("a"), call("milieu"), article("b"), call("un"), call("deux"), SHARE))
    assert (layout.call.id, [block.id for block in layout.closing]) == ("un", ["deux", "partage"])
    assert [block.id for rubric in layout.rubrics for block in rubric.blocks] == ["milieu", "b"]


@given(st.lists(st.sampled_from("acehs"), min_size=1, max_size=12))
def test_every_block_stands_somewhere_and_once(letters):
    makers = {"a": article, "c": card, "e": lambda _name: MAIL, "h": heading, "s": call}
    blocks = tuple(makers[letter](f"{letter}{number}") for number, letter in enumerate(letters))
    layout = lay_out(blocks)
    drawn = [layout.lead, layout.welcome]
    for rubric in layout.rubrics:
        drawn += [rubric.heading, *(block for row in rubric.rows for block in row.blocks)]
    drawn += [layout.call, *layout.closing]
    assert [id(block) for block in drawn if block is not None] == [id(block) for block in blocks]


@pytest.mark.parametrize(
    ("size", "room", "tallest", "shown"),
    [
        ((1200, 600), 600, 600, (600, 300)),
        ((600, 600), 144, 288, (144, 144)),
        ((600, 1200), 536, 536, (268, 536)),
        ((1, 4000), 536, 1072, (4, 1072)),
        ((4000, 1), 72, 96, (72, 1)),
    ],
)
def test_a_picture_fills_its_place_and_is_never_higher(size, room, tallest, shown):
    assert picture_size(*size, room, tallest) == shown


def test_a_picture_of_1_by_4000_pixels_does_not_make_the_letter_long(issue_workspace):
    (issue_workspace.folder / "images" / "une-image.png").write_bytes(picture_bytes(size=(1, 4000)))
    image = '    image: {file: une-image.png, alt: "Un trait"}\n'
    text = '    type: article\n    title: "Un titre"\n    body: "Un texte."\n' + image
    letter = issue_workspace.render(f"{HEAD}blocks:\n  - id: a\n{text}  - id: b\n{text}")
    heights = [int(image.get("height")) for image in parse(letter.html).iter("img")]
    assert max(heights) <= 1072


@pytest.mark.parametrize(("value", "least"), [("97", 128), ("1 250 000", 40), ("1 234 567 890 123", 24)])
def test_a_figure_is_as_large_as_its_length_allows(value, least):
    size = figure_size(value, 128)
    assert least <= size <= 128
    assert len(value) * 0.58 * size <= 256 or size == 24


def test_a_title_with_a_long_word_is_smaller_on_a_phone():
    assert phone_size_class("Une halle pour le bourg", 26) == ""
    assert phone_size_class("Anticonstitutionnellement", 26) == " fit18"


def test_a_title_breaks_after_its_colon_where_both_halves_fit():
    title = "Baromètre des petites villes\u00a0: les jeunes y croient"
    assert break_after_colon(title) == ("Baromètre des petites villes\u00a0:", "les jeunes y croient")
    assert break_after_colon("Un titre sans rien") is None
    assert break_after_colon(f"Un{' très' * 12}\u00a0: long") is None


def test_a_button_shows_the_word_that_its_label_begins_with():
    assert short_label("S'inscrire au webinaire", "S’inscrire") == "S’inscrire"
    assert short_label("S’inscrire", "S’inscrire") == ""
    assert short_label("Se connecter", "S’inscrire") == ""


def test_short_words_are_held_to_the_next_and_long_runs_are_not():
    assert bind_words("Un cinéma dans la petite ville") == "Un\u00a0cinéma dans la\u00a0petite\u00a0ville"
    assert bind_words("Sous la halle") == "Sous la halle"
    runs = re.split(" ", bind_words("Le département et les intercommunalités de la vallée"))
    assert all(len(run) <= 17 or "\u00a0" not in run for run in runs)


def test_a_name_is_not_parted_at_its_hyphens():
    assert hold_compounds("à Mauges-sur-Loire & co") == 'à <span class="nb">Mauges-sur-Loire</span> &amp; co'


def picture(credit):
    return Image(file="a.png", alt="Une image", credit=credit)


def test_credits_that_begin_alike_share_their_beginning():
    blocks = (card("a", image=picture("Photo © Ville")), card("b", image=picture("Photo © Région")))
    assert credit_line(blocks) == "Photo © Ville, Région"
    assert credit_line((*blocks, card("c", image=picture("Photo © Ville")))) == "Photo © Ville, Région"
    assert credit_line((card("a", image=picture("©0")), card("b", image=picture("Léa")))) == "©0 · Léa"
    briefs = Briefs(id="b", type="briefs", items=({"body": BODY},))
    assert credit_line((article("a", image=picture("Léa")), briefs)) == ""


EVERYTHING = f"""{HEAD}blocks:
  - id: a
    type: article
    title: "À la une"
    image: {{file: une-image.png, alt: "Une image"}}
    body: "Un texte."
    buttons: [{{label: "Lire la suite", url: "https://example.org/a"}}]
  - id: b
    type: article
    title: "À droite"
    image_position: right
    image: {{file: une-image.png, alt: "Une image"}}
    body: "Un texte."
  - id: c
    type: event
    kind: webinar
    title: "Un webinaire"
    start: 2023-03-23 13:30
    image: {{file: une-image.png, alt: "Une image"}}
    link: {{label: "S’inscrire au webinaire", url: "https://example.org/c"}}
  - {{id: d, type: resource, title: "Une carte", body: "Un texte.", url: "https://example.org/d"}}
  - {{id: e, type: resource, title: "Une autre", body: "Un texte.", url: "https://example.org/e"}}
  - {{id: f, type: key-figure, value: "97", label: "halles", image: {{file: une-image.png, alt: "Une image"}}}}
  - {{id: g, type: call-to-action, title: "À vous", button: {{label: "Aller voir", url: "https://example.org/g"}}}}
  - {{id: h, type: share, title: "Partagez"}}
"""


def test_what_outlook_reads_is_well_nested(issue_workspace):
    html = issue_workspace.render(EVERYTHING).html
    outlooks = re.sub(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", r"\1", html, flags=re.DOTALL)
    open_tags = []
    tags = re.findall(r"<(/?)(table|tr|td|th|div|a|p|h\d|i|span|caption)\b[^>]*>", outlooks[outlooks.index("<body") :])
    for end, tag in tags:
        if end:
            assert open_tags.pop() == tag
        else:
            open_tags.append(tag)
    assert open_tags == []


def test_a_button_of_outlook_is_a_link_in_its_whole_cell(issue_workspace):
    html = issue_workspace.render(EVERYTHING).html
    links = re.findall(r'<table[^>]*class="btn[^>]*>.*?</table>', html)
    assert len(links) == 3
    for button in links:
        assert re.search(r"<td[^>]*><a [^>]*><!--\[if mso\]><i.*?</i>.*?<i.*?</i><!\[endif\]--></a></td>", button)


def test_white_words_of_a_band_are_guarded_from_gmails_inversion(issue_workspace):
    html = issue_workspace.render(EVERYTHING).html
    bands = parse(html).xpath("//td[contains(concat(' ', @class, ' '), ' band ')]")
    assert len(bands) == 3  # the masthead, the figure, the call
    for band in bands:
        assert band.xpath(".//div[@class='gs']/div[@class='gd']//*[self::h1 or self::h2 or self::p]")
    assert "u + .body .gd{background:#000;mix-blend-mode:difference" in html
    assert re.search(r'<body [^>]*class="body"[^>]*>', html)


@pytest.mark.parametrize(("opacity", "stands_on_a_plate"), [(0, True), (255, False)])
def test_a_mark_that_is_cut_out_stands_on_a_plate_and_no_other_does(issue_workspace, opacity, stands_on_a_plate):
    mark = Pillow.new("RGBA", (240, 240), (15, 94, 92, opacity))
    mark.paste((15, 94, 92, 255), (0, 0, 120, 120))
    mark.save(issue_workspace.own / "images" / "marque.png")
    head = f"{HEAD}override:\n  logo: {{file: marque.png, decorative: true}}\n"
    html = issue_workspace.render(f"{head}blocks:\n  - {{id: a, type: article, title: A, body: B}}\n").html
    (image,) = parse(html).xpath("//img[contains(@class, 'mark')]")
    assert ("padding:6px" in image.get("style")) is stands_on_a_plate
