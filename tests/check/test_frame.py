"""The proofreader's frame: places, severities, waivers, and what stands in the way of what."""

import json

import pytest

from pvd_mailer.check import dictionaries
from tests.check.examples import BLOCKS, written
from tests.desk import HEAD

TODO = """\
blocks:
  - id: un
    type: article
    title: "Un titre"
    body: |
      Une **première** ligne.

      - Un point, [un lien](https://example.org/a_(b)) TODO ici.
"""
PLACE = 11, 57


def found(ran):
    return [one for one in json.loads(ran.out)["findings"] if one["rule"] == "placeholder"]


def test_a_finding_names_its_place_to_the_character(desk, run):
    desk.write(HEAD + TODO)
    ran = run("check", "1", "--format", "json")
    (one,) = found(ran)
    line = (HEAD + TODO).split("\n")[one["line"] - 1]
    assert line[one["column"] - 1 :][: one["length"]] == "TODO"
    assert (one["block"], one["excerpt"], ran.code) == ("un", line, 1)


def test_places_hold_however_a_text_is_written(desk, run):
    shapes = [
        '"Un « é » \\"à\\" \\u00e9 TODO fin"',
        "'L''heure TODO fin'",
        "L’heure TODO fin",
        '"e\u0301te\u0301 TODO fin"',
        "|\n      Un.\n\n      Deux TODO fin.",
        ">\n      Un\n      peu TODO fin\n\n      suite.",
        '"Un texte\n      sur deux lignes TODO fin"',
        "Un texte\n      sans guillemets TODO fin",
        "|\n      Entité &amp; \\* **gras TODO** fin.",
    ]
    for shape in shapes:
        desk.write(HEAD + f'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: {shape}\n')
        (one,) = found(run("check", "1", "--format", "json"))
        line = desk.file.read_text("utf-8").split("\n")[one["line"] - 1]
        assert line[one["column"] - 1 :][: one["length"]] == "TODO", shape


def test_a_file_with_windows_line_ends_and_a_mark_has_the_same_places(desk, run):
    desk.write(b"\xef\xbb\xbf" + (HEAD + TODO).replace("\n", "\r\n").encode())
    (one,) = found(run("check", "1", "--format", "json"))
    assert (HEAD + TODO).split("\n")[one["line"] - 1][one["column"] - 1 :][:4] == "TODO"


def test_approve_and_test_stop_on_what_the_proofreader_blocks(desk, run):
    desk.write(HEAD + TODO)
    run("subscribers", "import", desk.root / "subscribers" / "sample.csv", "--basis", "consent", "--apply")
    for arguments in (
        ("approve", "1", "--audience", "all", "--by", "Léa"),
        ("test", "1", "--to", "claire@example.org"),
    ):
        ran = run(*arguments)
        assert ran.code == 1
        assert "[placeholder]" in ran.err


def test_a_letter_is_rendered_all_the_same(desk, run, tmp_path):
    desk.write(HEAD + TODO)
    ran = run("render", "1", "-o", tmp_path / "out")
    assert (ran.code, (tmp_path / "out" / "letter.html").is_file()) == (0, True)
    assert "[placeholder]" in ran.err


def test_a_publication_says_how_much_a_rule_weighs(desk, run):
    for wanted, code, count in (("advice", 0, 1), ("blocking", 1, 1), ("off", 0, 0)):
        desk.write(HEAD + TODO)
        settings = (desk.own / "publication.yaml").read_text("utf-8").partition("\nchecks:")[0]
        (desk.own / "publication.yaml").write_text(f"{settings}\nchecks:\n  placeholder: {wanted}\n", encoding="utf-8")
        ran = run("check", "1", "--format", "json")
        assert (ran.code, len(found(ran))) == (code, count)


def test_a_rule_that_does_not_exist_is_told_where_it_is_named(desk, run):
    with (desk.own / "publication.yaml").open("a", encoding="utf-8") as file:
        file.write("\nchecks:\n  placeholders: off\n")
    desk.write(HEAD + 'waive:\n  - rule: lost\n    reason: "Une raison."\n' + TODO.replace("TODO ", ""))
    ran = run("check", "1", "--format", "json")
    told = [one for one in json.loads(ran.out)["findings"] if one["rule"] == "unknown-rule"]
    assert ran.code == 0
    assert [(one["file"].rpartition("/")[2], one["excerpt"].strip()) for one in told] == [
        ("issue.yaml", "- rule: lost"),
        ("publication.yaml", "placeholders: off"),
    ]
    assert "placeholder" in told[1]["message"]


def test_a_waiver_lets_a_finding_be_and_is_listed_with_its_reason(desk, run):
    waived = TODO.replace(
        "    body:", '    waive:\n      - rule: placeholder\n        reason: "Le nom d’un groupe."\n    body:'
    )
    desk.write(HEAD + waived)
    ran = run("check", "1", "--format", "json")
    (one,) = found(ran)
    assert (ran.code, one["waived"], one["fixable"]) == (0, "Le nom d’un groupe.", False)
    assert "Le nom d’un groupe." in run("check", "1").err
    assert run("approve", "1", "--audience", "all", "--by", "Léa").code != 1


def test_a_waiver_holds_in_its_own_block_only(desk, run):
    text = written({}, BLOCKS + '- id: b\n  type: article\n  title: "TODO"\n  body: "Un."\n').replace("blocks:\n", "")
    waived = text.replace("  body: |", '  waive:\n      - {rule: placeholder, reason: "Non."}\n    body: |', 1)
    desk.write(HEAD + "blocks:\n" + waived)
    ran = run("check", "1", "--format", "json")
    assert (ran.code, [one["waived"] for one in found(ran)]) == (1, [None])
    assert [one["block"] for one in json.loads(ran.out)["findings"] if one["rule"] == "idle-waiver"] == [
        "mot-d-accueil"
    ]


def test_a_waiver_at_the_top_is_for_what_is_in_no_block(desk, run):
    head = HEAD.replace("Un aperçu", "Un aperçu TODO") + 'waive:\n  - {rule: placeholder, reason: "Voulu."}\n'
    desk.write(head + TODO)
    ran = run("check", "1", "--format", "json")
    assert [(one["block"], one["waived"]) for one in found(ran)] == [(None, "Voulu."), ("un", None)]


def test_a_waiver_needs_its_reason(desk, run):
    desk.write(HEAD + "waive:\n  - rule: placeholder\n" + TODO)
    ran = run("check", "1", "--format", "json")
    assert ran.code == 1
    assert [one["rule"] for one in json.loads(ran.out)["findings"]] == ["missing"]


@pytest.mark.parametrize("written", ["{placeholder: off}", "\n    placeholder: advice", "", "off"])
def test_an_issue_does_not_change_what_a_rule_weighs(desk, run, written):
    desk.write(HEAD + f"override:\n  checks: {written}\n" + TODO)
    ran = run("check", "1", "--format", "json")
    (one,) = [one for one in json.loads(ran.out)["findings"] if one["rule"] == "override-checks"]
    assert (ran.code, one["severity"], one["line"], one["excerpt"].strip()[:7]) == (1, "blocking", 7, "checks:")
    assert "waive:" in one["hint"]
    assert run("approve", "1", "--audience", "all", "--by", "Léa").code == 1


@pytest.mark.parametrize("reason", [".", "–", "1", "?!"])
def test_a_reason_has_a_word(desk, run, reason):
    desk.write(HEAD + f'waive:\n  - {{rule: placeholder, reason: "{reason}"}}\n' + TODO)
    ran = run("check", "1", "--format", "json")
    assert ran.code == 1
    assert [one["rule"] for one in json.loads(ran.out)["findings"]] == ["no-reason"]


def test_a_waiver_at_the_top_for_what_is_in_a_block_is_to_be_moved_there(desk, run):
    desk.write(HEAD + 'waive:\n  - {rule: placeholder, reason: "Voulu."}\n' + TODO)
    (one,) = [
        one for one in json.loads(run("check", "1", "--format", "json").out)["findings"] if one["rule"] == "idle-waiver"
    ]
    assert "“un”" in one["hint"]


def test_a_fault_of_the_file_cannot_be_waived_and_says_so(desk, run):
    desk.write(
        HEAD
        + 'waive:\n  - {rule: markdown, reason: "Voulu."}\n'
        + TODO.replace("TODO ", "").replace("un lien", "la carte des halles")
    )
    (one,) = json.loads(run("check", "1", "--format", "json").out)["findings"]
    assert (one["rule"], "cannot be waived" in one["message"]) == ("unknown-rule", True)


def test_a_waiver_of_spelling_is_not_called_idle_where_spelling_cannot_be_looked_at(desk, run, monkeypatch):
    desk.write(
        HEAD
        + 'waive:\n  - {rule: spelling, reason: "Du patois."}\n'
        + TODO.replace("TODO ", "").replace("un lien", "la carte des halles")
    )
    told = json.loads(run("check", "1", "--format", "json").out)
    assert ([one["rule"] for one in told["findings"]], told["unchecked"]) == (["idle-waiver"], [])
    monkeypatch.setattr(dictionaries, "speller", lambda _lang: None)
    told = json.loads(run("check", "1", "--format", "json").out)
    assert (told["findings"], told["unchecked"]) == ([], ["spelling"])


def test_fix_says_to_correct_first_what_keeps_it_from_reading_the_file(desk, run):
    desk.write(HEAD + 'blocks:\n  - id: un\n    type: article\n    title: "Un"\n    body: |\n      # Un titre...\n')
    ran = run("check", "1", "--fix")
    assert ran.code == 1
    assert "Correct the blocking faults first" in ran.err
    assert "could be mended" not in ran.err


def test_a_waiver_changes_no_byte_of_the_letter(desk):
    plain = desk.render(HEAD + TODO)
    waived = desk.render(HEAD + 'waive:\n  - {rule: placeholder, reason: "Voulu."}\n' + TODO)
    assert (plain.html, plain.text) == (waived.html, waived.text)


def test_check_says_where_spelling_was_not_looked_at(run, monkeypatch):
    monkeypatch.setattr(dictionaries, "speller", lambda _lang: None)
    ran = run("check", "1")
    assert (ran.code, dictionaries.INSTALL in ran.err) == (0, True)
    assert dictionaries.INSTALL not in run("check", "1", "--format", "json").err
