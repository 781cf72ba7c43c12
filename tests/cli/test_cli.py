import json
import os
import re
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pvd_mailer.cli.main import run as run_cli
from pvd_mailer.compose.yaml.tree import parse_yaml, to_python
from tests.render.test_templates import TEXTS, issue
from tests.workspace import HEAD, ISSUE, REAL, ROOT, IssueWorkspace, blocks, environment

COMMANDS = [
    *("init", "new", "schema", "check", "render", "subscribers", "test", "approve", "send", "run-due", "status"),
    *("pause", "resume", "cancel", "resolve", "report", "backup", "restore", "upgrade", "keys", "doctor"),
]
APPROVE = ("approve", "1", "--audience", "all", "--by", "Claire")
IMPORT = ("subscribers", "import", "subscribers/sample.csv", "--basis", "public-mission", "--apply")


# Exit codes


def test_a_good_issue_is_0(run):
    ran = run("check", "1")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out


def test_advice_only_is_0(issue_workspace, run):
    issue_workspace.write(ISSUE.replace('"Un sujet"', "13:30"))
    ran = run("check", "1")
    assert ran.code == 0
    assert "advice" in ran.err


def test_a_blocking_fault_is_1(issue_workspace, run):
    issue_workspace.write(ISSUE.replace('"Un sujet"', '""'))
    ran = run("check", "1")
    assert ran.code == 1
    assert "issue.yaml:4:10" in ran.err
    assert run("render", "1", "-o", "lettre").code == 1
    assert not (issue_workspace.root / "lettre").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["check"],
        ["check", "99"],
        ["check", "nowhere"],
        ["check", "1", "2"],
        ["check", "1", "--format", "xml"],
        ["check", "1", "--nothing"],
        ["render", "1"],
        ["send", "1"],
        ["approve", "1", "--audience", "all", "--by", "Claire", "--channel", "pigeon"],
        ["approve", "1"],
        ["test", "1"],
        ["schema", "letter"],
    ],
)
def test_wrong_usage_is_2(run, arguments):
    ran = run(*arguments)
    assert ran.code == 2
    assert ran.err
    assert "Traceback" not in ran.err


def test_outside_a_workspace_is_2(run, tmp_path):
    assert run("check", "1", cwd=tmp_path).code == 2


def test_a_file_in_the_way_is_3(issue_workspace, run):
    (issue_workspace.root / "lettre").mkdir()
    (issue_workspace.root / "lettre" / "letter.html").mkdir()
    ran = run("render", "1", "-o", "lettre")
    assert ran.code == 3
    assert "Traceback" not in ran.err


def test_a_reader_of_the_output_that_leaves_is_no_fault(issue_workspace):
    ran = subprocess.run(
        ["bash", "-c", 'set -o pipefail; "$@" | head -c 10', "bash", *issue_workspace.command("schema")],
        cwd=issue_workspace.root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    assert "Error" not in ran.stderr


# Which issue


@pytest.mark.parametrize(
    "name",
    ["1", "001", "latest", "001-2023-03", "issues/001-2023-03", "issues/001-2023-03/", "issues/001-2023-03/issue.yaml"],
)
def test_an_issue_is_a_number_a_folder_or_the_latest(run, name):
    assert run("check", name).code == 0


def test_two_folders_of_one_number_are_told(issue_workspace, run):
    (issue_workspace.root / "issues" / "001-2023-04").mkdir()
    ran = run("check", "1")
    assert ran.code == 2
    assert "001-2023-03" in ran.err
    assert "001-2023-04" in ran.err


def test_a_command_works_from_a_folder_below(issue_workspace, run):
    assert run("check", "1", cwd=issue_workspace.folder / "images").code == 0


def test_a_workspace_may_be_named(issue_workspace, run, tmp_path, monkeypatch):
    monkeypatch.setenv("PVD_WORKSPACE", str(issue_workspace.root))
    assert run("check", "1", cwd=tmp_path).code == 0
    monkeypatch.setenv("PVD_WORKSPACE", str(tmp_path / "nowhere"))
    assert run("check", "1").code == 2


# JSON


@pytest.mark.parametrize("arguments", [["check", "1"], [*APPROVE], ["send", "1"], ["doctor"]])
@pytest.mark.parametrize("text", [ISSUE, ISSUE.replace('"Un sujet"', "13:30")])
def test_json_stands_alone(issue_workspace, run, arguments, text):
    issue_workspace.write(text)
    run(*IMPORT)
    if arguments[0] == "send":
        run(*APPROVE)
    ran = run(*arguments, "--format", "json")
    assert isinstance(json.loads(ran.out), dict)
    assert ran.code == 0
    assert ran.err == ""


def test_a_blocked_approval_says_json(issue_workspace, run):
    issue_workspace.write(ISSUE.replace('"Un sujet"', '""'))
    ran = run(*APPROVE, "--format", "json")
    assert ran.code == 1
    assert ran.out == "" or json.loads(ran.out)


def test_no_colour_and_no_bar_where_nobody_looks(issue_workspace):
    issue_workspace.write(ISSUE.replace('"Un sujet"', "13:30"))
    for arguments in (["check", "1"], IMPORT, APPROVE, ["send", "1"]):
        ran = issue_workspace.process(*arguments)
        assert ran.returncode == 0
        assert "\x1b" not in ran.stdout + ran.stderr
        assert "\r" not in ran.stdout + ran.stderr


# schema


@pytest.fixture
def schema(run):
    def schema(what):
        described = json.loads(run("schema", what).out)
        Draft202012Validator.check_schema(described)
        return Draft202012Validator(described)

    return schema


def data(text):
    """What an editor that understands schemas sees: numbers and flags typed."""
    root, _cuts = parse_yaml(text, "issue.yaml")

    def typed(value, key=""):
        if isinstance(value, dict) and key != "figures":
            return {name: typed(inner, name) for name, inner in value.items() if inner is not None}
        if isinstance(value, list):
            return [typed(inner) for inner in value]
        if key in ("number", "small", "body_size", "space", "radius"):
            return int(value)
        if key == "figures":
            return value | {"rows": [row | {"values": list(map(float, row["values"]))} for row in value["rows"]]}
        return value == "true" if value in ("true", "false") else value

    return typed(to_python(root))


@pytest.mark.parametrize("name", REAL)
def test_the_schema_describes_the_real_issues(schema, name):
    text = (ROOT / "issues" / name / "issue.yaml").read_text("utf-8")
    assert [error.message for error in schema("issue").iter_errors(data(text))] == []


def test_the_schema_describes_every_example(schema):
    assert [error.message for error in schema("issue").iter_errors(data(issue(*TEXTS)))] == []


def test_the_schema_describes_the_publication(schema):
    text = (ROOT / "templates" / "petites-villes-de-demain" / "publication.yaml").read_text("utf-8")
    assert [error.message for error in schema("publication").iter_errors(data(text))] == []


def test_the_schema_refuses_what_the_model_refuses(schema):
    judge = schema("issue")
    for text in (
        ISSUE.replace("subject", "sujet"),
        ISSUE.replace("type: article", "type: artikel"),
        ISSUE.replace("number: 1", "number: 0"),
        ISSUE.replace("blocks:", "override:\n  checks:\n    placeholder: off\nblocks:"),
    ):
        assert list(judge.iter_errors(data(text)))


# render


def test_render_writes_the_letter(issue_workspace, run):
    issue_workspace.write(issue("article"))
    ran = run("render", "1", "-o", "un/dossier")
    assert ran.code == 0
    folder = issue_workspace.root / "un" / "dossier"
    page = (folder / "letter.html").read_text("utf-8")
    for name in re.findall(r'src="([^"]+)"', page):
        assert (folder / name).is_file()
    assert "cid:" not in page
    assert (folder / "letter.txt").read_text("utf-8")
    assert (folder / "letter.eml").read_bytes().startswith(b"From: ")
    assert "letter.html" in ran.out


def test_render_twice_gives_the_same_files(issue_workspace, run):
    issue_workspace.write(issue("article"))
    for folder in ("un", "deux"):
        run("render", "1", "-o", folder)
    first, second = issue_workspace.root / "un", issue_workspace.root / "deux"
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files
    assert [(first / file).read_bytes() for file in files] == [(second / file).read_bytes() for file in files]


# new


def test_new_writes_next_months_issue(issue_workspace, run):
    issue_workspace.write(issue(*(name for name in TEXTS if name != "rappel")).replace("number: 1", "number: 22"))
    ran = run("new")
    assert ran.code == 0, ran.err
    text = (issue_workspace.root / "issues" / "023-2023-04" / "issue.yaml").read_text("utf-8")
    after, before = yaml.safe_load(text), yaml.safe_load(issue_workspace.file.read_text("utf-8"))
    assert (after["number"], after["date"]) == (23, date(2023, 4, 4))
    assert [(one["id"], one["type"]) for one in after["blocks"]] == [
        (one["id"], one["type"]) for one in before["blocks"]
    ]
    kept = [one for one in after["blocks"] if one["type"] in ("heading", "share")]
    assert [one["title"] for one in kept] == ["Le Club", "Faites passer !"]
    for sentence in (
        "Une nouvelle",
        "Un paragraphe",
        "https://example.org/nouvelle",
        "Une place",
        "une-image.png",
        "2023-03-23",
        "Un sujet",
    ):
        assert sentence not in text
    assert (issue_workspace.root / "issues" / "023-2023-04" / "images").is_dir()


def test_what_new_wrote_tells_what_is_missing_and_nothing_else(issue_workspace, run):
    issue_workspace.write(issue(*(name for name in TEXTS if name != "rappel")))
    run("new")
    ran = run("check", "latest", "--format", "json")
    assert ran.code == 1
    findings = json.loads(ran.out)["findings"]
    assert {one["rule"] for one in findings} <= {"empty", "missing", "alt-missing"}
    text = (issue_workspace.root / "issues" / "002-2023-04" / "issue.yaml").read_text("utf-8").split("\n")
    told = {one["line"] for one in findings}
    empty = [line for line in text if line.endswith((' ""', ": |"))]
    assert empty
    assert [line for number, line in enumerate(text, 1) if line in empty and number not in told] == []


def test_new_keeps_the_shape_of_a_table_and_the_name_of_a_snippet(issue_workspace, run):
    settings = issue_workspace.own / "publication.yaml"
    settings.write_text(settings.read_text("utf-8") + '\nsnippets:\n  rappel:\n    body: "Un rappel."\n', "utf-8")
    events = ("rendez-vous", "rendez-vous-sans-titre")
    text = issue("article-en-sections", *events) + "  - id: rappel\n    type: snippet\n    use: rappel\n"
    issue_workspace.write(HEAD + text[text.index("blocks:") :])
    assert run("new").code == 0
    text = (issue_workspace.root / "issues" / "002-2023-04" / "issue.yaml").read_text("utf-8")
    article, event, untitled, snippet = yaml.safe_load(text)["blocks"]
    assert snippet == {"id": "rappel", "type": "snippet", "use": "rappel"}
    assert ("title" in event, "title" in untitled) == (True, False)
    (section,) = article["sections"]
    assert section["figures"] == {"caption": "", "series": ["", ""], "rows": [{"label": "", "values": ["", ""]}]}


def test_new_from_issue_22(tmp_path, run):
    issue_workspace = IssueWorkspace.start(tmp_path / "another")
    issue_workspace.write((ROOT / "issues" / REAL[0] / "issue.yaml").read_bytes())
    for file in (ROOT / "issues" / REAL[0] / "images").iterdir():
        (issue_workspace.folder / "images" / file.name).write_bytes(file.read_bytes())
    assert run("new", cwd=issue_workspace.root).code == 0
    assert (issue_workspace.root / "issues" / "023-2023-04" / "issue.yaml").is_file()


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2023-03-07", "2023-04-04"),
        ("2023-01-31", "2023-02-28"),
        ("2023-12-05", "2024-01-02"),
        ("2023-03-30", "2023-04-27"),
        ("2023-05-30", "2023-06-27"),
    ],
)
def test_new_keeps_the_nth_weekday(issue_workspace, run, day, following):
    issue_workspace.write(ISSUE.replace("2023-03-07", day))
    assert run("new").code == 0
    file = issue_workspace.root / "issues" / f"002-{following[:7]}" / "issue.yaml"
    assert yaml.safe_load(file.read_text("utf-8"))["date"].isoformat() == following


def test_new_overwrites_nothing(issue_workspace, run):
    # A folder whose number is not the file's: the one only way to come upon a folder that is there.
    issue_workspace.folder.rename(issue_workspace.root / "issues" / "009-2023-03")
    other = issue_workspace.root / "issues" / "002-2023-04"
    other.mkdir()
    (other / "notes.txt").write_text("à garder", "utf-8")
    ran = run("new")
    assert ran.code == 2
    assert "002-2023-04" in ran.err
    assert [file.name for file in other.iterdir()] == ["notes.txt"]


def test_new_after_a_faulty_issue_says_its_faults(issue_workspace, run):
    issue_workspace.write(ISSUE.replace('"Un sujet"', '""'))
    ran = run("new")
    assert ran.code == 1
    assert "issue.yaml:4" in ran.err


# init


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_workspace_that_init_made_works_at_once(tmp_path, lang):
    issue_workspace = IssueWorkspace(tmp_path)
    started = issue_workspace.process("init", "atelier", PVD_LANG=lang)
    assert started.returncode == 0, started.stderr
    inside = IssueWorkspace(tmp_path / "atelier")
    for arguments in (
        ["check", "latest"],
        ["render", "latest", "-o", "lettre"],
        [*IMPORT],
        ["approve", "latest", "--audience", "all", "--by", "Claire", "--channel", "outbox"],
        ["send", "latest"],
        ["doctor"],
    ):
        ran = inside.process(*arguments, LANG=f"{lang}_{lang.upper()}.UTF-8")
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(list((tmp_path / "atelier" / "var" / "outbox" / "new").iterdir())) == 3
    page = (tmp_path / "atelier" / "lettre" / "letter.html").read_text("utf-8")
    assert f'lang="{lang}"' in page
    assert not (tmp_path / "atelier" / "templates" / "base").exists()


def test_init_touches_no_folder_that_holds_something(issue_workspace, run):
    before = sorted(issue_workspace.root.rglob("*"))
    assert run("init", ".").code == 2
    assert sorted(issue_workspace.root.rglob("*")) == before


# doctor


@pytest.mark.parametrize(
    ("set_", "said"),
    [
        ({"PVD_CHANNEL": "sendgrid"}, "SENDGRID_API_KEY is not set"),
        ({"PVD_CHANNEL": "smtp"}, "PVD_SMTP_URL is not set"),
        ({"PVD_DATABASE_URL": "postgresql://lea:motdepasse@127.0.0.1:1/lettre"}, "cannot be reached"),
    ],
)
def test_doctor_says_what_a_send_would_stumble_over(issue_workspace, run, monkeypatch, set_, said):
    for name, value in set_.items():
        monkeypatch.setenv(name, value)
    before = sorted(issue_workspace.root.rglob("*"))
    ran = run("doctor")
    assert ran.code == 1
    assert said in ran.out
    assert "motdepasse" not in ran.out
    assert sorted(issue_workspace.root.rglob("*")) == before


def test_doctor_says_that_no_event_can_come_in(run, monkeypatch):
    monkeypatch.setenv("PVD_CHANNEL", "sendgrid")
    monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.example.org")
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.une-cle")
    ran = run("doctor")
    assert ran.code == 0
    assert "PVD_SENDGRID_WEBHOOK_KEY is not set" in ran.out


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("PVD_PUBLIC_URL", "https://lettre.example.org"),
        ("PVD_PUBLIC_URL", "http://127.0.0.1:8000"),
        ("PVD_STATIC_URL", "https://192.168.1.4/la-lettre"),
        ("PVD_STATIC_URL", "https://nas.local"),
    ],
)
def test_no_letter_leaves_that_leads_its_readers_nowhere(issue_workspace, run, monkeypatch, name, url):
    file = issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("desinscription@lettre.example.org", "d@lettre.test"), "utf-8")
    run(*IMPORT)
    monkeypatch.setenv(name, url)
    monkeypatch.setenv("PVD_CHANNEL", "smtp")
    monkeypatch.setenv("PVD_SMTP_URL", "smtp://127.0.0.1:9")
    told = run("doctor")
    assert f"{name} is {url}, where no reader finds anything" in told.out
    ran = run(*APPROVE)
    assert (ran.code, f"lead its readers to {url}" in ran.err, name in ran.err) == (1, True, True)
    assert run(*APPROVE, "--channel", "outbox").code == 0


@pytest.mark.parametrize(
    "url",
    ["https://[::1", "https://a.test:99999999", "https://lea:mot@a.test", "https://a.test/é", "http://127.0.0.1.test"],
)
@pytest.mark.parametrize("name", ["PVD_PUBLIC_URL", "PVD_STATIC_URL"])
def test_an_address_that_is_none_is_refused_in_words(run, monkeypatch, name, url):
    monkeypatch.setenv(name, url)
    for arguments in (["doctor"], ["check", "1"], ["serve"]):
        ran = run(*arguments)
        assert (ran.code, name in ran.err) == (2, True)
        assert "fault of the program" not in ran.err


def test_an_address_of_sendgrid_that_is_none_is_refused_in_words(run, monkeypatch):
    monkeypatch.setenv("PVD_CHANNEL", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.une-cle")
    monkeypatch.setenv("PVD_SENDGRID_URL", "https://[::1")
    ran = run("doctor")
    assert (ran.code, "no address that a key may be sent to" in ran.out) == (1, True)


def test_doctor_tells_of_a_database_of_another_version(issue_workspace, run):
    run("subscribers", "list")
    file = issue_workspace.root / "var" / "pvd-mailer.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = run("doctor")
    assert ran.code == 1
    assert "a newer version of pvd-mailer" in ran.out


def test_doctor_says_where_a_setting_comes_from(issue_workspace, run, monkeypatch):
    monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.example.org")
    (issue_workspace.root / "pvd-mailer.toml").write_text('lang = "en"\n', "utf-8")
    told = {one["name"]: one for one in json.loads(run("doctor", "--format", "json").out)["settings"]}
    assert (told["PVD_PUBLIC_URL"]["origin"], told["PVD_PUBLIC_URL"]["value"]) == (
        "environment",
        "https://lettre.example.org",
    )
    assert told["PVD_LANG"]["origin"] == "file"
    assert told["PVD_RATE"]["origin"] == "default"


def test_doctor_never_says_a_secret(run, monkeypatch):
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.not-a-real-key")
    for form in ("text", "json"):
        ran = run("doctor", "--format", form)
        assert "not-a-real-key" not in ran.out + ran.err
        assert "SENDGRID_API_KEY" in ran.out


def test_doctor_without_a_workspace_says_so(run, tmp_path):
    ran = run("doctor", cwd=tmp_path)
    assert ran.code == 1
    assert "init" in ran.out


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("list = [1]\n", "list"),
        ("unknown = 1\n", "unknown"),
        ("lang = 'de'\n", "lang"),
        ("public_url = 'ftp://a'\n", "public_url"),
        ("= =\n", "pvd-mailer.toml"),
        (f"a = {'[' * 100_000}\n", "pvd-mailer.toml"),
        (f'a = "{"a" * 100_000}"\n', "pvd-mailer.toml"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(issue_workspace, run, text, name):
    (issue_workspace.root / "pvd-mailer.toml").write_text(text, "utf-8")
    ran = run("check", "1")
    assert ran.code == 2
    assert name in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "http://127.0.0.1:8025",
        "https://api.sendgrid.com@evil.example",
        "https://api.sendgrid.com.evil.example",
        "https://api.sendgrid.com:8443",
        "http://api.sendgrid.com",
    ],
)
def test_a_file_of_the_workspace_does_not_say_where_the_key_goes(issue_workspace, run, monkeypatch, url):
    monkeypatch.setenv("PVD_CHANNEL", "sendgrid")
    monkeypatch.setenv("SENDGRID_API_KEY", "SG.une-cle")
    (issue_workspace.root / "pvd-mailer.toml").write_text(f'sendgrid_url = "{url}"\n', "utf-8")
    ran = run("doctor")
    assert (ran.code, "would send SendGrid's key to another host" in ran.err) == (2, True)
    assert "PVD_SENDGRID_URL" in ran.err


def test_a_file_of_the_workspace_may_name_the_european_sendgrid(issue_workspace, run):
    for slash in ("", "/"):
        (issue_workspace.root / "pvd-mailer.toml").write_text(
            f'sendgrid_url = "https://api.eu.sendgrid.com{slash}"\n', "utf-8"
        )
        assert run("doctor").code == 0
    (issue_workspace.root / "pvd-mailer.toml").write_text('sendgrid_api_key = "SG.une-cle"\n', "utf-8")
    ran = run("doctor")
    assert (ran.code, "holds a secret" in ran.err, "SENDGRID_API_KEY" in ran.err, "une-cle" in ran.err) == (
        2,
        True,
        True,
        False,
    )


@pytest.mark.parametrize(
    "name", ["keys", "sendgrid_webhook_key", "proxies", "smtp_url", "database_url", "backup_passphrase"]
)
def test_a_file_of_the_workspace_names_no_secret_and_no_place_for_one(issue_workspace, run, name):
    (issue_workspace.root / "pvd-mailer.toml").write_text(f'{name} = "x"\n', "utf-8")
    for arguments in (["doctor"], ["check", "1"], ["serve"]):
        ran = run(*arguments)
        assert (ran.code, f"PVD_{name.upper()}" in ran.err) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="this system has no modes")
def test_doctor_tells_of_keys_and_addresses_that_others_may_read(issue_workspace, run):
    run("subscribers", "import", "subscribers/sample.csv", "--basis", "consent", "--apply")
    assert "may read" not in run("doctor").out
    keys, outbox = Path(os.environ["PVD_KEYS"]), issue_workspace.root / "var" / "outbox"
    keys.chmod(0o640)
    outbox.mkdir(mode=0o755)
    outbox.chmod(0o755)
    said = run("doctor").out
    assert f"Others on this machine may read {keys}: `chmod 600 {keys}`" in said
    assert f"`chmod 700 {outbox}`" in said


def test_a_public_address_hosts_the_pictures(issue_workspace, run, monkeypatch):
    issue_workspace.write(blocks('- id: a\n  type: image\n  image: {file: une-image.png, alt: "Un"}'))
    monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.example.org/")
    assert run("render", "1", "-o", "lettre").code == 0
    page = (issue_workspace.root / "lettre" / "letter.html").read_text("utf-8")
    assert re.search(r'src="https://lettre\.example\.org/images/[0-9a-f]+\.png"', page)


# Words


def test_help_and_faults_of_usage_are_french_where_the_system_is(issue_workspace):
    helped = issue_workspace.process("--help", LANG="fr_FR.UTF-8")
    assert helped.returncode == 0
    for english in ("Usage:", "Commands", "Show this message", "Show the version"):
        assert english not in helped.stdout
    wrong = issue_workspace.process("check", "1", "--format", "xml", LANG="fr_FR.UTF-8")
    assert wrong.returncode == 2
    for english in ("Usage:", "Try ", "Error", "is not one of", "Invalid value"):
        assert english not in wrong.stderr
    nothing = issue_workspace.process("nothing", LANG="fr_FR.UTF-8")
    assert "No such command" not in nothing.stderr


@pytest.mark.parametrize("more", [{"LANG": "en_GB.UTF-8"}, {"LANG": "C"}, {"LANG": "fr_FR.UTF-8", "PVD_LANG": "en"}])
def test_words_are_english_elsewhere(issue_workspace, more):
    ran = issue_workspace.process("--help", **more)
    assert "Usage:" in ran.stdout


def test_the_file_of_settings_chooses_the_language(issue_workspace):
    (issue_workspace.root / "pvd-mailer.toml").write_text('lang = "fr"\n', "utf-8")
    assert "Usage:" not in issue_workspace.process("--help").stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run, command):
    ran = run(command, "--help")
    assert ran.code == 0
    assert f"pvd-mailer {command}" in ran.out
    assert command in run("--help").out


ODD = st.one_of(
    st.sampled_from(
        [
            *COMMANDS,
            "1",
            "22",
            "latest",
            "-o",
            "--format",
            "json",
            "--channel",
            "outbox",
            "--audience",
            "--by",
            "--dry-run",
            "--again",
            "--",
            "-",
            "",
            "--help",
            "-h",
            "--version",
            ".",
            "..",
            "/",
            "~",
            "*",
            "0",
            "-1",
            "99999",
            "é",
            "\udcff",
            "issue.yaml",
            "a\nb",
            "{x}",
            "%s",
            "--output=x",
            "--format=text",
        ]
    ),
    st.text(max_size=12),
)


@given(st.lists(ODD, max_size=5))
@settings(max_examples=150)
def test_no_odd_argument_gets_a_trace(capsys, arguments):
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        issue_workspace = IssueWorkspace.start(Path(folder) / "un" / "atelier")
        os.chdir(issue_workspace.root)
        try:
            # `init` and `-o` may be told to write anywhere: nowhere but here.
            code = run_cli([one for one in arguments if not one.startswith(("/", "~", "..")) and one != "preview"])
        finally:
            os.chdir(before)
    written = capsys.readouterr()
    assert code in (0, 1, 2, 3), arguments
    assert "Traceback" not in written.out + written.err
    assert "fault of the program" not in written.err
