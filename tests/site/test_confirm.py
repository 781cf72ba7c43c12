"""What somebody else may have typed: whoever confirms sees it, and corrects or drops it."""

import re

import pytest

from pvd_mailer.subscribers.queries import find_subscriber, read_history, tags_of
from tests.site.conftest import HERE, SUBSCRIBE

LEA = "lea@example.net"
TYPED = {"address": LEA, "first_name": "Lea", "last_name": "<b>Achetez</b>", "tag-0": "Maire", "tag-1": ["Habitat"]}


@pytest.fixture
def confirm_path(sqlite_site):
    sqlite_site.fill(SUBSCRIBE, **TYPED)
    return sqlite_site.mail()["path"]


def who(site_server):
    with site_server.database.read() as connection:
        one = find_subscriber(connection, LEA)
        return one, tags_of(connection, [one.id]).get(one.id, {}), read_history(connection, one.id)


def mark(site_server, confirm_path):
    return re.search(r'name="offers" value="([^"]+)"', site_server.call(confirm_path).body)[1]


def test_the_page_shows_what_was_typed_escaped(sqlite_site, confirm_path):
    page = sqlite_site.call(confirm_path).body
    for words in (LEA, 'value="Lea"', 'value="&lt;b&gt;Achetez&lt;/b&gt;"', "<option selected>Maire"):
        assert words in page, words
    assert 'value="Habitat" checked' in page
    assert "<b>" not in page


def test_it_is_corrected_or_dropped_before_anything_is_kept(sqlite_site, confirm_path):
    fields = {
        "first_name": "Léa",
        "last_name": "",
        "tag-0": "",
        "tag-1": ["Mobilités"],
        "offers": mark(sqlite_site, confirm_path),
    }
    assert sqlite_site.post(confirm_path, fields).status == 200
    one, marks, lines = who(sqlite_site)
    assert (one.state, one.first_name, one.last_name) == (HERE, "Léa", "")
    assert marks == {"themes": ("Mobilités",)}
    assert [line.what for line in lines] == ["signed-up"]


def test_what_is_left_as_it_is_is_kept_also_by_a_page_of_before(sqlite_site, confirm_path):
    assert sqlite_site.post(confirm_path).status == 200
    one, marks, _lines = who(sqlite_site)
    assert (one.first_name, one.last_name) == ("Lea", "<b>Achetez</b>")
    assert marks == {"role": ("Maire",), "themes": ("Habitat",)}


def test_who_typed_nothing_but_the_address_sees_a_button_alone(sqlite_site):
    sqlite_site.fill(SUBSCRIBE, address=LEA)
    page = sqlite_site.call(sqlite_site.mail()["path"]).body
    assert LEA in page
    assert "<input" not in page


def test_a_name_that_is_too_long_is_said_and_nothing_is_done_yet(sqlite_site, confirm_path):
    answer = sqlite_site.post(
        confirm_path, {"first_name": "x" * 101, "last_name": "", "offers": mark(sqlite_site, confirm_path)}
    )
    assert answer.status == 422
    assert 'aria-invalid="true"' in answer.body
    assert "x" * 101 in answer.body
    assert sqlite_site.state(LEA) is None
    assert sqlite_site.post(confirm_path, {"first_name": "x"}).status == 200


def test_offers_that_changed_meanwhile_are_shown_again(sqlite_site, confirm_path):
    shown = mark(sqlite_site, confirm_path)
    sqlite_site.edit('"Habitat", "Commerce"', '"Habitat", "Forêt", "Commerce"')
    answer = sqlite_site.post(confirm_path, {"first_name": "Léa", "offers": shown})
    assert answer.status == 422
    assert "vient de changer" in answer.body
    assert 'value="Léa"' in answer.body
    assert sqlite_site.state(LEA) is None


def test_the_address_cannot_be_changed(sqlite_site, confirm_path):
    sqlite_site.post(confirm_path, {"address": "other@example.net", "first_name": "Léa"})
    assert sqlite_site.state("other@example.net") is None
    assert sqlite_site.state(LEA) is HERE
