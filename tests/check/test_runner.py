"""The proofreader's frame: places, severities, waivers, and what stands in the way of what."""

import json

import pytest

from pvd_mailer.check.text import spelling
from tests.check.examples import BLOCKS, written
from tests.workspace import HEAD, ROOT

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


def test_a_finding_names_its_place_to_the_character(issue_workspace, run):
    issue_workspace.write(HEAD + TODO)
    ran = run("check", "1", "--format", "json")
    (one,) = found(ran)
    line = (HEAD + TODO).split("\n")[one["line"] - 1]
    assert line[one["column"] - 1 :][: one["length"]] == "TODO"
    assert (one["block"], one["excerpt"], ran.code) == ("un", line, 1)


def test_places_hold_however_a_text_is_written(issue_workspace, run):
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
        issue_workspace.write(
            HEAD + f'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: {shape}\n'
        )
        (one,) = found(run("check", "1", "--format", "json"))
        line = issue_workspace.file.read_text("utf-8").split("\n")[one["line"] - 1]
        assert line[one["column"] - 1 :][: one["length"]] == "TODO", shape


def test_a_file_with_windows_line_ends_and_a_mark_has_the_same_places(issue_workspace, run):
    issue_workspace.write(b"\xef\xbb\xbf" + (HEAD + TODO).replace("\n", "\r\n").encode())
    (one,) = found(run("check", "1", "--format", "json"))
    assert (HEAD + TODO).split("\n")[one["line"] - 1][one["column"] - 1 :][:4] == "TODO"


def test_approve_and_test_stop_on_what_the_proofreader_blocks(issue_workspace, run):
    issue_workspace.write(HEAD + TODO)
    run("subscribers", "import", issue_workspace.root / "subscribers" / "sample.csv", "--basis", "consent", "--apply")
    for arguments in (
        ("approve", "1", "--audience", "all", "--by", "Léa"),
        ("test", "1", "--to", "claire@example.org"),
    ):
        ran = run(*arguments)
        assert ran.code == 1
        assert "[placeholder]" in ran.err


def test_a_letter_is_rendered_all_the_same(issue_workspace, run, tmp_path):
    issue_workspace.write(HEAD + TODO)
    ran = run("render", "1", "-o", tmp_path / "out")
    assert (ran.code, (tmp_path / "out" / "letter.html").is_file()) == (0, True)
    assert "[placeholder]" in ran.err


def test_a_publication_says_how_much_a_rule_weighs(issue_workspace, run):
    for wanted, code, count in (("advice", 0, 1), ("blocking", 1, 1), ("off", 0, 0)):
        issue_workspace.write(HEAD + TODO)
        settings = (issue_workspace.own / "publication.yaml").read_text("utf-8").partition("\nchecks:")[0]
        (issue_workspace.own / "publication.yaml").write_text(
            f"{settings}\nchecks:\n  placeholder: {wanted}\n", encoding="utf-8"
        )
        ran = run("check", "1", "--format", "json")
        assert (ran.code, len(found(ran))) == (code, count)


def test_a_rule_that_does_not_exist_is_told_where_it_is_named(issue_workspace, run):
    with (issue_workspace.own / "publication.yaml").open("a", encoding="utf-8") as file:
        file.write("\nchecks:\n  placeholders: off\n")
    issue_workspace.write(HEAD + 'waive:\n  - rule: lost\n    reason: "Une raison."\n' + TODO.replace("TODO ", ""))
    ran = run("check", "1", "--format", "json")
    told = [one for one in json.loads(ran.out)["findings"] if one["rule"] == "unknown-rule"]
    assert ran.code == 0
    assert [(one["file"].rpartition("/")[2], one["excerpt"].strip()) for one in told] == [
        ("issue.yaml", "- rule: lost"),
        ("publication.yaml", "placeholders: off"),
    ]
    assert "placeholder" in told[1]["message"]


def test_a_waiver_lets_a_finding_be_and_is_listed_with_its_reason(issue_workspace, run):
    waived = TODO.replace(
        "    body:", '    waive:\n      - rule: placeholder\n        reason: "Le nom d’un groupe."\n    body:'
    )
    issue_workspace.write(HEAD + waived)
    ran = run("check", "1", "--format", "json")
    (one,) = found(ran)
    assert (ran.code, one["waived"], one["fixable"]) == (0, "Le nom d’un groupe.", False)
    assert "Le nom d’un groupe." in run("check", "1").err
    assert run("approve", "1", "--audience", "all", "--by", "Léa").code != 1


def test_a_waiver_holds_in_its_own_block_only(issue_workspace, run):
    text = written({}, BLOCKS + '- id: b\n  type: article\n  title: "TODO"\n  body: "Un."\n').replace("blocks:\n", "")
    waived = text.replace("  body: |", '  waive:\n      - {rule: placeholder, reason: "Non."}\n    body: |', 1)
    issue_workspace.write(HEAD + "blocks:\n" + waived)
    ran = run("check", "1", "--format", "json")
    assert (ran.code, [one["waived"] for one in found(ran)]) == (1, [None])
    assert [one["block"] for one in json.loads(ran.out)["findings"] if one["rule"] == "idle-waiver"] == [
        "mot-d-accueil"
    ]


FAINT = '<p style="color:#aaaaaa;background-color:#ffffff">Pâle</p>'


def faint(issue_workspace, part, before, text):
    """Give the publication a `part` of its own with words that are hard to read in front of `before`."""
    drawn = (ROOT / "templates" / "base" / "parts" / part).read_text("utf-8")
    (issue_workspace.own / "parts").mkdir()
    (issue_workspace.own / "parts" / part).write_text(drawn.replace(before, FAINT + before, 1), "utf-8")
    issue_workspace.write(text)


WAIVED = TODO.replace("TODO ", "").replace("    body:", '    waive: [{rule: contrast, reason: "Voulu."}]\n    body:')


def test_a_fault_of_the_publication_s_footer_is_in_no_block_and_no_block_s_waiver_lets_it_be(issue_workspace, run):
    faint(issue_workspace, "colophon.mjml", '<p style="margin:0;"><strong', HEAD + WAIVED)
    told = json.loads(run("check", "1", "--format", "json").out)["findings"]
    contrasts = {(one["block"], one["line"], one["waived"]) for one in told if one["rule"] == "contrast"}
    assert contrasts == {(None, None, None)}
    assert [one["block"] for one in told if one["rule"] == "idle-waiver"] == ["un"]


def test_a_waiver_at_the_top_lets_a_fault_of_the_footer_be(issue_workspace, run):
    top = 'waive:\n  - {rule: contrast, reason: "La charte."}\n'
    faint(issue_workspace, "colophon.mjml", '<p style="margin:0;"><strong', HEAD + top + WAIVED)
    told = json.loads(run("check", "1", "--format", "json").out)["findings"]
    assert {one["waived"] for one in told if one["rule"] == "contrast"} == {"La charte."}


def test_a_fault_of_the_agenda_is_not_that_of_the_block_above_it(issue_workspace, run):
    first = '- id: a\n  type: article\n  title: "Un premier titre"\n  body: "Un."\n'
    rest = '- id: b\n  type: event\n  kind: meeting\n  title: "Un titre"\n  place: "Ici"\n  start: 2023-03-08\n'
    faint(issue_workspace, "agenda.mjml", "<table", HEAD + written({}, first + rest))
    told = json.loads(run("check", "1", "--format", "json").out)["findings"]
    assert {one["block"] for one in told if one["rule"] == "contrast"} == {None}


def test_a_waiver_at_the_top_is_for_what_is_in_no_block(issue_workspace, run):
    head = HEAD.replace("Un aperçu", "Un aperçu TODO") + 'waive:\n  - {rule: placeholder, reason: "Voulu."}\n'
    issue_workspace.write(head + TODO)
    ran = run("check", "1", "--format", "json")
    assert [(one["block"], one["waived"]) for one in found(ran)] == [(None, "Voulu."), ("un", None)]


def test_a_waiver_needs_its_reason(issue_workspace, run):
    issue_workspace.write(HEAD + "waive:\n  - rule: placeholder\n" + TODO)
    ran = run("check", "1", "--format", "json")
    assert ran.code == 1
    assert [one["rule"] for one in json.loads(ran.out)["findings"]] == ["missing"]


@pytest.mark.parametrize("written", ["{placeholder: off}", "\n    placeholder: advice", "", "off"])
def test_an_issue_does_not_change_what_a_rule_weighs(issue_workspace, run, written):
    issue_workspace.write(HEAD + f"override:\n  checks: {written}\n" + TODO)
    ran = run("check", "1", "--format", "json")
    (one,) = [one for one in json.loads(ran.out)["findings"] if one["rule"] == "override-checks"]
    assert (ran.code, one["severity"], one["line"], one["excerpt"].strip()[:7]) == (1, "blocking", 7, "checks:")
    assert "waive:" in one["hint"]
    assert run("approve", "1", "--audience", "all", "--by", "Léa").code == 1


@pytest.mark.parametrize("reason", [".", "–", "1", "?!"])
def test_a_reason_has_a_word(issue_workspace, run, reason):
    issue_workspace.write(HEAD + f'waive:\n  - {{rule: placeholder, reason: "{reason}"}}\n' + TODO)
    ran = run("check", "1", "--format", "json")
    assert ran.code == 1
    assert [one["rule"] for one in json.loads(ran.out)["findings"]] == ["no-reason"]


def test_a_waiver_at_the_top_for_what_is_in_a_block_is_to_be_moved_there(issue_workspace, run):
    issue_workspace.write(HEAD + 'waive:\n  - {rule: placeholder, reason: "Voulu."}\n' + TODO)
    (one,) = [
        one for one in json.loads(run("check", "1", "--format", "json").out)["findings"] if one["rule"] == "idle-waiver"
    ]
    assert "“un”" in one["hint"]


def test_a_fault_of_the_file_cannot_be_waived_and_says_so(issue_workspace, run):
    issue_workspace.write(
        HEAD
        + 'waive:\n  - {rule: markdown, reason: "Voulu."}\n'
        + TODO.replace("TODO ", "").replace("un lien", "la carte des halles")
    )
    (one,) = json.loads(run("check", "1", "--format", "json").out)["findings"]
    assert (one["rule"], "cannot be waived" in one["message"]) == ("unknown-rule", True)


def test_a_waiver_of_spelling_is_not_called_idle_where_spelling_cannot_be_looked_at(issue_workspace, run, monkeypatch):
    issue_workspace.write(
        HEAD
        + 'waive:\n  - {rule: spelling, reason: "Du patois."}\n'
        + TODO.replace("TODO ", "").replace("un lien", "la carte des halles")
    )
    told = json.loads(run("check", "1", "--format", "json").out)
    assert ([one["rule"] for one in told["findings"]], told["unchecked"]) == (["idle-waiver"], [])
    monkeypatch.setattr(spelling, "spell_checker", lambda _lang: None)
    told = json.loads(run("check", "1", "--format", "json").out)
    assert (told["findings"], told["unchecked"]) == ([], ["spelling"])


def test_fix_says_to_correct_first_what_keeps_it_from_reading_the_file(issue_workspace, run):
    issue_workspace.write(
        HEAD + 'blocks:\n  - id: un\n    type: article\n    title: "Un"\n    body: |\n      # Un titre...\n'
    )
    ran = run("check", "1", "--fix")
    assert ran.code == 1
    assert "Correct the blocking faults first" in ran.err
    assert "could be mended" not in ran.err


def test_a_waiver_changes_no_byte_of_the_letter(issue_workspace):
    plain = issue_workspace.render(HEAD + TODO)
    waived = issue_workspace.render(HEAD + 'waive:\n  - {rule: placeholder, reason: "Voulu."}\n' + TODO)
    assert (plain.html, plain.text) == (waived.html, waived.text)


def test_what_blocks_is_said_again_at_the_end_of_a_long_list(issue_workspace, run):
    many = "".join(f"\n\n      Une phrase , la {number}e." for number in range(20))
    issue_workspace.write(HEAD + TODO.replace("      Une **première** ligne.", f"      TODO une fois.{many}"))
    said = run("check", "1").err
    end = said.partition("What blocks:")[2].splitlines()
    assert [line.split()[0].rpartition("issue.yaml:")[2] for line in end if "stands for" in line] == ["11:7", "53:56"]
    issue_workspace.write(HEAD + TODO)
    assert "What blocks:" not in run("check", "1").err  # one glance has it all


def test_a_long_line_is_quoted_around_the_place_and_what_is_cut_shows(issue_workspace, run):
    words = "une halle et un marché " * 12
    issue_workspace.write(HEAD + TODO.replace("Une **première** ligne.", f"{words}TODO {words}"))
    lines = run("check", "1").err.splitlines()
    number = next(at for at, line in enumerate(lines) if "[placeholder]" in line) + 1
    quoted = lines[number]
    assert quoted.partition("│ ")[2].startswith("…")
    assert quoted.endswith("…")
    assert lines[number + 1].index("▲▲▲▲") == quoted.index("TODO")


def test_what_is_quoted_of_the_letter_is_not_called_a_line_of_the_file(issue_workspace, run):
    own = issue_workspace.own / "blocks"
    own.mkdir()
    drawn = f"{{% macro block(block, level) %}}<mj-text><div id='{{{{ block.id }}}}'>{FAINT}</div></mj-text>{{% endmacro %}}"
    (own / "quote.mjml").write_text(drawn, "utf-8")
    issue_workspace.write(HEAD + 'blocks:\n  - id: mots\n    type: quote\n    body: "Un."\n    author: "Léa"\n')
    lines = run("check", "1").err.splitlines()
    at = next(at for at, line in enumerate(lines) if "[contrast]" in line)
    assert "issue.yaml:7 in block" in lines[at]
    assert lines[at + 1].startswith("  letter │ <p")
    assert "▲" not in lines[at + 2]


def test_an_hour_with_the_wrong_space_says_what_nobody_can_see(issue_workspace, run):
    issue_workspace.write(HEAD + TODO.replace("Une **première** ligne.", "De 9 h à 13 h 30."))
    messages = [one["message"] for one in json.loads(run("check", "1", "--format", "json").out)["findings"]]
    assert "“9 h”: “9\u00a0h”, with a no-break space, was expected" in messages
    assert "“13 h 30”: “13\u00a0h\u00a030”, with no-break spaces, was expected" in messages


def test_check_says_where_spelling_was_not_looked_at(run, monkeypatch):
    monkeypatch.setattr(spelling, "spell_checker", lambda _lang: None)
    ran = run("check", "1")
    assert (ran.code, spelling.SPELLING_INSTALL_COMMAND in ran.err) == (0, True)
    assert spelling.SPELLING_INSTALL_COMMAND not in run("check", "1", "--format", "json").err
