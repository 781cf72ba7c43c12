import re

import pytest
import yaml

from pvd_mailer.issue.blocks import BLOCKS, block_type
from pvd_mailer.workspace import builtin_templates
from tests.reading import body_text, folded, normal, parse, references
from tests.workspace import HEAD, ROOT, IssueWorkspace

SOURCE = ROOT / "tests" / "examples" / "blocks.yaml"
EXAMPLES = yaml.load(SOURCE.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - all it makes is text
# What is structure and not text of the letter.
STRUCTURE = {
    "id",
    "type",
    "kind",
    "use",
    "values",
    "start",
    "end",
    "zone",
    "file",
    "dark_file",
    "image_position",
    "decorative",
    "by_email",
    "follow",
}
TEXTS = {
    example["id"]: text
    for example, text in zip(
        EXAMPLES, re.split(r"\n(?=- id:)", SOURCE.read_text("utf-8").split("\n", 1)[1]), strict=True
    )
}


# What an example of a snippet draws: a text of the publication.
SNIPPET = """\
override:
  snippets:
    rappel:
      title: "Un rappel de la rédaction"
      body: |
        Le texte du rappel, avec [un lien](https://example.org/rappel).
      image:
        file: du-rappel.png
        alt: "Le rappel, en image."
        credit: "Crédit du rappel"
      buttons:
        - label: "Suivre le rappel"
          url: https://example.org/suivre
"""


def issue(*names):
    """An issue of the examples called `names`, whose publication has the snippet `rappel`."""
    return (
        HEAD
        + SNIPPET
        + "blocks:\n"
        + "".join(f"  {line}\n" for name in names for line in TEXTS[name].strip().split("\n"))
    )


def sentences(value, key="", kind=""):
    """Every text of an example that a reader has to find, links apart."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in STRUCTURE or (name == "kind" and kind in ("article", "resource")):
                yield from sentences(inner, name, value.get("type", ""))
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner, key)
    elif key in ("body", "intro"):
        for line in value.split("\n"):
            words = re.sub(r"^(- |\d\. )", "", line)
            yield from re.split(r"\]\([^)]*\)|\*\*|\^|\[", words)
    elif key not in ("url", "link", "transcript"):
        yield value


def descriptions(value):
    """Every `alt` of an example."""
    if isinstance(value, dict):
        yield from [value["alt"]] if "alt" in value else []
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from descriptions(inner)


def links(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from links(inner)
    else:
        yield from re.findall(r"(?:https?|mailto):[^\s)]+", value)


def signature(name):
    """The line that opens the macro of a built-in template."""
    return re.search(r"{% macro block\([^)]*\) %}", (builtin_templates() / name).read_text("utf-8"))[0]


def test_every_block_type_has_an_example():
    assert {block_type(block) for block in BLOCKS} == {example["type"] for example in EXAMPLES}


@pytest.mark.parametrize("kind", [block_type(block) for block in BLOCKS])
def test_every_block_type_has_its_two_templates(kind):
    assert (builtin_templates() / "blocks" / f"{kind}.mjml").is_file()
    assert (builtin_templates() / "blocks" / f"{kind}.txt").is_file()


def test_no_template_is_without_a_block_type():
    files = {file.stem for file in (builtin_templates() / "blocks").iterdir()}
    assert files == {block_type(block) for block in BLOCKS}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_an_example_is_in_both_parts_with_all_of_its_text(issue_workspace, example):
    letter = issue_workspace.render(issue(example["id"]))
    names = [link.get("aria-label", "") for link in parse(letter.html).iter("a")]
    page, text = folded(" ".join([body_text(letter.html), *names])), folded(letter.text)
    if example["type"] == "snippet":
        example = yaml.load(SNIPPET, yaml.BaseLoader)["override"]["snippets"][example["use"]]  # noqa: S506 - as above
    wanted = [one for one in sentences(example) if one.strip()]
    assert wanted
    for sentence in wanted:
        if normal(sentence) not in {normal(alt) for alt in descriptions(example)}:
            assert folded(sentence) in page
        assert folded(sentence) in text
    for address in links(example):
        assert address in references(letter.html)
        assert address.removeprefix("mailto:") in letter.text


def test_every_example_together_is_a_letter(issue_workspace):
    letter = issue_workspace.render(issue(*TEXTS))
    assert letter.html.count("<h1") == 1


@pytest.mark.parametrize(
    "name", ["blocks/article.mjml", "blocks/article.txt", "parts/legal.mjml", "letter.txt", "inline.css"]
)
def test_a_publications_own_template_goes_before_the_built_in_one(issue_workspace, tmp_path, name):
    own = issue_workspace.own / name
    own.parent.mkdir(exist_ok=True)
    built_in = (builtin_templates() / name).read_text("utf-8")
    before = IssueWorkspace.start(tmp_path / "another").render()
    if name.startswith("blocks/article"):
        tag = ("", "") if name.endswith("txt") else ("<mj-text>", "</mj-text>")
        own.write_text(f"{signature(name)}{tag[0]}Notre façon{tag[1]}{{% endmacro %}}", "utf-8")
    elif name.endswith("css"):
        own.write_text(built_in + "\nh1 { letter-spacing: 3px; }", "utf-8")
    else:
        own.write_text(built_in + "\nNotre façon", "utf-8")
    after = issue_workspace.render()
    changed = after.text if name.endswith("txt") else after.html
    assert ("letter-spacing" if name.endswith("css") else "Notre façon") in changed
    assert (after.html == before.html) is name.endswith("txt")


MACRO = "{% macro block(block, level) %}"
FAULTS = {
    "a syntax error": (
        "{# un #}\n{% macro block(block, level) %}\n<mj-text>\n{{ block.title }\n</mj-text>{% endmacro %}",
        (4, 5),
    ),
    "an unclosed tag": ("{% macro block(block, level) %}\n{% if block %}\n{% endmacro %}", (2, 3)),
    "an unknown tag": ("{% macro block(block, level) %}\n\n{% nothing %}\n{% endmacro %}", (3, 3)),
    "an undefined name": ("{% macro block(block, level) %}\n<mj-text>\n{{ titre }}\n</mj-text>{% endmacro %}", (3, 3)),
    "an unknown field": (
        "{% macro block(block, level) %}\n<mj-text>{{ block.titre.x }}</mj-text>{% endmacro %}",
        (2, 2),
    ),
    "an unknown filter": ("{% macro block(block, level) %}\n\n{{ block.title | joli }}{% endmacro %}", (3, 3)),
    "a division by zero": ("{% macro block(block, level) %}\n\n\n{{ 1 / 0 }}{% endmacro %}", (4, 4)),
    "an unclosed mj-text": ("{% macro block(block, level) %}\n<mj-text>\n{{ block.title }}\n{% endmacro %}", (2, 2)),
    "a bare ampersand": ("{% macro block(block, level) %}\n<mj-text>\nvous & nous\n</mj-text>\n{% endmacro %}", (3, 3)),
    "a bare angle": ("{% macro block(block, level) %}\n<mj-text>\n1 < 2\n</mj-text>\n{% endmacro %}", (3, 3)),
    "a closing tag too many": (
        "{% macro block(block, level) %}\n<mj-text>a</mj-text>\n</mj-text>\n{% endmacro %}",
        (3, 3),
    ),
    "an attribute without quotes": (
        "{% macro block(block, level) %}\n\n<mj-text align=left>a</mj-text>{% endmacro %}",
        (3, 3),
    ),
    "an unknown element": ("{% macro block(block, level) %}\n\n<mj-txt>a</mj-txt>{% endmacro %}", (3, 3)),
    "a missing import": (
        '{% from "parts/rien.mjml" import x with context %}\n{% macro block(block, level) %}{% endmacro %}',
        (None, 1),
    ),
    "no macro": ("<mj-text>a</mj-text>", (None, 100)),
}
MJML_TOLERATES = {"a bare ampersand"}  # as a browser does


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_template_is_told_with_its_name_and_line(issue_workspace, run, name):
    text, (first, last) = FAULTS[name]
    own = issue_workspace.own / "blocks" / "article.mjml"
    own.parent.mkdir()
    own.write_text(text.replace(MACRO, signature("blocks/article.mjml")), "utf-8")
    ran = run("check", "1")
    if name in MJML_TOLERATES and ran.code == 0:
        return
    assert ran.code == 1, ran.out + ran.err
    assert "Traceback" not in ran.err
    assert "fault of the program" not in ran.err
    assert "template" in ran.err
    if first is not None:
        place = re.search(r"blocks/article\.mjml:(\d+)", ran.err)
        assert place, ran.err
        assert first <= int(place[1]) <= last


@pytest.mark.parametrize(
    "name", ["letter.mjml", "letter.txt", "head.css", "inline.css", "parts/colophon.mjml", "parts/lines.txt"]
)
def test_a_fault_of_any_template_is_told(issue_workspace, run, name):
    own = issue_workspace.own / name
    own.parent.mkdir(exist_ok=True)
    own.write_text("\n\n{{ rien_de_tel }}\n" + (builtin_templates() / name).read_text("utf-8"), "utf-8")
    ran = run("render", "1", "-o", "lettre")
    assert ran.code == 1
    assert f"{name}:3" in ran.err
    assert not (issue_workspace.root / "lettre").exists()


def test_a_mended_template_is_read_again(issue_workspace, run):
    own = issue_workspace.own / "blocks" / "article.mjml"
    own.parent.mkdir()
    own.write_text(signature("blocks/article.mjml") + "{{ rien }}{% endmacro %}", "utf-8")
    assert run("check", "1").code == 1
    own.write_text((builtin_templates() / "blocks" / "article.mjml").read_text("utf-8"), "utf-8")
    assert run("check", "1").code == 0
