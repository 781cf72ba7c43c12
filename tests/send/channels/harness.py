"""Each channel with its far side, behind one face, so that one suite runs over all of them."""

from collections import Counter
from datetime import UTC, datetime

from pvd_mailer.send.channels import DeliveryOutcome, FailureCause, Outbox, Recipient, SenderIdentity, SendRequest
from pvd_mailer.send.channels.sendgrid import SendGrid
from pvd_mailer.send.channels.smtp import SMTP
from tests.sendgrid import FAULTS as SENDGRID_FAULTS
from tests.sendgrid import FakeSendGrid
from tests.smtpd import FAULTS as SMTP_FAULTS
from tests.smtpd import MailServer
from tests.smtpd.message import read_message

MAILTO = "mailto:quitter@example.org?subject=unsubscribe%20la-lettre"
SENDER = SenderIdentity(
    name="Petites villes de demain",
    address="la-lettre@lettre.example.org",
    reply_to="redaction@example.org",
    list_name="La lettre",
    list_id="la-lettre.example.org",
    unsubscribe_mailto=MAILTO,
    feedback_id="22:pvd:letter:lalettreexample",
)
SECRETS = ("SG.fake.key-of-a-test", "s3cret-password")
PATIENCE = 2
"""Seconds that a stall of the far side lasts."""
SECONDS = 0.5
"""Every time-out of a channel."""
READERS = ("claire", "mairie.de.la-ville", "karim")

MAY_CAUSE = {
    DeliveryOutcome.ACCEPTED: {None},
    DeliveryOutcome.REFUSED: {FailureCause.ADDRESS, FailureCause.MESSAGE, FailureCause.BUSY},
    DeliveryOutcome.NOT_SENT: {
        *(
            FailureCause.LOGIN,
            FailureCause.UNREACHABLE,
            FailureCause.THROTTLED,
            FailureCause.DISK,
            FailureCause.MESSAGE,
            FailureCause.INTERRUPTED,
        ),
    },
    DeliveryOutcome.UNKNOWN: {
        FailureCause.NO_ANSWER,
        FailureCause.CUT,
        FailureCause.SERVER_FAULT,
        FailureCause.UNCLEAR,
        FailureCause.INTERRUPTED,
    },
}
"""The closed set: which cause belongs to which outcome."""


def link(ref):
    return f"https://lettre.example.org/u/{ref}?a=1&b=2"


def people(prefix="r", *, online=True, names=("Claire Exemple", "Mairie", "Karim Modèle"), addresses=None):
    """Addressees, each with a reference and a link that no other has."""
    addresses = addresses or [f"{prefix}-{local}@example.org" for local in READERS]
    return tuple(
        Recipient(f"{prefix}{number}ref", address, name, link(f"{prefix}{number}") if online else None)
        for number, (address, name) in enumerate(zip(addresses, names, strict=True))
    )


def consign(letter, addressees, sender=SENDER, call="call-0001"):
    return SendRequest(call, letter, sender, datetime(2026, 12, 3, 9, 0, tzinfo=UTC), tuple(addressees))


def settle(results, addressees):
    """What became of each, by reference; everybody is told of exactly once, those in bulk last."""
    told = {}
    waiting = [one.ref for one in addressees]
    for ref, result in results:
        assert waiting, "told of nobody"
        assert result.cause in MAY_CAUSE[result.outcome], result
        assert result.retry_at is None or result.cause is FailureCause.THROTTLED, result
        for name in [ref] if ref else list(waiting):
            waiting.remove(name)
            told[name] = result
    assert waiting == []
    return told


def accepted(channel, letter, addressees, **more):
    """Send, and be sure that everybody is accepted."""
    with channel.session() as session:
        told = settle(session.send(consign(letter, addressees, **more)), addressees)
    assert {one.outcome for one in told.values()} == {DeliveryOutcome.ACCEPTED}, told
    return told


class OutboxHarness:
    name = "outbox"
    faults = ("a file in its place", "a file in its place, later")

    def __init__(self, folder):
        self._folder = folder / "outbox"

    def channel(self):
        return Outbox(self._folder)

    def received(self):
        files = sorted((self._folder / "new").glob("*")) if (self._folder / "new").is_dir() else []
        return [read_message(path.read_bytes()) for path in files]

    def play(self, fault):
        self._folder.mkdir(exist_ok=True)
        if not fault.endswith("later"):
            (self._folder / "tmp").write_text("", "utf-8")
            return
        (self._folder / "new").mkdir()
        # The second message cannot be written: a folder has its name.
        (self._folder / "tmp" / "r1ref").mkdir(parents=True)

    def close(self):
        pass


class SmtpHarness:
    name = "smtp"
    faults = SMTP_FAULTS
    first_struck = 1  # `play` lets the first message go well

    def __init__(self):
        self._server = MailServer(patience=PATIENCE, login=("la-lettre@example.org", SECRETS[1]))
        self._server.__enter__()

    def channel(self):
        url = f"smtp://la-lettre%40example.org:{SECRETS[1]}@127.0.0.1:{self._server.port}"
        return SMTP(url, read_timeout=SECONDS, data_timeout=SECONDS)

    def received(self):
        return list(self._server.accepted)

    def play(self, fault):
        self._server.play(None, fault)

    def hang_up(self):
        self._server.hang_up()

    def connections(self):
        return self._server.connections

    def close(self):
        self._server.close()


class SendGridHarness:
    name = "sendgrid"
    faults = SENDGRID_FAULTS
    first_struck = 0

    def __init__(self):
        self._fake = FakeSendGrid(SECRETS[0], patience=PATIENCE)
        self._fake.__enter__()

    def channel(self):
        return SendGrid(self._fake.key, self._fake.url, read_timeout=SECONDS)

    def received(self):
        return list(self._fake.accepted)

    def play(self, fault):
        self._fake.play(fault)

    def hang_up(self):
        self._fake.hang_up()

    def connections(self):
        return self._fake.connections

    def close(self):
        self._fake.close()


HARNESSES = {"outbox": OutboxHarness, "smtp": SmtpHarness, "sendgrid": SendGridHarness}
EVERY_FAULT = [
    (name, fault)
    for name, faults in (("outbox", OutboxHarness.faults), ("smtp", SMTP_FAULTS), ("sendgrid", SENDGRID_FAULTS))
    for fault in faults
]


def start(name, folder):
    """The channel `name` with a far side of its own."""
    return OutboxHarness(folder) if name == "outbox" else HARNESSES[name]()


def twice(received):
    """The references that came more than once."""
    return [ref for ref, times in Counter(one.ref for one in received).items() if times > 1]
