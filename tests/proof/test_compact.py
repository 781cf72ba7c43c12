"""A letter before and after `compact` takes its bytes away: the same picture, and the same computed styles."""

import io

import pytest
from PIL import Image, ImageChops

from pvd_mailer.compose import load_issue, load_publication
from pvd_mailer.letter import Letter, Placeholders
from pvd_mailer.render import PASSES, Hosting
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes import compact
from pvd_mailer.workspace import Workspace
from tests.workspace import ROOT
from tools.photograph import SUBJECTS, View, fold, opened

SCHEMES = [View(width, dark) for width in (375, 700) for dark in (False, True)]
SIGHTS = [*SCHEMES, View(320), View(375, images=False), View(375, styles=False)]
LOOKS = """() => {
  // A cell and the one block in it become one; what is in them is compared.
  const joined = (element) => element?.matches('td') && element.style.fontSize === '0px'
    && element.children.length === 1
    && element.firstElementChild.matches('div[style]') && element.firstElementChild.attributes.length === 1
    && [...element.firstElementChild.style].every((name) => /^(font|line-height|text-align|color)/.test(name))
  // A picture with no words in its place, and a link around it: the pictures show that they look the same.
  const silent = (element) => element.matches('img[alt=""]') || (
    element.matches('a') && element.children.length && !element.textContent
    && [...element.children].every((child) => child.matches('img[alt=""]')))
  const read = (element) => {
    const style = getComputedStyle(element), said = {}
    for (const name of style) said[name] = style.getPropertyValue(name)
    return silent(element) || joined(element) ? {} : said
  }
  return [...document.querySelectorAll('body *')].filter((element) => !joined(element.parentElement))
    .map((element) => [element.tagName, read(element)])
}"""
"""Every computed property of every element of the body, in their order."""


def _is_full_column(_tag, style):
    return style["max-width"] in ("none", "100%")


WITHOUT_EFFECT = {
    "vertical-align": lambda _tag, style: style["display"] == "table",  # what stands in a line, or is a cell, has one
    "max-width": _is_full_column,
    "max-inline-size": _is_full_column,
    "word-break": lambda _tag, _style: True,  # where no word is long; that none is cut or too wide, the pictures show
}
"""Properties that may differ, and where: there they draw nothing."""
SAME = {"-webkit-left": "left", "start": "left"}
"""What `align="left"` comes to, and in a table in it: for words from left to right no other than `text-align:left`."""


def letters(subject):
    """The letter of `subject` without the pass, and with it."""
    workspace = Workspace(ROOT)
    made = load_issue(workspace.issues / subject.issue, workspace)
    publication, templates = made.publication, made.templates
    if subject.theme:
        publication, _findings = load_publication(subject.theme, workspace)
        templates = workspace.templates / subject.theme
    for passes in ([run for run in PASSES if run is not compact.run], PASSES):
        draft = Draft(made.issue, publication, made.pictures, templates, Hosting(), Placeholders.from_content(b""))
        for run in passes:
            draft = run(draft)
        yield Letter(
            made.issue.subject,
            made.issue.preheader,
            draft.html,
            draft.text,
            draft.attachments,
            embedded=True,
            placeholders=draft.placeholders,
            lang=draft.lang,
            calendars=(),
        )


@pytest.fixture(scope="module", params=SUBJECTS, ids=lambda subject: subject.name)
def pair(request, tmp_path_factory):
    """The pages of one letter, before and after."""
    folder = tmp_path_factory.mktemp("pair")
    return [fold(letter, folder / name) for name, letter in zip(("a", "b"), letters(request.param), strict=True)]


def sight(browser, file, view):
    """The page as `view` shows it."""
    with opened(browser, file, view) as page:
        return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


@pytest.mark.parametrize("view", SIGHTS, ids=lambda view: view.name)
def test_every_pixel_is_the_same(browser, pair, view):
    before, after = (sight(browser, file, view) for file in pair)
    assert before.size == after.size
    assert ImageChops.difference(before, after).getbbox() is None


@pytest.mark.parametrize("view", [View(375), View(700, dark=True)], ids=lambda view: view.name)
def test_every_computed_style_is_the_same(browser, pair, view):
    found = []
    for file in pair:
        with opened(browser, file, view) as page:
            found.append(page.evaluate(LOOKS))
    (preheader, *before), (preheader_now, *after) = found
    assert preheader[1]["display"] == preheader_now[1]["display"] == "none"
    assert [tag for tag, _style in before] == [tag for tag, _style in after]
    differences = {
        (number, tag, name, value, new[name])
        for number, ((tag, old), (_tag, new)) in enumerate(zip(before, after, strict=True))
        for name, value in old.items()
        if SAME.get(new[name], new[name]) != SAME.get(value, value)
        and not (name in WITHOUT_EFFECT and WITHOUT_EFFECT[name](tag, new))
    }
    assert differences == set()


def test_what_the_pass_takes_is_a_twentieth_of_the_letter_at_least(pair):
    before, after = (len(file.read_bytes()) for file in pair)
    assert after < before * 0.95
