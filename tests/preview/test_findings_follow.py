"""The letter is shown first, and its findings when they are there: never those of another letter."""

import threading
from dataclasses import replace

import pytest

from pvd_mailer.check import RULES
from pvd_mailer.check.rule import Violation
from tests.preview.conftest import HANG, RICH, repaint, serving, until
from tests.preview.test_browser import LONG, open_preview  # noqa: F401 - a fixture

SAMPLE = """() => {
  window.seen = [];
  const frame = document.querySelector('#frame');
  const look = () => {
    const page = frame.contentDocument;
    const height = frame.getBoundingClientRect().height;
    window.seen.push([page && page.body ? page.body.textContent.trim().length : 0, height, window.scrollY]);
  };
  new MutationObserver(look).observe(frame.contentDocument, { subtree: true, childList: true, characterData: true });
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  const paint = () => { look(); requestAnimationFrame(paint) };
  paint();
}"""


class SlowRules:
    """Two rules: one that holds the check up at the titles it is told, and one that says whose letter it read."""

    def __init__(self, *held):
        self.held = set(held)
        self.entered, self.opened = threading.Event(), threading.Event()
        self.read = []

    def wait(self, context):
        if context.issue.blocks[1].title in self.held:
            self.entered.set()
            assert self.opened.wait(HANG)
        yield from ()

    def tell(self, context):
        title = context.issue.blocks[1].title
        self.read.append(title)
        yield Violation(f"read of {title}")

    @property
    def rules(self):
        return (replace(RULES[0], check=self.wait), replace(RULES[1], check=self.tell))


@pytest.fixture
def slow_rules():
    slow = SlowRules("Deux")
    yield slow
    slow.opened.set()


@pytest.fixture
def workspace(issue_workspace):
    issue_workspace.write(RICH)
    repaint(issue_workspace, "#336699")
    return issue_workspace


def save(workspace, title):
    workspace.write(RICH.replace("Un titre", title))


def shown(seen, text):
    seen.page.locator("#list").get_by_text(text).wait_for()


@pytest.mark.parametrize(
    ("lang", "checking", "checked"),
    [("en", "Being proofread, ", "1 blocking fault at"), ("fr", "Relecture en cours, ", "1 défaut bloquant à")],
)
def test_the_letter_is_shown_before_its_findings(workspace, slow_rules, open_preview, lang, checking, checked):  # noqa: F811
    with serving(workspace, lang=lang, rules=slow_rules.rules) as served:
        seen = open_preview(served).says("Un titre")
        seen.page.set_viewport_size({"width": 320, "height": 900})
        # Findings that block are not folded, and are said without a click.
        shown(seen, "read of Un titre")
        top = "() => document.getElementById('frame').getBoundingClientRect().top"
        before = seen.page.evaluate(top)
        save(workspace, "Deux")
        seen.says("Deux")
        assert seen.page.evaluate(top) == before  # a longer status would move the letter down, and up again
        status, listed = seen.page.get_by_role("status"), seen.page.locator("#list")
        assert checking in status.inner_text()
        assert listed.get_attribute("aria-busy") == "true"
        # Those of the letter before stay, and the page says whose they are.
        assert "read of Un titre" in listed.inner_text()
        revisions = "() => [document.body.dataset.revision, document.body.dataset.findingsRevision]"
        letter, findings = map(int, seen.page.evaluate(revisions))
        assert findings < letter
        slow_rules.opened.set()
        shown(seen, "read of Deux")
        assert listed.get_attribute("aria-busy") == "false"
        assert checked in status.inner_text()
        assert "read of Un titre" not in listed.inner_text()
        assert seen.page.evaluate(revisions) == [str(letter)] * 2


def test_a_newer_save_stops_the_check_of_an_older_one(workspace, slow_rules, open_preview):  # noqa: F811
    with serving(workspace, rules=slow_rules.rules) as served, served.events() as events:
        seen = open_preview(served).says("Un titre")
        save(workspace, "Deux")
        assert slow_rules.entered.wait(HANG)
        save(workspace, "Trois")
        seen.says("Trois")
        assert "read of Un titre" in seen.page.locator("#list").inner_text()
        slow_rules.opened.set()
        shown(seen, "read of Trois")
        assert "Deux" not in slow_rules.read
        assert slow_rules.read[-1] == "Trois"
        told = []
        for event in events:
            told.append(event)
            if "read of Trois" in event["faults"]:
                break
    assert not [event for event in told if "read of Deux" in event["faults"]]
    assert [event["revision"] for event in told] == sorted((event["revision"] for event in told), key=int)
    assert told[-1]["findings_revision"] == told[-1]["revision"]


def test_what_an_older_check_has_found_is_not_told_when_its_last_rule_ends_too_late(workspace, slow_rules):
    with serving(workspace, rules=slow_rules.rules[::-1]) as served, served.events() as events:
        save(workspace, "Deux")
        assert slow_rules.entered.wait(HANG)
        save(workspace, "Trois")
        until(lambda: "Trois" in served.get("/letter").body, "the newer letter")
        slow_rules.opened.set()
        told = []
        while not told or "read of Trois" not in told[-1]:
            told.append(next(events)["faults"])
    assert "Deux" in slow_rules.read
    assert not [faults for faults in told if "read of Deux" in faults]


def test_a_rule_that_fails_leaves_the_letter_as_it_is(workspace):
    def fails(context):
        if context.issue.blocks[1].title == "Deux":
            raise ZeroDivisionError
        yield from ()

    with serving(workspace, rules=(replace(RULES[0], check=fails),)) as served, served.events() as events:
        next(events)
        save(workspace, "Deux")
        state = next(one for one in events if "ZeroDivisionError" in one["faults"])
        assert state["state"] == "blocked"
        assert "Deux" in served.get("/letter").body


def test_a_save_neither_empties_the_letter_nor_moves_the_reader(issue_workspace, open_preview):  # noqa: F811
    issue_workspace.write(LONG)
    with serving(issue_workspace) as served:
        seen = open_preview(served).says("Le dernier bloc")
        seen.page.evaluate("() => window.scrollTo(0, 900)")
        seen.page.wait_for_function("() => window.scrollY === 900")
        seen.page.evaluate(SAMPLE)
        issue_workspace.write(LONG.replace("Un texte du bloc 20.", "Un autre texte."))
        seen.says("Un autre texte.")
        seen.page.wait_for_function("() => document.body.dataset.findingsRevision === document.body.dataset.revision")
        sampled = seen.page.evaluate("() => window.seen")
    assert len(sampled) > 1
    lengths, heights, scrolled = zip(*sampled, strict=True)
    assert min(lengths) > 0.9 * max(lengths)
    assert min(heights) > 0.9 * max(heights)
    assert set(scrolled) == {900}
