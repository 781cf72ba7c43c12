"""Two publications on one site: a reader is spoken to by the one whose letter they had."""

import threading

import pytest

from pvd_mailer.database import DatabaseError
from pvd_mailer.site import open_site
from pvd_mailer.site.live.default_publication import DefaultPublication
from tests.preview.conftest import HANG, until
from tests.send.scripted import Scripted
from tests.site.conftest import CLAIRE, GONE, HERE, SECOND, add_publication, serving
from tests.site.test_unsubscribe import undo_of
from tests.subscribers.people import person
from tests.workspace import ISSUE, PUBLICATION

LEA = "lea@example.net"
FIRST_NOTICE = "https://petites-villes-de-demain.example.org/mentions-legales"
SECOND_NOTICE = "https://carnet.example.org/mentions-legales"


def send(site_server, publication, audience, *, again=False):
    site_server.line.issue_workspace.write(ISSUE.replace(PUBLICATION, publication))
    channel = Scripted(batch_size=5)
    site_server.line.send(site_server.line.approve(channel, audience=audience, again=again), channel)


@pytest.fixture
def two_publications(issue_workspace, database, monkeypatch):
    """Léa had the second publication's letter, Claire the first one's; the first one's was sent last."""
    add_publication(issue_workspace)
    with serving(issue_workspace, database, monkeypatch) as served:
        served.line.join(person(LEA, "Léa", "", letter="carnet"), person(CLAIRE, "Claire", "", letter="lettre"))
        send(served, SECOND, "letter:carnet")
        send(served, PUBLICATION, "letter:lettre")
        yield served


def assert_is_of(answer, publication):
    """Its face, its legal notice, and the links at its foot."""
    mine, other = (FIRST_NOTICE, SECOND_NOTICE) if publication == PUBLICATION else (SECOND_NOTICE, FIRST_NOTICE)
    assert f'href="/{publication}/site.css' in answer.body
    assert f'href="/{publication}/preferences' in answer.body
    assert mine in answer.body
    assert other not in answer.body


@pytest.mark.parametrize(("address", "publication"), [(LEA, SECOND), (CLAIRE, PUBLICATION)])
def test_the_way_out_and_back_is_of_the_readers_own_letter(two_publications, address, publication):
    link = two_publications.link_of(address)
    asks = two_publications.call(link)
    assert_is_of(asks, publication)
    gone = two_publications.post(link)
    assert_is_of(gone, publication)
    assert_is_of(two_publications.post(link), publication)  # the second click as well
    assert_is_of(two_publications.call(link), publication)  # and the link that was used
    undo = undo_of(gone)
    assert_is_of(two_publications.call(undo), publication)
    assert two_publications.state(address) is GONE
    assert_is_of(two_publications.post(undo), publication)
    assert two_publications.state(address) is HERE
    assert_is_of(two_publications.post(undo), publication)  # too late


def test_the_link_to_ones_own_page_comes_from_that_publication_and_saves_what_it_offers(two_publications):
    assert_is_of(two_publications.post(f"{two_publications.link_of(LEA)}/preferences"), SECOND)
    mail = two_publications.mail()
    assert str(mail["message"]["From"]) == "Carnet des territoires <carnet@lettre.example.org>"
    assert SECOND_NOTICE in mail["html"]
    page = two_publications.call(mail["path"])
    assert_is_of(page, SECOND)
    assert "Chaque saison" in page.body
    saved = two_publications.save(mail["path"], first_name="Léa", **{"tag-0": "Chaque saison"})
    assert "Vos changements sont enregistrés" in saved.body
    assert "<option selected>Chaque saison" in two_publications.call(mail["path"]).body
    assert_is_of(two_publications.call(f"{mail['path']}/erase"), SECOND)
    assert_is_of(two_publications.post(f"{mail['path']}/unsubscribe"), SECOND)


def test_an_answer_that_is_not_offered_is_never_called_saved(two_publications):
    two_publications.post(f"{two_publications.link_of(LEA)}/preferences")
    path = two_publications.mail()["path"]
    answer = two_publications.save(path, first_name="Léa", **{"tag-1": ["Habitat"]})
    assert answer.status == 422
    assert "Vos changements sont enregistrés" not in answer.body


def test_somebody_who_is_on_no_list_keeps_the_face_of_the_page_they_came_by(two_publications):
    two_publications.fill(f"/{SECOND}/preferences", address="nobody@example.org")
    path = two_publications.mail()["path"]
    assert_is_of(two_publications.post(f"{path}/unsubscribe"), SECOND)


def test_pages_of_nobody_wear_the_face_of_the_letter_that_was_sent_last_while_the_site_runs(
    two_publications, monkeypatch
):
    monkeypatch.setattr("pvd_mailer.site.live.default_publication.FRESH_SECONDS", 0.0)
    assert_is_of(two_publications.call("/nowhere"), PUBLICATION)
    two_publications.line.join(person("anna@example.net", letter="carnet"))
    send(two_publications, SECOND, "letter:carnet", again=True)
    until(lambda: f'href="/{SECOND}/site.css' in two_publications.call("/nowhere").body, "the other face")
    assert_is_of(two_publications.call("/u/x.y"), SECOND)


def test_a_rehearsal_does_not_change_the_face(two_publications):
    two_publications.line.issue_workspace.write(ISSUE.replace(PUBLICATION, SECOND))
    practice = Scripted()
    practice.is_live, practice.identity = False, "rehearsal"
    two_publications.line.send(two_publications.line.approve(practice, audience="letter:carnet"), practice)
    assert open_site(two_publications.site.context).default_publication == PUBLICATION


def test_a_database_that_does_not_answer_keeps_nobody_waiting_for_a_face(two_publications, monkeypatch):
    monkeypatch.setattr("pvd_mailer.site.live.default_publication.FRESH_SECONDS", 0.0)
    assert_is_of(two_publications.call("/nowhere"), PUBLICATION)
    ends = threading.Event()
    monkeypatch.setattr(DefaultPublication, "_read", lambda _self: ends.wait(HANG) and None)
    assert_is_of(two_publications.call("/nowhere"), PUBLICATION)
    ends.set()

    def fail(_self):
        raise DatabaseError("gone")

    monkeypatch.setattr(DefaultPublication, "_read", fail)
    for _time in range(3):
        assert_is_of(two_publications.call("/nowhere"), PUBLICATION)
