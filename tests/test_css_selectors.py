"""The index of a stylesheet's selectors finds what XPath finds."""

import cssselect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from pvd_mailer.css_selectors import SimpleSelector, compile_selector, match_selectors

TAGS = st.sampled_from(["div", "p", "td", "a"])
CLASSES = st.sampled_from(["", "band", "sheet", "band sheet", " sheet\n band ", "band band", "bandsheet", "Band"])
ATTRIBUTES = st.sampled_from(
    ["", ' id="one"', ' data-ogsc=""', ' lang="fr"', ' lang="en"', ' data-ogsc="x" id="two"', ' id="None"']
)
COMPOUNDS = st.sampled_from(
    ["*", "div", "P", "td", "a", ".band", ".sheet", ".band.sheet", "td.band", "#one", "p#two", "#None", "[data-ogsc]",
     "[lang=fr]", "[LANG='en'].sheet", ":root", "html", "body", "[lang=fr][data-ogsc]", "#one.band"]
)  # fmt: skip
SELECTORS = st.lists(COMPOUNDS, min_size=1, max_size=4).flatmap(
    lambda parts: st.lists(st.sampled_from([" ", " > "]), min_size=len(parts), max_size=len(parts)).map(
        lambda signs: "".join(sign + part for sign, part in zip(signs, parts, strict=True))[len(signs[0]) :]
    )
)
ELEMENTS = st.recursive(
    st.just("text<!-- a comment -->"),
    lambda inside: st.tuples(TAGS, CLASSES, ATTRIBUTES, st.lists(inside, max_size=3)).map(
        lambda drawn: f'<{drawn[0]} class="{drawn[1]}"{drawn[2]}>{"".join(drawn[3])}</{drawn[0]}>'
    ),
    max_leaves=12,
)


def _by_xpath(tree, selector):
    return set(etree.XPath(cssselect.HTMLTranslator().selector_to_xpath(selector))(tree))


@settings(max_examples=150, deadline=None)
@given(ELEMENTS, st.lists(SELECTORS, min_size=1, max_size=6))
def test_simple_selectors_find_what_xpath_finds(markup, written):
    tree = html.document_fromstring(f"<html><body>{markup}</body></html>")
    parsed = [cssselect.parse(one)[0] for one in written]
    simple = [compile_selector(one) for one in parsed]
    assert all(isinstance(one, SimpleSelector) for one in simple)
    found = match_selectors(tree, simple)
    for number, one in enumerate(parsed):
        assert {element for element, numbers in found.items() if number in numbers} == _by_xpath(tree, one), written[
            number
        ]
    assert all(list(numbers) == sorted(set(numbers)) for numbers in found.values())


@pytest.mark.parametrize(
    "selector",
    [
        "a:hover",
        "p:first-child",
        "p + p",
        "p ~ p",
        "p:not(.x)",
        "[class~=x]",
        "[href^=http]",
        "o\\:p",
        "[lang|=fr]",
    ],
)
def test_what_is_not_simple_is_left_to_xpath(selector):
    tree = html.document_fromstring(
        '<html><body><p class="x" lang="fr-FR">a<p>b<a href="http://x.test">c</a></p></html>'
    )
    parsed = cssselect.parse(selector)[0]
    compiled = compile_selector(parsed)
    assert isinstance(compiled, etree.XPath)
    mixed = match_selectors(tree, [compile_selector(cssselect.parse("p")[0]), compiled])
    assert {element for element, numbers in mixed.items() if 1 in numbers} == _by_xpath(tree, parsed)


def test_what_no_element_is_found_by_is_no_fault():
    tree = html.document_fromstring("<html><body><p>a<a>b</a></p></html>")
    assert match_selectors(tree, [compile_selector(cssselect.parse("svg|a")[0])]) == {}
    with pytest.raises(cssselect.SelectorError):
        compile_selector(cssselect.parse("a::before")[0])
