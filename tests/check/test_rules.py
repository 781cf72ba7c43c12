"""Every rule of the proofreader: its own examples, its documentation."""

from itertools import pairwise

import pytest

from pvd_mailer.check import RULES, proofread
from pvd_mailer.check.rule import GROUPS, Group
from pvd_mailer.i18n import catalogue
from tests.check.examples import subject
from tests.workspace import ROOT
from tools.checks_page import PAGES, written

FAILING = [(rule, example) for rule in RULES for example in rule.failing]
PASSING = [(rule, example) for rule in RULES for example in rule.passing]


def _names(cases):
    return [f"{rule.id}-{number}" for number, (rule, _example) in enumerate(cases)]


@pytest.mark.parametrize(("rule", "example"), FAILING, ids=_names(FAILING))
def test_a_rule_finds_what_its_failing_examples_have(rule, example, tmp_path):
    found = [one for one in proofread(subject(example, tmp_path), [rule]) if one.rule == rule.id]
    assert found
    for one in found:
        assert one.message
        assert one.hint
        assert one.location.file


@pytest.mark.parametrize(("rule", "example"), PASSING, ids=_names(PASSING))
def test_a_rule_finds_nothing_in_its_passing_examples(rule, example, tmp_path):
    found = proofread(subject(example, tmp_path), [rule])
    assert [f"{one.location} {one.message}" for one in found if one.rule == rule.id] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_documented_with_examples_and_in_french(rule):
    assert rule.failing
    assert rule.passing
    french = catalogue("fr")
    for said in (rule.title, rule.description, rule.hint):
        assert said.strip() == said != ""
        assert french.gettext(said) != said, said
    assert len(rule.description) > 100
    assert rule.find.__module__ == f"pvd_mailer.check.rules.{rule.id.replace('-', '_')}"


def test_rules_stand_in_the_order_of_their_groups_each_once():
    order = list(Group)
    places = [order.index(rule.group) for rule in RULES]
    assert places == sorted(places)
    assert all(before.id != after.id for before, after in pairwise(sorted(RULES, key=lambda rule: rule.id)))
    assert set(GROUPS) == set(Group)


def test_every_file_of_a_rule_is_registered():
    files = {path.stem for path in (ROOT / "pvd_mailer" / "check" / "rules").glob("[a-z]*.py")}
    assert files == {rule.id.replace("-", "_") for rule in RULES}


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_of_the_checks_says_what_the_rules_say(lang):
    assert PAGES[lang].read_text("utf-8") == written(lang), "run `make checks-page`"


def _sections(lang):
    """By rule, what its section of the page shows on either side."""
    french = catalogue(lang).gettext
    found = {}
    for section in written(lang).split("\n### ")[1:]:
        _about, _words, rest = section.partition(f"\n{french('Found:')}\n")
        failing, _words, passing = rest.partition(f"\n{french('Left alone:')}\n")
        found[section.partition("\n")[0].strip("`")] = (failing.strip(), passing.partition("\n## ")[0].strip())
    return found


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_shows_of_each_rule_what_is_found_and_what_is_left_alone(lang):
    sections = _sections(lang)
    assert set(sections) == {rule.id for rule in RULES}
    assert [name for name, (failing, passing) in sections.items() if not failing or not passing] == []
    assert [name for name, (failing, passing) in sections.items() if failing == passing] == []


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_can_be_read_through(lang):
    page = written(lang)
    assert max(map(len, page.split("\n"))) < 1500
    code = "".join(page.split("```")[1::2])
    assert max(map(len, code.split("\n"))) < 400
    assert not {"\u00a0", "\u202f"} & set(code)  # nobody would see them
    assert len(page.encode()) < 100_000
