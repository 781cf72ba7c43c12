"""Links: where what is wrong with them is told, and what `--fix` does to an address."""

import json

from tests.workspace import HEAD, ISSUE

BLOCKS = """\
blocks:
  - id: un
    type: article
    title: "Un titre"
    body: |
      Lire [le guide](https://ville.example.org/guide?page=2&utm_source=lettre&fbclid=x#halles)
      et [l’annexe](https://ville.example.org/annexe?mc_eid=0123).
    buttons:
      - label: "Voir la carte"
        url: "https://ville.example.org/carte?utm_medium=email"  # utm_medium=email
"""


def test_fix_takes_tracking_out_of_addresses_and_touches_nothing_else(issue_workspace, run):
    issue_workspace.write(HEAD + BLOCKS)
    run("check", "1", "--fix")
    mended = BLOCKS.replace("&utm_source=lettre&fbclid=x", "").replace("?mc_eid=0123", "")
    assert issue_workspace.file.read_text("utf-8") == HEAD + mended.replace("?utm_medium=email", "")
    assert "tracking-parameter" not in run("check", "1", "--format", "json").out


def test_what_an_address_has_too_much_is_told_to_the_character(issue_workspace, run):
    issue_workspace.write(HEAD + BLOCKS)
    told = json.loads(run("check", "1", "--format", "json").out)["findings"]
    lines = (HEAD + BLOCKS).split("\n")
    marked = [
        lines[one["line"] - 1][one["column"] - 1 :][: one["length"]]
        for one in told
        if one["rule"] == "tracking-parameter"
    ]
    assert marked == ["?page=2&utm_source=lettre&fbclid=x", "?mc_eid=0123", "?utm_medium=email"]


def test_a_link_that_leads_nowhere_is_told_where_its_words_stand(issue_workspace, run):
    lines = "".join(f"      Ligne {number} : [le guide {number}](https://intranet/g{number}).\n" for number in range(9))
    issue_workspace.write(HEAD + 'blocks:\n  - id: un\n    type: article\n    title: "Un"\n    body: |\n' + lines)
    told = json.loads(run("check", "1", "--format", "json").out)["findings"]
    text = issue_workspace.file.read_text("utf-8").split("\n")
    found = [one for one in told if one["rule"] == "link-nowhere"]
    marked = [text[one["line"] - 1][one["column"] - 1 :][: one["length"]] for one in found]
    assert marked == [f"le guide {number}" for number in range(9)]
    assert all(one["excerpt"] == text[one["line"] - 1] for one in found)


def test_an_address_that_stands_in_a_text_is_judged_as_a_link(issue_workspace, run):
    lines = "      Voir https://intranet/g et https://[x et https://ville.example.org/dossier.pdf?utm_source=x, là.\n"
    issue_workspace.write(HEAD + 'blocks:\n  - id: un\n    type: article\n    title: "Un"\n    body: |\n' + lines)
    told = json.loads(run("check", "1", "--format", "json").out)["findings"]
    rules = [one["rule"] for one in told]
    assert sorted(rules) == ["document-link", "link-nowhere", "tracking-parameter", "vague-link", "vague-link"]


def test_the_address_inside_a_detour_is_told(issue_workspace, run):
    detour = (
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fville.example.org%2Fguide&data=05%7Cclaire"
    )
    issue_workspace.write(ISSUE.replace("Un texte.", f"Lire [le guide des halles]({detour})."))
    (one,) = json.loads(run("check", "1", "--format", "json").out)["findings"]
    assert (one["rule"], one["severity"]) == ("wrapped-link", "blocking")
    assert "https://ville.example.org/guide" in one["hint"]
    assert "claire" not in one["hint"] + one["message"]


def test_pages_that_are_hosted_on_this_machine_for_a_trial_are_no_fault(run, monkeypatch, issue_workspace):
    monkeypatch.setenv("PVD_PUBLIC_URL", "http://127.0.0.1:8000")
    issue_workspace.write(ISSUE)
    assert "link-nowhere" not in run("check", "1").err
    issue_workspace.write(ISSUE.replace("Un texte.", "Voir [la carte des halles](http://127.0.0.1:9/carte)."))
    assert "link-nowhere" in run("check", "1").err
