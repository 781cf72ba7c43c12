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
def outside(monkeypatch):
    with (
        Site().open() as site,
        Names({DOMAIN: ["v=spf1 +all"], f"_dmarc.{DOMAIN}": ["v=DMARC1; p=reject"]}).open() as names,
    ):
        made = OnlineChecker(asker(HOST, context=ssl.create_default_context()), names.registrar())
        monkeypatch.setattr(Office, "online_checker", lambda _self: made)
        yield site


def write(desk, site, *paths):
    links = "\n".join(
        f"      Voir [la page {number}](http://{HOST}:{site.port}{path})." for number, path in enumerate(paths)
    )
    desk.write(f'{HEAD}blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: |\n{links}\n')


def told(ran):
    return {(one["rule"], one["block"]) for one in json.loads(ran.out)["findings"]}


def test_check_asks_the_network_only_where_it_is_told_to(desk, run, outside):
    write(desk, outside, "/lost")
    assert "dead-link" not in run("check", "1", "--format", "json").out
    assert outside.seen == []
    ran = run("check", "1", "--online", "--format", "json")
    assert ran.code == 1
    assert ("dead-link", "un") in told(ran)


def test_each_fault_of_a_link_is_told_at_its_place(desk, run, outside):
    outside.pages["/old"] = (301, {"location": "/"}, b"")
    outside.pages["/soft"] = (200, {}, b"<title>Page introuvable</title>")
    outside.pages["/shut"] = (403, {}, b"")
    write(desk, outside, "/guide", "/old", "/soft", "/shut", "/guide#gares", "/gone")
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


def test_good_answers_are_kept_in_var(desk, run, outside):
    write(desk, outside, "/guide")
    run("check", "1", "--online")
    asked = len(outside.seen)
    run("check", "1", "--online")
    assert len(outside.seen) == asked
    assert list((desk.root / "var" / "online").iterdir())


def test_approve_asks_only_where_it_is_told_to_and_stops(desk, run, outside):
    write(desk, outside, "/lost")
    run("subscribers", "import", desk.root / "subscribers" / "sample.csv", "--basis", "consent", "--apply")
    said = ("approve", "1", "--audience", "all", "--by", "Léa")
    ran = run(*said, "--online")
    assert ran.code == 1
    assert "[dead-link]" in ran.err
    assert run(*said).code == 0


def test_a_waiver_of_what_was_not_asked_is_not_called_idle(desk, run, outside):
    write(desk, outside, "/lost")
    text = desk.file.read_text("utf-8").replace(
        'title: "Un titre"', 'title: "Un titre"\n    waive: [{rule: dead-link, reason: "Elle paraît demain."}]'
    )
    desk.write(text)
    assert "idle-waiver" not in run("check", "1", "--format", "json").out
    found = json.loads(run("check", "1", "--online", "--format", "json").out)["findings"]
    waived = [one["waived"] for one in found if one["rule"] == "dead-link" and one["block"] == "un"]
    assert waived == ["Elle paraît demain."]
