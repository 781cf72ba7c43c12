import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.schema import histories, subscribers, tags
from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers import mutations
from pvd_mailer.subscribers.importing import plan
from pvd_mailer.subscribers.importing.decisions import ImportAction
from pvd_mailer.subscribers.importing.parsed_row import ImportDefaults, RowReason
from pvd_mailer.subscribers.mutations import sign_up
from pvd_mailer.subscribers.queries import find_subscriber, matching_subscribers, tags_of
from pvd_mailer.subscribers.state_changes import change_state, unsubscribe_address
from tests.subscribers.importing.imports import applied, entries_of, planned
from tests.subscribers.importing.sheets import csv_text, xlsx
from tests.subscribers.people import CONSENT, FOUR, KEYS, MISSION, NOW, person, settle
from tests.workspace import ROOT

CLAIRE, KARIM, MAIRIE, LEA = (one.address.key for one in FOUR)


def everything(database):
    """What the tables hold, to be compared."""
    with database.read() as connection:
        return [
            connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (subscribers, tags, histories)
        ]


def test_every_row_gets_its_verdict(database, tmp_path):
    settle(database, *FOUR)
    with database.write() as connection:
        unsubscribe_address(connection, KARIM, NOW, "a mail")
        change_state(connection, LEA, SubscriberState.BOUNCED, NOW, "smtp")
    erase_person(database, "gone@example.org", KEYS, NOW)
    made = planned(
        database,
        tmp_path,
        [
            ["Courriel", "Prénom", "Nom", "Fonction"],
            ["new@example.org", "Noé", "Neuf", "Maire"],
            ["CLAIRE@example.org", "Claire", "Autre", "cheffe de PROJET"],
            ["mairie@petite-ville.example", "", "", ""],
            ["karim@EXAMPLE.com", "", "", ""],
            ["lea@example.net", "", "", ""],
            ["gone@example.org", "", "", ""],
            ["New@Example.org", "", "", ""],
            ["nobody", "", "", ""],
            ["", "Sans", "Adresse", ""],
            ["contact@ville.example", "", "", ""],
        ],
    )
    assert made.said == [
        (2, ImportAction.ADDED, None),
        (3, ImportAction.UPDATED, None),
        (4, ImportAction.UNCHANGED, None),
        (5, ImportAction.REFUSED, RowReason.UNSUBSCRIBED),
        (6, ImportAction.REFUSED, RowReason.BOUNCED),
        (7, ImportAction.REFUSED, RowReason.OPPOSED),
        (8, ImportAction.REFUSED, RowReason.DUPLICATE),
        (9, ImportAction.REFUSED, RowReason.ADDRESS),
        (10, ImportAction.REFUSED, RowReason.ADDRESS),
        (11, ImportAction.ADDED, RowReason.ROLE),
    ]
    assert made.verdicts[1].update.fields == ("last_name",)
    assert made.verdicts[6].detail == "2"


def test_planning_writes_nothing(database, tmp_path):
    settle(database, *FOUR)
    before = everything(database)
    planned(database, tmp_path, [["email", "nom"], ["new@example.org", "N"], [CLAIRE, "Autre"]])
    assert everything(database) == before


def test_applying_does_what_was_planned(database, tmp_path):
    settle(database, *FOUR)
    made = planned(
        database,
        tmp_path,
        [
            ["email", "prénom", "nom", "rôle", "département"],
            ["Noémie@Évariste.example".replace("é", "e", 1), "Noémie", "", "Maire|Élue|MAIRE", "1"],
            [CLAIRE, "", "Autre", "Maire", ""],
        ],
    )
    done = applied(made, database)
    assert done.said == made.said
    with database.read() as connection:
        new = find_subscriber(connection, "noemie@xn--variste-9xa.example") or next(
            one for one in matching_subscribers(connection) if one.first_name == "Noémie"
        )
        claire = find_subscriber(connection, CLAIRE)
        marks = tags_of(connection, [new.id, claire.id])
    assert (new.state, new.proof) == ("subscribed", MISSION)
    assert marks[new.id] == {"department": ("1",), "role": ("Élue", "Maire")}
    assert (claire.first_name, claire.last_name) == ("Claire", "Autre")
    assert marks[claire.id] == {"role": ("Maire",), "department": ("35",), "region": ("Bretagne",)}


def test_an_import_twice_changes_nothing_the_second_time(database, tmp_path):
    rows = [["email", "nom", "rôle"], ["a@example.org", "A", "Maire|Élu"], ["b@example.org", "B", ""]]
    applied(planned(database, tmp_path, rows), database)
    before = everything(database)
    done = applied(planned(database, tmp_path, rows), database)
    assert done.fates == {ImportAction.UNCHANGED: 2}
    assert everything(database) == before


@pytest.mark.parametrize("state", ["unsubscribed", "bounced", "complained"])
def test_an_import_never_brings_back_who_left_and_their_own_sign_up_does(database, tmp_path, state):
    settle(database, *FOUR)
    with database.write() as connection:
        change_state(connection, CLAIRE, SubscriberState(state), NOW, "test")
    before = everything(database)
    done = applied(planned(database, tmp_path, [["email", "nom"], [CLAIRE, "Autre"]]), database)
    assert done.fates == {ImportAction.REFUSED: 1}
    assert everything(database) == before
    with database.write() as connection:
        assert sign_up(connection, person(CLAIRE), CONSENT, KEYS, NOW).state == "subscribed"


def test_who_was_forgotten_stays_away_until_their_own_sign_up(database, tmp_path):
    settle(database, *FOUR)
    erase_person(database, CLAIRE, KEYS, NOW)
    rows = [["email"], [CLAIRE]]
    assert planned(database, tmp_path, rows).said == [(2, ImportAction.REFUSED, RowReason.OPPOSED)]
    with database.write() as connection:
        sign_up(connection, person(CLAIRE), CONSENT, KEYS, NOW)
    assert planned(database, tmp_path, rows).said == [(2, ImportAction.UNCHANGED, None)]


def test_somebody_who_asked_and_has_not_confirmed_is_not_confirmed_by_a_list(database, tmp_path):
    settle(database, *FOUR)
    with database.write() as connection:
        connection.execute(subscribers.update().where(subscribers.c.address_key == LEA).values(state="pending"))
    made = planned(database, tmp_path, [["email"], [LEA]])
    assert made.said == [(2, ImportAction.UNCHANGED, RowReason.PENDING)]
    applied(made, database)
    with database.read() as connection:
        assert find_subscriber(connection, LEA).state == "pending"


def test_what_changed_since_the_plan_is_obeyed(database, tmp_path):
    settle(database, *FOUR)
    made = planned(database, tmp_path, [["email", "nom"], ["new@example.org", "N"], [CLAIRE, "Autre"], [LEA, ""]])
    with database.write() as connection:
        unsubscribe_address(connection, CLAIRE, NOW, "a mail")
        sign_up(connection, person("new@example.org", last="N"), CONSENT, KEYS, NOW)
    done = applied(made, database)
    assert done.said == [
        (2, ImportAction.UNCHANGED, None),
        (3, ImportAction.REFUSED, RowReason.UNSUBSCRIBED),
        (4, ImportAction.UNCHANGED, None),
    ]
    with database.read() as connection:
        assert find_subscriber(connection, CLAIRE).state == "unsubscribed"
        assert find_subscriber(connection, CLAIRE).last_name == "Exemple"
        assert find_subscriber(connection, "new@example.org").proof == CONSENT


def test_an_import_that_fails_half_way_leaves_nothing(database, tmp_path, monkeypatch):
    settle(database, *FOUR)
    rows = [["email"], *[[f"n{number}@example.org"] for number in range(2000)]]
    made = planned(database, tmp_path, rows)
    before = everything(database)
    real, calls = mutations.insert_subscribers, []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise DatabaseError("full")
        real(*arguments)

    monkeypatch.setattr(plan, "insert_subscribers", failing)
    with pytest.raises(DatabaseError):
        applied(made, database)
    assert len(calls) == 3
    assert everything(database) == before


def test_nobody_is_added_without_a_legal_basis(database, tmp_path):
    given = ImportDefaults(None, "liste.csv", "", NOW)
    rows = [["email", "base légale"], ["a@example.org", "Consentement"], ["b@example.org", ""]]
    made = planned(database, tmp_path, rows, given)
    assert made.plan.first_row_without_basis == 3
    with pytest.raises(WrongUsageError, match="row 3 has no legal basis"):
        applied(made, database)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(subscribers)) == 0


def test_a_row_states_its_own_proof(database, tmp_path):
    rows = [
        ["email", "basis", "date", "source", "wording"],
        ["a@example.org", "consent", "07/03/2024", "Salon", "Oui"],
        ["b@example.org", "Mission d’intérêt public", "2024-03-07 13:30:00+00:00", "", ""],
        ["c@example.org", "because", "", "", ""],
        ["d@example.org", "", "31/02/2024", "", ""],
        ["e@example.org", "", "2031-01-01", "", ""],
    ]
    made = planned(database, tmp_path, rows)
    assert [one.reason for one in made.verdicts] == [None, None, RowReason.BASIS, RowReason.DATE, RowReason.DATE]
    applied(made, database)
    with database.read() as connection:
        one, other = find_subscriber(connection, "a@example.org"), find_subscriber(connection, "b@example.org")
    assert (one.proof.basis, one.proof.at, one.proof.source, one.proof.wording) == (
        LegalBasis.CONSENT, datetime(2024, 3, 7, 12, tzinfo=UTC), "Salon", "Oui",
    )  # fmt: skip
    assert (other.proof.basis, other.proof.at, other.proof.source) == (
        LegalBasis.PUBLIC_MISSION, datetime(2024, 3, 7, 13, 30, tzinfo=UTC), "liste.csv",
    )  # fmt: skip


def test_what_no_database_takes_is_cleaned_away(database, tmp_path):
    made = planned(
        database, tmp_path, [["email", "nom", "rôle"], ["a@example.org", "A\x00B\x07 \t C\u00a0D", "\x00|\x01"]]
    )
    applied(made, database)
    with database.read() as connection:
        assert find_subscriber(connection, "a@example.org").last_name == "AB C D"


def test_rows_that_a_quotation_mark_joined_are_refused(tmp_path):
    file = tmp_path / "liste.csv"
    file.write_text('email;nom\na@example.org;"A\nb@example.org;B\nc@example.org;"C\n', encoding="utf-8")
    entries = entries_of(file)
    assert [(one.row_number, one.reason) for one in entries] == [(2, RowReason.SEVERAL_LINES)]


def test_characters_that_were_lost_are_not_imported(tmp_path):
    file = tmp_path / "liste.csv"
    file.write_bytes(b"email;nom\na@example.org;A\x81B\n\xffb@example.org;B\nc@example.org;\xe9\n")
    entries = entries_of(file)
    assert [one.reason for one in entries] == [RowReason.UNREADABLE, RowReason.ADDRESS, None]


def test_a_thousand_people_are_neither_lost_nor_mixed_up(database, tmp_path):
    rows = [["email", "nom", "rôle"], *[[f"n{n}@example.org", f"Nom {n}", f"r{n % 7}"] for n in range(2500)]]
    applied(planned(database, tmp_path, rows), database)
    with database.read() as connection:
        people = list(matching_subscribers(connection))
        marks = tags_of(connection, [one.id for one in people])
    assert len(people) == 2500
    for one in people:
        number = int(one.address[1:].partition("@")[0])
        assert (one.last_name, marks[one.id]) == (f"Nom {number}", {"role": (f"r{number % 7}",)})


def test_two_imports_at_once_add_a_person_once(database, tmp_path):
    rows = [["email"], *[[f"n{number}@example.org"] for number in range(500)]]
    made = planned(database, tmp_path, rows)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: applied(made, database), range(4)))
    assert sum(one.fates[ImportAction.ADDED] for one in done) == 500
    assert sum(one.fates[ImportAction.UNCHANGED] for one in done) == 1500


# The command line.


def listed(issue_workspace, text, name="liste.csv"):
    file = issue_workspace.root / "subscribers" / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8-sig"))
    return file


@pytest.mark.usefixtures("on_database")
def test_the_sample_is_imported_and_listed(run):
    sample = ROOT / "subscribers" / "sample.csv"
    dry = run("subscribers", "import", sample)
    assert dry.code == 0
    assert "8 rows: 8 to add" in dry.out
    assert "Simulation: nothing was written. Add --apply to do it." in dry.out
    assert "--basis consent" in dry.out
    assert run("subscribers", "list").out == "0 people\n"
    refused = run("subscribers", "import", sample, "--apply")
    assert (refused.code, "row 2 has no legal basis" in refused.err) == (2, True)
    done = run("subscribers", "import", sample, "--basis", "public-mission", "--apply")
    assert (done.code, "8 rows: 8 added" in done.out, "Simulation" in done.out) == (0, True, False)
    out = run("subscribers", "list", "--audience", "département:1 ou rôle:élue").out
    assert "karim@example.com" in out
    assert out.endswith("3 people\n")


def test_the_import_as_json_accounts_for_every_row(issue_workspace, run):
    file = listed(
        issue_workspace, csv_text([["email", "tel"], ["a@example.org", "1"], ["A@example.org", "2"], ["x", "3"]])
    )
    ran = run("subscribers", "import", file, "--basis", "consent", "--apply", "--format", "json")
    told = json.loads(ran.out)
    assert (told["applied"], told["rows"], told["columns_not_taken"]) == (True, 3, ["tel"])
    assert told["counts"] == {
        "added": 1,
        "updated": 0,
        "unchanged": 0,
        "opposed": 0,
        "hidden": 0,
        "refused": 2,
    }
    assert [(one["row"], one["fate"], one["why"]) for one in told["verdicts"]] == [
        (2, "added", None), (3, "refused", "duplicate"), (4, "refused", "address"),
    ]  # fmt: skip


def test_a_long_plan_shows_what_there_is_to_say_something_of(issue_workspace, run):
    rows = [["email"], *[[f"n{number}@example.org"] for number in range(400)], ["nobody"]]
    file = listed(issue_workspace, csv_text(rows))
    out = run("subscribers", "import", file).out
    assert "n5@example.org" not in out
    assert "402  refuse" in out
    assert "400 rows with nothing to say of them; --all lists every row" in out
    assert "n5@example.org" in run("subscribers", "import", file, "--all").out


def test_an_xlsx_is_imported(issue_workspace, run):
    file = listed(issue_workspace, xlsx([["Courriel pro", "Dpt", "Prénom"], ["a@example.org", 1, "Zoé"]]), "liste.xlsx")
    arguments = ("subscribers", "import", file, "--map", "Courriel pro=email", "--basis", "consent", "--apply")
    assert run(*arguments).code == 0
    told = json.loads(run("subscribers", "show", "a@example.org", "--format", "json").out)
    assert (told["first_name"], told["tags"], told["proof_source"]) == ("Zoé", {"department": ["1"]}, "liste.xlsx")
    assert run("subscribers", "list", "--audience", "department:01").out.endswith("1 person\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "nothere.csv"], "there is no such file"),
        (["import", "liste.csv", "--date", "tomorrow"], "not the date of a consent"),
        (["import", "liste.csv", "--source", "x" * 3000], "--source holds something"),
        (["import", "liste.csv", "--map", "x"], "not understood"),
        (["list", "--audience", "role"], "not understood at character 5"),
        (["list", "--audience", "rolle:maire"], "no subscriber has a tag"),
        (["show", "nobody"], "there is no @"),
        (["show", "nobody@example.org"], "no subscriber has that address"),
        (["import", "liste.csv", "--header-row", "9"], "nothing stands on row 9"),
        (["add", "nobody", "--basis", "consent", "--source", "x"], "there is no @"),
        (["add", "a@example.org", "--basis", "consent", "--source", "x", "--tag", "role"], "--tag role=maire"),
        (["forget", "a@example.org"], "nobody to ask"),
        (["export", "missing/liste.csv"], "cannot be written"),
    ],
)
def test_what_a_person_gets_wrong_is_told_in_words(issue_workspace, run, arguments, said):
    (issue_workspace.root / "liste.csv").write_text("email\na@example.org\n", encoding="utf-8")
    ran = run("subscribers", *arguments)
    assert ran.code == 2, ran.err
    assert said in ran.err
    assert "→" in ran.err


@pytest.mark.usefixtures("on_database")
def test_one_person_is_added_shown_and_let_go(run):
    add = ("subscribers", "add", "Eve@Example.org", "--basis", "consent", "--source", "un appel", "--tag", "rôle=Maire")
    assert run(*add, "--first-name", "Ève").out == "Eve@Example.org is subscribed.\n"
    assert "nothing to change" in run(*add).out
    assert "brought up to date" in run(*add, "--last-name", "Fictive").out
    shown = run("subscribers", "show", "eve@example.org").out
    assert "Ève Fictive" in shown
    assert "added by hand, un appel" in shown
    assert "is unsubscribed" in run("subscribers", "unsubscribe", "EVE@example.org").out
    assert "had left already" in run("subscribers", "unsubscribe", "eve@example.org").out
    refused = run(*add)
    assert (refused.code, "only their own sign-up" in refused.err) == (2, True)
    listing = run("subscribers", "list")
    assert listing.out == "0 people\nNot listed: 1 unsubscribed\n"


@pytest.mark.usefixtures("on_database")
def test_an_export_comes_back_as_it_was(issue_workspace, run):
    rows = [
        ["email", "nom", "prénom", "rôle", "tag:réseau"],
        ["a@example.org", "=cmd|' /C calc'!A0", "+Zoé", "@Maire|Élue", "Ouest"],
        ["-b@example.org", "-1", 'L;"é"', "", ""],
    ]
    file = listed(issue_workspace, csv_text(rows))
    assert run("subscribers", "import", file, "--basis", "consent", "--apply").code == 0
    out = issue_workspace.root / "export.csv"
    assert run("subscribers", "export", out).code == 0
    raw = out.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfemail;first_name;")
    assert raw.count(b"\r\n") == 3
    for cell in raw.decode("utf-8-sig").replace('"', "").replace("\r\n", ";").split(";"):
        assert not cell.startswith(("=", "+", "-", "@"))
    if hasattr(out, "chmod"):
        assert out.stat().st_mode & 0o077 == 0
    again = json.loads(run("subscribers", "import", out, "--format", "json").out)
    assert {fate: n for fate, n in again["counts"].items() if n} == {"unchanged": 2}
    assert run("subscribers", "export", out).code == 2
    assert run("subscribers", "export", "-").out == out.read_bytes().decode()


def test_who_left_comes_back_at_their_own_wish_alone(issue_workspace, run, on_database):
    del issue_workspace, on_database
    add = ("subscribers", "add", "karim@example.com", "--source", "a letter of 3 December")
    assert run(*add, "--basis", "consent").code == 0
    assert run("subscribers", "unsubscribe", "karim@example.com").code == 0
    refused = run(*add, "--basis", "consent")
    assert refused.code == 2
    assert "--own-request" in refused.err
    assert run(*add, "--basis", "public-mission", "--own-request").code == 2
    assert run(*add, "--basis", "consent", "--own-request").code == 0
    assert "karim@example.com" in run("subscribers", "list").out
