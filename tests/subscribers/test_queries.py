import pytest
from sqlalchemy import func, select

from pvd_mailer.database.schema import histories
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.subscribers import queries as store
from pvd_mailer.subscribers.filters import parse_filter
from pvd_mailer.subscribers.mutations import SubscriberUpdate, sign_up, update_subscribers
from pvd_mailer.subscribers.queries import (
    count_by_state,
    count_suppressed,
    find_subscriber,
    matching_subscribers,
    tags_of,
)
from pvd_mailer.subscribers.state_changes import change_state, unsubscribe_address
from tests.subscribers.people import CONSENT, FOUR, KEYS, MISSION, NOW, person, settle

CLAIRE, KARIM, MAIRIE, LEA = (one.address.key for one in FOUR)


@pytest.fixture
def four_people(database):
    """A database with four people."""
    settle(database, *FOUR)
    return database


def history(connection, one):
    return connection.execute(
        select(histories.c.what, histories.c.source, histories.c.detail)
        .where(histories.c.subscriber_id == one.id)
        .order_by(histories.c.id)
    ).all()


def test_a_subscriber_comes_back_as_written(four_people):
    with four_people.read() as connection:
        karim = find_subscriber(connection, KARIM)
        marks = tags_of(connection, [karim.id])[karim.id]
    assert (karim.address, karim.address_key) == ("Karim@Example.com", "karim@example.com")
    assert karim.name == "Karim Modèle"
    assert karim.proof == MISSION
    assert karim.state is SubscriberState.SUBSCRIBED
    assert len(karim.ref) == 16
    assert marks == {"department": ("22",), "region": ("Bretagne",), "role": ("Chef de projet", "Élu")}


def test_pages_lose_and_repeat_nobody(four_people, monkeypatch):
    monkeypatch.setattr(store, "PAGE_SIZE", 2)
    settle(four_people, *(person(f"n{number}@example.org", role="lecteur") for number in range(7)))
    with four_people.read() as connection:
        assert [one.address_key for one in matching_subscribers(connection)] == [
            CLAIRE, KARIM, MAIRIE, LEA, *(f"n{number}@example.org" for number in range(7)),
        ]  # fmt: skip
        assert len(list(matching_subscribers(connection, parse_filter("role:lecteur")))) == 7


def test_who_may_not_be_written_to_is_left_out_and_counted(four_people):
    with four_people.write() as connection:
        assert unsubscribe_address(connection, CLAIRE, NOW, "a mail")
        assert change_state(connection, KARIM, SubscriberState.BOUNCED, NOW, "smtp", "550")
    with four_people.read() as connection:
        assert [one.address_key for one in matching_subscribers(connection)] == [MAIRIE, LEA]
        assert count_suppressed(connection, parse_filter("region:bretagne")) == {"unsubscribed": 1, "bounced": 1}
        assert count_by_state(connection) == {"subscribed": 2, "unsubscribed": 1, "bounced": 1}


def test_leaving_twice_is_leaving_once(four_people):
    with four_people.write() as connection:
        assert unsubscribe_address(connection, CLAIRE, NOW, "a mail")
        assert not unsubscribe_address(connection, CLAIRE, NOW, "a mail")
        assert not unsubscribe_address(connection, "nobody@example.org", NOW, "a mail")
        assert [one.what for one in history(connection, find_subscriber(connection, CLAIRE))] == [
            "added",
            "unsubscribed",
        ]


@pytest.mark.parametrize(
    ("first", "then", "stays"),
    [
        ("unsubscribed", "bounced", "unsubscribed"),
        ("complained", "unsubscribed", "complained"),
        ("complained", "bounced", "complained"),
        ("bounced", "unsubscribed", "unsubscribed"),
        ("bounced", "complained", "complained"),
        ("unsubscribed", "complained", "complained"),
    ],
)
def test_the_stronger_no_stays(four_people, first, then, stays):
    with four_people.write() as connection:
        for state in (first, then):
            change_state(connection, CLAIRE, SubscriberState(state), NOW, "test")
        assert find_subscriber(connection, CLAIRE).state == stays


@pytest.mark.parametrize("state", [SubscriberState.SUBSCRIBED, SubscriberState.PENDING])
def test_nobody_is_put_back_by_a_change_of_state(four_people, state):
    with four_people.write() as connection, pytest.raises(ValueError, match=str(state)):
        change_state(connection, CLAIRE, state, NOW, "test")


def test_ones_own_sign_up_brings_back(four_people):
    with four_people.write() as connection:
        unsubscribe_address(connection, CLAIRE, NOW, "a mail")
        before = find_subscriber(connection, CLAIRE)
        back = sign_up(connection, person("Claire@example.org", role="Maire"), CONSENT, KEYS, NOW)
        assert (back.id, back.ref, back.state, back.proof) == (before.id, before.ref, "subscribed", CONSENT)
        assert (back.first_name, back.address) == ("Claire", "Claire@example.org")
        assert tags_of(connection, [back.id])[back.id]["role"] == ("Maire",)
        assert history(connection, back)[-1].what == "signed-up"
        assert "public-mission" in history(connection, back)[-1].detail


def test_a_sign_up_without_consent_is_refused(four_people):
    with four_people.write() as connection, pytest.raises(ValueError, match="public-mission"):
        sign_up(connection, person("new@example.org"), MISSION, KEYS, NOW)


def test_a_revision_changes_names_and_the_tags_it_names_alone(four_people):
    with four_people.write() as connection:
        karim = find_subscriber(connection, KARIM)
        update_subscribers(
            connection, [SubscriberUpdate(karim.id, None, "Nouveau", {"role": ("Maire", "MAIRE")})], NOW, "liste.csv"
        )
        changed = find_subscriber(connection, KARIM)
        assert (changed.first_name, changed.last_name, changed.state) == ("Karim", "Nouveau", karim.state)
        assert tags_of(connection, [karim.id])[karim.id] == {
            "department": ("22",), "region": ("Bretagne",), "role": ("Maire",),
        }  # fmt: skip
        assert history(connection, changed)[-1] == ("updated", "liste.csv", "last_name, role")


def test_every_subscriber_has_a_history(four_people):
    with four_people.read() as connection:
        assert connection.scalar(select(func.count()).select_from(histories)) == len(FOUR)
