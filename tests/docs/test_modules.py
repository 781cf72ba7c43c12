"""Every module that a document names is there."""

import re

import pytest

from tests.docs.test_links import DOCUMENTS, ROOT

FILES = {
    path.relative_to(ROOT).as_posix()
    for top in ("pvd_mailer", "tests", "tools", "bench")
    for path in (ROOT / top).rglob("*")
}
NAMED = re.compile(r"`((?:[a-z_]+/)*[a-z_0-9]+\.py)`")


def is_there(name):
    """Whether `name`, as a document shortens it, is the end of a file's path."""
    return any(f"/{file}".endswith(f"/{name}") for file in FILES)


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_module_that_a_document_names_is_there(page):
    assert [name for name in NAMED.findall(page.read_text("utf-8")) if not is_there(name)] == []


def test_the_architecture_has_every_package_and_no_other():
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    text = text[text.index("## The house") : text.index("### Beside the program")]
    named = {
        name.rstrip("/")
        for row in re.findall(r"^\| (.*?) \|", text, re.MULTILINE)
        for name in re.findall(r"`([a-z_/]+/)`", row)
    }
    packages = {
        file.parent.relative_to(ROOT / "pvd_mailer").as_posix()
        for file in (ROOT / "pvd_mailer").rglob("*.py")
        if file.parent != ROOT / "pvd_mailer"
    }
    # What a package keeps to itself is not in the house's plan: a channel's parts, migrations.
    assert named <= packages
    assert {name for name in packages if "/" not in name} <= named
