"""The proofreader and axe-core in a real browser: where they agree on spoiled letters, and why not elsewhere."""

import json
import re
from dataclasses import replace

import pytest
from lxml import html as lxml_html

from pvd_mailer.check import RULES, CheckContext, proofread
from pvd_mailer.check.html.computed_style import computed_styles
from pvd_mailer.check.html.stylesheet import ColourScheme
from pvd_mailer.check.html.text_content import own_text
from pvd_mailer.colour import parse_colour
from tests.check.examples import subject
from tests.proof.test_accessibility import AXE
from tools.checks.examples import Example
from tools.photograph import View, opened

FAMILIES = {
    "letter-language": ("html-has-lang", "html-lang-valid", "valid-lang"),
    "document-title": ("document-title",),
    "headings": ("page-has-heading-one", "heading-order", "empty-heading"),
    "link-text": ("link-name",),
    "link-by-colour": ("link-in-text-block",),
    "contrast": ("color-contrast",),
    "no-zoom": ("meta-viewport",),
    "image-alt": ("image-alt",),
    "layout-table": (),
    "target-size": ("target-size",),
}
"""Our rules, and the rules of axe-core that are about the same; layout tables are ours alone, targets axe's."""
BLOCKS = """\
- id: r
  type: heading
  title: "Une rubrique"
- id: a
  type: article
  title: "Les halles"
  image:
    file: halle.png
    alt: "Une halle de brique."
    credit: "Léa"
  body: |
    Le marché rouvre ; lire [le guide des halles](https://ville.example.org/guide) avant d’y aller.
  buttons:
    - label: "Lire le récit du marché"
      url: https://ville.example.org/recit
"""
END = "</body>"


def more(html, *, style=""):
    """A piece at the end of the letter, on white in both modes."""
    inside = f'<div lang="fr" dir="ltr" style="background-color:#ffffff;color:#000000;{style}">{html}</div>'
    return [(END, inside + END)]


def link(style, text="#000000"):
    return more(
        f'<p style="color:{text}">Voir <a href="https://ville.example.org/x" style="{style}">le plan</a> du soir.</p>'
    )


SPOILED = {
    "html without lang": [('<html lang="fr"', "<html")],
    "html with an empty lang": [('<html lang="fr"', '<html lang=""')],
    "html in no language": [('<html lang="fr"', '<html lang="francais"')],
    "a part in no language": more('<p lang="zz-top-x">Un toit.</p>'),
    "a part in another language": more('<p lang="en">A roof.</p>'),
    "no title": [(re.compile("<title>.*?</title>"), "")],
    "a blank title": [(re.compile("<title>.*?</title>"), "<title> </title>")],
    "a picture without alt": more('<img src="a.png" width="40" height="40">'),
    "a picture without alt that says it is decoration": more('<img src="a.png" role="presentation" width="40" height="40">'),
    "a decorative picture": more('<img src="a.png" alt="" width="40" height="40">'),
    "no main heading": [(re.compile("<(/?)h1"), r"<\1p")],
    "a skipped level": [(re.compile("<(/?)h3"), r"<\1h5")],
    "a skipped level by role": more('<div role="heading" aria-level="6">Un toit</div>'),
    "an empty heading": more("<h2> </h2>"),
    "a heading that is a picture without words": more('<h2><img src="a.png" alt="" width="40" height="40"></h2>'),
    "a hidden heading of a far level": more('<h6 style="display:none">Un toit</h6>'),
    "a second main heading": more("<h1>Un toit</h1>"),
    "an empty link": more('<p>Un <a href="https://ville.example.org/x" style="display:inline-block;width:40px;height:40px"></a></p>'),
    "a link with a hidden arrow": more('<p><a href="https://ville.example.org/x"><span aria-hidden="true">→</span></a></p>'),
    "a link with a label": more('<p><a href="https://ville.example.org/x" aria-label="Le plan">→</a></p>'),
    "a link around a picture without words": more('<a href="https://ville.example.org/x"><img src="a.png" alt="" width="40" height="40"></a>'),
    "zoom forbidden": [("initial-scale=1", "initial-scale=1, user-scalable=no")],
    "zoom bounded": [("initial-scale=1", "initial-scale=1, maximum-scale=1.5")],
    "zoom bounded far away": [("initial-scale=1", "initial-scale=1, maximum-scale=5")],
    "grey on white": more('<p style="color:#8a8a8a">Un toit de tuiles</p>'),
    "grey on white, large": more('<p style="color:#8a8a8a;font-size:26px">Un toit de tuiles</p>'),
    "grey on white, bold and not quite large": more('<p style="color:#8a8a8a;font-size:18px;font-weight:bold">Un toit de tuiles</p>'),
    "black on black at night": [
        (END, "<style>@media (prefers-color-scheme: dark) { .mien { background: #111 !important } }</style>" + END),
        *more('<p class="mien" style="color:#222222;background:#fff">Un toit de tuiles</p>'),
    ],
    "white on white by attributes": more('<table role="presentation"><tr><td bgcolor="#ffffff"><font color="#fdfdfd">Un toit de tuiles</font></td></tr></table>'),
    "text that lets through": more('<p style="color:rgba(0,0,0,.4)">Un toit de tuiles</p>'),
    "a paragraph that lets through": more('<div style="opacity:.4"><p>Un toit de tuiles</p></div>'),
    "white on white, hidden": more('<p style="color:#fff;display:none">Un toit de tuiles</p>'),
    "text on a picture": more('<p style="color:#999;background:url(a.png) #fff">Un toit de tuiles</p>'),
    "text over another box": more('<div style="position:relative;height:40px"><div style="position:absolute;inset:0;background:#333"></div><p style="position:absolute;margin:0">Un toit de tuiles</p></div>'),
    "a link in a text, by a faint colour": link("color:#003366;text-decoration:none"),
    "a link in a text, by a strong colour": link("color:#d00000;text-decoration:none", "#000000"),
    "a link in a text, bold": link("color:#003366;text-decoration:none;font-weight:bold"),
    "a link in a text, with a line under it": link("color:#003366;text-decoration:none;border-bottom:1px solid #036"),
    "a layout table without a role": more("<table><tr><td>Un toit</td><td>de tuiles</td></tr></table>"),
    "body's child without lang": [(END, "<div><p>Un toit de tuiles</p></div>" + END)],
    "html without dir": [(' dir="ltr"', "")],
    "two tiny links": more('<p style="line-height:10px;font-size:10px"><a href="https://ville.example.org/x">a</a> <a href="https://ville.example.org/y">b</a></p>'),
}  # fmt: skip
"""What was done to a faultless letter, one thing each."""

ONLY_OURS = {
    "a second main heading": ("headings", "axe wants one heading of level 1 at least; a letter has one name"),
    "a link in a text, by a strong colour": (
        "link-by-colour",
        "WCAG takes 3:1 for enough where the link changes under the pointer; in mail it does not",
    ),
    "a layout table without a role": ("layout-table", "axe has no rule for it; the Email Markup Consortium counts it"),
    "body's child without lang": (
        "letter-language",
        "in a browser <html> says it; a mail program throws <html> away",
    ),
    "html without dir": ("letter-language", "axe has no rule for it; the Email Markup Consortium counts it"),
}
ONLY_AXE = {
    "text over another box": ("contrast", "which box lies under a text takes a layout; we ask the parents alone"),
    "two tiny links": (
        "target-size",
        "how large a target is takes a layout: the browser's tests on our templates hold it",
    ),
}


@pytest.fixture(scope="module")
def sound_letter(tmp_path_factory) -> CheckContext:
    return subject(Example(blocks=BLOCKS, pictures={"halle.png": "fit.png"}), tmp_path_factory.mktemp("good"))


def spoil(html, changes):
    for what, instead in changes:
        changed = what.sub(instead, html) if isinstance(what, re.Pattern) else html.replace(what, instead, 1)
        assert changed != html, what
        html = changed
    return html


def ours(sound_letter, html):
    letter = replace(sound_letter.letter, html=html)
    rules = [rule for rule in RULES if rule.id in FAMILIES]
    return {one.rule for one in proofread(replace(sound_letter, render_letter=lambda: letter), rules)}


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 700, "height": 800})
    page = context.new_page()
    page.route(re.compile("^https?:"), lambda route: route.abort())
    yield page
    context.close()


def axes(page, html):
    wanted = [rule for rules in FAMILIES.values() for rule in rules]
    family = {rule: name for name, rules in FAMILIES.items() for rule in rules}
    found = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.set_content(html)
        page.evaluate(AXE.read_text("utf-8"))
        options = {"runOnly": {"type": "rule", "values": wanted}, "resultTypes": ["violations"]}
        result = page.evaluate(f"axe.run(document, {json.dumps(options)})")
        found |= {family[one["id"]] for one in result["violations"]}
    return found


def test_thirty_letters_and_more_are_spoiled():
    assert len(SPOILED) >= 30
    assert set(ONLY_OURS) | set(ONLY_AXE) <= set(SPOILED)


def test_both_find_nothing_in_the_letter_before_it_is_spoiled(sound_letter, page, need):
    need("tools/node/node_modules/axe-core")
    assert (ours(sound_letter, sound_letter.letter.html), axes(page, sound_letter.letter.html)) == (set(), set())


@pytest.mark.parametrize("name", SPOILED)
def test_the_proofreader_and_axe_agree_on_a_spoiled_letter_or_we_say_why_not(sound_letter, page, need, name):
    need("tools/node/node_modules/axe-core")
    html = spoil(sound_letter.letter.html, SPOILED[name])
    mine, theirs = ours(sound_letter, html), axes(page, html)
    assert mine - theirs == ({ONLY_OURS[name][0]} if name in ONLY_OURS else set())
    assert theirs - mine == ({ONLY_AXE[name][0]} if name in ONLY_AXE else set())


COMPUTED = """() => [...document.querySelectorAll("[data-n]")].map(one => {
    const style = getComputedStyle(one);
    return [Number(one.dataset.n), style.color, parseFloat(style.fontSize), Number(style.fontWeight)];
})"""


@pytest.mark.parametrize("mode", ColourScheme)
def test_colours_sizes_and_weights_are_what_chromium_works_out(browser, file, mode, tmp_path):
    tree = lxml_html.document_fromstring(file.read_bytes(), parser=lxml_html.HTMLParser(encoding="utf-8"))
    seen = [(one, look) for one, look in computed_styles(tree)[mode].items() if look.visible and own_text(one)]
    for number, (element, _look) in enumerate(seen):
        element.set("data-n", str(number))  # a browser puts a tbody into every table: paths are not the same
    marked = tmp_path / "letter.html"
    marked.write_bytes(lxml_html.tostring(tree, doctype="<!DOCTYPE html>", encoding="utf-8"))
    with opened(browser, marked, View(700, mode is ColourScheme.DARK)) as page:
        found = {number: told for number, *told in page.evaluate(COMPUTED)}
    mine = {
        number: (str(look.colour), look.font_weight, round(look.font_size, 1))
        for number, (_element, look) in enumerate(seen)
    }
    theirs = {
        number: (str(parse_colour(written)), weight, round(size, 1))
        for number, (written, size, weight) in found.items()
    }
    assert len(seen) > 40
    assert mine == theirs
