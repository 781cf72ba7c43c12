"""Who left elsewhere, and what a list says of them that is not understood."""

import re
import shlex

import pytest

from pvd_mailer.database.states import SubscriberState
from pvd_mailer.services.subscribers.privacy import erase_expired, erase_person
from pvd_mailer.subscribers.importing.decisions import ImportAction
from pvd_mailer.subscribers.importing.readers.sheet import SheetError
from pvd_mailer.subscribers.mutations import sign_up
from pvd_mailer.subscribers.queries import find_subscriber
from pvd_mailer.subscribers.state_changes import change_state, unsubscribe_address
from tests.subscribers.importing.imports import applied, entries_of, opened, planned, written
from tests.subscribers.importing.sheets import csv_text
from tests.subscribers.people import CONSENT, FOUR, KEYS, NOW, person, settle

CLAIRE = FOUR[0].address.key


def state(database, key):
    with database.read() as connection:
        found = find_subscriber(connection, key)
    return found and str(found.state)


def test_a_row_that_says_that_somebody_left_counts_wherever_it_stands(database, tmp_path):
    rows = [["email", "désabonné"], ["a@example.org", "non"], ["A@example.org", "oui"], ["a@example.org", ""]]
    told = planned(database, tmp_path, rows)
    assert told.said == [
        (2, ImportAction.REFUSED, "contradicted"),
        (3, ImportAction.OPPOSED, "left"),
        (4, ImportAction.REFUSED, "contradicted"),
    ]
    applied(told, database)
    assert state(database, "a@example.org") == "unsubscribed"


def test_a_complaint_is_graver_than_a_departure_and_a_bounce_is_not(database, tmp_path):
    settle(database, *FOUR)
    with database.write() as connection:
        unsubscribe_address(connection, CLAIRE, NOW, "a mail")
    applied(planned(database, tmp_path, [["email", "statut"], [CLAIRE, "bounced"]]), database)
    assert state(database, CLAIRE) == "unsubscribed"
    applied(planned(database, tmp_path, [["email", "statut"], [CLAIRE, "spam"]]), database)
    assert state(database, CLAIRE) == "complained"


def test_who_was_forgotten_is_not_written_down_again(database, tmp_path):
    settle(database, *FOUR)
    erase_person(database, CLAIRE, KEYS, NOW)
    told = planned(database, tmp_path, [["email", "statut"], [CLAIRE, "unsubscribed"]])
    applied(told, database)
    assert (told.said, state(database, CLAIRE)) == ([(2, ImportAction.UNCHANGED, "opposed")], None)


def test_an_opposition_outlives_retention_and_ends_by_the_persons_own_wish(database, tmp_path):
    rows = [["email", "statut"], ["a@example.org", "unsubscribed"]]
    applied(planned(database, tmp_path, rows), database)
    later = NOW.replace(year=NOW.year + 4)
    assert [one.address_key for one in erase_expired(database, KEYS, later, 3)] == ["a@example.org"]
    assert planned(database, tmp_path, [["email"], ["a@example.org"]]).said == [(2, ImportAction.REFUSED, "opposed")]
    with database.write() as connection:
        assert sign_up(connection, person("a@example.org"), CONSENT, KEYS, later).state == "subscribed"
    assert planned(database, tmp_path, [["email"], ["a@example.org"]]).fates == {ImportAction.UNCHANGED: 1}


def test_an_unreadable_row_opposes_all_the_same(database, tmp_path):
    rows = [["email", "nom", "date", "statut"], ["a@example.org", "x" * 600, "31/02/2020", "désabonné"]]
    applied(planned(database, tmp_path, rows), database)
    assert state(database, "a@example.org") == "unsubscribed"


COMMAND = re.compile(r"--map '[^']*'")


def led_on(file, pairs=(), steps=4):
    """The list, opened as each hint says in turn."""
    try:
        return opened(file, *pairs)
    except SheetError as error:
        hint = error.hint
    found = [shlex.split(one)[1] for one in COMMAND.findall(hint)]
    ways = [one for one in found if not one.endswith("=ignore")] or found
    assert ways, hint
    assert not set(ways) <= set(pairs), "the hint leads nowhere"
    assert steps
    return led_on(file, (*pairs, *ways), steps - 1)


@pytest.mark.parametrize(
    "rows",
    [
        [["email", "Ne plus envoyer"], ["a@example.org", "x"], ["b@example.org", ""]],
        [["email", "Liste rouge"], ["a@example.org", "oui"], ["b@example.org", ""]],
        [["email", "Motif du désabonnement en ligne"], ["a@example.org", "trop de mails"], ["b@example.org", ""]],
        [["email", "Statut"], ["a@example.org", "radié"], ["b@example.org", "abonné"]],
        [["email", "désabonné"], ["a@example.org", "peut-être"], ["b@example.org", "non"]],
        [["email", "Remarque"], ["a@example.org", "Désabonnée"], ["b@example.org", ""]],
        [["email", "Souhaite recevoir la lettre"], ["a@example.org", "non"], ["b@example.org", "oui"]],
        [["email", "fonction"], ["a@example.org", "désinscrit"], ["b@example.org", "maire"]],
        [["Contact pro", "Nom", "Plainte reçue"], ["a@example.org", "A", "oui"], ["b@example.org", "B", "oui"]],
        [["email", "", "email"], ["a@example.org", "", "c@example.org"], ["b@example.org", "", ""]],
        [["Adresse", "", "Liste noire ?"], ["1 rue X", "a@example.org", "oui"], ["2 rue X", "b@example.org", ""]],
    ],
    ids=lambda rows: "-".join(rows[0]),
)
def test_what_may_say_that_somebody_left_stops_and_each_hint_leads_on(tmp_path, rows):
    file = written(tmp_path, rows)
    with pytest.raises(SheetError):
        opened(file)
    entries = list(led_on(file).rows())
    assert [one.person is not None for one in entries] == [True, True]
    if "email" not in rows[0][2:]:
        assert entries[0].is_opposition


def test_a_column_may_be_left_aside_when_a_person_says_so(tmp_path):
    rows = [["email", "Ne plus envoyer"], ["a@example.org", "x"]]
    assert not entries_of(written(tmp_path, rows), "Ne plus envoyer=ignore")[0].is_opposition


def test_words_of_a_state_are_explained_one_by_one(tmp_path):
    rows = [["email", "Statut"], ["a@example.org", "Radié"], ["b@example.org", "A jour"], ["c@example.org", "abonné"]]
    file = written(tmp_path, rows)
    pairs = ("Statut:radié=unsubscribed", "Statut:a jour=subscribed")
    assert [one.is_opposition for one in opened(file, *pairs).rows()] == [True, False, False]


@pytest.mark.usefixtures("on_database")
def test_a_list_of_suppressions_is_taken_of_people_who_were_never_here_too(issue_workspace, run):
    file = issue_workspace.root / "subscribers" / "sorties.csv"
    file.write_text(csv_text([["email", "Motif"], ["a@example.org", "désabonné"], ["b@example.org", "?"]]))
    assert run("subscribers", "add", "a@example.org", "--basis", "consent", "--source", "x").code == 0
    done = run("subscribers", "import", file, "--as", "unsubscribed", "--apply")
    assert (done.code, "2 rows: 2 kept away" in done.out) == (0, True)
    assert run("subscribers", "list").out == "0 people\nNot listed: 2 unsubscribed\n"
    refused = run("subscribers", "add", "b@example.org", "--basis", "consent", "--source", "x")
    assert (refused.code, "only their own sign-up" in refused.err) == (2, True)
    shown = run("subscribers", "show", "b@example.org").out
    assert "known for their opposition alone" in shown
    assert "unsubscribed, sorties.csv, --as" in shown


@pytest.mark.parametrize("name", ["desabonnes.csv", "liste_unsubscribed-2024.csv", "bounces.csv", "npai 2023.csv"])
def test_a_file_named_for_people_who_left_is_asked_about(issue_workspace, run, name):
    file = issue_workspace.root / "subscribers" / name
    file.write_text("email\na@example.org\n", encoding="utf-8")
    stopped = run("subscribers", "import", file, "--basis", "consent")
    assert (stopped.code, "--as unsubscribed" in stopped.err) == (2, True)
    assert "1 to keep away" in run("subscribers", "import", file, "--as", "unsubscribed").out
    assert "1 to add" in run("subscribers", "import", file, "--as", "subscribed", "--basis", "consent").out


@pytest.mark.usefixtures("on_database")
def test_somebody_who_was_never_here_can_be_let_go(issue_workspace, run):
    first = run("subscribers", "unsubscribe", "Eve@example.org")
    assert (first.code, "was not on the list" in first.out) == (0, True)
    assert "had left already" in run("subscribers", "unsubscribe", "eve@example.org").out
    file = issue_workspace.root / "subscribers" / "liste.csv"
    file.write_text("email\neve@example.org\n", encoding="utf-8")
    assert "1 row: 1 refused" in run("subscribers", "import", file, "--basis", "consent", "--apply").out
    add = ("subscribers", "add", "eve@example.org", "--source", "x", "--basis", "consent")
    assert run(*add).code == 2
    assert run(*add, "--own-request").code == 0
    assert run("subscribers", "list").out.endswith("1 person\n")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_an_import_says_fits_eighty_columns(issue_workspace, run, monkeypatch, lang):
    monkeypatch.setenv("PVD_LANG", lang)
    file = issue_workspace.root / "subscribers" / "liste.csv"
    rows = [
        ["email", "statut", "Une colonne de trop", "Une autre dont le nom est assez long"],
        ["prenom-compose.nom-compose@communaute-de-communes.example", "désabonné", "", ""],
        ["pas une adresse du tout, et longue avec cela, bien longue", "", "", ""],
        ["contact@ville.example", "", "", ""],
    ]
    file.write_text(csv_text(rows), encoding="utf-8")
    out = run("subscribers", "import", file).out
    assert max(map(len, out.splitlines())) <= 80


EVERY = tuple(SubscriberState)


@pytest.mark.usefixtures("on_database")
def test_an_export_of_every_state_into_an_empty_database_and_out_again_is_the_same(issue_workspace, run, database):
    odd = ("=1+2", "'=1+2", "''=1", "+33 6", "-Martin", "@SUM(1)", "＝1+1", "＠x", "a;b", 'a"b', "O’Neill", "é'=x")
    people = [person(f"n{at}@example.org", text, text, role=(text, "Maire")) for at, text in enumerate(odd)]
    settle(database, *people, *FOUR, proof=CONSENT)
    with database.write() as connection:
        for at, wanted in enumerate(
            (SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.COMPLAINED)
        ):
            change_state(connection, f"n{at}@example.org", wanted, NOW.replace(day=23 + at), "test")
        connection.exec_driver_sql("UPDATE subscribers SET state = 'pending' WHERE address_key = 'n3@example.org'")
    assert run("subscribers", "unsubscribe", "never@example.org").code == 0
    first, second = issue_workspace.root / "un.csv", issue_workspace.root / "deux.csv"
    assert run("subscribers", "export", "--state", "all", first).code == 0
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM subscribers")
        connection.exec_driver_sql("DELETE FROM oppositions")
    done = run("subscribers", "import", first, "--apply")
    assert (done.code, "17 rows: 13 added, 4 kept away" in done.out) == (0, True), done.out + done.err
    assert run("subscribers", "export", "--state", "all", second).code == 0
    assert second.read_bytes() == first.read_bytes()
    stood = first.read_text(encoding="utf-8-sig")
    assert all(f";{one};" in stood for one in EVERY)
