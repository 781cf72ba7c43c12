"""What somebody else may have typed: whoever confirms sees it, and corrects or drops it."""

import re

import pytest

from pvd_mailer.subscribers.queries import find_subscriber, read_history, tags_of
from tests.site.conftest import HERE, SUBSCRIBE

LEA = "lea@example.net"
TYPED = {"address": LEA, "first_name": "Lea", "last_name": "<b>Achetez</b>", "tag-0": "Maire", "tag-1": ["Habitat"]}


@pytest.fixture
def link(quick):
    quick.fill(SUBSCRIBE, **TYPED)
    return quick.mail()["path"]


def who(served):
    with served.database.read() as connection:
        one = find_subscriber(connection, LEA)
        return one, tags_of(connection, [one.id]).get(one.id, {}), read_history(connection, one.id)


def mark(served, link):
    return re.search(r'name="offers" value="([^"]+)"', served.call(link).body)[1]


def test_the_page_shows_what_was_typed_escaped(quick, link):
    page = quick.call(link).body
    for words in (LEA, 'value="Lea"', 'value="&lt;b&gt;Achetez&lt;/b&gt;"', "<option selected>Maire"):
        assert words in page, words
    assert 'value="Habitat" checked' in page
    assert "<b>" not in page


def test_it_is_corrected_or_dropped_before_anything_is_kept(quick, link):
    fields = {"first_name": "Léa", "last_name": "", "tag-0": "", "tag-1": ["Mobilités"], "offers": mark(quick, link)}
    assert quick.post(link, fields).status == 200
    one, marks, lines = who(quick)
    assert (one.state, one.first_name, one.last_name) == (HERE, "Léa", "")
    assert marks == {"themes": ("Mobilités",)}
    assert [line.what for line in lines] == ["signed-up"]


def test_what_is_left_as_it_is_is_kept_also_by_a_page_of_before(quick, link):
    assert quick.post(link).status == 200
    one, marks, _lines = who(quick)
    assert (one.first_name, one.last_name) == ("Lea", "<b>Achetez</b>")
    assert marks == {"role": ("Maire",), "themes": ("Habitat",)}


def test_who_typed_nothing_but_the_address_sees_a_button_alone(quick):
    quick.fill(SUBSCRIBE, address=LEA)
    page = quick.call(quick.mail()["path"]).body
    assert LEA in page
    assert "<input" not in page


def test_a_name_that_is_too_long_is_said_and_nothing_is_done_yet(quick, link):
    answer = quick.post(link, {"first_name": "x" * 101, "last_name": "", "offers": mark(quick, link)})
    assert answer.status == 422
    assert 'aria-invalid="true"' in answer.body
    assert "x" * 101 in answer.body
    assert quick.state(LEA) is None
    assert quick.post(link, {"first_name": "x"}).status == 200


def test_offers_that_changed_meanwhile_are_shown_again(quick, link):
    shown = mark(quick, link)
    quick.edit('"Habitat", "Commerce"', '"Habitat", "Forêt", "Commerce"')
    answer = quick.post(link, {"first_name": "Léa", "offers": shown})
    assert answer.status == 422
    assert "vient de changer" in answer.body
    assert 'value="Léa"' in answer.body
    assert quick.state(LEA) is None


def test_the_address_cannot_be_changed(quick, link):
    quick.post(link, {"address": "other@example.net", "first_name": "Léa"})
    assert quick.state("other@example.net") is None
    assert quick.state(LEA) is HERE
