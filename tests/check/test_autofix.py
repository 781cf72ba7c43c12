"""`check --fix`: what it mends, and what it never touches."""

import json
import os
import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pvd_mailer.check import proofread
from pvd_mailer.check.autofix import fixed_file, same_sense
from pvd_mailer.check.text.entities import decode_entities
from pvd_mailer.compose import parse_issue
from pvd_mailer.compose import save_if_unchanged as saving
from pvd_mailer.errors import PvdError
from pvd_mailer.findings import Fix, Splice
from pvd_mailer.services import proofs
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder
from tests.check.faulty import issues
from tests.workspace import HEAD, ISSUE, IssueWorkspace

EXAMPLES = 1000 * int(os.environ.get("PVD_FUZZ", "1"))
FAULTY = """\
blocks:
  - id: un
    type: article
    title: "L'été : \\"oui\\" !"  # l'été !
    note: "l'été !"
    body: |
      Dès 13h30, **50%** des villes... et la 2ème !
      Voir [l'Etat](https://example.org/l'etat!) ;
"""
MENDED = """\
blocks:
  - id: un
    type: article
    title: "L’été : « oui » !"  # l'été !
    note: "l'été !"
    body: |
      Dès 13 h 30, **50 %** des villes… et la 2^e^ !
      Voir [l’État](https://example.org/l'etat!) ;
"""
VALUE = re.compile(r"^ *(?:- )?(?:subject|preheader|title|label|body):|^      ")


KEY = re.compile(r" *(?:- )?(?:(?:subject|preheader|title|label|body|url|id|type):)?")


def spaced(text):
    """Typographic blanks as plain ones, for the eye."""
    return re.sub("[\u00a0\u202f]", " ", text)


COUNTS = re.compile(r"[?&](?:utm_source|fbclid|gclid)=a")


def marks(prose):
    """What is bold, italic or a link in a text, in its order, and where its links lead, the counting of clicks apart."""
    return [
        (token.type, COUNTS.sub("", token.attrs.get("href", "")).replace("?", "&"))
        for inline in prose.tokens
        for token in inline.children or ()
        if token.type.endswith(("_open", "_close")) and not token.type.startswith("sup")
    ]


@pytest.fixture(scope="module")
def check_workspace(tmp_path_factory):
    return IssueWorkspace.start(tmp_path_factory.mktemp("fix") / "workspace")


def mend(issue_workspace):
    return proofs.fix_issue(IssueFolder(1, issue_workspace.folder), issue_workspace.workspace, Settings())


@settings(max_examples=EXAMPLES)
@given(issues())
def test_fixing_twice_changes_nothing_more_and_never_the_sense(check_workspace, raw):
    check_workspace.write(raw)
    before = parse_issue(raw, "issue.yaml")
    if before is None:  # what is no issue is left alone
        assert mend(check_workspace) == ()
        assert check_workspace.file.read_bytes() == raw
        return
    mended = mend(check_workspace)
    after = check_workspace.file.read_bytes()
    assert (after != raw) == bool(mended)
    assert mend(check_workspace) == ()
    assert check_workspace.file.read_bytes() == after
    again = parse_issue(after, "issue.yaml")
    assert same_sense(before, again)
    for one, two in zip(before.blocks, again.blocks, strict=True):
        assert [button.url for button in one.buttons] == [button.url for button in two.buttons]
        assert marks(one.body) == marks(two.body)
    old, new = raw.decode().split("\n"), after.decode().split("\n")
    assert len(old) == len(new)
    for was, now in zip(old, new, strict=True):
        if not VALUE.match(was):
            assert was == now
        assert KEY.match(was)[0] == KEY.match(now)[0]
        assert was.endswith("\r") == now.endswith("\r")
        assert was.partition("   # ")[2] == now.partition("   # ")[2]


def test_what_is_safe_is_mended_and_nothing_else_moves(issue_workspace, run):
    issue_workspace.write(HEAD + FAULTY)
    ran = run("check", "1", "--fix", "--format", "json")
    said = json.loads(ran.out)
    assert spaced(issue_workspace.file.read_text("utf-8")) == HEAD + MENDED
    assert {one["rule"] for one in said["fixed"]} == {
        "apostrophe", "space-before-sign", "quotation-marks", "hour", "unit-space", "ellipsis", "ordinal", "capital-accent"
    }  # fmt: skip
    assert said["findings"] == []


def test_the_command_says_what_it_mended_and_before_that_it_can(issue_workspace, run):
    issue_workspace.write(HEAD + FAULTY)
    assert "pvd-mailer check 1 --fix" in run("check", "1").err
    assert "apostrophe" in run("check", "1", "--fix").err
    again = run("check", "1", "--fix")
    assert "could be mended" in again.err


def test_a_file_that_cannot_be_read_is_left_alone(issue_workspace, run):
    broken = (HEAD + FAULTY).replace("type: article", "type: artcle")
    issue_workspace.write(broken)
    assert run("check", "1", "--fix").code == 1
    assert issue_workspace.file.read_text("utf-8") == broken


def test_what_is_waived_is_not_mended(issue_workspace, run):
    waived = FAULTY.replace(
        "    note:", '    waive:\n      - {rule: apostrophe, reason: "Le nom s’écrit ainsi."}\n    note:'
    )
    issue_workspace.write(HEAD + waived)
    run("check", "1", "--fix")
    assert "L'été" in issue_workspace.file.read_text("utf-8")
    assert "13\u00a0h\u00a030" in issue_workspace.file.read_text("utf-8")


def test_names_of_the_publication_are_not_mended(issue_workspace, run):
    (issue_workspace.own / "words.txt").write_text("L'été\nYahoo!\n", encoding="utf-8")
    issue_workspace.write(HEAD + FAULTY.replace("Dès", "Chez Yahoo! dès"))
    run("check", "1", "--fix")
    assert "\"L'été" in issue_workspace.file.read_text("utf-8")
    assert "Yahoo! dès" in issue_workspace.file.read_text("utf-8")


def test_what_somebody_saves_in_the_meantime_is_not_overwritten(issue_workspace, monkeypatch):
    issue_workspace.write(HEAD + FAULTY)
    theirs = (HEAD + FAULTY + "# Une ligne de plus.\n").encode()

    def late(path, before, after):
        path.write_bytes(theirs)
        saving(path, before, after)

    monkeypatch.setattr("pvd_mailer.services.proofs.save_if_unchanged", late)
    with pytest.raises(PvdError, match="saved by somebody else"):
        mend(issue_workspace)
    assert issue_workspace.file.read_bytes() == theirs
    assert [path.name for path in issue_workspace.folder.iterdir() if path.suffix == ".new"] == []


def test_a_disk_that_is_full_leaves_the_file_as_it_was(issue_workspace, monkeypatch):
    issue_workspace.write(HEAD + FAULTY)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        mend(issue_workspace)
    assert issue_workspace.file.read_text("utf-8") == HEAD + FAULTY
    assert [path.name for path in issue_workspace.folder.iterdir() if path.suffix == ".new"] == []


def test_the_file_keeps_its_rights_and_a_link_stays_a_link(issue_workspace):
    real = issue_workspace.root / "elsewhere.yaml"
    real.write_text(HEAD + FAULTY, encoding="utf-8")
    real.chmod(0o640)
    issue_workspace.file.unlink()
    issue_workspace.file.symlink_to(real)
    assert mend(issue_workspace)
    assert issue_workspace.file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "13\u00a0h\u00a030" in real.read_text("utf-8")


def test_what_one_command_mends_is_not_told_a_hundred_times(issue_workspace, run):
    many = "".join(f"      C'est la ligne {number}.\n" for number in range(20))
    issue_workspace.write(HEAD + f'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: |\n{many}')
    ran = run("check", "1")
    assert ran.err.count("[apostrophe]") == 4
    assert "and 17 more, in lines 14, 15" in ran.err
    assert len(json.loads(run("check", "1", "--format", "json").out)["findings"]) == 20


def test_a_fix_that_would_do_harm_is_left_out_and_the_others_are_made(issue_workspace):
    issue_workspace.write(HEAD + FAULTY)
    composition = issue_workspace.load()
    subject = check_context_of(composition, issue_workspace.workspace, issue_workspace.render)
    found = proofread(subject)
    harm = replace(
        found[0],
        fix=Fix(
            (Splice(composition.source_map.text.index("Dès"), composition.source_map.text.index("Dès") + 3, "Vers"),)
        ),
    )
    made = fixed_file(
        composition.issue, composition.source_map, [harm, *found], lambda raw: parse_issue(raw, "issue.yaml")
    )
    assert harm not in made.findings
    assert len(made.findings) > 5
    assert "Dès" in made.raw.decode()


def test_thousands_of_faults_are_mended_together(issue_workspace):
    lines = "".join("      C'est l'été , enfin  ; un - deux...\n" for _number in range(400))
    issue_workspace.write(HEAD + f'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: |\n{lines}')
    assert len(mend(issue_workspace)) >= 2000
    assert mend(issue_workspace) == ()


def mended(issue_workspace, text):
    """`text` as the body of an article, mended; typographic blanks as `~`."""
    lines = "".join(f"      {line}\n" for line in text.split("\n"))
    issue_workspace.write(HEAD + f'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: |\n{lines}')
    mend(issue_workspace)
    body = parse_issue(issue_workspace.file.read_bytes(), "issue.yaml").blocks[0].body.source
    return re.sub("[\u00a0\u202f]", "~", body).rstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Le film «*Amélie*» est beau.", "Le film «~*Amélie*~» est beau."),
        ("Il a dit «**oui**».", "Il a dit «~**oui**~»."),
        ("Il a dit «_oui_».", "Il a dit «~_oui_~»."),
        ("Lire «<https://example.org/x?b=c>».", "Lire «~<https://example.org/x?b=c>~»."),
        ("Lire «[le guide](https://example.org/x)».", "Lire «~[le guide](https://example.org/x)~»."),
        ("«*oui* et **non**», dit-il", "«~*oui* et **non**~», dit-il"),
        ("*«oui»* et **50**%", "*«~oui~»* et **50**~%"),
        ("Lire n°**6**", "Lire n°~**6**"),
    ],
)
def test_signs_glued_to_marks_are_mended_outside_of_the_marks(issue_workspace, before, after):
    assert mended(issue_workspace, before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Voir **https://a.example/?utm_source=lettre** et.", "Voir **https://a.example/** et."),
        ("Voir https://a.example/?utm_source=lettre, puis.", "Voir https://a.example/, puis."),
        ("Voir https://a.example/?utm_source=lettre; puis.", "Voir https://a.example/; puis."),
        ("Voir https://a.example/?utm_source=lettre.", "Voir https://a.example/."),
        ("Voir (https://a.example/?a=1&utm_source=lettre).", "Voir (https://a.example/?a=1)."),
        ("_Voir https://a.example/?utm_source=lettre_", "_Voir https://a.example/_"),
        (
            "[Un](https://a.example/?utm_source=l) **https://a.example/?utm_source=l**, <https://a.example/?utm_source=l&b=c>",
            "[Un](https://a.example/) **https://a.example/**, <https://a.example/?b=c>",
        ),
    ],
)
def test_what_tracks_is_taken_out_of_an_address_and_nothing_beside_it(issue_workspace, before, after):
    assert mended(issue_workspace, before) == after


def test_a_fix_that_would_change_marks_or_targets_is_not_made(issue_workspace):
    body = "Un **mot** et [un lien](https://a.example/x) à nous.o'connor@example.org, https://a.example/?utm_source=l,"
    issue_workspace.write(HEAD + f'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: "{body}"\n')
    composition = issue_workspace.load()
    found = proofread(check_context_of(composition, issue_workspace.workspace, issue_workspace.render))[0]
    text = composition.source_map.text
    for old, new in (
        ("**mot**", "**mot **"), ("**mot**", "mot"), ("**mot**", "*mot*"), ("](", "] ("), ("/x)", "/X)"),
        ("o'connor", "o’connor"), ("?utm_source=l,", ""), ("?utm_source=l", "?utm_source"), ("[un lien]", "[un] lien"),
    ):  # fmt: skip
        at = text.index(old)
        harm = replace(found, fix=Fix((Splice(at, at + len(old), new),)))
        made = fixed_file(composition.issue, composition.source_map, [harm], lambda raw: parse_issue(raw, "issue.yaml"))
        assert made is None, (old, new)


# A number that names something: a norm, a law, a place, a thing. Written as people write them, it is right.
NAMES = (
    "Le parc, certifié ISO 14001 depuis 2018, vise ISO 50001 sans tarder",
    "La norme NF EN 12464 exige plus, et la NF C 15100 aussi",
    "Le règlement 20161 dit le contraire ; la loi 83634 puis la loi 84053 en parlent",
    "La décision 202315 prise en mars renvoie à l’article 12345 du code",
    "Écrivez à la mairie, 45000 orléans, ou à 72000 le mans",
    "Le formulaire cerfa 13406 rempli vaut le cerfa 88065 signé",
    "Envoyez HALLE au 72000 puis attendez ; le 36300 sans opérateur répond",
    "Le train 17453 dessert la gare, le vol 12345 part sans elle",
    "La Peugeot 50008 neuve remplace le modèle 20800 toutes options",
    "Le lot 10234 dans la zone 31007 est vendu, la parcelle 10457 reste",
    "Le serveur écoute au port 27017 dans tous les cas",
    "La société, RCS Nantes 123 456 789, loue la halle",
    "Le bus 10200 passe, la salle 12004 après",
    "Le brevet 98765 et la licence 45678 vont de pair",
    "Le modèle BX12kg, la carte SD64Go et la pièce A3ha sont en stock",
)
QUANTITIES = (
    ("La ville compte 25000 habitants", "La ville compte 25 000 habitants"),
    ("Le toit coûte 125000€, soit 12000 euros de plus", "Le toit coûte 125 000 €, soit 12 000 euros de plus"),
    ("Entre 25000 et 30000 personnes viennent", "Entre 25 000 et 30 000 personnes viennent"),
    ("On plante 12500 nouveaux arbres sur 40000 m²", "On plante 12 500 nouveaux arbres sur 40 000 m²"),
    ("L’ADEME verse 15000 euros ; à Rennes 12000 visiteurs", "L’ADEME verse 15 000 euros ; à Rennes 12 000 visiteurs"),
    ("Elle court le 10000 mètres", "Elle court le 10 000 mètres"),
    ("Quelque 12300 élu·e·s signent", "Quelque 12 300 élu·e·s signent"),
)


def sentences(*said):
    return (
        HEAD
        + 'blocks:\n  - id: un\n    type: article\n    title: "Un titre"\n    body: |\n'
        + "".join(f"      {one}.\n\n" for one in said)
    )


def test_a_number_that_names_something_is_left_as_it_is(issue_workspace, run):
    issue_workspace.write(sentences(*NAMES))
    said = [
        one for one in json.loads(run("check", "1", "--format", "json").out)["findings"] if one["rule"] == "thousands"
    ]
    assert said == []
    run("check", "1", "--fix")
    assert spaced(issue_workspace.file.read_text("utf-8")) == sentences(*NAMES)


def test_a_number_that_counts_something_is_still_parted(issue_workspace, run):
    issue_workspace.write(sentences(*(before for before, _after in QUANTITIES)))
    run("check", "1", "--fix")
    assert spaced(issue_workspace.file.read_text("utf-8")) == sentences(*(after for _before, after in QUANTITIES))


PIECES = (
    *(
        "R&amp;D",
        "l&rsquo;&eacute;t&eacute;",
        "caf&#233;",
        "&laquo;&nbsp;oui&nbsp;&raquo;",
        "&#8217;",
        "20&nbsp;000",
        "13h&nbsp;30",
    ),
    *(
        "&oelig;uf",
        "&Eacute;tat",
        "&hellip;",
        "R&amp;amp;D",
        "&quot;non&quot;",
        "5&nbsp;&euro;",
        "1&egrave;re",
        "&#x2013;",
        "l'Etat",
    ),
    *(
        ";",
        " ;",
        "!",
        " : ",
        "...",
        "13h30",
        "50%",
        "25000 euros",
        '"oui"',
        "AT&T",
        "Q&A;",
        "&nonsense;",
        "2ème",
        " - ",
        "  ",
    ),
)


def written(style, text):
    """`text` as a title in YAML: in double quotes, in single ones, or in none."""
    if style == '"':
        return json.dumps(text, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6), st.sampled_from("\"'"), st.booleans())
def test_no_entity_is_cut_and_all_are_decoded_at_last(check_workspace, pieces, style, close):
    said = "Halle " + ("" if close else " ").join(pieces) + " fin"
    body = "".join(piece for piece in pieces if piece.strip() and piece not in (" - ", "...")) or "Une halle"
    raw = f"{HEAD}blocks:\n  - id: un\n    type: article\n    title: {written(style, said)}\n    body: |\n      Halle {body} fin\n"
    check_workspace.write(raw)
    before = parse_issue(raw.encode(), "issue.yaml")
    mend(check_workspace)
    after = parse_issue(check_workspace.file.read_bytes(), "issue.yaml")
    assert decode_entities(after.blocks[0].title) == after.blocks[0].title
    assert letters(after.blocks[0].title) == letters(decode_entities(said))
    assert same_sense(before, after)
    assert mend(check_workspace) == ()


def letters(text):
    """Letters and digits alone, without accents of capitals and the ways to write an ordinal."""
    text = unicodedata.normalize(
        "NFD", text.replace("…", "").replace("ème", "e").replace("ère", "re").replace("œ", "oe")
    )
    return "".join(sign for sign in text if sign.isalnum() or sign in "&€")


def test_entities_of_a_title_become_what_they_stand_for_and_block_until_then(issue_workspace, run):
    issue_workspace.write(ISSUE.replace("Un titre", "R&amp;D et l&rsquo;&eacute;t&eacute;"))
    found = json.loads(run("check", "1", "--format", "json").out)["findings"]
    assert {one["rule"] for one in found} == {"html-entity"}
    assert all(one["severity"] == "blocking" and one["fixable"] for one in found)
    assert run("check", "1", "--fix").code == 0
    assert issue_workspace.file.read_text("utf-8") == ISSUE.replace("Un titre", "R&D et l’été")
