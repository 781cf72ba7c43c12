import hashlib
import json
import re
import subprocess
import sys
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from lxml import html as lxml_html

from pvd_mailer.compose import load_issue
from pvd_mailer.issue.blocks import Resource
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.workspace import Workspace
from tests.reading import body_text, folded, normal, parse, references, styles, without_styles
from tests.workspace import ARTICLE, HEAD, REAL, ROOT, blocks, environment, real

DIGEST = """
import hashlib
import json
from tests.workspace import real
letter = real("{name}")
print(hashlib.sha256((letter.html + letter.text).encode()).hexdigest(), [one.name for one in letter.attachments])
"""


@pytest.fixture(scope="module", params=REAL)
def composed_issue(request):
    """Each real issue as it was composed."""
    workspace = Workspace(ROOT)
    return load_issue(workspace.issues / request.param, workspace)


@pytest.fixture(scope="module")
def letter(composed_issue) -> Letter:
    return render_letter(
        composed_issue.issue, composed_issue.publication, composed_issue.pictures, composed_issue.templates
    )


def addresses(composed_issue):
    """Every address that the issue and its publication link to."""
    content = composed_issue.issue.model_dump_json() + composed_issue.publication.model_dump_json(
        exclude={"unsubscribe", "sender"}
    )
    return sorted(set(re.findall(r"(?:https?://|mailto:)[^\s\"\\)\]]+", content)))


# The same bytes


@pytest.mark.parametrize("name", REAL)
def test_the_same_issue_gives_the_same_letter(name):
    assert real(name) == real(name)


@pytest.mark.parametrize("name", REAL)
def test_the_same_issue_gives_the_same_bytes_in_other_processes(name):
    answers = {
        subprocess.run(
            [sys.executable, "-c", DIGEST.format(name=name)],
            cwd=ROOT,
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    here = real(name)
    digest = hashlib.sha256((here.html + here.text).encode()).hexdigest()
    assert answers == {f"{digest} {[one.name for one in here.attachments]}\n"}


# Limits


def test_issue_22_is_not_clipped(letter_22):
    values = {"unsubscribe": "https://lettre.example.org/" + "u" * 120}
    assert len(letter_22.html.encode()) < 75_000
    assert len(letter_22.fill_html(values).encode()) < 75_200


def test_styles_are_short(letter):
    assert sum(len(style.encode()) for style in styles(letter.html)) < 8_000


def test_nothing_is_fetched_but_the_letters_own_pictures(letter):
    for style in styles(letter.html):
        assert not re.search(r"@import|@font-face|url\s*\(", style, re.IGNORECASE)
    for inline in re.findall(r'style="([^"]*)"', letter.html):
        assert "url(" not in inline
    document = parse(letter.html)
    for element in document.iter("img", "link", "script", "iframe", "audio", "video", "object", "embed", "source"):
        assert element.tag == "img"
        assert element.get("src").startswith("cid:")
        assert element.get("srcset") is None
    assert not re.search(r"\son\w+\s*=", letter.html)


def test_every_reference_is_an_anchor_a_link_or_a_picture_that_travels(letter, composed_issue):
    unsubscribe = letter.placeholders.html("unsubscribe")
    hosts = {urlsplit(one).hostname for one in addresses(composed_issue)}
    for one in references(letter.html):
        assert one == unsubscribe or re.match(r"(?:#|https?://|mailto:|tel:|cid:)", one), one
        if one.startswith("http"):
            assert urlsplit(one).hostname in hosts


def test_no_picture_is_a_pixel(letter):
    for image in parse(letter.html).iter("img"):
        assert int(image.get("width", "100")) > 1
        assert image.get("height", "auto") in ("auto", "") or int(image.get("height")) > 1


def test_the_letter_is_600_pixels_wide(letter):
    assert {int(width) for width in re.findall(r"max-width:\s*(\d+)px", letter.html)} & {600}
    assert max(int(width) for width in re.findall(r'\bwidth="(\d+)"', letter.html)) <= 600


# What providers make of bytes


def test_each_part_has_a_character_outside_latin_1(letter):
    for part in (letter.html, letter.text):
        assert any(ord(character) > 0xFF for character in part)


def test_each_part_of_a_plain_issue_has_a_character_outside_latin_1(issue_workspace):
    letter = issue_workspace.render(
        "lang: en\noverride: {name: Town, letter: Letter}\n"
        + blocks('- id: a\n  type: article\n  title: "A"\n  body: "A"')
    )
    for part in (letter.html, letter.text):
        assert any(ord(character) > 0xFF for character in part)


# Accessibility


def test_one_h1_and_no_level_skipped(letter):
    levels = [int(one.tag[1]) for one in parse(letter.html).iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_language_and_direction_are_said_where_programs_look(letter):
    document = parse(letter.html)
    children = [one for one in document.find("body") if isinstance(one.tag, str)]
    assert children
    for element in (document, *children):
        assert (element.get("lang"), element.get("dir")) == ("fr", "ltr"), element.attrib


def test_the_page_has_a_title(letter):
    assert parse(letter.html).findtext("head/title").strip()


def test_layout_tables_say_so_those_for_outlook_included(letter):
    tables = re.findall(r"<table\b[^>]*>", letter.html)
    assert len(tables) > 10
    data = [table for table in tables if 'role="presentation"' not in table]
    # The agenda, the figures and the colophon are tables to be read.
    assert all('role="table"' in table for table in data), data


def test_every_picture_has_an_alt(letter):
    images = re.findall(r"<img\b[^>]*>", letter.html)
    assert images
    assert all(re.search(r"\balt=\"", image) for image in images)


def test_a_picture_that_informs_says_what_it_shows(letter, composed_issue):
    shown = {image.get("alt") for image in parse(letter.html).iter("img")}
    blocks = composed_issue.issue.blocks
    # A card's title says what its picture shows, which is 72 pixels wide.
    cards = {block.image.alt for block in blocks if isinstance(block, Resource) and block.image}
    assert shown == {image.alt or "" for image in composed_issue.issue.images()} - cards | ({""} if cards else set())


def test_every_anchor_leads_somewhere(letter, composed_issue):
    document = parse(letter.html)
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    # In a mail an anchor leads nowhere in many programs: what is in the letter leads to its page on the web.
    assert not [one for one in references(letter.html) if one.startswith("#")]
    hosted = render_letter(
        composed_issue.issue,
        composed_issue.publication,
        composed_issue.pictures,
        composed_issue.templates,
        Hosting("https://lettre.example.org/archive"),
    )
    page = f"https://lettre.example.org/archive/{composed_issue.issue.publication}/{composed_issue.issue.number}/"
    wanted = {one.removeprefix(page + "#") for one in references(hosted.html) if one.startswith(page + "#")}
    assert wanted
    assert wanted <= set(ids)


def test_every_link_has_words(letter):
    for link in parse(letter.html).iter("a"):
        if link.get("aria-hidden") == "true":
            assert link.get("tabindex") == "-1"  # a picture whose title beside it leads to the same page
            continue
        assert normal(link.text_content()) or any(image.get("alt") for image in link.iter("img"))


# What has to be there


def test_the_legal_notice_is_in_both_parts(letter, composed_issue):
    legal = composed_issue.publication.legal
    page, text = body_text(letter.html), normal(letter.text)
    facts = legal.model_dump(exclude={"basis", "notice_url"}).values()
    for fact in (*facts, "RGPD" if "RGPD" in page else "GDPR", composed_issue.publication.colophon.organisation):
        assert normal(fact) in page
        assert normal(fact) in text
    assert legal.notice_url in references(letter.html)
    assert legal.notice_url in letter.text
    assert letter.placeholders.html("unsubscribe") in references(letter.html)
    assert letter.placeholders.text("unsubscribe") in letter.text


def test_every_link_is_there_and_not_rewritten(letter, composed_issue):
    page = references(letter.html)
    for one in addresses(composed_issue):
        assert one in page
        assert one.removeprefix("mailto:") in letter.text


def test_lines_of_the_text_part_are_short(letter):
    long = [line for line in letter.text.split("\n") if len(line) > 72 and "://" not in line and "pvd-t-" not in line]
    assert long == []


def test_long_texts_make_no_long_lines(issue_workspace):
    words = "un deux trois quatre " * 12
    text = blocks(
        f"""- id: a
  type: heading
  title: "{words}"
- id: b
  type: resource
  kind: "{words}"
  title: "{words}"
  format: "{words}"
  body: "{words}"
  link: {{label: "{words}", url: https://example.org}}
- id: c
  type: video
  title: "{words}"
  duration: "{words}"
  link: {{label: "{words}", url: https://example.org}}
- id: d
  type: quote
  body: "- {words}"
  author: "{words}"
  role: "{words}"
- id: e
  type: heading
  title: "Un"
"""
    )
    letter = issue_workspace.render(f'override: {{name: "{words}", letter: "{words}"}}\n{text}')
    assert [
        line for line in letter.text.split("\n") if len(line) > 72 and "://" not in line and "pvd-t-" not in line
    ] == []


def test_the_letter_is_whole_without_any_style(letter):
    bare = without_styles(letter.html)
    assert "<style" not in bare
    assert body_text(bare) == body_text(letter.html)
    assert len(re.findall(r"font-size:", bare)) > 10


def test_the_preheader_is_the_first_thing_an_inbox_finds(letter, composed_issue):
    assert body_text(letter.html).startswith(normal(composed_issue.issue.preheader))


def test_headings_and_texts_are_in_both_parts(letter, composed_issue):
    page, text = folded(body_text(letter.html)), folded(letter.text)
    for block in composed_issue.issue.blocks:
        title = getattr(block, "title", None)
        if title:
            assert folded(title) in page
            assert folded(title) in text


# Pictures


def test_embedded_pictures_and_references_are_the_same_set(letter):
    named = {one.removeprefix("cid:") for one in references(letter.html) if one.startswith("cid:")}
    assert letter.embedded
    assert named == {one.content_id for one in letter.attachments}
    assert len(letter.attachments) == len(named)


def test_hosted_pictures_have_public_addresses(composed_issue):
    hosting = Hosting("https://lettre.example.org")
    letter = render_letter(
        composed_issue.issue, composed_issue.publication, composed_issue.pictures, composed_issue.templates, hosting
    )
    assert "cid:" not in letter.html
    assert not letter.embedded
    named = {image.get("src") for image in parse(letter.html).iter("img")}
    assert named == {f"https://lettre.example.org/images/{one.name}" for one in letter.attachments}


def test_a_picture_used_twice_travels_once(issue_workspace):
    image = '{file: une-image.png, alt: "Un"}'
    letter = issue_workspace.render(
        blocks(f"- id: a\n  type: image\n  image: {image}\n- id: b\n  type: image\n  image: {image}")
    )
    assert len(letter.attachments) == 1
    assert letter.html.count(f'src="cid:{letter.attachments[0].content_id}"') == 2


def test_another_picture_under_the_same_name_is_another_attachment(issue_workspace):
    text = blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Un"}')
    before = issue_workspace.render(text).attachments[0]
    picture = issue_workspace.folder / "images" / "une-image.png"
    picture.write_bytes(picture.read_bytes() + b"\0")
    assert issue_workspace.render(text).attachments[0].content_id != before.content_id


# What is a remark, and what is data


def test_notes_are_in_no_part(issue_workspace):
    text = "note: Entre nous-1\n" + blocks(
        '- id: a\n  type: article\n  title: "A"\n  body: "A"\n  note: "Entre nous-2"'
    )
    letter = issue_workspace.render(text)
    assert "Entre nous" not in letter.html + letter.text


def test_a_readers_values_are_escaped_for_where_they_stand(letter):
    values = {"unsubscribe": 'mailto:a@example.org?subject=a&b="<x>'}
    page = letter.fill_html(values)
    assert 'href="mailto:a@example.org?subject=a&amp;b=&quot;&lt;x&gt;"' in page
    assert values["unsubscribe"] in letter.fill_text(values)
    assert "pvd-h-" not in page
    assert "pvd-t-" not in letter.fill_text(values)


def test_text_that_looks_like_markup_of_ours_stays_as_it_was_written(issue_workspace):
    words = [
        'style="a: b; c"',
        ' data-premailer="ignore"',
        "{{ 1 + 1 }}",
        "<!doctype html>",
        "<style>",
        "&nbsp;",
        "<br>",
    ]
    text = blocks(
        "\n".join(
            f"- id: a{n}\n  type: call-to-action\n  title: 'un {word} deux'\n  button: {{label: 'un {word} deux', url: https://example.org}}"
            for n, word in enumerate(words)
        )
    )
    letter = issue_workspace.render(text)
    page = body_text(letter.html)
    for word in words:
        assert normal(page).count(normal(f"un {word} deux")) == 2, word
        assert normal(f"un {word} deux") in normal(letter.text)


@pytest.mark.parametrize("alt", ["<!-- <![endif]-->", "<![endif]--> <!--[if mso | IE]>", "a > b < c", '<style>"'])
def test_what_a_description_quotes_is_no_comment_for_whoever_reads_without_parsing(issue_workspace, alt):
    letter = issue_workspace.render(blocks(f"- id: a\n  type: image\n  image: {{file: une-image.png, alt: '{alt}'}}"))
    assert [one.get("alt") for one in parse(letter.html).iter("img") if one.get("alt")].count(alt) == 1
    assert all("<" not in one for one in re.findall(r"""\balt=("[^"]*"|'[^']*')""", letter.html))


def test_the_letters_accessible_name_is_its_title(letter):
    page = lxml_html.document_fromstring(letter.html)
    (named,) = page.xpath("//*[@aria-roledescription]")
    assert named.get("aria-label") == page.findtext(".//title")
    assert "\\u{" not in letter.html


def test_an_accessible_name_may_hold_quotes_and_backslashes(issue_workspace):
    publication = issue_workspace.own / "publication.yaml"
    text = publication.read_text("utf-8")
    publication.write_text(
        text.replace('name: "Petites villes de demain"', "name: 'Un \\ \"deux\" & <trois>'", 1), "utf-8"
    )
    page = lxml_html.document_fromstring(issue_workspace.render().html)
    (named,) = page.xpath("//*[@aria-roledescription]")
    assert 'Un \\ "deux" & <trois>' in named.get("aria-label")


def test_every_date_is_in_the_agenda_and_leads_where_its_item_leads(issue_workspace):
    items = "".join(
        f'      - title: "Brève {day}"\n        body: "Un texte."\n        start: 2023-03-{day:02}\n'
        f'        link: {{label: "Lire la brève du {day}", url: "https://ville.example.org/{day}"}}\n'
        for day in range(10, 19)
    )
    heading = '  - id: titre\n    type: heading\n    title: "Un titre"\n'
    issue_workspace.write(f"{HEAD}blocks:\n{ARTICLE}{heading}  - id: breves\n    type: briefs\n    items:\n{items}")
    page = lxml_html.document_fromstring(issue_workspace.render().html)
    rows = page.xpath("//th[@scope='row'][contains(., 'mars')]/..")
    assert [row.xpath("string(th)") for row in rows] == [f"{day}\u00a0mars" for day in range(10, 19)]
    assert [row.xpath("string(td/a/@href)") for row in rows] == [
        f"https://ville.example.org/{day}" for day in range(10, 19)
    ]


def test_a_letter_that_mail_programs_would_cut_is_told(issue_workspace, run):
    body = "Un texte assez long. " * 200
    blocks = "".join(ARTICLE.replace("id: un", f"id: un-{n}").replace("Un texte.", body) for n in range(25))
    issue_workspace.write(f"{HEAD}blocks:\n{blocks}")
    ran = run("check", "1", "--format", "json")
    assert ran.code == 0
    assert "letter-heavy" in [one["rule"] for one in json.loads(ran.out)["findings"]]
