"""Golden letters change only by `make goldens`."""

import pytest
from PIL import Image

from tests.proof.golden import GOLDENS, VIEWS, difference, photograph, same_letter
from tools.photograph import SUBJECTS, fold


def test_the_letter_means_what_the_golden_one_means(subject, letter):
    for golden, now in same_letter(subject, letter):
        assert now == golden, "if the change is wanted: make goldens, and look at the pictures"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_the_letter_looks_as_the_golden_one_looks(browser, subject, file, view):
    golden = Image.open(GOLDENS / f"{subject.name}-{view.name}.png")
    seen = difference(golden, photograph(browser, file, view))
    assert seen < 0.01, "if the change is wanted: make goldens, and look at the pictures"


def test_a_changed_colour_is_seen(browser, tmp_path):
    subject, view = SUBJECTS[0], VIEWS[0]
    page = fold(subject.letter(), tmp_path)
    page.write_text(page.read_text("utf-8").replace("#0f5e5c", "#b00020"), encoding="utf-8")
    golden = Image.open(GOLDENS / f"{subject.name}-{view.name}.png")
    assert difference(golden, photograph(browser, page, view)) > 0.01
