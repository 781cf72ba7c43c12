"""`--online`, as an editor calls it."""

import json
import ssl

import pytest

from pvd_mailer.cli.context import CliContext as Office
from pvd_mailer.services.online import OnlineChecker
from tests.online.servers import Names, Site, asker
from tests.workspace import HEAD

HOST = "ville.example.org"
DOMAIN = "lettre.example.org"


@pytest.fixture
def online_servers(monkeypatch):
    with (
        Site().open() as site,
        Names({DOMAIN: ["v=spf1 +all"], f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject"]}).open() as names,
    ):
        made = OnlineChecker(asker(HOST, context=ssl.create_default_context()), names.registrar())
        monkeypatch.setattr(Office, "online_checker", lambda _self: made)
        yield site


def write(issue_workspace, site, *paths):
    links = "\n".join(
        f"      Voir [la page {number}](http://{HOST}:{site.port}{path})." for number, path in enumerate(paths)
    )
    issue_workspace.write(
        f'{HEAD}blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: |\n{links}\n'
    )


def told(ran):
    return {(one["rule"], one["block"]) for one in json.loads(ran.out)["findings"]}


def test_check_asks_the_network_only_where_it_is_told_to(issue_workspace, run, online_servers):
    write(issue_workspace, online_servers, "/lost")
    assert "dead-link" not in run("check", "1", "--format", "json").out
    assert online_servers.seen == []
    ran = run("check", "1", "--online", "--format", "json")
    assert ran.code == 1
    assert ("dead-link", "un") in told(ran)


def test_each_fault_of_a_link_is_told_at_its_place(issue_workspace, run, online_servers):
    online_servers.pages["/old"] = (301, {"location": "/"}, b"")
    online_servers.pages["/soft"] = (200, {}, b"<title>Page introuvable</title>")
    online_servers.pages["/shut"] = (403, {}, b"")
    write(issue_workspace, online_servers, "/guide", "/old", "/soft", "/shut", "/guide#gares", "/gone")
    ran = run("check", "1", "--online", "--format", "json")
    assert {rule for rule, block in told(ran) if block == "un"} >= {
        "redirected-home", "soft-404", "unanswered-link", "missing-anchor", "dead-link",
    }  # fmt: skip
    assert ("sender-spf", None) in told(ran)
    assert ("sender-dkim", None) in told(ran)
    assert not any(rule == "sender-dmarc" for rule, _block in told(ran))
    one = next(one for one in json.loads(ran.out)["findings"] if one["rule"] == "sender-spf")
    assert one["file"].endswith("publication.yaml")
    assert one["excerpt"].strip().startswith("address:")


def test_good_answers_are_kept_in_var(issue_workspace, run, online_servers):
    write(issue_workspace, online_servers, "/guide")
    run("check", "1", "--online")
    asked = len(online_servers.seen)
    run("check", "1", "--online")
    assert len(online_servers.seen) == asked
    assert list((issue_workspace.root / "var" / "online").iterdir())


def test_approve_asks_only_where_it_is_told_to_and_stops(issue_workspace, run, online_servers):
    write(issue_workspace, online_servers, "/lost")
    run("subscribers", "import", issue_workspace.root / "subscribers" / "sample.csv", "--basis", "consent", "--apply")
    said = ("approve", "1", "--audience", "all", "--by", "Léa")
    ran = run(*said, "--online")
    assert ran.code == 1
    assert "[dead-link]" in ran.err
    assert run(*said).code == 0


def test_a_waiver_of_what_was_not_asked_is_not_called_idle(issue_workspace, run, online_servers):
    write(issue_workspace, online_servers, "/lost")
    text = issue_workspace.file.read_text("utf-8").replace(
        'title: "Un titre"', 'title: "Un titre"\n    waive: [{rule: dead-link, reason: "Elle paraît demain."}]'
    )
    issue_workspace.write(text)
    assert "idle-waiver" not in run("check", "1", "--format", "json").out
    found = json.loads(run("check", "1", "--online", "--format", "json").out)["findings"]
    waived = [one["waived"] for one in found if one["rule"] == "dead-link" and one["block"] == "un"]
    assert waived == ["Elle paraît demain."]
