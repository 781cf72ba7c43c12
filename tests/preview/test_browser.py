"""The preview in a real browser."""

import json
import re
from urllib.parse import urlsplit

import pytest

from tests.preview.conftest import RICH, Served, override, repaint, serving, until
from tests.workspace import ISSUE, blocks
from tools.photograph import ROOT

AXE = ROOT / "tools" / "node" / "node_modules" / "axe-core" / "axe.min.js"
LONG = blocks(
    """
- id: debut
  type: heading
  title: "Le début"
"""
    + "".join(
        f'\n- id: bloc-{n}\n  type: article\n  title: "Bloc {n}"\n  body: "Un texte du bloc {n}."\n' for n in range(30)
    )
    + """
- id: fin
  type: heading
  title: "La fin"

- id: dernier
  type: article
  title: "Le dernier bloc"
  body: "Fini."
"""
)


class Seen:
    """A page that shows a preview, and what it asked for."""

    def __init__(self, browser, preview_server: Served, **options):
        self.served = preview_server
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.page = self.context.new_page()
        self.requests = []
        self.errors = []
        # What goes out; what a policy forbids is asked for as well, but not answered.
        self.context.route("**", self._let)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: self.errors.append(dialog.message))

    def _let(self, route):
        self.requests.append(route.request.url)
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            route.fulfill(body="elsewhere")

    def open(self, query=""):
        self.page.goto(self.served.url + query)
        return self

    @property
    def letter(self):
        return self.page.frame_locator("#frame")

    def says(self, text):
        """Wait until the letter says `text`."""
        self.letter.get_by_text(text).first.wait_for()
        return self

    def shows(self, path):
        """Wait until the frame shows `path`."""
        script = "() => { const f = document.querySelector('#frame'); const l = f.contentWindow.location;"
        script += " return f.contentDocument.readyState === 'complete' ? l.pathname + l.search : '' }"
        until(lambda: self.page.evaluate(script) == path, path)
        return self

    def inside(self, script):
        """What `script` gives of `page`, the letter's document."""
        return self.page.evaluate(
            f"() => {{ const page = document.querySelector('#frame').contentDocument; {script} }}"
        )

    @property
    def alert(self):
        return self.page.locator("#alert").inner_text()


@pytest.fixture
def open_preview(browser):
    """Open a preview in the browser."""
    opened = []

    def look(preview_server, query="", **options):
        seen = Seen(browser, preview_server, **options)
        opened.append(seen)
        return seen.open(query)

    yield look
    for seen in opened:
        seen.context.close()
        assert seen.errors == []


def test_views_switch_by_keyboard(preview_server, open_preview):
    seen = open_preview(preview_server).shows("/letter")
    frame = seen.page.locator("#frame")
    assert frame.bounding_box()["width"] == 700
    press = seen.page.keyboard.press
    press("m")
    assert frame.bounding_box()["width"] == 375
    press("n")
    seen.shows("/letter?dark=1")
    press("i")
    seen.shows("/letter?dark=1&images=0")
    press("s")
    seen.shows("/letter?dark=1&images=0&styles=0")
    press("t")
    seen.shows("/text").says("UN TITRE")
    press("n")  # the text part has no colours: nothing happens
    press("h")
    seen.shows("/source").says("<!DOCTYPE html>")
    press("d")
    seen.shows("/letter?dark=1&images=0&styles=0")
    for key in "nis":
        press(key)
    seen.shows("/letter")
    assert frame.bounding_box()["width"] == 700


def test_keys_work_while_the_letter_has_the_focus(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    seen.letter.get_by_text("Un titre").first.click()
    seen.page.keyboard.press("t")
    seen.shows("/text")


def test_keys_with_others_held_are_the_browser_s(preview_server, open_preview):
    seen = open_preview(preview_server).shows("/letter")
    for key in ("Control+i", "Alt+t", "Meta+m"):
        seen.page.keyboard.press(key)
    seen.shows("/letter")


def test_single_keys_can_be_switched_off_for_good(preview_server, open_preview):
    seen = open_preview(preview_server).shows("/letter")
    seen.page.keyboard.press("?")
    dialog = seen.page.get_by_role("dialog", name="Keyboard shortcuts")
    dialog.wait_for()
    seen.page.keyboard.press("m")  # not while the list is open
    dialog.get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name="Close").click()
    seen.page.keyboard.press("t")
    seen.open("?view=desktop").shows("/letter")
    seen.page.keyboard.press("t")
    seen.shows("/letter")
    assert not seen.page.locator("#keys").is_checked()


def test_the_controls_are_a_group_of_radios_and_three_boxes(preview_server, open_preview):
    seen = open_preview(preview_server).shows("/letter")
    view = seen.page.get_by_role("group", name="View")
    assert view.get_by_role("radio").count() == 4
    view.get_by_role("radio", name="Computer").focus()
    seen.page.keyboard.press("ArrowRight")
    assert view.get_by_role("radio", name="Phone").is_checked()
    box = seen.page.get_by_role("checkbox", name="Dark")
    box.focus()
    seen.page.keyboard.press("Space")
    seen.shows("/letter?dark=1")
    view.get_by_role("radio", name="Text").check()
    assert box.is_disabled()


def test_the_view_is_kept_when_the_page_is_loaded_again(preview_server, open_preview):
    seen = open_preview(preview_server).shows("/letter")
    for key in "mni":
        seen.page.keyboard.press(key)
    seen.shows("/letter?dark=1&images=0")
    seen.page.reload()
    seen.shows("/letter?dark=1&images=0")
    assert seen.page.locator("#frame").bounding_box()["width"] == 375


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_letter_s_mode_is_the_view_s_and_not_the_machine_s(preview_server, open_preview, scheme):
    colour = "return page.defaultView.getComputedStyle(page.querySelector('.sheet, .paper')).backgroundColor"
    seen = open_preview(preview_server, color_scheme=scheme).says("Un titre")
    light = seen.inside(colour)
    seen.page.keyboard.press("n")
    seen.shows("/letter?dark=1").says("Un titre")
    assert seen.inside(colour) != light
    assert sum(int(part) for part in re.findall(r"\d+", light)[:3]) > 600


def test_without_images_none_is_loaded(preview_server, open_preview):
    seen = open_preview(preview_server, "?view=desktop&no-images").shows("/letter?images=0").says("Un titre")
    assert not [url for url in seen.requests if "/images/" in url]
    assert seen.inside("return page.querySelector('img').naturalWidth") == 0
    assert seen.inside("return page.querySelector('img').alt") == "Une halle couverte, un matin de marché"


def test_a_save_of_the_issue_is_shown_and_the_rest_is_left_alone(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    seen.inside("page.querySelector('img').kept = true")
    seen.requests.clear()
    preview_server.issue_workspace.write(
        RICH.replace("Un titre", "Un autre titre").replace("Un sujet", "Un autre sujet")
    )
    seen.says("Un autre titre")
    assert seen.inside("return page.querySelector('img').kept")
    assert not [url for url in seen.requests if "/images/" in url]
    assert seen.page.locator("#head .phone b").inner_text() == "Un autre sujet"
    assert seen.page.locator("#status").inner_text().startswith("Up to date at ")


def test_a_save_of_a_picture_is_shown(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    before = seen.inside("return page.querySelector('img').src")
    repaint(preview_server.issue_workspace)
    until(lambda: seen.inside("return page.querySelector('img').src") != before)
    until(lambda: seen.inside("const one = page.querySelector('img'); return one.complete && one.naturalWidth > 0"))


def test_a_save_of_the_publication_is_shown(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    path = preview_server.issue_workspace.own / "publication.yaml"
    path.write_text(path.read_text("utf-8").replace("Petites villes de demain", "Bourgs de demain"), encoding="utf-8")
    seen.says("Bourgs de demain")


def test_a_save_of_a_template_is_shown_and_its_styles_are_allowed(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    macro = '{% macro block(article, level) %}<mj-text color="#123456">Du gabarit</mj-text>{% endmacro %}'
    override(preview_server.issue_workspace, "blocks/article.mjml", macro)
    seen.says("Du gabarit")
    colour = seen.letter.get_by_text("Du gabarit").evaluate("element => getComputedStyle(element).color")
    assert colour == "rgb(18, 52, 86)"


@pytest.mark.parametrize("view", ["text", "source"])
def test_a_save_is_shown_in_the_other_views_too(preview_server, open_preview, view):
    seen = open_preview(preview_server, f"?view={view}").shows(f"/{view}")
    preview_server.issue_workspace.write(RICH.replace("Un texte avec", "Une phrase avec"))
    seen.says("Une phrase avec")


def test_what_a_save_gives_is_what_a_fresh_page_gives(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    preview_server.issue_workspace.write(LONG)
    seen.says("Le dernier bloc")
    preview_server.issue_workspace.write(
        LONG.replace('title: "Bloc 7"', 'title: "Bloc sept"').replace("Le début", "Au début")
    )
    seen.says("Bloc sept")
    patched = seen.inside("return page.documentElement.outerHTML")
    fresh = open_preview(preview_server).says("Bloc sept").inside("return page.documentElement.outerHTML")
    assert patched == fresh


def test_the_reader_s_place_is_kept(issue_workspace, open_preview):
    issue_workspace.write(LONG)
    with serving(issue_workspace) as served:
        seen = open_preview(served).says("Le dernier bloc")
        seen.page.evaluate("() => scrollTo(0, 1500)")
        served.issue_workspace.write(LONG.replace('title: "Bloc 29"', 'title: "Bloc vingt-neuf"'))
        seen.says("Bloc vingt-neuf")
        assert seen.page.evaluate("() => scrollY") == 1500
        top = "return [...page.querySelectorAll('h1, h2, h3, h4, p')].find(one => one.getBoundingClientRect().top"
        top += " + document.querySelector('#frame').getBoundingClientRect().top > 70).textContent"
        before = seen.inside(top)
        seen.page.keyboard.press("n")
        seen.shows("/letter?dark=1")
        until(lambda: seen.inside(top) == before, "the same place")


def test_anchors_scroll_the_page_and_the_frame_stays(issue_workspace, open_preview):
    issue_workspace.write(LONG)
    # Our own templates lead to no anchor, since mail programs drop the way; a publication's may.
    (issue_workspace.own / "parts").mkdir()
    summary = '{% macro summary() %}<mj-text><a href="#fin">Tout en bas</a></mj-text>{% endmacro %}'
    (issue_workspace.own / "parts" / "summary.mjml").write_text(summary, "utf-8")
    with serving(issue_workspace) as served:
        seen = open_preview(served, reduced_motion="reduce").says("Le dernier bloc")
        seen.letter.get_by_role("link", name="Tout en bas").click()
        until(lambda: seen.page.evaluate("() => scrollY") > 1000)
        seen.shows("/letter")


def test_links_open_in_a_tab_of_their_own(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    with seen.context.expect_page() as opened:
        seen.letter.get_by_role("link", name="la carte des halles").click()
    opened.value.wait_for_url("https://www.example.org/**")
    assert opened.value.evaluate("() => window.opener") is None
    seen.shows("/letter")


def test_faults_stand_above_the_last_good_letter(preview_server, open_preview):
    seen = open_preview(preview_server).says("Un titre")
    preview_server.issue_workspace.write(RICH.replace("number: 1", "number: un").replace("Un titre", "Jamais"))
    seen.page.get_by_text("001-2023-03/issue.yaml:2:9").wait_for()
    assert "1 blocking fault" in seen.alert
    assert seen.page.locator("#faults .excerpt").inner_text() == "number: un"
    assert seen.page.title().startswith("(1) ")
    box, frame = seen.page.locator("#faults").bounding_box(), seen.page.locator("#frame").bounding_box()
    assert box["x"] + box["width"] <= frame["x"]  # beside, where there is room
    seen.page.set_viewport_size({"width": 1000, "height": 900})
    box, frame = seen.page.locator("#faults").bounding_box(), seen.page.locator("#frame").bounding_box()
    assert box["y"] + box["height"] <= frame["y"]
    seen.says("Un titre")
    preview_server.issue_workspace.write(RICH)
    until(lambda: seen.alert == "")
    assert seen.page.locator("#faults li").count() == 0


FOUND = LONG.replace("Un texte du bloc 20.", "Un texte TODO du bloc 20.").replace("bloc 3.", "bloc 3 , ici.")


def test_what_the_proofreader_finds_stands_beside_the_letter_as_it_is_now(preview_server, open_preview):
    seen = open_preview(preview_server)
    preview_server.issue_workspace.write(FOUND)
    seen.says("Un texte TODO du bloc 20.")
    seen.page.get_by_text("cannot be approved like this").wait_for()  # the letter comes first, its findings after
    assert seen.page.locator("#faults .blocking .excerpt mark").inner_text() == "TODO"
    assert seen.page.locator("#faults .advice").get_attribute("open") is not None
    assert "stray-space" in seen.page.locator("#faults .advice").inner_text()


LED = FOUND.replace(
    'title: "Bloc 25"',
    'title: "Bloc 25"\n    image:\n      file: une-image.png\n      alt: "Image de la halle"',
)
SIZES = [(375, 812), (500, 900), (700, 1000), (1280, 900)]


def _bar(page):
    """Where what is stuck at the top of the window ends."""
    script = "() => Math.max(0, ...[...document.querySelectorAll('.desk, .bar')].map(one => "
    script += "['sticky', 'fixed'].includes(getComputedStyle(one).position) ? one.getBoundingClientRect().bottom : 0))"
    return page.evaluate(script)


def _is_in_sight(seen, place):
    """Whether all of `place` in the letter stands beneath the bar, and does so for good."""
    box = seen.letter.locator(place).bounding_box()
    return _bar(seen.page) <= box["y"] and box["y"] + box["height"] <= seen.page.viewport_size["height"]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("view", ["", "text"])
def test_a_finding_leads_to_its_block_in_the_letter(preview_server, open_preview, width, height, view):
    preview_server.issue_workspace.write(LED)
    seen = open_preview(preview_server, f"?view={view}" if view else "", reduced_motion="reduce")
    seen.page.set_viewport_size({"width": width, "height": height})
    seen.open(f"?view={view}" if view else "")
    seen.page.get_by_role("link", name="Show “bloc-20” in the letter").click()
    seen.says("Un texte TODO du bloc 20.")
    where = "return page.activeElement && page.activeElement.id"
    until(lambda: seen.inside(where) == "bloc-20", "the block")
    until(lambda: _is_in_sight(seen, "#bloc-20"), "the block in sight")
    top = seen.letter.locator("#bloc-20").bounding_box()["y"] - _bar(seen.page)
    assert top < 100  # right beneath what is stuck, not somewhere in the window


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_finding_on_a_picture_leads_to_the_picture(preview_server, open_preview, width, height):
    preview_server.issue_workspace.write(LED)
    seen = open_preview(preview_server, reduced_motion="reduce")
    seen.page.set_viewport_size({"width": width, "height": height})
    seen.open()
    advice = seen.page.locator("#faults .advice")
    if width < 1200:  # beside the letter it is open; above it, it is folded
        advice.locator("summary").click()
    seen.says("Un texte TODO du bloc 20.")
    finding = seen.page.locator("#faults li", has_text="image-alt")
    finding.get_by_role("link", name="Show “bloc-25” in the letter").click()
    where = "return page.activeElement && page.activeElement.alt"
    until(lambda: seen.inside(where) == "Image de la halle", "the picture")
    picture = seen.letter.get_by_alt_text("Image de la halle")
    until(lambda: 0 <= picture.bounding_box()["y"] - _bar(seen.page) < 60, "the picture's top beneath the bar")


def test_the_way_back_to_the_findings_covers_none_of_them(preview_server, open_preview):
    preview_server.issue_workspace.write(FOUND)
    seen = open_preview(preview_server, reduced_motion="reduce")
    seen.page.set_viewport_size({"width": 375, "height": 812})
    seen.open().says("Un texte TODO du bloc 20.")
    back = seen.page.locator(".jump")
    until(lambda: seen.page.evaluate("() => document.body.dataset.findings") == "seen")
    assert back.is_hidden()
    seen.page.get_by_role("link", name="Show “bloc-20” in the letter").click()
    back.wait_for()
    back.click()
    back.wait_for(state="hidden")


def test_a_finding_is_quoted_between_words_and_names_keys_as_code(preview_server, open_preview):
    words = "Une halle, une place et un marché que tout le monde connaît. " * 4
    text = FOUND.replace("Un texte TODO du bloc 20.", f"{words}TODO {words}").replace('"Un sujet"', '"TODO : un sujet"')
    preview_server.issue_workspace.write(text)
    seen = open_preview(preview_server)
    until(lambda: seen.page.locator("#faults .blocking li").count() == 2)
    quoted = seen.page.locator("#faults .blocking li .excerpt").last.inner_text()
    assert quoted.startswith("… ")
    assert quoted.endswith(" …")
    whole = set(re.findall(r"\w+", words)) | {"TODO"}
    assert set(re.findall(r"\w+", quoted)) <= whole
    assert seen.page.locator("#faults .blocking .excerpt mark").last.inner_text() == "TODO"
    assert "`" not in seen.page.locator("#faults").inner_text()
    assert seen.page.locator("#faults .hint code").first.inner_text() == "note"


def test_a_value_that_a_finding_is_about_is_marked_whole(preview_server, open_preview):
    preview_server.issue_workspace.write(
        RICH.replace("number: 1", "number: un").replace("type: article", "type: artikel")
    )
    seen = open_preview(preview_server)
    until(lambda: seen.page.locator("#faults .blocking li").count() == 2)
    assert seen.page.locator("#faults .excerpt mark").all_inner_texts() == ["un", "artikel"]


def test_waived_findings_are_listed_apart_with_their_reason(preview_server, open_preview):
    waived = FOUND.replace(
        'title: "Bloc 20"', 'title: "Bloc 20"\n    waive:\n      - {rule: placeholder, reason: "Un nom."}'
    )
    preview_server.issue_workspace.write(waived)
    seen = open_preview(preview_server)
    until(lambda: seen.page.locator("#faults .waived").count() == 1, "the waived ones")
    assert seen.page.locator("body").get_attribute("data-state") == "good"
    seen.page.locator("#faults .waived summary").click()
    assert "Un nom." in seen.page.locator("#faults .waived").inner_text()


def test_before_any_good_letter_the_page_explains_and_then_shows_it(issue_workspace, open_preview):
    issue_workspace.write("number: [")
    with serving(issue_workspace) as served:
        seen = open_preview(served)
        seen.page.get_by_role("heading", name="No letter yet").wait_for()
        assert seen.page.locator("#frame").is_hidden()
        served.issue_workspace.write(ISSUE)
        seen.says("Un titre")
        assert seen.page.locator("#nothing").is_hidden()


def test_no_request_leaves_this_machine(issue_workspace, open_preview):
    # A template may try what an issue cannot.
    macro = (
        '{% macro block(article, level) %}<mj-text>Du gabarit</mj-text><mj-raw><img src="https://evil.example/a.png"'
    )
    macro += ' alt=""/><link rel="stylesheet" href="https://evil.example/a.css"/>'
    macro += '<iframe src="https://evil.example/"></iframe></mj-raw>{% endmacro %}'
    issue_workspace.write(RICH)
    override(issue_workspace, "blocks/article.mjml", macro)
    with serving(issue_workspace) as served:
        seen = open_preview(served).says("Du gabarit")
        for key in "mnisth":
            seen.page.keyboard.press(key)
        seen.shows("/source")
        repaint(issue_workspace)
        asked = [url for url in seen.requests if urlsplit(url).scheme in {"http", "https"}]
        assert {urlsplit(url).netloc for url in asked} == {f"127.0.0.1:{served.port}"}


def test_scripts_in_a_letter_do_not_run(issue_workspace, open_preview):
    script = "document.documentElement.dataset.ran = 1; top.document.documentElement.dataset.ran = 1; alert(1)"
    macro = "{% macro block(article, level) %}<mj-text>Du gabarit "
    macro += f'<a id="trap" href="javascript:{script}">piège</a></mj-text><mj-raw>'
    macro += f'<script>{script}</script><img src="/nowhere" alt="" onerror="{script}"/>'
    macro += '<meta http-equiv="refresh" content="0;url=https://evil.example/"/></mj-raw>{% endmacro %}'
    issue_workspace.write(RICH)
    with serving(issue_workspace) as served:
        seen = open_preview(served).says("Un titre")
        override(issue_workspace, "blocks/article.mjml", macro)  # put in by a save …
        seen.says("Du gabarit")
        for _time in range(2):
            seen.letter.locator("#trap").click()
            seen.shows("/letter")
            assert seen.inside("return page.documentElement.dataset.ran ?? ''") == ""
            assert seen.page.evaluate("() => document.documentElement.dataset.ran ?? ''") == ""
            seen.open().says("Du gabarit")  # … and loaded


def test_a_page_finds_the_preview_again(issue_workspace, open_preview):
    issue_workspace.write(ISSUE)
    with serving(issue_workspace) as served:
        seen = open_preview(served).says("Un titre")
    seen.page.get_by_text("Connection lost").wait_for()


@pytest.mark.parametrize(
    ("state", "scheme", "width"),
    [
        ("good", "light", 1280),
        ("good", "dark", 1280),
        ("good", "light", 400),
        ("blocked", "light", 1280),
        ("blocked", "dark", 400),
        ("help", "dark", 1280),
        ("text", "light", 1280),
        ("desktop", "light", 400),
    ],
)
def test_axe_finds_nothing(preview_server, open_preview, need, state, scheme, width):
    need("tools/node/node_modules/axe-core")
    query = f"?view={state}" if state in {"text", "desktop"} else ""
    seen = open_preview(preview_server, query, color_scheme=scheme)
    seen.page.set_viewport_size({"width": width, "height": 900})
    seen.open(query)
    if state == "blocked":
        preview_server.issue_workspace.write(
            RICH.replace("number: 1", "number: un").replace("type: article", "type: artikel")
        )
        seen.page.locator("#faults li").first.wait_for()
    elif state == "help":
        seen.page.keyboard.press("?")
    # The letter in its frame is looked at by the tests of the letter.
    seen.page.evaluate(AXE.read_text("utf-8"))
    found = seen.page.evaluate(f"axe.run(document, {json.dumps({'iframes': False})})")["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert seen.page.evaluate("() => document.documentElement.scrollWidth") <= width
