import json
import re
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

from pvd_mailer import i18n
from pvd_mailer.compose.messages import MARKDOWN_NAMES, MESSAGES
from pvd_mailer.findings import Severity
from tests.workspace import ARTICLE, HEAD, ISSUE, ROOT, blocks, picture

HERE = "‸"  # stands in an example where the finding is expected; taken out before the file is written
FRENCH = ROOT / "pvd_mailer" / "locales" / "fr" / "LC_MESSAGES" / "pvd_mailer.po"


def head(line):
    """The minimal issue with `line` in the place of the one with its key, or after the others."""
    key = line.partition(":")[0]
    kept = [old for old in HEAD.splitlines() if not old.startswith(f"{key}:")]
    return "\n".join([*kept, line, "blocks:"]) + "\n" + ARTICLE


def article(lines):
    """An article with `lines` more."""
    return blocks('- id: un\n  type: article\n  title: "Un titre"\n' + _indented(lines))


def prose(text):
    """An article whose body is `text`."""
    lines = "".join(f"      {line}\n" for line in text.split("\n"))
    return f'{HEAD}blocks:\n  - id: un\n    type: article\n    title: "Un"\n    body: |\n{lines}'


def event(lines):
    return blocks('- id: rdv\n  type: event\n  kind: meeting\n  title: "Un titre"\n' + _indented(lines))


def over(lines):
    """The minimal issue with other settings of the publication."""
    return head("override:\n" + _indented(lines))


def _indented(lines):
    return "\n".join(f"  {line}" for line in lines.split("\n"))


BUTTON = 'buttons:\n  - label: "Lire"\n    url: '
FIGURES = """\
body: "Un"
sections:
  - figures:
      caption: "Un"
      series: [un]
      rows:
        - label: "Un"
          values: """
BAD_FIGURES = ['"66 %"', '"12,5"', "12.", ".5", "066", '"1 250"', '"1e3"', '"NaN"', "[66]", '"+5"', "1.2345678"]
FIGURES_OUT_OF_RANGE = ["-5", "1000000000001", "99999999999999999999"]


def figures(values):
    """An article with a table of one column and one row, and these `values`."""
    return article(FIGURES + values)


MANY_BUTTONS = "buttons:" + 4 * '\n  - label: "Lire"\n    url: https://example.org'

EXAMPLES = {
    "file-empty": [f"{HERE}", f"{HERE}# rien\n"],
    "file-too-large": [HERE + "x" * 600_000],
    "yaml-syntax": [HEAD + "blocks:\n  - id: un\n   " + HERE + "type: article\n"],
    "yaml-colon": [head(f"subject: {HERE}Titre : suite"), article(f"body: {HERE}Un mot : deux")],
    "yaml-star": [head(f"subject: {HERE}*gras* ou pas"), head(f"subject: {HERE}&co")],
    "yaml-indicator": [head(f"subject: {HERE}{sign}anct") for sign in ("@", "%", "`", "!", "? ", "> ", "- ")],
    "yaml-quote": [
        head(f'subject: {HERE}"Un" mot'),
        head(f"subject: {HERE}'L'été'"),
        HEAD.replace('"Un sujet"', HERE + '"Un sujet') + "blocks:\n" + ARTICLE,
    ],
    "yaml-tab": [
        f"{HEAD}blocks:\n{HERE}\t- id: un\n",
        f'{HEAD}blocks:\n  - id: un\n{HERE}\t  type: heading\n    title: "Un"\n',
        f'{HEAD}blocks:\n  -{HERE}\tid: un\n     type: heading\n     title: "Un"\n',
    ],
    "yaml-cut": [head(f"subject: Le sujet{HERE} #vert")],
    "yaml-comment": [head(f"subject: Le sujet{HERE} # à revoir")],
    "yaml-double-key": [
        f"number: 2\n{ISSUE}".replace("number: 1", f"{HERE}number: 1"),
        article(f'body: "Un"\n{HERE}body: "Deux"'),
    ],
    "yaml-ambiguous": [head(f"subject: {HERE}{text}") for text in ("13:30", "022", "no", "1_000", "0x1F", ".5")],
    "yaml-alias": [head(f"override: {{a: {HERE}*b}}"), head(f"override: [{HERE}&b c]")],
    "yaml-tag": [head(f"override: {{a: {HERE}!!int b}}")],
    "yaml-documents": [f"{ISSUE}{HERE}---\nsuite: 1\n"],
    "yaml-key": [f"{HEAD}? {HERE}[a]\n: b\n"],
    "yaml-too-deep": [head(f"override: {'[' * 15}{HERE}{'[' * 5}")],
    "yaml-too-many": [f"{HEAD}blocks:\n" + 19_987 * "- a\n" + f"- {HERE}a\n- a\n"],
    "control-character": [
        head(f'subject: "Un{HERE}\x08sujet"'),
        head(f'subject: {HERE}"Un \\u0007 sujet"'),
        head(f'subject: {HERE}"Un \\u202e sujet"'),
        head(f'subject: {HERE}"Un \u202e sujet"'),
    ],
    "missing": [f"{HERE}{ISSUE}".replace("number: 1\n", ""), blocks(f'- {HERE}id: un\n  type: article\n  title: "Un"')],
    "empty": [
        head(f'subject: {HERE}""'),
        head(f"subject:{HERE}"),
        head(f'subject: {HERE}"  "'),
        head(f"subject: {HERE}~"),
        article(f'body: {HERE}"<!-- -->"').replace("<!-- -->", "  "),
        article(f"body: {HERE}|\n  "),
    ],
    "unknown-key": [head(f'{HERE}sujet: "Un"'), article(f'body: "Un"\n{HERE}boutons: []')],
    "unknown-type": [blocks(f'- id: un\n  type: {HERE}artcle\n  title: "Un"')],
    "no-type": [blocks(f'- {HERE}id: un\n  title: "Un"')],
    "not-a-group": [article(f'body: "Un"\nimage: {HERE}une-image.png'), blocks(f"- {HERE}un texte")],
    "not-a-list": [f"{HEAD}blocks: {HERE}un\n", article(f'body: "Un"\nbuttons: {HERE}Lire')],
    "not-a-text": [head(f"subject: {HERE}[un]"), article(f"body: {HERE}{{un: deux}}")],
    "too-short": [HEAD + f"blocks: {HERE}[]\n", blocks(f"- id: un\n  type: briefs\n  items: {HERE}[]")],
    "too-many": [article('body: "Un"\n' + MANY_BUTTONS.replace("\n  -", f"\n  {HERE}-", 1))],
    "too-long": [
        head(f'subject: {HERE}"{151 * "x"}"'),
        article(f'body: {HERE}"{20_001 * "x"}"'),
        blocks(f'- id: {HERE}{61 * "x"}\n  type: article\n  title: "Un"\n  body: "Un"'),
    ],
    "not-among": [head(f"lang: {HERE}de"), article(f'body: "Un"\nimage_position: {HERE}centre')],
    "out-of-range": [head(f"number: {HERE}0"), head(f"number: {HERE}10000")],
    "not-a-number": [head(f"number: {HERE}deux"), head(f"number: {HERE}[1]")],
    "leading-zero": [head(f"number: {HERE}022")],
    "not-a-flag": [over(f"summary: {HERE}no"), over(f"summary: {HERE}oui"), over(f"summary: {HERE}[a]")],
    "not-a-date": [head(f"date: {HERE}7 mars 2023"), head(f"date: {HERE}[a]"), head(f"date: {HERE}2023-3-7")],
    "not-a-moment": [event(f"start: {HERE}8 mars\nplace: Ici"), event(f"start: {HERE}[a]\nplace: Ici")],
    "no-such-date": [head(f"date: {HERE}2023-02-30"), event(f"start: {HERE}2023-02-30 10:00\nplace: Ici")],
    "no-such-hour": [event(f"start: {HERE}2023-03-08 25:00\nplace: Ici")],
    "skipped-hour": [
        event(f"start: {HERE}2023-03-26 02:30\nzone: Europe/Paris\nplace: Ici"),
        event(f"start: {HERE}2023-03-26 02:30\nplace: Ici"),
        blocks(f'- id: un\n  type: briefs\n  items:\n    - body: "Un"\n      start: {HERE}2023-03-26 02:30'),
    ],
    "no-such-zone": [event(f"start: 2023-03-08\nzone: {HERE}Paris\nplace: Ici"), over(f"zone: {HERE}../etc/passwd")],
    "end-without-start": [blocks(f'- id: un\n  type: briefs\n  items:\n    - body: "Un"\n      end: {HERE}2023-03-08')],
    "end-before-start": [event(f"start: 2023-03-08 14:00\nend: {HERE}2023-03-08 13:00\nplace: Ici")],
    "mixed-moments": [event(f"start: 2023-03-08 14:00\nend: {HERE}2023-03-09\nplace: Ici")],
    "too-long-event": [event(f"start: 2023-03-08\nend: {HERE}2033-03-08\nplace: Ici")],
    "not-a-figure": [figures(f"[{HERE}{written}]") for written in BAD_FIGURES],
    "figure-out-of-range": [figures(f"[{HERE}{written}]") for written in FIGURES_OUT_OF_RANGE],
    "figure-count": [figures(f"{HERE}[1, 2]"), article(FIGURES.replace("[un]", "[un, deux]") + f"{HERE}[1]")],
    "section-empty": [article(f'body: "Un"\nsections:\n  - title: "Un"\n  - {HERE}{{}}')],
    "link-and-buttons": [
        blocks(
            '- id: un\n  type: briefs\n  items:\n    - body: "Un"\n      link:\n        label: "Un"\n'
            f"        url: https://example.org\n      buttons:\n        {HERE}- label: deux\n          url: https://example.org"
        )
    ],
    "resource-without-link": [blocks(f'- {HERE}id: un\n  type: resource\n  title: "Un"\n  body: "Un"')],
    "link-and-url": [
        blocks(
            '- id: un\n  type: resource\n  title: "Un"\n  body: "Un"\n  link:\n    label: "Un"\n'
            f"    url: https://example.org\n  url: {HERE}https://example.org"
        )
    ],
    "alt-missing": [article(f'body: "Un"\nimage:\n  {HERE}file: une-image.png')],
    "alt-on-decoration": [article(f'body: "Un"\nimage:\n  file: une-image.png\n  alt: {HERE}"Un"\n  decorative: true')],
    "bad-file-name": [
        article(f'body: "Un"\nimage:\n  file: {HERE}{name}\n  alt: "Un"') for name in ("../a.png", "été.png", "a.svg")
    ],
    "not-a-slug": [
        blocks(f'- id: {HERE}Un\n  type: article\n  title: "Un"\n  body: "Un"'),
        head(f"publication: {HERE}../a"),
    ],
    "not-an-address": [over(f"sender:\n  address: {HERE}nous")],
    "not-a-phone": [over(f"legal:\n  telephone: {HERE}nous")],
    "not-a-colour": [over(f"theme:\n  light:\n    accent: {HERE}rouge")],
    "not-a-domain": [over(f"list_id:\n  id: {HERE}nous")],
    "not-a-font": [over(f'theme:\n  body_font: {HERE}"Arial; }}"')],
    "offer-twice": [
        over(f'offers:\n  - key: role\n    label: "Rôle"\n    values: {HERE}["Maire", "MAIRE"]'),
        over(
            f"offers:\n  {HERE}- key: role\n    label: a\n    values: [x]\n  - key: role\n    label: b\n    values: [x]"
        ),
    ],
    "not-a-contact": [over(f"security: {HERE}{contact}") for contact in ("http://example.org/a", "tel:0199001234")],
    "audit-without-day": [
        over(f"accessibility:\n  state: {HERE}compliant\n  day: 2023-01-01"),
        over(f"accessibility:\n  day: 2023-01-01\n  audited_on: {HERE}2022-12-01"),
    ],
    "statement-before-audit": [
        over(f"accessibility:\n  state: compliant\n  day: {HERE}2023-01-01\n  audited_on: 2023-01-02"),
    ],
    "shortcomings-missing": [
        over(f"accessibility:\n  state: {HERE}{state}\n  day: 2023-01-01\n  audited_on: 2022-12-01")
        for state in ("non-compliant", "partially-compliant")
    ],
    "criteria-met": [
        over(
            f"accessibility:\n  state: {state}\n  day: 2023-01-01\n  audited_on: 2022-12-01\n"
            f'  shortcomings: ["Les cartes."]\n  criteria_met: {HERE}{met}'
        )
        for state, met in (
            ("compliant", 99),
            ("partially-compliant", 49),
            ("partially-compliant", 100),
            ("non-compliant", 50),
        )
    ],
    "override-checks": [over(f"{HERE}checks:\n  placeholder: off"), over(f"{HERE}checks: {{}}")],
    "no-reason": [head(f'waive:\n  - rule: placeholder\n    reason: {HERE}"."')],
    "url-scheme": [
        article(f'body: "Un"\n{BUTTON}{HERE}{url}')
        for url in (
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://example.org",
        )
    ]
    + [prose(f"Un\n[lien]({HERE}javascript:alert)"), prose(f"Un\n\n- deux\n- [trois]({HERE}data:x)")],
    "url-without-scheme": [
        article(f'body: "Un"\n{BUTTON}{HERE}{url}') for url in ("//example.org", "example.org", "/a", r"\\a")
    ],
    "url-host": [
        article(f'body: "Un"\n{BUTTON}{HERE}{url}') for url in ("https://", "https:///a", "http:a", "https://exa[mple")
    ],
    "url-login": [article(f'body: "Un"\n{BUTTON}{HERE}https://moi@example.org')],
    "url-characters": [article(f'body: "Un"\n{BUTTON}{HERE}"https://example.org/a b"')],
    "url-tel": [article(f'body: "Un"\n{BUTTON}{HERE}tel:chez-moi')],
    "url-mailto": [article(f'body: "Un"\n{BUTTON}{HERE}mailto:moi')],
    "url-web": [over(f"subscribe_url: {HERE}mailto:a@example.org")],
    "link-malformed": [prose(f"Un\n{HERE}[deux](https://example.org/a b)")],
    "link-without-text": [prose(f"Un\n{HERE}deux [](https://example.org)")],
    "markdown": [
        prose(f"Un\n\n{HERE}{text}")
        for text in (
            "# Un",
            "![a](https://example.org)",
            "`a`",
            "<b>a</b>",
            "> Un",
            "***",
            "[a](https://example.org 'b')",
            "|a|b|\n|-|-|\n|c|d|",
            "```\na\n```",
        )
    ]
    + [prose(f"Un\n\n    {HERE}Un")],
    "double-id": [
        blocks('- id: un\n  type: heading\n  title: "Un"\n- id: ' + HERE + 'un\n  type: heading\n  title: "Un"')
    ],
    "image-missing": [article(f'body: "Un"\nimage:\n  file: {HERE}absente.png\n  alt: "Un"')],
    "image-unreadable": [
        article(f'body: "Un"\nimage:\n  file: {HERE}{name}\n  alt: "Un"') for name in ("faux.png", "coupee.png")
    ],
    "image-too-large": [article(f'body: "Un"\nimage:\n  file: {HERE}lourde.png\n  alt: "Un"')],
    "picture-twice": [
        over('logo:\n  file: deux.png\n  alt: "Un"')
        + f'  - id: deux\n    type: image\n    image:\n      file: {HERE}deux.png\n      alt: "Un"'
    ],
    "snippet-missing": [blocks(f"- id: un\n  type: snippet\n  use: {HERE}rappel")],
    "publication-missing": [head(f"publication: {HERE}autre")],
}

RAW = {
    "file-utf16": (b"\xff\xfea\0", 1, 1),
    "file-encoding": (HEAD.encode() + 'title: "Été"'.encode("latin-1"), 6, 9),
    "file-binary": (b"a: b\nc: \0", 2, 4),
}
ELSEWHERE = {"file-missing", "file-unreadable", "bad-value"}  # each has a test of its own below
CASES = [(rule, number) for rule, texts in EXAMPLES.items() for number in range(len(texts))]


@pytest.fixture
def findings_of(issue_workspace):
    images = issue_workspace.folder / "images"
    (images / "faux.png").write_bytes(b"pas une image")
    (images / "coupee.png").write_bytes(picture(size=(400, 300))[:100])
    (images / "lourde.png").write_bytes(bytes(3 * 1024 * 1024))
    (images / "deux.png").write_bytes(picture())
    of_publication = issue_workspace.own / "images"
    of_publication.mkdir()
    (of_publication / "deux.png").write_bytes(picture(colour="#993366"))
    return issue_workspace.findings


def place(example):
    before = example.partition(HERE)[0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def test_every_rule_has_an_example():
    assert {*EXAMPLES, *RAW, *ELSEWHERE} == set(MESSAGES)


@pytest.mark.parametrize(("rule", "number"), CASES, ids=[f"{rule}-{number}" for rule, number in CASES])
def test_a_fault_is_told_by_its_rule_at_its_place(findings_of, rule, number):
    example = EXAMPLES[rule][number]
    assert example.count(HERE) == 1
    found = findings_of(example.replace(HERE, ""))
    assert (rule, *place(example)) in [(one.rule, one.location.line, one.location.column) for one in found]
    assert len(found) == 1, [one.message for one in found]
    assert "{" not in re.sub(r"“[^”]*”|\"[^\"]*\"", "", found[0].message + found[0].hint)
    assert "…:" not in found[0].hint
    assert found[0].hint


@pytest.mark.parametrize("rule", RAW)
def test_bytes_that_are_no_text_are_told_at_their_place(findings_of, rule):
    raw, line, column = RAW[rule]
    assert [(one.rule, one.location.line, one.location.column) for one in findings_of(raw)] == [(rule, line, column)]


def test_a_missing_file_is_told(issue_workspace):
    issue_workspace.file.unlink()
    (found,) = issue_workspace.findings()
    assert (found.rule, found.location.line) == ("file-missing", None)


def test_a_folder_in_the_files_place_is_told(issue_workspace):
    issue_workspace.file.unlink()
    issue_workspace.file.mkdir()
    (found,) = issue_workspace.findings()
    assert (found.rule, found.location.line) == ("file-unreadable", None)


def test_what_has_no_words_of_its_own_is_told_in_pydantics(findings_of, monkeypatch):
    # Only a Python whose YAML came without libyaml lets half a surrogate pair through.
    monkeypatch.setattr("pvd_mailer.compose.yaml.tree._Loader", yaml.SafeLoader)
    (found,) = findings_of(head(r'subject: "Un \ud800 sujet"'))
    assert (found.rule, found.location.line, found.location.column) == ("bad-value", 5, 10)


@pytest.mark.parametrize("text", ["subject: Titre : suite", "subject: *gras*", "subject: 'L'été'", "number: 022"])
def test_faults_are_the_same_without_libyaml(findings_of, monkeypatch, text):
    with_it = findings_of(head(text))
    monkeypatch.setattr("pvd_mailer.compose.yaml.tree._Loader", yaml.SafeLoader)
    assert findings_of(head(text) + "\n") == with_it


def test_what_is_missing_at_one_place_is_told_in_the_order_of_the_model(findings_of):
    missing = [one.message for one in findings_of("title: x\n") if one.rule == "missing"]
    keys = ("publication", "number", "date", "subject", "preheader", "blocks")
    assert missing == [f"“{key}” is missing" for key in keys]


def test_every_fault_of_a_file_is_told_at_once(findings_of):
    text = """\
publication: petites-villes-de-demain
number: 022
date: 2023-02-30
subject: Titre : suite
preheader: *gras*
lang: de
blocks:
  - id: Un
    type: article
    title: "Un"
    body: |
      Un [lien](javascript:alert)
  - id: deux
    type: artcle
  - id: trois
    type: event
    kind: meeting
    title: ""
    start: 2023-03-08 25:00
    image:
      file: absente.png
  - id: trois
    type: heading
    titre: "Un"
"""
    found = findings_of(text)
    assert [(one.rule, one.location.line) for one in found] == [
        ("leading-zero", 2),
        ("no-such-date", 3),
        ("yaml-colon", 4),
        ("yaml-star", 5),
        ("not-among", 6),
        ("not-a-slug", 8),
        ("url-scheme", 12),
        ("unknown-type", 14),
        ("empty", 18),
        ("no-such-hour", 19),
        ("alt-missing", 21),
        ("image-missing", 21),
        ("missing", 22),
        ("double-id", 22),
        ("unknown-key", 24),
    ]
    assert [one.block for one in found if one.location.line and one.location.line >= 18] == ["trois"] * 7


def test_a_fault_names_its_block(findings_of):
    (found,) = findings_of(blocks('- id: un\n  type: heading\n  title: "Un"\n- id: deux\n  type: heading\n  title: ""'))
    assert found.block == "deux"


def test_a_fault_of_the_publication_names_its_file_and_line(issue_workspace):
    settings = issue_workspace.own / "publication.yaml"
    lines = settings.read_text("utf-8").replace("zone: Europe/Paris", "zone: Paris").split("\n")
    settings.write_text("\n".join(lines), "utf-8")
    (found,) = issue_workspace.findings()
    assert Path(found.location.file).name == "publication.yaml"
    assert (found.rule, found.location.line) == ("no-such-zone", lines.index("zone: Paris") + 1)


def test_a_misspelt_key_is_guessed(findings_of):
    (found,) = findings_of(article('body: "Un"\nbutons: []'))
    assert "buttons" in found.hint


def test_what_is_found_cannot_break_the_message(findings_of):
    (found,) = findings_of(head('subject: {a} "{0.__class__}" {found'))
    assert found.severity is Severity.BLOCKING


def test_a_remark_after_a_number_or_an_address_is_nobodys_business(findings_of):
    assert findings_of(head("number: 22 # le vingt-deuxième")) == ()


def test_brackets_that_are_escaped_are_text(findings_of):
    assert findings_of(prose(r"Un \[mot\]\(entre parenthèses\)")) == ()
    assert findings_of(prose(r"Un [\[mot\]\(entre parenthèses\)](https://example.org)")) == ()


def test_advice_does_not_stand_in_the_way(issue_workspace):
    issue_workspace.write(head("subject: 13:30"))
    assert issue_workspace.load().issue.subject == "13:30"


def test_the_json_has_its_documented_shape(issue_workspace, run):
    issue_workspace.write(article('body: ""'))
    ran = run("check", "1", "--format", "json")
    assert ran.code == 1
    shape = json.loads(ran.out)
    assert list(shape) == ["findings", "unchecked"]
    (found,) = shape["findings"]
    assert list(found) == [
        "rule", "severity", "message", "hint", "file", "line", "column", "length", "block", "excerpt",
        "fixable", "waived"
    ]  # fmt: skip
    assert found | {"message": "", "hint": ""} == {
        "rule": "empty",
        "severity": "blocking",
        "message": "",
        "hint": "",
        "file": "issues/001-2023-03/issue.yaml",
        "line": 10,
        "column": 11,
        "length": None,
        "block": "un",
        "excerpt": '    body: ""',
        "fixable": False,
        "waived": None,
    }


def test_the_json_of_a_good_issue_is_an_empty_list(run):
    ran = run("check", "1", "--format", "json")
    assert (ran.code, json.loads(ran.out), ran.err) == (0, {"findings": [], "unchecked": []}, "")


def test_every_message_and_hint_has_its_french():
    with FRENCH.open("rb") as source:
        catalogue = read_po(source, locale="fr")
    texts = {text for pair in MESSAGES.values() for text in pair} | set(MARKDOWN_NAMES.values())
    untranslated = sorted(text for text in texts if not (catalogue.get(text) and catalogue.get(text).string))
    assert untranslated == []
    for text in texts:
        names = set(re.findall(r"{(\w+)}", text))
        assert set(re.findall(r"{(\w+)}", catalogue.get(text).string)) <= names, text


@pytest.mark.usefixtures("french")
def test_faults_are_told_in_french(findings_of):
    (found,) = findings_of(head("subject: Titre : suite"))
    message, hint = MESSAGES["yaml-colon"]
    assert i18n.language() == "fr"
    assert not found.message.endswith(message.rpartition("}")[2])
    assert not found.hint.startswith(hint.partition("{")[0])


def test_every_fault_of_one_text_is_told_at_its_place(findings_of):
    text = "[a](javascript:x) et [b](ftp://c)\n\n<b>d</b> [](https://example.org)\n\n# e"
    found = findings_of(prose(text))
    assert {(one.rule, one.location.line, one.location.column) for one in found} == {
        ("url-scheme", 11, 11),
        ("url-scheme", 11, 32),
        ("link-without-text", 13, 7),
        ("markdown", 13, 7),
        ("markdown", 15, 7),
    }


@pytest.mark.parametrize("name", ["absente.png", "faux.png"])
def test_a_picture_of_the_publication_that_cannot_be_had_is_told(findings_of, issue_workspace, name):
    (issue_workspace.own / "images" / "faux.png").write_bytes(b"pas une image")
    settings = issue_workspace.own / "publication.yaml"
    text = settings.read_text("utf-8") + f'\nlogo:\n  file: {name}\n  alt: "Un"\n'
    settings.write_text(text, encoding="utf-8")
    (found,) = findings_of(ISSUE)
    assert found.location.file == "templates/petites-villes-de-demain/publication.yaml"
    assert (found.location.line, found.excerpt) == (text.count("\n") - 1, f"  file: {name}")
    assert found.rule in ("image-missing", "image-unreadable")


def test_every_row_of_figures_at_fault_is_told(findings_of):
    rows = (
        FIGURES
        + "[1, 2]\n        - label: deux\n          values: [1]\n        - label: trois\n          values: [1, 2, 3]"
    )
    found = findings_of(article(rows))
    assert [(one.rule, one.location.line) for one in found] == [("figure-count", 17), ("figure-count", 21)]
    assert found[1].message == "this row has 3 values, and `series` has 1; one value for each was expected"


@pytest.mark.parametrize(
    ("snippets", "rule", "line", "column", "said"),
    [
        ("Mon Rappel:\n  body: Un", "not-a-slug", 2, 3, "Write for instance: mon-rappel"),
        ('rappel:\n  body: "Un"\n  titre: "Deux"', "unknown-key", 4, 5, "did you mean “title”?"),
        ('rappel:\n  title: "Un"', "missing", 3, 5, "“body: …”"),
        ("rappel: Un", "not-a-group", 2, 11, "Indent the lines under it"),
        ('rappel:\n  title: 13:30\n  body: "Un"', "yaml-ambiguous", 3, 12, '"13:30"'),
        ("rappel:\n  body: |\n    Un `code`", "markdown", 4, 7, "use a block"),
        ('rappel:\n  body: "Un"\n  image:\n    file: absente.png', "alt-missing", 5, 7, "alt: …"),
        (
            "\n".join(f"r{number}:\n  body: Un" for number in range(41)),
            "too-many",
            2,
            3,
            "Keep the most important ones",
        ),
    ],
)
def test_a_fault_of_a_snippet_is_told_where_it_stands(issue_workspace, snippets, rule, line, column, said):
    settings = issue_workspace.own / "publication.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(f"{before}\nsnippets:\n{_indented(snippets)}\n", "utf-8")
    (found,) = issue_workspace.findings()
    above = before.count("\n") + 1
    assert (found.rule, found.location.line, found.location.column) == (rule, above + line, column)
    assert found.location.file == "templates/petites-villes-de-demain/publication.yaml"
    assert said in found.hint
    assert found.excerpt == settings.read_text("utf-8").split("\n")[above + line - 1]
