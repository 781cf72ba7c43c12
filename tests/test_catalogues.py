"""The French catalogue: every message is in it, wants no value that it is not given, and is set as French is set."""

import ast
import re
from pathlib import Path

from babel.messages.pofile import read_po

import pvd_mailer
from pvd_mailer import i18n

LOCALES = Path(pvd_mailer.__file__).parent / "locales"
HOLE = re.compile(r"{(\w+)[^}]*}")
# U+202F before ; ? and !, U+00A0 before a colon and inside guillemets, ’ for an apostrophe. A colon with nothing before
# it may be YAML's or a command's own (`alt: …`, role:maire).
UNSET = re.compile(r"[ \u00a0][;?!]|[ \u202f]:|« | »|(?<=[a-zà-ÿ])'(?=[a-zà-ÿ])")

ASKING = {"_": False, "N_": False, "ngettext": True, "NN_": True}
"""The functions that ask for a message, and whether by number."""


def messages(lang):
    with (LOCALES / lang / "LC_MESSAGES" / "pvd_mailer.po").open("rb") as source:
        return [one for one in read_po(source, locale=lang) if one.id]


def pairs():
    """English, its other number, and the French of it."""
    for one in messages("fr"):
        if one.pluralizable:
            yield one.id[0], one.id[1], one.string[0]
            yield one.id[1], one.id[0], one.string[1]
        else:
            yield one.id, one.id, one.string


def test_no_message_is_left_in_doubt():
    assert [one.id for one in messages("fr") if "fuzzy" in one.flags] == []  # these would not be compiled


def test_every_message_has_its_french():
    assert [english for english, _other, french in pairs() if not french] == []


def test_french_wants_no_value_that_english_does_not_give():
    wrong = [
        (english, french)
        for english, other, french in pairs()
        if not set(HOLE.findall(french)) <= set(HOLE.findall(english)) | set(HOLE.findall(other))
    ]
    assert wrong == []


def test_french_is_set_as_french_is_set():
    assert [french for _english, _other, french in pairs() if UNSET.search(french)] == []


def test_english_is_the_source_and_needs_no_catalogue():
    assert [path.name for path in LOCALES.iterdir() if path.is_dir()] == ["fr"]
    english = i18n.catalogue("en")
    assert (english.gettext("nothing"), english.ngettext("one", "many", 1), english.ngettext("one", "many", 0)) == (
        "nothing",
        "one",
        "many",
    )


def calls():
    """What the program's modules ask for, also inside an f-string, where Babel does not look: name, message, place."""
    for path in sorted(LOCALES.parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKING and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield node.func.id, first.value, f"{path.name}:{node.lineno}"


def test_what_the_program_asks_for_is_in_the_catalogue_alone_or_by_number():
    """A message that has a plural is kept by number: asked for alone, it would stay English."""
    alone = {one.id for one in messages("fr") if not one.pluralizable}
    counted = {one.id[0] for one in messages("fr") if one.pluralizable}
    asked = list(calls())
    assert len(asked) > 1000
    assert [one for one in asked if one[1] not in (counted if ASKING[one[0]] else alone)] == []
