import os
import re
from itertools import pairwise

import pytest
import yaml
from hypothesis import given, settings

from pvd_mailer.compose import load_issue
from pvd_mailer.issue.blocks import BLOCKS, block_type
from pvd_mailer.render import render_letter
from tests.fuzz.issues import BLOCK, issues
from tests.reading import body_text, folded, normal, parse, references, styles
from tests.workspace import IssueWorkspace, picture

EXAMPLES = 2000 * int(os.environ.get("PVD_FUZZ", "1"))
TAGS = {
    "a",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "div",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "html",
    "img",
    "li",
    "meta",
    "ol",
    "p",
    "span",
    "strong",
    "style",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "title",
    "tr",
    "ul",
}
STRUCTURE = {
    "id",
    "type",
    "kind",
    "start",
    "end",
    "zone",
    "file",
    "dark_file",
    "image_position",
    "decorative",
    "by_email",
    "follow",
    "note",
    "url",
    "transcript",
    "use",
    "values",
}


@pytest.fixture(scope="module")
def issue_workspace(tmp_path_factory):
    issue_workspace = IssueWorkspace.start(tmp_path_factory.mktemp("fuzz") / "workspace")
    (issue_workspace.folder / "images" / "sombre.png").write_bytes(picture(colour="#112233"))
    return issue_workspace


def bare(value):
    """The issue as it is written: prose as its Markdown."""
    if isinstance(value, dict):
        return value["prose"] if "prose" in value else {key: bare(inner) for key, inner in value.items()}
    return [bare(inner) for inner in value] if isinstance(value, list) else value


def said(value, key=""):
    """Every sentence that both parts have to hold; an alt is for the text part and an attribute."""
    if isinstance(value, dict):
        if "prose" in value:
            yield from ((key, one) for one in value["sentences"])
            return
        for name, inner in value.items():
            address = name == "link" and isinstance(inner, str)
            is_kicker = name == "kind" and value.get("type") in ("article", "resource")
            if not address and (name not in STRUCTURE or is_kicker):
                is_card = name == "image" and value.get("type") == "resource"
                yield from ((f"card {one}" if is_card else one, text) for one, text in said(inner, name))
    elif isinstance(value, list):
        for inner in value:
            yield from said(inner, key)
    else:
        yield key, value


@given(issues())
@settings(max_examples=EXAMPLES)
def test_every_valid_issue_is_a_whole_and_harmless_letter(issue_workspace, issue):
    text = yaml.dump(bare(issue), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=100)
    issue_workspace.write(text)
    made = load_issue(issue_workspace.folder, issue_workspace.workspace)
    assert made.issue is not None, [(one.rule, one.location, one.message) for one in made.findings]
    letter = render_letter(made.issue, made.publication, made.pictures, made.templates)

    # It parses, and holds no element and no attribute but ours.
    document = parse(letter.html)
    for element in document.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag in TAGS, element.tag
        assert not [name for name in element.attrib if name.startswith("on")]
    for one in references(letter.html):
        assert re.match(r"#|https?://|mailto:|tel:|cid:|pvd-h-", one), one
    shape = re.sub(r"<!--\[if[^\]]*\]>.*?<!\[endif\]-->", "", letter.html, flags=re.DOTALL)
    assert "<!--" not in shape
    assert "-->" not in shape
    assert len(styles(letter.html)) <= 6

    # It holds every sentence, in both parts.
    title = document.findtext("head/title")
    names = [link.get("aria-label", "") for link in document.iter("a")]
    page, plain = folded(" ".join([body_text(letter.html), title, *names])), folded(letter.text)
    alts = {folded(image.get("alt", "")) for image in document.iter("img")}
    for key, sentence in said(issue):
        if key in ("publication", "number", "date", "lang"):
            continue
        if key == "subject":
            assert normal(sentence) == normal(letter.subject)
        elif key in ("alt", "card alt"):
            # A card's picture is too small for a description in the HTML; its title says what it is.
            assert key == "card alt" or folded(sentence) in alts
            assert folded(sentence) in plain
        else:
            # Credits that begin alike share their beginning.
            parts = sentence.split("©") if key == "credit" else [sentence]
            assert all(folded(part) in page for part in parts), (key, sentence)
            assert key == "preheader" or folded(sentence) in plain, (key, sentence)
    assert title
    assert "ENTRE NOUS" not in letter.html + letter.text

    # It is fit for readers.
    levels = [int(one.tag[1]) for one in document.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {one[1:] for one in references(letter.html) if one.startswith("#")} <= set(ids)
    assert all(
        len(line) <= 72 or "://" in line or "pvd-t-" in line or " " not in line.strip()
        for line in letter.text.split("\n")
    )
    assert len(letter.html.encode()) < 120_000
    assert len(letter.text.encode()) < 40_000


def test_every_block_type_is_generated():
    kinds = set()

    @given(BLOCK)
    @settings(max_examples=300)
    def collect(block):
        kinds.add(block["type"])

    collect()
    assert kinds == {block_type(block) for block in BLOCKS}
