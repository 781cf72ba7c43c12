"""No letter makes a reader scroll sideways."""

import pytest

from tools.photograph import View, opened

VIEWS = [View(width, styles=styles) for width in (320, 375, 700) for styles in (True, False)]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_nothing_is_wider_than_the_screen(browser, file, view):
    with opened(browser, file, view) as page:
        wide, screen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= screen


def test_every_sentence_is_shown_without_styles(browser, file):
    with opened(browser, file, View(375)) as page:
        styled = " ".join(page.inner_text("body").split())
    with opened(browser, file, View(375, styles=False)) as page:
        bare = " ".join(page.inner_text("body").split())
    assert bare == styled
