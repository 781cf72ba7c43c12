"""What an attacker does with the forms: floods a mailbox, closes a form to others, has other people's browsers post."""

import re
from functools import partial

import pytest

from pvd_mailer.database import DatabaseError
from pvd_mailer.site.jobs.mail_queue import MailQueue
from pvd_mailer.site.rate_limits import RateLimits
from pvd_mailer.site.stamps import UsedStamps
from tests.send.scripted import Scripted
from tests.site.conftest import (
    CLAIRE,
    FORM,
    GONE,
    HERE,
    PREFERENCES,
    PUBLIC,
    SUBSCRIBE,
)
from tests.subscribers.people import person

LEA = "lea@example.net"
VARIANTS = ("lea.martin@example.net", "l.e.a.martin@example.net", "leamartin+1@example.net", "lea.martin+2@example.net")


def written_down(site_server):
    return [row["address_key"] for row in site_server.asked()]


def stamp_of(site_server, path=SUBSCRIBE):
    return re.search(r'name="form" value="([^"]+)"', site_server.call(path).body)[1]


# One mailbox


def test_variants_of_one_mailbox_share_its_mails(site_server):
    for _hour in range(4):
        for one in VARIANTS:
            site_server.fill(SUBSCRIBE, address=one)
        site_server.settled()
        site_server.clock.forward(minutes=61)
    site_server.fill(SUBSCRIBE, address=LEA)
    site_server.settled()
    mails = [one["to"] for one in site_server.mails()]
    assert len([to for to in mails if to != LEA]) == 3
    assert LEA in mails


def test_nobody_keeps_a_subscribers_link_away_by_asking_for_other_spellings(site_server, monkeypatch):
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    channel = Scripted(batch_size=1)
    postman = MailQueue(site_server.site, channel)
    site_server.line.join(person("claire+lettre@example.org"))
    for number in range(30):
        site_server.fill(PREFERENCES, address=f"claire+{number}@example.org")
    postman.run_once()
    site_server.fill(PREFERENCES, address=CLAIRE)
    site_server.fill(PREFERENCES, address="claire+lettre@example.org")
    assert postman.run_once() == 2
    assert [call.recipients[0].address for call in channel.calls][1:] == [CLAIRE, "claire+lettre@example.org"]


def test_two_spellings_of_a_mailbox_are_two_subscribers(site_server):
    for count, one in enumerate(VARIANTS[:2], 1):
        site_server.fill(SUBSCRIBE, address=one)
        site_server.mail(count)
        site_server.settled()
        path = next(mail["path"] for mail in site_server.mails() if mail["to"] == one)
        assert site_server.post(path).status == 200
        site_server.clock.forward(minutes=61)
    assert [site_server.state(one) for one in VARIANTS[:2]] == [HERE, HERE]


def test_a_name_with_signs_that_databases_read_is_no_other_mailbox(site_server):
    site_server.fill(SUBSCRIBE, address="l_a@example.net")
    site_server.fill(SUBSCRIBE, address="lea@example.net")
    site_server.fill(SUBSCRIBE, address="lea@exam.plenet.example")
    site_server.settled()
    assert len(site_server.mails()) == 3


def test_what_waits_for_its_turn_longer_than_a_day_is_given_up(site_server, monkeypatch):
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    postman = MailQueue(site_server.site, Scripted(batch_size=1))
    for number in range(5):
        site_server.fill(SUBSCRIBE, address=f"lea+{number}@example.net")
    for _hour in range(30):
        postman.run_once()
        site_server.clock.forward(hours=1)
    assert [row["mail"] for row in site_server.asked()] == ["sent", "sent", "sent", "refused", "refused"]


def test_what_waited_while_no_server_ran_is_sent(site_server, monkeypatch):
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    site_server.fill(SUBSCRIBE, address=LEA)
    site_server.clock.forward(days=2)
    assert MailQueue(site_server.site, Scripted(batch_size=1)).run_once() == 1


# One domain


@pytest.fixture
def mail_queue(site_server, monkeypatch):
    """A site, and a postman whom a test tells when to go; how often one address may ask does not stand in its way."""
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    return site_server, MailQueue(site_server.site, Scripted(batch_size=1))


@pytest.mark.parametrize(("domain", "most"), [("petite-ville.test", 30), ("orange.fr", 40)])
def test_a_towns_domain_is_bounded_and_no_providers(mail_queue, domain, most):
    served, postman = mail_queue
    for number in range(40):
        assert served.fill(SUBSCRIBE, address=f"agent{number}@{domain}").status == 200
    assert postman.run_once() == most
    served.fill(SUBSCRIBE, address="agent@autre-ville.test")
    served.fill(PREFERENCES, address=f"agent@{domain}")
    assert postman.run_once() == 2
    served.clock.forward(hours=1)
    assert postman.run_once() == 40 - most  # nobody is sent away


def test_a_domain_of_many_subscribers_is_not_bounded(mail_queue):
    served, postman = mail_queue
    served.line.join(*[person(f"elu{number}@metropole.test") for number in range(20)])
    served.line.join(*[person(f"elu{number}@petite-ville.test") for number in range(19)])
    for number in range(35):
        for domain in ("metropole.test", "petite-ville.test"):
            served.fill(SUBSCRIBE, address=f"agent{number}@{domain}")
    assert postman.run_once() == 35 + 30
    served.fill(PREFERENCES, address="elu1@petite-ville.test")
    served.fill(SUBSCRIBE, address="elu1@petite-ville.test")
    assert postman.run_once() == 2  # who is known is not kept from it by others


# One form


def test_a_form_serves_once(sqlite_site):
    stamp = stamp_of(sqlite_site)
    sqlite_site.clock.forward(seconds=3)
    first = sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA})
    again = sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA})
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert written_down(sqlite_site) == [LEA]


def test_a_form_that_served_and_names_another_address_is_shown_once_more(sqlite_site):
    stamp = stamp_of(sqlite_site)
    sqlite_site.clock.forward(seconds=3)
    sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": "lae@example.net"})
    answer = sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA})  # somebody went back and mended a slip
    assert answer.status == 422
    assert 'value="lea@example.net"' in answer.body
    assert "encore une fois" in answer.body
    fresh = re.search(r'name="form" value="([^"]+)"', answer.body)[1]
    sqlite_site.clock.forward(seconds=3)
    assert sqlite_site.post(SUBSCRIBE, {"form": fresh, "address": LEA}).status == 200
    assert written_down(sqlite_site) == ["lae@example.net", LEA]


def test_two_people_who_open_the_form_in_one_second_have_a_form_each(sqlite_site):
    one, two = stamp_of(sqlite_site), stamp_of(sqlite_site)
    sqlite_site.clock.forward(seconds=3)
    sqlite_site.post(SUBSCRIBE, {"form": one, "address": LEA})
    sqlite_site.post(SUBSCRIBE, {"form": two, "address": "karim@example.net"})
    assert written_down(sqlite_site) == [LEA, "karim@example.net"]


def test_a_form_that_could_not_be_taken_serves_once_it_can(sqlite_site, monkeypatch):
    stamp = stamp_of(sqlite_site)
    sqlite_site.clock.forward(seconds=3)

    def fail(*_all, **_more):
        raise DatabaseError("no")

    with monkeypatch.context() as patch:
        patch.setattr("pvd_mailer.site.routes.signup_form.request_mail", fail)
        assert sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 503
    with monkeypatch.context() as patch:
        patch.setattr(RateLimits, "allow_request", lambda *_all: False)
        assert sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 429
    assert sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 200
    assert written_down(sqlite_site) == [LEA]


# Everybody's form


@pytest.fixture
def low_limits(monkeypatch):
    """A bound for all that a test reaches soon."""
    monkeypatch.setattr("pvd_mailer.site.routes.signup_form.RateLimits", partial(RateLimits, site_wide="7 per hour"))


def test_what_is_not_accepted_counts_for_nothing(low_limits, sqlite_site):
    del low_limits
    for path in (SUBSCRIBE, PREFERENCES):
        for _time in range(10):
            assert sqlite_site.post(path).status == 422  # empty
            assert sqlite_site.post(path, {"address": LEA, "form": "x.y"}).status == 422  # no form of ours
            assert sqlite_site.fill(path, address=LEA, human=False).status == 422  # at once
            assert sqlite_site.fill(path, address=LEA, website="x").status == 200  # a machine
        assert sqlite_site.fill(path, address=CLAIRE).status == 200
    stamp = stamp_of(sqlite_site)
    sqlite_site.clock.forward(seconds=3)
    for _time in range(10):
        assert sqlite_site.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 200
    for number in range(6):  # the last one is one too many for one address
        assert sqlite_site.fill(SUBSCRIBE, address="flood@example.net").status == 200, number
    assert sqlite_site.fill(SUBSCRIBE, address="karim@example.net").status == 429


def test_who_closes_the_sign_up_does_not_close_access_and_erasure(low_limits, sqlite_site):
    del low_limits
    for number in range(8):
        sqlite_site.fill(SUBSCRIBE, address=f"one{number}@example.net")
    assert sqlite_site.fill(SUBSCRIBE, address=LEA).status == 429
    assert sqlite_site.fill(PREFERENCES, address=CLAIRE).status == 200
    until_there = [row["kind"] for row in sqlite_site.asked() if row["address_key"] == CLAIRE]
    assert until_there == ["preferences"]


def test_who_holds_a_letter_leaves_and_has_the_link_sent_whatever_is_closed(low_limits, sqlite_site, monkeypatch):
    del low_limits
    for path in (SUBSCRIBE, PREFERENCES):
        for number in range(8):
            sqlite_site.fill(path, address=f"one{number}@example.net")
    assert sqlite_site.fill(PREFERENCES, address=LEA).status == 429
    monkeypatch.setattr(RateLimits, "allow_request", lambda *_all: False)
    path = sqlite_site.link_of(CLAIRE)
    assert sqlite_site.post(f"{path}/preferences").status == 200
    assert CLAIRE in written_down(sqlite_site)
    for _time in range(100):
        assert sqlite_site.post(path).status == 200
    assert sqlite_site.state(CLAIRE) is GONE


# Other sites


CROSS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://lettre.test.evil.example"},
    {"Origin": "https://autre.lettre.test"},
    {"Origin": "http://[::1", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "not an origin"},
    {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"},
]
OURS = [
    {},
    {"Origin": PUBLIC},
    {"Origin": "null"},  # our own policy on referrers makes browsers say so
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]


@pytest.mark.parametrize("headers", CROSS)
def test_what_another_sites_page_sends_is_refused_in_words(sqlite_site, headers):
    answer = sqlite_site.fill(SUBSCRIBE, headers=headers, address=LEA)
    assert answer.status == 403
    assert sqlite_site.asked() == []
    assert "Ce formulaire n’a pas été envoyé depuis notre page" in answer.body
    assert f'href="{SUBSCRIBE}"' in answer.body
    english = sqlite_site.fill(f"{SUBSCRIBE}?lang=en", headers=headers, address=LEA)
    assert "This form was not sent from our page" in english.body


@pytest.mark.parametrize("headers", OURS)
def test_what_our_own_page_sends_is_taken(sqlite_site, headers):
    assert sqlite_site.fill(SUBSCRIBE, headers=headers, address=LEA).status == 200
    assert written_down(sqlite_site) == [LEA]


def test_every_post_of_a_page_is_looked_at_and_one_click_is_not(sqlite_site):
    evil = {"Content-Type": FORM, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    sqlite_site.fill(PREFERENCES, address=CLAIRE)
    own, link = sqlite_site.mail()["path"], sqlite_site.link_of(CLAIRE)
    sqlite_site.fill(SUBSCRIBE, address=LEA)
    sqlite_site.mail(2)
    confirm = next(one["path"] for one in sqlite_site.mails() if one["to"] == LEA)
    for path in (own, f"{own}/erase", f"{own}/unsubscribe", f"{link}/preferences", confirm, PREFERENCES, "/undo/x.y"):
        answer = sqlite_site.call(path, "POST", b"", evil)
        assert answer.status == 403, path
        assert answer.body.count("<h1>") == 1
    assert sqlite_site.state(CLAIRE) is HERE
    assert sqlite_site.state(LEA) is None
    assert f'href="{own}"' in sqlite_site.call(f"{own}/unsubscribe", "POST", b"", evil).body
    assert sqlite_site.call("/events/sendgrid", "POST", b"", evil).status == 404  # no key is set here: it was asked
    answer = sqlite_site.call(link, "POST", b"List-Unsubscribe=One-Click", evil)
    assert answer.status == 200
    assert sqlite_site.state(CLAIRE) is GONE


# Networks


def _from(host):
    return type("Request", (), {"client": type("Client", (), {"host": host})})


def test_a_provider_of_many_small_networks_is_bounded_as_one():
    limits = RateLimits(network="2 per hour", wide="5 per hour")
    asked = [f"2001:db8:0:{number:x}00::1" for number in range(4) for _time in range(3)]
    assert [limits.allow_request(_from(host), "x") for host in asked].count(True) == 5
    assert limits.allow_request(_from("2001:db8:1::1"), "x")
    assert [limits.allow_request(_from(f"192.0.2.{number}"), "x") for number in range(9)] == [True] * 9


def test_each_kind_of_request_has_bounds_of_its_own():
    limits = RateLimits(network="1 per hour", site_wide="1 per hour")
    for kind in ("subscribe", "preferences"):
        assert [limits.allow_request(_from("192.0.2.1"), kind) for _time in range(2)] == [True, False]
        assert [limits.allow_site_wide(kind) for _time in range(2)] == [True, False]


# What is remembered


def test_used_stamps_are_forgotten_the_oldest_first_and_say_nothing_of_anybody():
    used = UsedStamps(max_remembered=2)
    assert [used.use(given, LEA) for given in ("a", "b", "a")] == [True, True, None]
    assert used.use("b", CLAIRE) is False
    assert used.use("c", LEA) is True
    assert used.use("b", LEA) is None
    assert used.use("a", LEA) is True  # it was the oldest
    used.release("c")
    assert used.use("c", CLAIRE) is True
    assert LEA not in str(vars(used))
