import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from pvd_mailer.compose.yaml.tree import parse_yaml, to_python
from tests.workspace import REAL, ROOT

NOTHING = ("", "~", "null", "Null", "NULL")


def theirs(text):
    """What ruamel.yaml reads, by YAML 1.2, every scalar taken as its text."""

    def take(node):
        if isinstance(node, MappingNode):
            return {take(key): take(value) for key, value in node.value}
        if isinstance(node, SequenceNode):
            return [take(value) for value in node.value]
        assert isinstance(node, ScalarNode)
        return None if node.style is None and node.value in NOTHING else node.value

    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    reader.allow_duplicate_keys = True
    return take(reader.compose(text))


def ours(text):
    root, _cuts = parse_yaml(text, "issue.yaml")
    return to_python(root)


# Words of an issue, and the scalars on which YAML's versions disagree.
WORDS = st.sampled_from(
    [
        "mot",
        "L’été",
        "13:30",
        "022",
        "0o17",
        "no",
        "oui",
        "yes",
        "on",
        "2023-03-07",
        "2023-03-08 13:30",
        "1e3",
        "1_000",
        "0x1F",
        ".5",
        "-1",
        "=",
        "<<",
        "true",
        "89 %",
        "a#b",
        "c:d",
        "http://example.org/a#b",
        "n° 22",
        "« oui »",
        "‘é’",
        "😀",
        "שלום",
        "e\u0301",
        "a\u200bb",
        "&",
        "*",
        "- a",
        "!",
        "'",
        "l'eau",
        "%",
        "@a",
        "`",
        "{x}",
        "[y]",
        ",",
        "?",
        "|",
        ">",
    ]
)
LINE = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
PLAIN = st.sampled_from(
    [
        "mot",
        "13:30",
        "022",
        "no",
        "2023-03-07",
        "1e3",
        "~",
        "null",
        "",
        "http://example.org/a",
        "é : x".replace(" : ", ":"),
        "a - b",
        "un, deux",
    ]
)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def single(text):
    return "'" + text.replace("'", "''") + "'"


SHORT = st.one_of(PLAIN, LINE.map(quoted), LINE.map(single))


@st.composite
def prose(draw, indent):
    style = draw(st.sampled_from(["|", ">", "|-", "|+", ">-", "|2-" if indent == 2 else "|"]))
    lines = draw(st.lists(st.one_of(LINE, st.just(""), LINE.map(lambda line: f"  {line}")), min_size=1, max_size=5))
    # What begins a block scalar sets its indentation.
    lines = [draw(LINE), *lines]
    return style + "\n" + "\n".join(" " * indent + line if line else "" for line in lines)


@st.composite
def documents(draw):
    """Text of the issue's shape, in the styles that people use."""
    lines = [f"{key}: {draw(SHORT)}" for key in ("publication", "number", "date", "subject")]
    if draw(st.booleans()):
        lines.append("# une remarque")
    lines.append("blocks:")
    for number in range(draw(st.integers(0, 3))):
        lines.append(f"  - id: bloc-{number}")
        lines += [f"    {key}: {draw(SHORT)}" for key in ("type", "title")]
        lines.append(f"    body: {draw(prose(6))}")
        if draw(st.booleans()):
            lines.append("    buttons:")
            lines += [
                f"      - label: {draw(SHORT)}\n        url: {draw(SHORT)}" for _ in range(draw(st.integers(1, 2)))
            ]
        if draw(st.booleans()):
            lines.append(f"    image: {{file: a.png, alt: {draw(LINE.map(quoted))}}}")
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))


@given(documents())
def test_two_readers_read_the_same(text):
    assert ours(text) == theirs(text)


@pytest.mark.parametrize("name", REAL)
def test_two_readers_read_the_same_in_the_real_issues(name):
    text = (ROOT / "issues" / name / "issue.yaml").read_text("utf-8")
    assert ours(text) == theirs(text)


@pytest.mark.parametrize(
    "text", ["13:30", "022", "no", "yes", "on", "1e3", "0o17", "1_000", "2023-03-07", "true", ".inf", "0x1F", "<<", "="]
)
def test_a_scalar_without_quotes_stays_its_text(text):
    assert ours(f"a: {text}\nb: [{text}]\n") == {"a": text, "b": [text]} == theirs(f"a: {text}\nb: [{text}]\n")
