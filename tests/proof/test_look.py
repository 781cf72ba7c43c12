"""What a design lead signed: measured in a browser, so that it stays."""

import pytest

from tools.photograph import SUBJECTS, View, fold, opened

TARGETS = """() => [...document.querySelectorAll('.btn a, .go, .also, .tap, .toc a, .what a')].map(
  one => [one.textContent.trim(), Math.round(one.getBoundingClientRect().height)]).filter(one => one[1] < 44)"""
CUT_WORDS = """() => {
  const cut = [];
  for (const title of document.querySelectorAll('h1, h2, h3, h4, .strip')) {
    const walker = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
    for (let node; node = walker.nextNode();)
      for (const word of node.data.matchAll(/[^ \\u00a0-]+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const lines = [...range.getClientRects()].filter(box => box.width).map(box => box.top);
        if (new Set(lines).size > 1) cut.push(word[0]);
      }
  }
  return cut;
}"""
SIZE = "selector => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)"


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.name)
def page_of(request, browser, tmp_path):
    """Opens the letter as a view shows it."""
    file = fold(request.param.letter(), tmp_path)
    return lambda view: opened(browser, file, view)


@pytest.mark.parametrize(("width", "lowest"), [(700, 900), (375, 1000), (320, 1000)])
def test_the_lead_begins_on_the_first_screen(page_of, width, lowest):
    with page_of(View(width)) as page:
        assert page.evaluate("document.querySelector('h2').getBoundingClientRect().top") < lowest


@pytest.mark.parametrize("width", [700, 375, 320])
def test_titles_step_down_from_the_masthead_to_the_cards(page_of, width):
    with page_of(View(width)) as page:
        sizes = [page.evaluate(SIZE, selector) for selector in ("h1", "h2", "h3")]
        smallest = min(
            page.evaluate("[...document.querySelectorAll('h3')].map(one => parseFloat(getComputedStyle(one).fontSize))")
        )
    name, lead, _standard = sizes
    assert name >= lead > smallest
    assert lead / smallest > 1.4


@pytest.mark.parametrize("width", [700, 375])
def test_what_stands_alone_to_be_touched_is_44_pixels_high(page_of, width):
    with page_of(View(width)) as page:
        assert page.evaluate(TARGETS) == []


def test_no_word_of_a_title_is_cut_on_the_narrowest_phone(page_of):
    with page_of(View(320)) as page:
        assert page.evaluate(CUT_WORDS) == []


def test_bars_are_as_long_as_their_numbers_on_every_screen(browser, tmp_path):
    file = fold(SUBJECTS[0].letter(), tmp_path)
    for width in (320, 375, 700):
        with opened(browser, file, View(width)) as page:
            wide = page.evaluate(
                "[...document.querySelectorAll('.b1, .b2')].map(one => one.getBoundingClientRect().width)"
            )
        values = [66, 56, 58, 41, 41, 31, 38, 30]
        unit = wide[0] / values[0]
        assert all(abs(bar - value * unit) < 2.5 for bar, value in zip(wide, values, strict=True)), (width, wide)


def test_a_pictures_description_fits_its_place_while_pictures_are_held_back(page_of):
    with page_of(View(375, images=False)) as page:
        heights = page.evaluate(
            "[...document.querySelectorAll('img.pic')].map(one => [one.alt, one.scrollHeight - one.clientHeight])"
        )
    assert heights
    assert [one for one in heights if one[1] > 1] == []
