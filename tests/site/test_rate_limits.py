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


def written_down(served):
    return [row["address_key"] for row in served.asked()]


def stamp_of(served, path=SUBSCRIBE):
    return re.search(r'name="form" value="([^"]+)"', served.call(path).body)[1]


# One mailbox


def test_variants_of_one_mailbox_share_its_mails(served):
    for _hour in range(4):
        for one in VARIANTS:
            served.fill(SUBSCRIBE, address=one)
        served.settled()
        served.clock.forward(minutes=61)
    served.fill(SUBSCRIBE, address=LEA)
    served.settled()
    mails = [one["to"] for one in served.mails()]
    assert len([to for to in mails if to != LEA]) == 3
    assert LEA in mails


def test_nobody_keeps_a_subscribers_link_away_by_asking_for_other_spellings(served, monkeypatch):
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    channel = Scripted(batch_size=1)
    postman = MailQueue(served.site, channel)
    served.line.join(person("claire+lettre@example.org"))
    for number in range(30):
        served.fill(PREFERENCES, address=f"claire+{number}@example.org")
    postman.run_once()
    served.fill(PREFERENCES, address=CLAIRE)
    served.fill(PREFERENCES, address="claire+lettre@example.org")
    assert postman.run_once() == 2
    assert [call.recipients[0].address for call in channel.calls][1:] == [CLAIRE, "claire+lettre@example.org"]


def test_two_spellings_of_a_mailbox_are_two_subscribers(served):
    for count, one in enumerate(VARIANTS[:2], 1):
        served.fill(SUBSCRIBE, address=one)
        served.mail(count)
        served.settled()
        path = next(mail["path"] for mail in served.mails() if mail["to"] == one)
        assert served.post(path).status == 200
        served.clock.forward(minutes=61)
    assert [served.state(one) for one in VARIANTS[:2]] == [HERE, HERE]


def test_a_name_with_signs_that_databases_read_is_no_other_mailbox(served):
    served.fill(SUBSCRIBE, address="l_a@example.net")
    served.fill(SUBSCRIBE, address="lea@example.net")
    served.fill(SUBSCRIBE, address="lea@exam.plenet.example")
    served.settled()
    assert len(served.mails()) == 3


def test_what_waits_for_its_turn_longer_than_a_day_is_given_up(served, monkeypatch):
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    postman = MailQueue(served.site, Scripted(batch_size=1))
    for number in range(5):
        served.fill(SUBSCRIBE, address=f"lea+{number}@example.net")
    for _hour in range(30):
        postman.run_once()
        served.clock.forward(hours=1)
    assert [row["mail"] for row in served.asked()] == ["sent", "sent", "sent", "refused", "refused"]


def test_what_waited_while_no_server_ran_is_sent(served, monkeypatch):
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    served.fill(SUBSCRIBE, address=LEA)
    served.clock.forward(days=2)
    assert MailQueue(served.site, Scripted(batch_size=1)).run_once() == 1


# One domain


@pytest.fixture
def post(served, monkeypatch):
    """A site, and a postman whom a test tells when to go; how often one address may ask does not stand in its way."""
    monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
    return served, MailQueue(served.site, Scripted(batch_size=1))


@pytest.mark.parametrize(("domain", "most"), [("petite-ville.test", 30), ("orange.fr", 40)])
def test_a_towns_domain_is_bounded_and_no_providers(post, domain, most):
    served, postman = post
    for number in range(40):
        assert served.fill(SUBSCRIBE, address=f"agent{number}@{domain}").status == 200
    assert postman.run_once() == most
    served.fill(SUBSCRIBE, address="agent@autre-ville.test")
    served.fill(PREFERENCES, address=f"agent@{domain}")
    assert postman.run_once() == 2
    served.clock.forward(hours=1)
    assert postman.run_once() == 40 - most  # nobody is sent away


def test_a_domain_of_many_subscribers_is_not_bounded(post):
    served, postman = post
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


def test_a_form_serves_once(quick):
    stamp = stamp_of(quick)
    quick.clock.forward(seconds=3)
    first = quick.post(SUBSCRIBE, {"form": stamp, "address": LEA})
    again = quick.post(SUBSCRIBE, {"form": stamp, "address": LEA})
    assert (first.status, again.status) == (200, 200)
    assert again.body == first.body
    assert written_down(quick) == [LEA]


def test_a_form_that_served_and_names_another_address_is_shown_once_more(quick):
    stamp = stamp_of(quick)
    quick.clock.forward(seconds=3)
    quick.post(SUBSCRIBE, {"form": stamp, "address": "lae@example.net"})
    answer = quick.post(SUBSCRIBE, {"form": stamp, "address": LEA})  # somebody went back and mended a slip
    assert answer.status == 422
    assert 'value="lea@example.net"' in answer.body
    assert "encore une fois" in answer.body
    fresh = re.search(r'name="form" value="([^"]+)"', answer.body)[1]
    quick.clock.forward(seconds=3)
    assert quick.post(SUBSCRIBE, {"form": fresh, "address": LEA}).status == 200
    assert written_down(quick) == ["lae@example.net", LEA]


def test_two_people_who_open_the_form_in_one_second_have_a_form_each(quick):
    one, two = stamp_of(quick), stamp_of(quick)
    quick.clock.forward(seconds=3)
    quick.post(SUBSCRIBE, {"form": one, "address": LEA})
    quick.post(SUBSCRIBE, {"form": two, "address": "karim@example.net"})
    assert written_down(quick) == [LEA, "karim@example.net"]


def test_a_form_that_could_not_be_taken_serves_once_it_can(quick, monkeypatch):
    stamp = stamp_of(quick)
    quick.clock.forward(seconds=3)

    def fail(*_all, **_more):
        raise DatabaseError("no")

    with monkeypatch.context() as patch:
        patch.setattr("pvd_mailer.site.routes.signup_form.request_mail", fail)
        assert quick.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 503
    with monkeypatch.context() as patch:
        patch.setattr(RateLimits, "allow_request", lambda *_all: False)
        assert quick.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 429
    assert quick.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 200
    assert written_down(quick) == [LEA]


# Everybody's form


@pytest.fixture
def narrow(monkeypatch):
    """A bound for all that a test reaches soon."""
    monkeypatch.setattr("pvd_mailer.site.routes.signup_form.RateLimits", partial(RateLimits, site_wide="7 per hour"))


def test_what_is_not_accepted_counts_for_nothing(narrow, quick):
    del narrow
    for path in (SUBSCRIBE, PREFERENCES):
        for _time in range(10):
            assert quick.post(path).status == 422  # empty
            assert quick.post(path, {"address": LEA, "form": "x.y"}).status == 422  # no form of ours
            assert quick.fill(path, address=LEA, human=False).status == 422  # at once
            assert quick.fill(path, address=LEA, website="x").status == 200  # a machine
        assert quick.fill(path, address=CLAIRE).status == 200
    stamp = stamp_of(quick)
    quick.clock.forward(seconds=3)
    for _time in range(10):
        assert quick.post(SUBSCRIBE, {"form": stamp, "address": LEA}).status == 200
    for number in range(6):  # the last one is one too many for one address
        assert quick.fill(SUBSCRIBE, address="flood@example.net").status == 200, number
    assert quick.fill(SUBSCRIBE, address="karim@example.net").status == 429


def test_who_closes_the_sign_up_does_not_close_access_and_erasure(narrow, quick):
    del narrow
    for number in range(8):
        quick.fill(SUBSCRIBE, address=f"one{number}@example.net")
    assert quick.fill(SUBSCRIBE, address=LEA).status == 429
    assert quick.fill(PREFERENCES, address=CLAIRE).status == 200
    until_there = [row["kind"] for row in quick.asked() if row["address_key"] == CLAIRE]
    assert until_there == ["preferences"]


def test_who_holds_a_letter_leaves_and_has_the_link_sent_whatever_is_closed(narrow, quick, monkeypatch):
    del narrow
    for path in (SUBSCRIBE, PREFERENCES):
        for number in range(8):
            quick.fill(path, address=f"one{number}@example.net")
    assert quick.fill(PREFERENCES, address=LEA).status == 429
    monkeypatch.setattr(RateLimits, "allow_request", lambda *_all: False)
    path = quick.link_of(CLAIRE)
    assert quick.post(f"{path}/preferences").status == 200
    assert CLAIRE in written_down(quick)
    for _time in range(100):
        assert quick.post(path).status == 200
    assert quick.state(CLAIRE) is GONE


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
def test_what_another_sites_page_sends_is_refused_in_words(quick, headers):
    answer = quick.fill(SUBSCRIBE, headers=headers, address=LEA)
    assert answer.status == 403
    assert quick.asked() == []
    assert "Ce formulaire n’a pas été envoyé depuis notre page" in answer.body
    assert f'href="{SUBSCRIBE}"' in answer.body
    english = quick.fill(f"{SUBSCRIBE}?lang=en", headers=headers, address=LEA)
    assert "This form was not sent from our page" in english.body


@pytest.mark.parametrize("headers", OURS)
def test_what_our_own_page_sends_is_taken(quick, headers):
    assert quick.fill(SUBSCRIBE, headers=headers, address=LEA).status == 200
    assert written_down(quick) == [LEA]


def test_every_post_of_a_page_is_looked_at_and_one_click_is_not(quick):
    evil = {"Content-Type": FORM, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    quick.fill(PREFERENCES, address=CLAIRE)
    own, link = quick.mail()["path"], quick.link_of(CLAIRE)
    quick.fill(SUBSCRIBE, address=LEA)
    quick.mail(2)
    confirm = next(one["path"] for one in quick.mails() if one["to"] == LEA)
    for path in (own, f"{own}/erase", f"{own}/unsubscribe", f"{link}/preferences", confirm, PREFERENCES, "/undo/x.y"):
        answer = quick.call(path, "POST", b"", evil)
        assert answer.status == 403, path
        assert answer.body.count("<h1>") == 1
    assert quick.state(CLAIRE) is HERE
    assert quick.state(LEA) is None
    assert f'href="{own}"' in quick.call(f"{own}/unsubscribe", "POST", b"", evil).body
    assert quick.call("/events/sendgrid", "POST", b"", evil).status == 404  # no key is set here: it was asked
    answer = quick.call(link, "POST", b"List-Unsubscribe=One-Click", evil)
    assert answer.status == 200
    assert quick.state(CLAIRE) is GONE


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
