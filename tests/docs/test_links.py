"""Every link of every document leads somewhere: the file is there, and so is the heading."""

import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
# What is not ours, or not kept: the environment, npm's packages, what was rendered, and the workspaces of editors.
ASIDE = {".git", ".venv", ".venv-sbom", "node_modules", "var", "dist"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if ASIDE.isdisjoint(path.relative_to(ROOT).parts))
MARKDOWN = MarkdownIt("commonmark").enable("table")


def tokens(page):
    """Every token of a document, blocks and what is inside them."""
    for block in MARKDOWN.parse(page.read_text("utf-8")):
        yield block
        yield from block.children or ()


def links(page):
    """Where a document's links and pictures lead."""
    for token in tokens(page):
        target = token.attrs.get("href") or token.attrs.get("src")
        if target:
            yield unquote(target)


def anchors(page):
    """The anchors that GitHub and GitLab give a document's headings."""
    parsed = MARKDOWN.parse(page.read_text("utf-8"))
    known = []
    for opening, heading in pairwise(parsed):
        if opening.type == "heading_open":
            words = "".join(part.content for part in heading.children if part.type in {"text", "code_inline"})
            slug = re.sub(r"[^\w -]", "", words.lower()).replace(" ", "-")
            again = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", name) is not None for name in known)
            known.append(f"{slug}-{again}" if again else slug)
    return set(known)


def faults(page):
    """The links of a document that lead nowhere."""
    for target in links(page):
        if re.match(r"[a-z][a-z0-9+.-]*:|//", target):
            continue
        path, _, anchor = target.partition("#")
        where = (page.parent / path).resolve() if path else page
        if not where.exists():
            yield f"{target}: no such file"
        elif not where.is_relative_to(ROOT):
            yield f"{target}: outside of the project"
        elif anchor and (where.suffix != ".md" or anchor not in anchors(where)):
            yield f"{target}: no such heading"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(page):
    assert list(faults(page)) == []


def test_a_broken_link_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.docs.test_links.ROOT", tmp_path)
    (tmp_path / "other.md").write_text("# Été : l’`essai`\n\n## Twice\n\n## Twice\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md#été--lessai) [b](other.md#twice-1) [c](https://example.org) [d](other.md)\n\n"
        "```\n[code](nowhere.md)\n```\n\n| table |\n|---|\n| [e](missing.md) |\n\n"
        "[f](other.md#winter) ![g](picture.png) [h](#here)\n",
        encoding="utf-8",
    )
    assert list(faults(page)) == [
        "missing.md: no such file",
        "other.md#winter: no such heading",
        "picture.png: no such file",
        "#here: no such heading",
    ]


def test_every_page_of_the_documentation_is_in_its_index():
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / target.partition("#")[0]).resolve() for target in links(index)}
    pages = {page for page in (ROOT / "docs").rglob("*.md") if page.parent.name != "decisions"}
    assert pages - named == {index}
