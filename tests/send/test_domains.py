"""Domains with a letter outside ASCII: encoded when they were written down, and never found wrong at a send."""

import pytest
from sqlalchemy import update

from pvd_mailer.database import schema
from pvd_mailer.database.states import RecipientState
from pvd_mailer.send.channels.sendgrid import SendGrid
from pvd_mailer.send.channels.smtp import SMTP
from tests.send.line import effective
from tests.sendgrid import FakeSendGrid
from tests.smtpd import MailServer
from tests.subscribers.people import person

# The last three are names of tests, which no mail from outside reaches; they are encoded like the others.
STORED = {
    "claire@bücher.example": "claire@xn--bcher-kva.example",
    "Karim@Faß.example": "Karim@xn--fa-hia.example",
    "mairie@été.test": "mairie@xn--t-9fab.test",
    "lea@ville.été.invalid": "lea@ville.xn--t-9fab.invalid",
}
EVERYBODY = {f"lecteur{number}@ville.test" for number in range(4)}


@pytest.fixture(params=["smtp", "sendgrid"])
def far_side(request):
    """A far side, and its channel."""
    if request.param == "smtp":
        with MailServer(utf8=False) as server:
            yield server, SMTP(server.url)
        return
    with FakeSendGrid() as server:
        yield server, SendGrid(server.key, server.url)


def test_a_stored_domain_outside_ascii_travels_encoded(mailing, far_side):
    server, channel = far_side
    mailing.join(*(person(address) for address in STORED))
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert {reader.address for reader in server.accepted} == EVERYBODY | set(STORED.values())
    for reader in server.accepted:
        assert reader.raw.isascii() or channel.name == "sendgrid"
        if channel.name == "smtp":
            assert f"<{reader.address}>" in reader.headers["to"] or reader.headers["to"] == reader.address


def test_a_domain_that_cannot_be_encoded_is_refused_for_its_reader_alone(mailing, far_side):
    """Nothing of this program writes such a row: somebody with a database client did."""
    server, channel = far_side
    odd = ["a@-tiret-.été", "b@[", "c@été..test"]
    mailing.join(*(person(f"odd{number}@ville.test") for number in range(len(odd))))
    one = mailing.approve(channel)  # before: an approval asks of each address whether anybody is there
    with mailing.database.write() as connection:
        for table in (schema.subscribers, schema.recipients):
            for number, address in enumerate(odd):
                before = table.c.address_key == f"odd{number}@ville.test"
                connection.execute(update(table).where(before).values(address_key=address, address=address))
    run = mailing.send(one, channel)
    assert run.pause_reason == ""
    states = effective(mailing.database, one)
    assert {address: states[address] for address in odd} == dict.fromkeys(odd, RecipientState.REFUSED)
    assert {reader.address for reader in server.accepted} == EVERYBODY
    assert len(server.accepted) == 4
    reasons = [words for (state, _cause, words) in mailing.account(one).reasons if state is RecipientState.REFUSED]
    assert reasons
    assert all(reasons)


def test_a_key_that_was_encoded_before_holds_whatever_a_library_thinks_of_the_name_now(mailing, far_side):
    server, channel = far_side
    mailing.join(person("claire@bücher.example"))
    with mailing.database.write() as connection:
        connection.execute(
            update(schema.subscribers)
            .where(schema.subscribers.c.address_key == "claire@xn--bcher-kva.example")
            .values(address="claire@☃.example", address_key="claire@xn--n3h.example")
        )
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert "claire@xn--n3h.example" in {reader.address for reader in server.accepted}
