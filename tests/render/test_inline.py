"""What our way through the page makes of it, against premailer's own way."""

import pytest
from cssutils import CSSParser
from hypothesis import given, settings
from hypothesis import strategies as st
from premailer import Premailer

from pvd_mailer.compose import load_issue
from pvd_mailer.letter import Placeholders
from pvd_mailer.render import PASSES, Hosting
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.page import parse_page, write_page
from pvd_mailer.render.passes import responsive
from pvd_mailer.render.passes.inline import inline_styles
from pvd_mailer.workspace import Workspace
from tests.workspace import REAL, ROOT

IGNORED = '<style data-premailer="ignore"'


class OwnWay(Premailer):
    """premailer as it is, but for attributes that it would add and for what it would fetch."""

    def _parse_css_string(self, css_body, validate=True):  # noqa: FBT002 - as premailer has it
        del validate
        return CSSParser(fetcher=lambda _url: None, validate=False).parseString(css_body)

    def _style_to_basic_html_attributes(self, *_arguments, **_options):
        pass


def by_premailer(html, css):
    """`html` as premailer's own `transform` makes it."""
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1).replace("<style", IGNORED)
    made = OwnWay(
        html,
        css_text=css,
        strip_important=True,
        allow_network=False,
        disable_validation=True,
        align_floating_images=False,
        remove_unset_properties=False,
        disable_link_rewrites=True,
        cssutils_logging_level=60,
    ).transform(pretty_print=False)
    return made.replace(IGNORED, "<style")


def inlined(html, css):
    """`html` as our way through the page makes it."""
    page = parse_page(html)
    inline_styles(page, css)
    return write_page(page, html)


@pytest.mark.parametrize("name", REAL)
def test_a_letter_is_to_the_byte_what_premailer_makes_of_it(name):
    workspace = Workspace(ROOT)
    made = load_issue(workspace.issues / name, workspace)
    draft = Draft(
        made.issue, made.publication, made.pictures, made.templates, Hosting(), Placeholders.from_content(b"")
    )
    for run in PASSES[: PASSES.index(responsive.run) + 1]:
        draft = run(draft)
    assert inlined(draft.html, draft.css) == by_premailer(draft.html, draft.css)


NAMES = st.sampled_from(["p", "td", "li", "ul", "div", "a", "span", "h2"])
CLASSES = st.lists(st.sampled_from(["title", "band", "x", "rule", "foot\u00a0note"]), max_size=3).map(" ".join)
DECLARATION = st.sampled_from(
    [
        "color: red",
        "COLOR:#FFF",
        "margin:0 0 8px",
        "margin-top : 3px !important",
        "font-family: 'Trebuchet MS', \"Segoe UI\", serif",
        "line-height:.9",
        "mso-hide: all",
        "width:calc(100% - 2px)",
        "unknown: thing",
        "color: nonsense",
        "padding:10px 25px;word-break:break-word",
        "background:url('a;b.png')",
        "float: left",
        "font:0/0 a",
    ]
)
DECLARATIONS = st.lists(DECLARATION, min_size=1, max_size=4).map(";".join)
SELECTOR = st.sampled_from(
    [
        "p",
        "td",
        "h1, h2, h3",
        ".title",
        "td.rule",
        "p.title.x",
        ".band a",
        "ul.x li p",
        "div > p",
        "li:first-child",
        "a:hover",
        "a[href]",
        "*",
        ".absent",
        "h4.title",
        "div.x > .title",
        "#one",
    ]
)
CSS = st.lists(st.tuples(SELECTOR, DECLARATIONS), min_size=1, max_size=8).map(
    lambda rules: "\n".join(f"{selector} {{ {text} }}" for selector, text in rules)
)


@st.composite
def elements(draw, depth=3):
    name = draw(NAMES)
    classes, style = draw(CLASSES), draw(st.none() | DECLARATIONS)
    attributes = (f' class="{classes}"' if classes else "") + (
        f' style="{style.replace(chr(34), "&quot;")}"' if style else ""
    )
    inner = draw(st.lists(elements(depth - 1), max_size=3).map("".join)) if depth else "un texte"
    return f"<{name}{attributes}{' id=' + chr(34) + 'one' + chr(34) if name == 'a' else ''}>{inner}</{name}>"


@given(st.lists(elements(), min_size=1, max_size=4).map("".join), CSS)
@settings(max_examples=200)
def test_any_page_and_sheet_give_what_premailer_gives(body, css):
    html = f"<!doctype html><html><head><style>p {{ color: red; }}</style></head><body>{body}</body></html>"
    assert inlined(html, css) == by_premailer(html, css)


@pytest.mark.parametrize("selector", ["svg|a", "a::before", "p:foo", "p:::x", "p..x", "p >", "#"])
def test_a_rule_whose_selector_finds_no_element_changes_nothing_and_keeps_the_others(selector):
    page = "<!DOCTYPE html><html><head></head><body><p>a <a>b</a></p></body></html>"
    made = inlined(page, f"{selector} {{color: red}} P {{color: blue}}")
    assert '<p style="color:blue">a <a>b</a></p>' in made
