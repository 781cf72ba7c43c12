"""A database that somebody else holds: readers are answered in words before the proxy gives up, and nothing is lost."""

import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from pvd_mailer.database import open_database
from pvd_mailer.site import server
from pvd_mailer.site.jobs import unsubscribe_batcher
from tests.preview.conftest import HANG, until
from tests.site.conftest import CLAIRE, GONE, HERE, KARIM, PREFERENCES, SUBSCRIBE, serving
from tests.subscribers.people import person

PROXY = 30
"""In seconds: how long the proxies in deploy/ wait for an answer."""


@contextmanager
def held(database_url):
    """The database as it is while another program writes and does not end."""
    other = open_database(database_url, Path())
    try:
        with other.write() as connection:
            if not other.is_sqlite:  # SQLite has one place for writers, and it is taken
                connection.execute(text("LOCK TABLE subscribers, requests, events IN SHARE MODE"))
            yield
    finally:
        other.close()


@pytest.fixture
def impatient_site(issue_workspace, database_url, monkeypatch):
    """A site that waits for its database a moment only."""
    database = open_database(database_url, Path(), patience=0.3)
    with serving(issue_workspace, database, monkeypatch) as running:
        running.line.join(person(CLAIRE, "Claire", "Exemple"), person(KARIM))
        yield running
    database.close()


def test_each_post_is_answered_in_words_while_the_lock_is_held(impatient_site, database_url):
    impatient_site.fill(PREFERENCES, address=CLAIRE)
    own = impatient_site.mail()["path"]
    stamped = impatient_site.link_of(CLAIRE)
    with held(database_url):
        answers = {
            "leave": impatient_site.post(stamped),
            "link": impatient_site.post(f"{impatient_site.link_of(KARIM)}/preferences"),
            "subscribe": impatient_site.fill(SUBSCRIBE, address="lea@example.net"),
            "save": impatient_site.save(own, first_name="Clara"),
            "erase": impatient_site.post(f"{own}/erase"),
        }
        assert impatient_site.call(stamped).status == 200  # to look, nobody waits
    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(answers, 503)
    for answer in answers.values():
        assert answer.headers["Retry-After"] == "120"
        assert "Pas tout de suite" in answer.body
    assert impatient_site.state(KARIM) is HERE
    assert impatient_site.post(stamped).status == 200
    assert impatient_site.state(CLAIRE) is GONE


def test_many_at_once_are_all_answered_while_the_lock_is_held(impatient_site, database_url):
    answers = []
    link = impatient_site.link_of(CLAIRE)
    threads = [threading.Thread(target=lambda: answers.append(impatient_site.post(link).status)) for _one in range(20)]
    with held(database_url):
        for one in threads:
            one.start()
        for one in threads:
            one.join(HANG)
        assert answers == [503] * 20


def test_a_departure_that_was_answered_too_early_is_kept_when_the_lock_goes(issue_workspace, database_url, monkeypatch):
    monkeypatch.setattr(unsubscribe_batcher, "ANSWER_TIMEOUT", 0.3)
    database = open_database(database_url, Path(), patience=HANG / 4)
    with serving(issue_workspace, database, monkeypatch) as running:
        running.line.join(person(CLAIRE))
        with held(database_url):
            assert running.post(running.link_of(CLAIRE)).status == 503
        until(lambda: running.state(CLAIRE) is GONE, "the departure")
    database.close()


def test_the_site_answers_long_before_the_proxies_give_up():
    assert unsubscribe_batcher.ANSWER_TIMEOUT <= PROXY / 2
    assert 2 * server.DATABASE_TIMEOUT < PROXY
