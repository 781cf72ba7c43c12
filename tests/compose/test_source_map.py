import yaml
from hypothesis import given, settings

from pvd_mailer.compose.yaml.parsed_file import parse_file
from tests.fuzz.issues import issues
from tests.fuzz.test_issues import bare
from tests.workspace import IssueWorkspace


def values(value, path=()):
    """Each text of `value`, with the way to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from values(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from values(inner, (*path, index))
    else:
        yield path, value


def read(text):
    return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 - it makes texts, lists and mappings alone


@given(issues())
@settings(max_examples=100)
def test_each_value_stands_where_the_map_says(issue):
    text = yaml.dump(bare(issue), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=100)
    source_map = parse_file(text.encode(), "issue.yaml").source_map
    assert source_map is not None
    lines = source_map.text.split("\n")
    for path, value in values(read(source_map.text)):
        span = source_map.spans[path]
        assert span.value == value
        written = source_map.text[span.start : span.end]
        if span.style in ("'", '"'):
            assert read(written) == value
        elif "\n" not in written:
            assert written == value
        place, line = source_map.locate(span.start)
        assert lines[place.line - 1].startswith(line)  # a long line is cut
        assert lines[place.line - 1][place.column - 1 :].startswith(written.split("\n")[0])


def test_a_letter_without_a_finding_needs_no_place_of_any_value(tmp_path):
    issue_workspace = IssueWorkspace.start(tmp_path)
    made = issue_workspace.load()
    assert made.findings == ()
    assert "spans" not in vars(made.source_map)
    assert made.source_map.spans[("blocks", 0, "title")].value == "Un titre"
