"""A person's own page: what is held, changed, taken away, erased."""

import json
import re

import pytest

from pvd_mailer import clock
from pvd_mailer.services.readers.unsubscribe import SOURCE_OFFICE
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers.bounces import SOFT_BOUNCES
from pvd_mailer.subscribers.queries import find_subscriber, read_history, tags_of
from pvd_mailer.subscribers.state_changes import add_history_entry
from pvd_mailer.tokens import Purpose, TokenSigner, sign_timed_token
from tests.site.conftest import CLAIRE, GONE, HERE, KARIM, PREFERENCES
from tests.subscribers.people import person


@pytest.fixture
def own_page(site_server):
    """The path of Claire's page."""
    site_server.fill(PREFERENCES, address=CLAIRE)
    return site_server.mail()["path"]


def marks(site_server, address):
    with site_server.database.read() as connection:
        one = find_subscriber(connection, address)
        return one, tags_of(connection, [one.id])[one.id]


def test_the_link_comes_by_mail_and_shows_what_is_held(site_server, own_page):
    page = site_server.call(own_page).body
    for words in ("claire@example.org", "Claire", "liste.csv", "mission d’intérêt public", "ajout"):
        assert words in page, words
    assert site_server.state(CLAIRE) is HERE


def test_name_and_tags_are_changed_and_what_the_office_wrote_stays(site_server):
    site_server.line.join(person("lea@example.net", "Léa", "", role="chef de projet", themes=("habitat", "Forêt")))
    site_server.fill(PREFERENCES, address="lea@example.net")
    path = site_server.mail()["path"]
    page = site_server.call(path).body
    assert 'value="Habitat" checked' in page
    answer = site_server.save(path, first_name="Léa", last_name="Neuve", **{"tag-0": "Maire", "tag-1": ["Mobilités"]})
    assert answer.status == 200
    assert "Vos changements sont enregistrés" in answer.body
    one, held = marks(site_server, "lea@example.net")
    assert one.name == "Léa Neuve"
    assert held["role"] == ("Maire",)
    assert set(held["themes"]) == {"Mobilités", "Forêt"}
    with site_server.database.read() as connection:
        last = read_history(connection, one.id)[-1]
    assert (last.what, last.source) == ("updated", "the readers' site")


def test_what_was_not_there_to_tick_is_not_taken_away(sqlite_site):
    sqlite_site.line.join(person("lea@example.net", "Léa", "", themes=("Habitat", "Forêt")))
    sqlite_site.fill(PREFERENCES, address="lea@example.net")
    path = sqlite_site.mail()["path"]
    shown = re.search(r'name="offers" value="([^"]+)"', sqlite_site.call(path).body)[1]
    sqlite_site.edit('"Habitat", "Commerce"', '"Habitat", "Forêt", "Commerce"')
    answer = sqlite_site.post(path, {"first_name": "Léa", "last_name": "", "tag-1": ["Habitat"], "offers": shown})
    assert answer.status == 422
    assert "vient de changer" in answer.body
    assert 'value="Forêt" checked' in answer.body
    _one, held = marks(sqlite_site, "lea@example.net")
    assert set(held["themes"]) == {"Habitat", "Forêt"}
    assert sqlite_site.save(path, first_name="Léa", **{"tag-1": ["Habitat"]}).status == 200
    _one, held = marks(sqlite_site, "lea@example.net")
    assert held["themes"] == ("Habitat",)


def test_saving_without_a_change_changes_nothing(site_server, own_page):
    site_server.save(own_page, first_name="Claire", last_name="Exemple")
    one, _held = marks(site_server, CLAIRE)
    with site_server.database.read() as connection:
        assert [line.what for line in read_history(connection, one.id)] == ["added"]


def test_all_that_is_held_is_taken_away_as_json(site_server, own_page):
    answer = site_server.call(own_page.partition("?")[0] + "/data.json")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.body)["subscriber"]["address"] == CLAIRE


def test_leaving_from_there_is_leaving(site_server, own_page):
    assert site_server.call(f"{own_page}/unsubscribe").status == 405
    answer = site_server.post(f"{own_page}/unsubscribe")
    assert answer.status == 200
    assert "/undo/" in answer.body
    assert site_server.state(CLAIRE) is GONE


def test_erasing_is_asked_first_and_then_done(site_server, own_page):
    assert site_server.call(f"{own_page}/erase").status == 200
    assert site_server.state(CLAIRE) is HERE
    assert site_server.post(f"{own_page}/erase").status == 200
    assert site_server.state(CLAIRE) is None
    assert site_server.state(KARIM) is HERE


def test_the_link_is_good_for_a_day(site_server, own_page):
    site_server.clock.forward(hours=25)
    for path in (own_page, f"{own_page}/data.json", f"{own_page}/erase"):
        answer = site_server.call(path)
        assert answer.status == 410
        assert "claire" not in answer.body
    assert site_server.post(f"{own_page}/erase").status == 410
    assert site_server.state(CLAIRE) is HERE


def test_ones_own_page_has_no_word_of_the_programs(sqlite_site):
    lea = "lea@example.net"
    marked = {"role": "Maire", "department": "35", "region": "Bretagne", "themes": "Habitat", "ville-marraine": "Oui"}
    sqlite_site.line.join(person(lea, "Léa", "", **marked))
    for source in ("maildir", "sendgrid", "sync", "send", SOFT_BOUNCES, "restore", SOURCE_OFFICE):
        with sqlite_site.database.write() as connection:
            one = find_subscriber(connection, lea)
            add_history_entry(connection, one.id, clock.now(), "bounced", source)
    sqlite_site.fill(PREFERENCES, address=lea)
    page = sqlite_site.call(sqlite_site.mail()["path"]).body
    facts = re.search(r'<dl class="facts">(.*?)</dl>', page, re.DOTALL)[1]
    titles = re.findall("<dt>(.*?)</dt>", facts)
    for words in ("Ce qui vous intéresse", "Département", "Région", "Ville marraine", "Votre fonction"):
        assert words in titles
    history = re.findall('<tr><td class="day">[^<]*</td><td>([^<]*)</td></tr>', page)
    assert len(history) == 8
    raw = {"maildir", "sendgrid", "sync", "send", SOFT_BOUNCES, "restore", SOURCE_OFFICE}
    assert [line for line in history if line.rpartition(", ")[2] in raw] == []


def test_somebody_of_whom_nothing_is_held_is_told_so(site_server):
    site_server.fill(PREFERENCES, address="nobody@example.org")
    path = site_server.mail()["path"]
    assert "Vous n’êtes pas sur notre liste" in site_server.call(path).body
    assert site_server.post(path, {"first_name": "x"}).status == 200
    assert site_server.post(f"{path}/unsubscribe").status == 200
    assert site_server.post(f"{path}/erase").status == 200


def test_the_page_to_leave_by_has_the_link_sent_to_the_address_of_the_letter(site_server):
    path = site_server.link_of(CLAIRE)
    known = site_server.post(f"{path}/preferences")
    mail = site_server.mail()
    assert mail["to"] == CLAIRE
    assert mail["path"].startswith("/p/")
    erase_person(site_server.database, KARIM, site_server.site.keys, clock.now())
    with site_server.database.read() as connection:
        assert find_subscriber(connection, KARIM) is None
    ghost = f"/u/{TokenSigner(site_server.site.keys, Purpose.UNSUBSCRIBE).sign('0' * 16)}/preferences"
    assert site_server.post(ghost).body == known.body
    assert site_server.post("/u/x.y/preferences").status == 404


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.PREFERENCES])
def test_a_token_of_another_purpose_opens_nothing(site_server, own_page, purpose):
    del own_page
    ref = site_server.asked()[0]["ref"]
    token = sign_timed_token(site_server.site.keys, purpose, ref, clock.now().replace(year=2099))
    assert site_server.call(f"/p/{token}").status == 404
