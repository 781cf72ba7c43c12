"""The way in: a form, a mail, a link that confirms; the same answer whoever is asked for."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from pvd_mailer import clock
from pvd_mailer.database import schema
from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult, FailureCause
from pvd_mailer.services.readers import signup_mails
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.site.jobs.mail_queue import MailQueue
from pvd_mailer.subscribers import signup_requests
from pvd_mailer.subscribers.mailbox_limits import DomainSizes
from pvd_mailer.subscribers.queries import find_subscriber, read_history, tags_of
from pvd_mailer.subscribers.state_changes import change_state
from tests.send.scripted import BAD_ADDRESS, UNKNOWN, UNREACHABLE, Scripted
from tests.site.conftest import CLAIRE, HERE, KARIM, PREFERENCES, SECOND, SUBSCRIBE, add_publication, serving

LEA = "lea@example.net"
FIELDS = {"address": "Lea@Example.net", "first_name": "Léa", "last_name": "Exemple", "tag-0": "Maire"}


def test_somebody_asks_confirms_and_is_subscribed_with_the_proof(site_server):
    answer = site_server.fill(SUBSCRIBE, **FIELDS, **{"tag-1": ["Habitat", "Mobilités"]})
    assert answer.status == 200
    assert site_server.state(LEA) is None
    mail = site_server.mail()
    assert mail["to"] == "Lea@Example.net"
    assert mail["subject"] == "Confirmez votre inscription"
    assert mail["message"]["Content-Language"] == "fr"
    assert mail["message"]["Auto-Submitted"] == "auto-generated"  # RFC 3834: who is away does not answer it
    page = site_server.call(mail["path"])
    assert page.status == 200
    assert site_server.state(LEA) is None  # looking at it does nothing
    assert site_server.post(mail["path"]).status == 200
    with site_server.database.read() as connection:
        one = find_subscriber(connection, LEA)
        marks = tags_of(connection, [one.id])[one.id]
        lines = read_history(connection, one.id)
    assert (one.state, one.address, one.name) == (HERE, "Lea@Example.net", "Léa Exemple")
    assert marks == {"role": ("Maire",), "themes": ("Habitat", "Mobilités")}
    assert one.proof.basis is LegalBasis.CONSENT
    asked = site_server.asked()[0]["asked_at"].isoformat(timespec="seconds")
    assert one.proof.source.startswith(f"https://lettre.test{SUBSCRIBE}; asked {asked}, confirmed ")
    assert one.proof.wording.startswith("Je demande à recevoir par courriel «\xa0La lettre\xa0»")
    assert "trois ans après le dernier contact" in one.proof.wording
    assert [line.what for line in lines] == ["signed-up"]


def test_the_form_shows_the_wording_the_notice_and_what_is_offered(sqlite_site):
    page = sqlite_site.call(SUBSCRIBE).body
    for words in (
        *("Je demande à recevoir par courriel", "trois ans après le dernier contact", "saisir la CNIL"),
        *("protection-des-donnees@example.org", "Votre fonction", "Cheffe de projet", "Mobilités"),
    ):
        assert words in page


def test_the_publications_own_wording_is_shown_and_kept(issue_workspace, database, monkeypatch):
    own = '\nconsent: "Oui, la lettre m’intéresse."\n'
    with serving(issue_workspace, database, monkeypatch, offers=own) as served:
        assert "Oui, la lettre m’intéresse." in served.call(SUBSCRIBE).body
        served.fill(SUBSCRIBE, address=LEA)
        assert served.asked()[0]["wording"].startswith("Oui, la lettre m’intéresse.\n")


def test_the_answer_is_the_same_whoever_is_asked_for(site_server):
    gone, complained = "gone@example.org", "complained@example.org"
    from tests.subscribers.people import person  # noqa: PLC0415 - of this test alone

    site_server.line.join(person(gone), person(complained), person("erased@example.org"))
    with site_server.database.write() as connection:
        change_state(connection, complained, SubscriberState.COMPLAINED, clock.now(), "a test")
    site_server.post(site_server.link_of(gone))
    erase_person(site_server.database, "erased@example.org", site_server.site.keys, clock.now())
    for path in (SUBSCRIBE, PREFERENCES):
        answers = {
            site_server.fill(path, address=one).body for one in (CLAIRE, gone, complained, "erased@example.org", LEA)
        }
        assert len(answers) == 1


def test_the_work_is_the_same_whoever_is_asked_for(sqlite_site):
    import threading  # noqa: PLC0415 - of this test alone

    from sqlalchemy import event  # noqa: PLC0415 - of this test alone

    told = []

    def note(_connection, _cursor, statement, _parameters, _context, _many):
        if threading.current_thread().name != "postman":  # it may still be at the call it began with
            told.append(statement)

    postman = MailQueue.wake
    MailQueue.wake = lambda _self: None  # what it does is seen by nobody
    try:
        runs = []
        for address in (CLAIRE, LEA):
            event.listen(sqlite_site.database.engine, "before_cursor_execute", note)
            told.clear()
            sqlite_site.fill(SUBSCRIBE, address=address)
            runs.append([one for one in told if "requests" in one and "DELETE" not in one])
            event.remove(sqlite_site.database.engine, "before_cursor_execute", note)
    finally:
        MailQueue.wake = postman
    assert runs[0] == runs[1]
    assert len(runs[0]) == 1


def test_somebody_subscribed_already_gets_a_mail_that_says_so(site_server):
    site_server.fill(SUBSCRIBE, address=CLAIRE)
    mail = site_server.mail()
    assert "déjà" in mail["subject"]
    assert mail["path"].startswith("/p/")
    assert site_server.call(mail["path"]).status == 200


def test_who_left_and_who_was_forgotten_come_back_by_their_own_wish(site_server):
    site_server.post(site_server.link_of(CLAIRE))
    erase_person(site_server.database, KARIM, site_server.site.keys, clock.now())
    for count, address in ((1, CLAIRE), (2, KARIM)):
        site_server.fill(SUBSCRIBE, address=address)
        assert site_server.mail(count)
        site_server.settled()
        paths = [one["path"] for one in site_server.mails() if one["to"] == address]
        assert site_server.post(paths[0]).status == 200
        assert site_server.state(address) is HERE


def test_confirming_twice_is_harmless_and_brings_nobody_back(site_server):
    site_server.fill(SUBSCRIBE, address=LEA)
    path = site_server.mail()["path"]
    assert site_server.post(path).status == 200
    assert site_server.post(path).status == 200
    with site_server.database.read() as connection:
        assert len(read_history(connection, find_subscriber(connection, LEA).id)) == 1
    site_server.post(site_server.link_of(LEA))
    answer = site_server.post(path)
    assert answer.status == 200
    assert SUBSCRIBE in answer.body
    assert site_server.state(LEA) is SubscriberState.UNSUBSCRIBED


def test_a_link_is_good_for_seven_days_and_then_says_so_kindly(site_server):
    site_server.fill(SUBSCRIBE, address=LEA)
    path = site_server.mail()["path"]
    site_server.clock.forward(days=6, hours=23)
    assert site_server.call(path).status == 200
    site_server.clock.forward(hours=2)
    for answer in (site_server.call(path), site_server.post(path)):
        assert answer.status == 410
        assert SUBSCRIBE in answer.body
    assert site_server.state(LEA) is None


def test_what_is_over_is_erased(site_server):
    site_server.fill(SUBSCRIBE, address=LEA)
    site_server.settled()
    site_server.clock.forward(days=8)
    site_server.fill(PREFERENCES, address=CLAIRE)
    site_server.settled()
    assert [row["address_key"] for row in site_server.asked()] == [CLAIRE]


def test_retention_erases_what_is_over(run, database, on_database):
    del on_database
    from tests.subscribers.people import person  # noqa: PLC0415 - of this test alone

    past = clock.now() - timedelta(days=8)
    with database.write() as connection:
        for kind in signup_requests.LINK_LIFETIMES:
            signup_requests.create_request(connection, kind, "p", "fr", person(LEA), past)
    assert run("subscribers", "retention").code == 0
    with database.read() as connection:
        assert len(connection.execute(select(schema.requests)).all()) == 2
    assert run("subscribers", "retention", "--apply").code == 0
    with database.read() as connection:
        assert connection.execute(select(schema.requests)).all() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Pas d’adresse"),
        ({"address": "claire"}, "@"),
        ({"address": "a@b\x00.fr"}, "courriel"),
        ({"address": "x" * 300 + "@example.org"}, "254"),
        ({"address": LEA, "first_name": "x" * 101}, "100"),
    ],
)
def test_a_form_with_a_fault_says_so_beside_the_field_and_keeps_the_rest(sqlite_site, fields, words):
    answer = sqlite_site.fill(SUBSCRIBE, last_name="Exemple & fils", **fields)
    assert answer.status == 422
    assert words in answer.body
    assert 'aria-invalid="true"' in answer.body
    assert 'role="alert"' in answer.body
    assert 'value="Exemple &amp; fils"' in answer.body
    assert "<title>Erreur" in answer.body
    assert sqlite_site.asked() == []


def test_two_addresses_in_the_field_are_told_apart_in_words_of_the_form(sqlite_site):
    answer = sqlite_site.fill(SUBSCRIBE, address="a@example.org, b@example.org")
    assert answer.status == 422
    assert "Plusieurs adresses" in answer.body
    assert "une ligne" not in answer.body


def test_a_machine_that_fills_in_every_field_gets_the_answer_and_nothing_else(sqlite_site):
    trapped = sqlite_site.fill(SUBSCRIBE, address=LEA, website="https://spam.example")
    assert sqlite_site.asked() == []
    assert trapped.body == sqlite_site.fill(SUBSCRIBE, address=LEA).body


def test_a_form_that_is_sent_at_once_is_shown_once_more_as_it_was_filled_in(sqlite_site):
    answer = sqlite_site.fill(SUBSCRIBE, human=False, **FIELDS)
    assert answer.status == 422
    assert 'value="Léa"' in answer.body
    assert "<option selected>Maire" in answer.body
    stamp = re.search(r'name="form" value="([^"]+)"', answer.body)[1]
    sqlite_site.clock.forward(seconds=3)
    assert sqlite_site.post(SUBSCRIBE, {**FIELDS, "form": stamp}).status == 200
    assert len(sqlite_site.asked()) == 1


@pytest.mark.parametrize("stamp", ["", "x.y", "abc"])
def test_a_form_that_is_not_ours_is_not_taken(sqlite_site, stamp):
    assert sqlite_site.post(SUBSCRIBE, {"address": LEA, "form": stamp}).status == 422
    assert sqlite_site.asked() == []


def test_what_is_not_offered_is_not_taken(sqlite_site):
    sqlite_site.fill(
        SUBSCRIBE, address=LEA, **{"tag-0": "Roi", "tag-1": ["Habitat", "Palais"], "tag-7": "x", "role": "y"}
    )
    assert sqlite_site.asked()[0]["tags"] == '{"themes": ["Habitat"]}'


def test_an_address_gets_one_mail_of_a_kind_an_hour_and_three_a_day(sqlite_site):
    for hour in range(5):
        for _time in range(2):
            sqlite_site.fill(SUBSCRIBE, address=LEA)
            sqlite_site.fill(PREFERENCES, address=LEA)
        sqlite_site.settled()
        assert len(sqlite_site.mails()) == 2 * min(hour + 1, 3)
        sqlite_site.clock.forward(minutes=61)
    sqlite_site.fill(SUBSCRIBE, address=CLAIRE)
    sqlite_site.settled()
    assert len(sqlite_site.mails()) == 7


def mails_to(channel, address):
    """The subjects of what the channel took for `address`."""
    return [call.letter.subject for call in channel.calls if call.recipients[0].address == address]


def test_what_is_asked_for_again_within_the_hour_goes_out_when_the_hour_is_over(mail_queue):
    served, _channel, postman = mail_queue
    first = served.fill(PREFERENCES, address=CLAIRE)
    assert postman.run_once() == 1
    again = served.fill(PREFERENCES, address=CLAIRE)
    assert again.body == first.body
    assert postman.run_once() == 0
    served.clock.forward(minutes=50)
    assert postman.run_once() == 0
    assert served.asked()[1]["attempts"] == 0  # to wait one's turn is no failure
    served.clock.forward(minutes=10)
    assert postman.run_once() == 1
    assert [row["mail"] for row in served.asked()] == ["sent", "sent"]


def test_who_comes_too_late_to_a_mail_leaves_it_sent(mail_queue):
    """Two processes of the site read what is due; one was slow, and the person has asked again meanwhile."""
    served, _channel, postman = mail_queue
    served.fill(PREFERENCES, address=CLAIRE)
    (read_before,) = signup_mails.due_mails(served.site.context, 10)
    assert postman.run_once() == 1
    served.fill(PREFERENCES, address=CLAIRE)
    publications = served.site.publications
    assert signup_mails.claim_mail(served.site.context, read_before, publications, DomainSizes()) is None
    assert [row["mail"] for row in served.asked()] == ["sent", "waiting"]


def test_of_several_that_wait_their_turn_the_last_one_goes_out(mail_queue):
    served, channel, postman = mail_queue
    for name in ("Un", "Deux", "Trois", "Quatre"):
        served.fill(SUBSCRIBE, address=LEA, first_name=name)
        postman.run_once()
    served.clock.forward(hours=1)
    assert postman.run_once() == 1
    assert len(mails_to(channel, LEA)) == 2
    assert [row["first_name"] for row in served.asked() if row["mail"] == "sent"] == ["Un", "Quatre"]
    served.clock.forward(hours=2)
    assert postman.run_once() == 0


def test_who_subscribes_confirms_and_asks_for_their_page_gets_each_mail(issue_workspace, database, monkeypatch):
    add_publication(issue_workspace)
    with serving(issue_workspace, database, monkeypatch) as served:
        monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
        channel = Scripted(batch_size=1)
        postman = MailQueue(served.site, channel)
        served.fill(SUBSCRIBE, address=LEA)
        served.fill(PREFERENCES, address=LEA)
        assert postman.run_once() == 2
        served.fill(f"/{SECOND}/subscribe", address=LEA)
        assert postman.run_once() == 0
        served.clock.forward(hours=1)
        assert postman.run_once() == 1
        assert len(mails_to(channel, LEA)) == 3


def test_nobody_can_keep_somebodys_link_away_by_asking_for_something_else(mail_queue):
    served, channel, postman = mail_queue
    for _hour in range(4):  # a stranger
        served.fill(SUBSCRIBE, address=CLAIRE)
        postman.run_once()
        served.clock.forward(hours=1)
    served.fill(PREFERENCES, address=CLAIRE)
    postman.run_once()
    assert mails_to(channel, CLAIRE)[-1] == "Vos données et préférences"


def test_a_fourth_in_a_day_waits_until_the_first_is_a_day_old(mail_queue):
    served, channel, postman = mail_queue
    for _time in range(4):
        served.fill(PREFERENCES, address=CLAIRE)
        postman.run_once()
        served.clock.forward(hours=2)
    assert len(mails_to(channel, CLAIRE)) == 3
    served.clock.forward(hours=15)
    assert postman.run_once() == 0
    served.clock.forward(hours=2)
    assert postman.run_once() == 1
    path = re.search(r"(/p/\S+)", channel.calls[-1].letter.text)[1]
    served.clock.forward(hours=23)  # counted from when it was sent
    assert served.call(path).status == 200
    served.clock.forward(hours=2)
    assert served.call(path).status == 410


def test_the_link_of_somebody_subscribed_already_is_good_for_a_day_and_says_so(site_server):
    site_server.fill(SUBSCRIBE, address=CLAIRE)
    mail = site_server.mail()
    assert "24 heures" in mail["text"]
    site_server.clock.forward(hours=23)
    assert site_server.call(mail["path"]).status == 200
    site_server.clock.forward(hours=2)
    answer = site_server.call(mail["path"])
    assert answer.status == 410
    assert "claire" not in answer.body


def test_too_many_from_one_network_are_told_to_wait(sqlite_site, monkeypatch):
    monkeypatch.setattr("pvd_mailer.site.rate_limits.RateLimits.allow_request", lambda *_all: False)
    answer = sqlite_site.fill(SUBSCRIBE, address=LEA)
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "3600"
    assert sqlite_site.asked() == []


def test_a_mail_holds_nothing_that_whoever_asked_had_written(sqlite_site):
    sqlite_site.fill(SUBSCRIBE, address=LEA, first_name="Achetez", last_name="https://spam.example")
    mail = sqlite_site.mail()
    assert "Achetez" not in mail["html"] + mail["text"]
    assert "spam.example" not in str(mail["message"])


def test_a_mail_speaks_the_language_in_which_it_was_asked_for(sqlite_site):
    page = sqlite_site.call(f"{SUBSCRIBE}?lang=en").body
    stamp = re.search(r'name="form" value="([^"]+)"', page)[1]
    sqlite_site.clock.forward(seconds=3)
    sqlite_site.post(f"{SUBSCRIBE}?lang=en", {"form": stamp, "address": LEA})
    mail = sqlite_site.mail()
    assert mail["subject"] == "Please confirm your subscription"
    assert mail["path"].endswith("?lang=en")
    assert "Confirm my subscription" in sqlite_site.call(mail["path"]).body


@pytest.fixture
def mail_queue(issue_workspace, database, monkeypatch):
    """A postman whom a test tells when to go, and what his channel answers."""
    with serving(issue_workspace, database, monkeypatch) as served:
        monkeypatch.setattr(MailQueue, "wake", lambda _self: None)
        channel = Scripted(batch_size=1)
        yield served, channel, MailQueue(served.site, channel)


def test_a_mail_that_did_not_leave_is_tried_again_later_and_then_given_up(mail_queue):
    served, channel, postman = mail_queue
    served.fill(SUBSCRIBE, address=LEA)
    channel.script.extend([UNREACHABLE] * 20)
    assert postman.run_once() == 0
    assert postman.run_once() == 0
    assert len(channel.calls) == 1  # not at once
    for _time in range(20):
        served.clock.forward(hours=6, minutes=1)
        postman.run_once()
    assert len(channel.calls) == 7
    assert served.asked()[0]["mail"] == "refused"
    assert len({call.call_id for call in channel.calls}) == 1


def test_a_mail_leaves_once_the_server_can_be_reached(mail_queue):
    served, channel, postman = mail_queue
    served.fill(SUBSCRIBE, address=LEA)
    channel.script.append(UNREACHABLE)
    postman.run_once()
    served.clock.forward(minutes=6)
    assert postman.run_once() == 1
    assert channel.reached == [LEA]


@pytest.mark.parametrize("result", [UNKNOWN, BAD_ADDRESS])
def test_a_mail_that_may_have_left_or_never_will_is_not_sent_again(mail_queue, result):
    served, channel, postman = mail_queue
    served.fill(SUBSCRIBE, address=LEA)
    channel.script.append(result)
    for _time in range(5):
        postman.run_once()
        served.clock.forward(hours=6)
    assert len(channel.calls) == 1


def test_a_provider_that_asks_to_wait_is_left_alone_so_long(mail_queue):
    served, channel, postman = mail_queue
    served.fill(SUBSCRIBE, address=LEA)
    until = clock.now() + timedelta(hours=3)
    channel.script.append(DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED, retry_at=until))
    postman.run_once()
    served.clock.forward(hours=2)
    assert postman.run_once() == 0
    served.clock.forward(hours=1, minutes=1)
    assert postman.run_once() == 1


def test_a_mail_that_was_in_hand_when_the_server_died_is_taken_up_again(mail_queue):
    served, channel, postman = mail_queue
    served.fill(SUBSCRIBE, address=LEA)
    channel.script.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        postman.run_once()
    assert served.asked()[0]["mail"] == "waiting"
    other = MailQueue(served.site, channel)
    assert other.run_once() == 0
    served.clock.forward(minutes=2)
    assert other.run_once() == 1


def test_one_mail_that_cannot_be_made_does_not_keep_the_others(mail_queue, monkeypatch):
    served, channel, postman = mail_queue
    served.fill(SUBSCRIBE, address=LEA)
    served.fill(SUBSCRIBE, address="karim@example.net")
    from pvd_mailer.site.jobs import mail_queue as module  # noqa: PLC0415 - to put a fault into it

    real = module.build_email

    def compose(site, request, **more):
        if request.person.address.key == LEA:
            raise ArithmeticError
        return real(site, request, **more)

    monkeypatch.setattr(module, "build_email", compose)
    assert postman.run_once() == 1
    assert channel.reached == ["karim@example.net"]
