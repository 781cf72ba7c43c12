"""The site's mails in real Chromium: each kind, in each publication's look, in light and in dark."""

import pytest

from pvd_mailer.database import open_database
from tests.preview.conftest import until
from tests.proof.test_accessibility import VIEWS, axe
from tests.send.line import sqlite_at
from tests.site.conftest import SECOND, add_publication, serving
from tests.subscribers.people import person
from tests.workspace import PUBLICATION, IssueWorkspace
from tools.photograph import opened

KINDS = {"confirm": "subscribe", "already": "subscribe", "preferences": "preferences"}


@pytest.fixture(scope="module")
def mail_files(tmp_path_factory):
    """The file of each mail, by publication and kind, as it lay in the outbox."""
    folder = tmp_path_factory.mktemp("notes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PVD_KEYS", str(folder / "keys.json"))
        database = open_database(sqlite_at(folder), folder)
        issue_workspace = IssueWorkspace.start(folder / "workspace")
        add_publication(issue_workspace)
        with serving(issue_workspace, database, patch) as served:
            wanted = [(name, kind) for name in (PUBLICATION, SECOND) for kind in KINDS]
            served.line.join(*[person(f"already@{name}.test") for name in (PUBLICATION, SECOND)])
            for name, kind in wanted:
                served.fill(f"/{name}/{KINDS[kind]}", address=f"{kind}@{name}.test")
            until(lambda: len(served.mails()) == len(wanted), "the mails")
            by_address = {one["to"]: one["html"] for one in served.mails()}
        database.close()
    files = {}
    for name, kind in wanted:
        files[name, kind] = folder / f"{name}-{kind}.html"
        files[name, kind].write_text(by_address[f"{kind}@{name}.test"], encoding="utf-8")
    return files


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("name", [PUBLICATION, SECOND])
def test_axe_finds_nothing_in_any_mail_of_the_site(browser, mail_files, need, name, view):
    need("tools/node/node_modules/axe-core")
    found = {}
    for kind in KINDS:
        with opened(browser, mail_files[name, kind], view) as page:
            result = axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind
            assert page.locator("h1").count() == 1
        found[kind] = [(one["id"], one["nodes"][0]["html"][:200]) for one in result["violations"]]
    assert found == {kind: [] for kind in KINDS}
