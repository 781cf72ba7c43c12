"""The lists of other programs: who left there is never subscribed here."""

import re

import pytest

from pvd_mailer.subscribers.importing.list_fields import ListField
from pvd_mailer.subscribers.importing.readers.formats import FORMATS
from pvd_mailer.subscribers.queries import find_subscriber, read_history, tags_of
from tests.subscribers.importing import exports
from tests.subscribers.importing.imports import applied, entries_of, opened, planned, written
from tests.subscribers.people import MISSION, person, settle

HERE, LEFT, BOUNCED, COMPLAINED = "subscribed", "unsubscribed", "bounced", "complained"
EXPORTS = {
    "MAILCHIMP": ("Mailchimp", {"here": HERE}),
    "MAILCHIMP_LEFT": ("Mailchimp", {"left": LEFT, "spam": COMPLAINED, "blank": LEFT}),
    "MAILCHIMP_CLEANED": ("Mailchimp", {"bounced": BOUNCED}),
    "BREVO": ("Brevo", {"here": HERE, "left": LEFT, "pending": None}),
    "BREVO_NEW": ("Brevo", {"here": HERE, "left": LEFT}),
    "BREVO_CHANNELS": ("Brevo", {"here": HERE, "left": LEFT}),
    "MAILJET": ("Mailjet", {"here": HERE, "excluded": LEFT, "left": LEFT, "pending": None, "spam": COMPLAINED}),
    "HUBSPOT": ("HubSpot", {"here": HERE, "left": LEFT, "some": LEFT, "bounced": BOUNCED}),
    "HUBSPOT_FR": ("HubSpot", {"here": HERE, "left": LEFT}),
    "LISTMONK": ("listmonk", {"here": HERE, "left": LEFT, "off": LEFT}),
    "KEILA": ("Keila", {"here": HERE, "left": LEFT, "bounced": BOUNCED}),
    "GHOST": ("Ghost", {"here": HERE, "left": LEFT, "gone": LEFT}),
    "SYMPA": ("Sympa", {"here": HERE, "left": LEFT}),
    "MAILMAN": ("Mailman", {"here": HERE, "left": LEFT, "bounced": BOUNCED}),
    "OUTLOOK": ("Outlook", {"here": HERE}),
    "GOOGLE": ("Google Contacts", {"here": HERE}),
    "GOOGLE_OLD": ("Google Contacts", {"here": HERE}),
}


def state(database, name):
    with database.read() as connection:
        found = find_subscriber(connection, f"{name}@example.org")
    return found and str(found.state)


def test_every_program_has_an_example():
    assert {one.name for one in FORMATS} - {"pvd-mailer"} == {name for name, _states in EXPORTS.values()}


@pytest.mark.parametrize("export", EXPORTS)
def test_each_person_stands_where_the_other_program_says(database, tmp_path, export):
    name, states = EXPORTS[export]
    told = planned(database, tmp_path, getattr(exports, export), encoding="utf-8")
    assert told.listing.list_file.columns.format.name == name
    done = applied(told, database)
    assert done.said == told.said
    assert {one: state(database, one) for one in states} == states
    again = applied(told, database)
    assert again.fates["added"] == again.fates["opposed"] == again.fates["updated"] == 0


@pytest.mark.parametrize("export", EXPORTS)
def test_who_left_there_leaves_here_too_and_nobody_comes_back(database, tmp_path, export):
    _name, states = EXPORTS[export]
    settle(database, *(person(f"{one}@example.org") for one in states))
    told = planned(database, tmp_path, getattr(exports, export), encoding="utf-8")
    applied(told, database)
    assert {one: state(database, one) for one in states} == {
        # Somebody who is here by their own wish does not stop being so, because another program waits for them.
        one: stands or HERE
        for one, stands in states.items()
    }
    with database.read() as connection:
        for one, stands in states.items():
            lines = read_history(connection, find_subscriber(connection, f"{one}@example.org").id)
            assert (lines[-1].what == stands) is (stands in {LEFT, BOUNCED, COMPLAINED})
    applied(planned(database, tmp_path, [["email"], *[[f"{one}@example.org"] for one in states]]), database)
    assert {one: state(database, one) for one in states} == {one: stands or HERE for one, stands in states.items()}


@pytest.mark.parametrize(
    ("export", "name", "day", "marks"),
    [
        ("MAILCHIMP", "Ève|Ici", "2021-03-07", {"label": ("maire", "élue")}),
        ("BREVO", "Ève|Ici", "2021-03-07", {}),
        ("MAILJET", "|Ève Ici", "2021-03-07", {}),
        ("HUBSPOT", "Ève|Ici", "2021-03-07", {}),
        ("LISTMONK", "|Ève Ici", "2021-03-07", {"ville": ("Auch",), "elus": ("2", "maire")}),
        ("KEILA", "Ève|Ici", "2026-11-22", {"ville": ("Auch",)}),
        ("GHOST", "|Ève Ici", "2021-03-07", {"label": ("maire", "élue")}),
        ("SYMPA", "|Ève Ici", "2021-03-07", {}),
        ("OUTLOOK", "Ève|Ici", "2026-11-22", {"label": ("presse", "élus"), "role": ("Maire",)}),
        ("GOOGLE", "Ève|Ici", "2026-11-22", {"label": ("élus",), "role": ("Maire",)}),
        ("GOOGLE_OLD", "Ève|Ici", "2026-11-22", {}),
    ],
)
def test_names_dates_and_tags_come_along(database, tmp_path, export, name, day, marks):
    applied(planned(database, tmp_path, getattr(exports, export), encoding="utf-8"), database)
    with database.read() as connection:
        one = find_subscriber(connection, "here@example.org")
        found = tags_of(connection, [one.id])[one.id]
    assert (f"{one.first_name}|{one.last_name}", f"{one.proof.at:%Y-%m-%d}") == (name, day)
    assert {key: tuple(sorted(values)) for key, values in found.items()} == {
        key: tuple(sorted(values)) for key, values in marks.items()
    }


def test_of_somebody_who_left_there_no_more_is_kept_than_that(database, tmp_path):
    applied(planned(database, tmp_path, exports.BREVO, encoding="utf-8"), database)
    with database.read() as connection:
        one = find_subscriber(connection, "left@example.org")
        lines = read_history(connection, one.id)
    assert (one.name, one.proof.basis, one.proof.source) == ("", "none", "liste.csv")
    assert [(line.what, line.source, line.detail) for line in lines] == [
        ("unsubscribed", "liste.csv", "EMAIL_BLACKLISTED")
    ]


def test_addresses_one_a_line_need_no_names_of_columns(tmp_path):
    """As Mailman's web interface and Sympa export members."""
    file = written(tmp_path, "a@example.org\nClaire Roy <b@example.org>\n\nc@example.org;\n")
    assert [one.address_as_written for one in entries_of(file)] == ["a@example.org", "b@example.org", "c@example.org"]
    assert entries_of(file)[1].person.last_name == "Claire Roy"
    file = written(tmp_path, "a@example.org\tÈve Ici\nb@example.org\t\n", encoding="utf-8")
    assert [one.person.last_name for one in entries_of(file)] == ["Ève Ici", ""]


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.name)
def test_what_an_entry_says_of_a_column_is_something_that_is_understood(one, tmp_path):
    for targets in one.columns.values():
        assert targets in {*ListField, "ignore", "json", "channels"} or targets.startswith(("tag:", "tags:"))
    for names in one.known_by:
        named = names.split()
        text = ";".join(named if re.search("mail|address|adresse", names) else ["email", *named])
        found = opened(written(tmp_path, text + "\n")).list_file.columns.format
        assert found.name == one.name


def test_the_gravest_of_several_signs_counts(tmp_path):
    rows = [["email", "statut", "npai", "plainte"], ["a@example.org", "abonné", "oui", "oui"]]
    assert entries_of(written(tmp_path, rows))[0].imported_state.state == COMPLAINED
    rows = [["email", "statut", "npai"], ["a@example.org", "désabonnée", "oui"], ["b@example.org", "actif", "non"]]
    assert [one.imported_state.state for one in entries_of(written(tmp_path, rows))] == [LEFT, HERE]


@pytest.mark.parametrize(
    ("word", "stands"),
    [
        ("Abonné(e)", HERE),
        ("abonné·e", HERE),
        ("INSCRITE", HERE),
        ("Actifs", HERE),
        ("Désabonnée", LEFT),
        ("désinscrit·e", LEFT),
        ("Opt-out", LEFT),
        ("NPAI", BOUNCED),
        ("cleaned", BOUNCED),
        ("Spam", COMPLAINED),
        ("en attente", "pending"),
        ("", HERE),
    ],
)
def test_states_are_known_in_french_and_english(tmp_path, word, stands):
    file = written(tmp_path, [["email", "Statut"], ["a@example.org", word]], encoding="utf-8")
    assert entries_of(file)[0].imported_state.state == stands


def test_nothing_of_the_proof_is_made_up(database, tmp_path):
    settle(database, person("left@example.org"), proof=MISSION)
    applied(planned(database, tmp_path, exports.BREVO, encoding="utf-8"), database)
    with database.read() as connection:
        assert find_subscriber(connection, "left@example.org").proof == MISSION
