"""No rule is blind anywhere: a fault is planted in every text, address and picture that the model has room for.

Where these are is asked of the model's own types: a field that comes to it comes to these tests, or they fail.
"""

from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from pvd_mailer.check import proofread
from pvd_mailer.check.rules import apostrophe, image_alt, tracking_parameter
from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import BLOCKS, Image
from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.publication import Snippet
from pvd_mailer.services.proofs import check_context_of
from tests.render.test_templates import EXAMPLES, SNIPPET
from tests.workspace import HEAD, PUBLICATION, ROOT, IssueWorkspace, picture

ISSUE_FILE, SETTINGS_FILE = "issues/001-2023-03/issue.yaml", f"templates/{PUBLICATION}/publication.yaml"
SNIPPETS = yaml.load(SNIPPET, yaml.BaseLoader)["override"]["snippets"]  # noqa: S506 - all it makes is text
CONTENT = {
    **yaml.load(HEAD, yaml.BaseLoader),  # noqa: S506 - as above
    "title": "Le titre du numéro",
    "blocks": EXAMPLES,
}
NOT_IN_THE_LETTER = {"waive", "override", "note", "id"}
"""Fields that editors write for one another, or for the program."""


def kinds(field):
    """What a field of a model may hold: "text", "prose", "url", and the models inside."""
    found: set[Any] = set()

    def walk(annotation, metadata):
        checks = {getattr(getattr(one, "func", None), "__name__", "") for one in metadata}
        if get_origin(annotation) is Annotated:
            walk(get_args(annotation)[0], get_args(annotation)[1:])
        elif get_origin(annotation) is not Literal and get_args(annotation):
            for part in get_args(annotation):
                walk(part, ())
        elif annotation is Prose:
            found.add("prose")
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found.add(annotation)
        elif "_join_lines" in checks:
            found.add("text")
        elif "check_url" in checks:
            found.add("url")

    walk(field.annotation, field.metadata)
    return found


def fields_of(model):
    """Every field of `model` and of the models in it that a reader meets: the class, the name, and what it holds."""
    for name, field in model.model_fields.items():
        if name in NOT_IN_THE_LETTER:
            continue
        for kind in kinds(field):
            if isinstance(kind, str):
                yield model, name, kind
            elif issubclass(kind, BaseModel):
                yield from fields_of(kind)


def leaves(value, path=()):
    """Every text, rich text and address in `value`, a model: its class, its field, its kind, the way to it."""
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if name in NOT_IN_THE_LETTER or inner is None:
                continue
            for kind in kinds(field) & {"text", "prose", "url"}:
                many = enumerate(inner) if isinstance(inner, tuple) else [(None, inner)]
                for index, _item in many:
                    yield type(value), name, kind, (*path, name, *(() if index is None else (index,)))
            yield from leaves(inner, (*path, name))


class Places:
    """The issue of every example, and its publication with a snippet, as trees of plain values."""

    def __init__(self):
        settings = (ROOT / "templates" / PUBLICATION / "publication.yaml").read_text("utf-8")
        settings = yaml.load(settings, yaml.BaseLoader)  # noqa: S506 - as above
        settings.pop("logo", None)  # in no folder of these tests
        self.settings = settings | {
            "snippets": SNIPPETS,
            "subscribe_label": "Recevoir cette lettre",
        }
        issue = Issue.model_validate(CONTENT)
        snippet = Snippet.model_validate(SNIPPETS["rappel"])
        self.leaves = [("issue", *leaf) for leaf in leaves(issue)]
        self.leaves += [("settings", *leaf) for leaf in leaves(snippet, ("snippets", "rappel"))]
        self.leaves.append(("settings", None, None, "text", ("subscribe_label",)))

    def changed(self, tree, path, change):
        """Both trees, with what `change` makes of the value at `path` of one of them."""
        trees = {"issue": CONTENT, "settings": self.settings}

        def rebuilt(value, steps):
            if not steps:
                return change(value)
            if isinstance(value, list):
                return [rebuilt(item, steps[1:]) if index == steps[0] else item for index, item in enumerate(value)]
            return {key: rebuilt(item, steps[1:]) if key == steps[0] else item for key, item in value.items()}

        return trees | {tree: rebuilt(trees[tree], path)}

    def value(self, tree, path):
        value: Any = CONTENT if tree == "issue" else self.settings
        for step in path:
            value = value[step]
        return value


@cache
def places():
    return Places()


def of_kind(*wanted, trees=("issue", "settings")):
    """The cases of these kinds: the tree and the way to the value."""
    cases = [(tree, path) for tree, _model, _name, kind, path in places().leaves if kind in wanted and tree in trees]
    return pytest.mark.parametrize(("tree", "path"), cases, ids=[f"{t}-{'-'.join(map(str, p))}" for t, p in cases])


def images():
    cases = [(tree, path[:-1]) for tree, model, name, _kind, path in places().leaves if (model, name) == (Image, "alt")]
    return pytest.mark.parametrize(("tree", "path"), cases, ids=[f"{t}-{'-'.join(map(str, p))}" for t, p in cases])


@pytest.fixture(scope="module")
def all_places(tmp_path_factory):
    made = IssueWorkspace.start(tmp_path_factory.mktemp("places") / "workspace")
    (made.folder / "images" / "sombre.png").write_bytes(picture(colour="#000033"))
    (made.own / "images").mkdir()
    (made.own / "images" / "du-rappel.png").write_bytes(picture(size=(800, 400), colour="#994411"))
    return made


def dumped(tree):
    return yaml.dump(tree, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000)


def loaded(workspace, trees):
    workspace.write(dumped(trees["issue"]))
    (workspace.own / "publication.yaml").write_text(dumped(trees["settings"]), encoding="utf-8")
    return workspace.load()


def place(composition, tree, path):
    """The file, the line and the block that a finding about the value at `path` has to name."""
    source_map = composition.source_map if tree == "issue" else composition.publication_source_map
    line = source_map.locate(source_map.spans[path].start)[0].line
    block = CONTENT["blocks"][path[1]]["id"] if path[0] == "blocks" else None
    return (ISSUE_FILE if tree == "issue" else SETTINGS_FILE), line, "rappel" if path[0] == "snippets" else block


def told(composition, workspace, rule, letter=None):
    assert composition.issue, [(one.rule, one.message, one.location.line) for one in composition.findings]
    context = check_context_of(composition, workspace.workspace, letter or workspace.render)
    return {
        (one.location.file, one.location.line, one.block) for one in proofread(context, [rule]) if one.rule == rule.id
    }


def test_the_examples_have_a_value_for_every_field_of_the_model():
    wanted = {(model, name) for part in (Issue, *BLOCKS, Snippet) for model, name, _kind in fields_of(part)}
    assert wanted == {(model, name) for _tree, model, name, _kind, _path in places().leaves if model is not None}
    assert len(wanted) > 40


@of_kind("text", "prose")
def test_a_fault_of_typography_is_found_in_every_text(all_places, tree, path):
    composition = loaded(all_places, places().changed(tree, path, lambda text: text.rstrip("\n") + " d'or"))
    file, line, block = place(composition, tree, path)
    (found,) = told(composition, all_places, apostrophe.RULE)
    assert (found[0], found[2]) == (file, block)
    lines = places().value(tree, path).rstrip("\n").count("\n")
    assert line <= found[1] <= line + 1 + 2 * lines  # an empty line is written twice


@of_kind("url")
def test_an_address_that_tracks_is_found_wherever_it_stands(all_places, tree, path):
    composition = loaded(all_places, places().changed(tree, path, lambda _url: "https://example.org/x?utm_source=y"))
    assert told(composition, all_places, tracking_parameter.RULE) == {place(composition, tree, path)}


@of_kind("url")
def test_an_address_of_a_wrong_scheme_is_refused_wherever_it_stands(all_places, tree, path):
    composition = loaded(all_places, places().changed(tree, path, lambda _url: "javascript:alert(1)"))
    (found,) = composition.findings
    file, line, block = place(composition, tree, path)
    assert (found.rule, found.location.file, found.location.line) == ("url-scheme", file, line)
    assert found.block == (block if tree == "issue" else None)


@of_kind("prose")
def test_a_link_of_a_wrong_scheme_is_refused_in_every_text(all_places, tree, path):
    link = "Un [lien](javascript:alert) de trop."
    (found,) = loaded(all_places, places().changed(tree, path, lambda _text: link)).findings
    assert found.rule == "url-scheme"
    assert link in found.excerpt
    assert found.location.file == (ISSUE_FILE if tree == "issue" else SETTINGS_FILE)


@pytest.mark.parametrize("key", ["file", "dark_file"])
@images()
def test_a_picture_that_is_missing_is_told_wherever_it_stands(all_places, tree, path, key):
    trees = places().changed(tree, path, lambda image: image | {key: "absente.png"})
    composition = loaded(all_places, trees)
    (found,) = composition.findings
    file, line, block = place(composition, tree, (*path, key))
    assert (found.rule, found.location.file, found.location.line) == ("image-missing", file, line)
    assert found.block == (block if tree == "issue" else None)
    assert composition.issue is None


@images()
def test_a_description_that_says_nothing_is_told_wherever_it_stands(all_places, tree, path, letter_22):
    trees = places().changed(tree, path, lambda image: image | {"alt": "illustration"})
    composition = loaded(all_places, trees)
    # How wide a letter shows its pictures is another rule's affair: any letter will do.
    assert told(composition, all_places, image_alt.RULE, lambda: letter_22) == {
        place(composition, tree, (*path, "alt"))
    }


@of_kind("text", "prose", trees=["settings"])
def test_what_an_issue_says_in_a_snippets_place_is_found_in_the_issue(all_places, tree, path):
    trees = places().changed(tree, path, lambda text: text.rstrip("\n") + " d'or")
    own = {key: value for key, value in trees["settings"].items() if key == path[0]}
    trees = {"issue": CONTENT | {"override": own}, "settings": places().settings}
    composition = loaded(all_places, trees)
    _file, line, _block = place(composition, "issue", ("override", *path))
    ((file, found, block),) = told(composition, all_places, apostrophe.RULE)
    assert (file, block) == (ISSUE_FILE, "rappel" if path[0] == "snippets" else None)
    assert line <= found <= line + 1 + 2 * places().value(tree, path).count("\n")


def test_a_snippet_that_is_used_twice_is_told_of_once(all_places):
    trees = places().changed("settings", ("snippets", "rappel", "body"), lambda _text: "C'est l'heure.")
    blocks = [*CONTENT["blocks"], {"id": "encore", "type": "snippet", "use": "rappel"}]
    composition = loaded(all_places, trees | {"issue": CONTENT | {"blocks": blocks}})
    context = check_context_of(composition, all_places.workspace, all_places.render)
    assert [one.block for one in proofread(context, [apostrophe.RULE])] == ["rappel", "rappel"]


def test_a_snippets_fault_is_left_to_the_publications_editor(all_places):
    trees = places().changed("settings", ("snippets", "rappel", "body"), lambda _text: "C'est dit.")
    composition = loaded(all_places, trees)
    context = check_context_of(composition, all_places.workspace, all_places.render)
    (found,) = proofread(context, [apostrophe.RULE])
    assert found.fix is None
    assert "by hand" in found.hint


def test_a_snippets_fault_is_waived_in_the_block_that_draws_it(all_places):
    trees = places().changed("settings", ("snippets", "rappel", "body"), lambda _text: "C'est dit.")
    waive = [{"rule": "apostrophe", "reason": "Le partenaire l’écrit ainsi."}]
    blocks = [block | ({"waive": waive} if block["id"] == "rappel" else {}) for block in CONTENT["blocks"]]
    composition = loaded(all_places, trees | {"issue": CONTENT | {"blocks": blocks}})
    context = check_context_of(composition, all_places.workspace, all_places.render)
    (found,) = proofread(context, [apostrophe.RULE])
    assert found.waived == "Le partenaire l’écrit ainsi."


def test_nothing_is_said_of_a_snippet_that_the_issue_does_not_use(all_places):
    trees = places().changed("settings", ("snippets", "rappel"), lambda one: one | {"body": "C'est dit."})
    image = trees["settings"]["snippets"]["rappel"]["image"] | {"file": "absente.png"}
    trees["settings"]["snippets"] = {"rappel": trees["settings"]["snippets"]["rappel"] | {"image": image}}
    blocks = [block for block in CONTENT["blocks"] if block["type"] != "snippet"]
    composition = loaded(all_places, trees | {"issue": CONTENT | {"blocks": blocks}})
    assert told(composition, all_places, apostrophe.RULE) == set()
