"""What mail programs lack: the table, what is looked for, and what our own templates use knowingly."""

import json
from dataclasses import replace
from datetime import date

import pytest

from pvd_mailer.check import RULES, proofread
from pvd_mailer.check.html.client_support import CLIENTS, FALLBACKS, degraded_appearance, load_client_support
from pvd_mailer.check.html.features import NOT_DETECTED, feature_uses, is_detected
from pvd_mailer.check.html.stylesheet import parse_declarations
from pvd_mailer.check.rules.client_support import unsupported_features
from pvd_mailer.i18n import catalogue
from tests.check.examples import subject
from tests.workspace import ROOT
from tools.checks.examples import Example
from tools.clients import CLIENTS as SOURCES
from tools.clients import distilled
from tools.clients import lacking as lacking_in
from tools.photograph import SUBJECTS

RULE = next(rule for rule in RULES if rule.id == "client-support")


@pytest.fixture(scope="module")
def plain_context(tmp_path_factory):
    return subject(Example(), tmp_path_factory.mktemp("plain"))


def told(plain_context, html):
    letter = replace(plain_context.letter, html=plain_context.letter.html.replace("</body>", f"{html}</body>"))
    return [one.message for one in proofread(replace(plain_context, render_letter=lambda: letter), [RULE])]


def test_the_table_says_where_it_is_from_and_is_not_old():
    table = load_client_support()
    assert "caniemail" in table.source
    assert date.fromisoformat(table.date) > date(2025, 12, 31)
    assert {client for lacks in table.clients_lacking.values() for client in lacks} <= set(CLIENTS)
    assert set(SOURCES) == set(CLIENTS)


def test_every_feature_that_somebody_lacks_is_looked_for_or_said_not_to_be():
    assert [
        name for name in load_client_support().clients_lacking if not is_detected(name) and name not in NOT_DETECTED
    ] == []
    assert all(NOT_DETECTED.values())


def test_what_readers_see_instead_is_said_for_every_feature_in_french_too():
    french = catalogue("fr")
    for name in load_client_support().clients_lacking:
        words = degraded_appearance(name)
        assert french.gettext(words) != words


def test_what_our_templates_use_knowingly_is_really_used_and_really_lacking_somewhere():
    used = {name for one in SUBJECTS for name in unsupported_features(_tree(one.letter()))}
    assert used == set(FALLBACKS)
    assert all(len(reason) > 10 for reason in FALLBACKS.values())


def _tree(letter):
    from lxml import html as lxml_html  # noqa: PLC0415 - as the subject of a rule parses it

    parser = lxml_html.HTMLParser(encoding="utf-8")
    return lxml_html.document_fromstring(letter.html.encode(), parser=parser)


@pytest.mark.parametrize(
    ("html", "names", "says"),
    [
        ('<p style="display:flex">Un</p>', ["Outlook (classic, Windows)", "Orange"], "display: flex"),
        ("<video></video>", ["Gmail", "La Poste"], "<video>"),
        ("<style>.a::before { content: 'x' }</style>", ["Gmail (app)"], "::before"),
        ('<p style="width:calc(1px + 2px)">Un</p>', ["Outlook.com"], "calc"),
        ('<p style="background:linear-gradient(red, blue)">Un</p>', ["Outlook (classic, Windows)"], "linear-gradient"),
        ('<p style="margin-inline:2px">Un</p>', ["Samsung"], "margin-inline-block"),
        ('<img src="https://ville.example.org/a.webp?x=1" alt="Un">', ["Outlook (classic, Windows)"], "webp"),
    ],
)
def test_a_feature_is_told_with_the_programs_that_lack_it(plain_context, html, names, says):
    (message,) = [one for one in told(plain_context, html) if says in one]
    assert all(name in message for name in names)


def test_a_rule_of_style_says_nothing_to_programs_that_drop_style(plain_context):
    (message,) = told(plain_context, "<style>.a:hover { color: #123456 }</style>")
    assert "La Poste" not in message
    assert "SFR" not in message
    assert "Outlook" in message


def test_a_rule_for_one_program_is_nothing_to_the_others(plain_context):
    assert told(plain_context, "<style>[data-ogsc] .a { display: flex }</style>") == []


def test_what_only_outlook_reads_is_no_concern_of_the_others(plain_context):
    assert told(plain_context, "<!--[if mso]><v:rect style='position:absolute'></v:rect><![endif]-->") == []


def test_no_style_makes_the_reading_fail():
    for written in (
        "",
        ";",
        "color",
        "color:",
        ":red",
        "a:b;;c:d",
        "color:red}",
        "}{",
        "background:url(",
        "x" * 5000,
        "\x00",
    ):
        parse_declarations(written)


def test_the_distillation_takes_the_latest_version_and_every_platform():
    stats = {"outlook": {"windows": {"2007": "y", "2019": "n", "2016": "y"}}, "gmail": {"android": {"2020-01": "y"}}}
    assert lacking_in(stats) == ["outlook"]
    assert lacking_in({"gmail": {"ios": {"2019-02": "n", "2019-10": "y #1"}, "android": {"2019-02": "n"}}}) == [
        "gmail-app"
    ]
    one = {"slug": "css-x", "category": "css", "stats": stats}
    data = {"last_update_date": "2026-05-13 14:45:41 +0000", "data": [one, one | {"slug": "amp", "category": "others"}]}
    made = distilled({"name": "caniemail", "version": "1"}, data)
    assert (made["lacks"], made["known"], made["date"]) == ({"css-x": ["outlook"]}, ["css-x"], "2026-05-13")


def test_the_file_is_what_the_distillation_writes():
    kept = json.loads((ROOT / "pvd_mailer" / "check" / "data" / "clients.json").read_text("utf-8"))
    assert list(kept) == ["source", "licence", "author", "date", "clients", "known", "lacks"]
    assert kept["lacks"] == {name: kept["lacks"][name] for name in sorted(kept["lacks"])}
    assert set(kept["lacks"]) <= set(kept["known"])


def test_uses_are_told_once_for_each_way_they_stand(plain_context):
    found = [(one.feature, one.requires, one.only_client) for one in feature_uses(plain_context.tree)]
    assert len(found) == len(set(found))
