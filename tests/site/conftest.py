"""A readers' site of a test's own, on a port of its own, in a thread of this process."""

import http.client
import mailbox
import os
import re
import shutil
import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from pvd_mailer import clock
from pvd_mailer.database import schema
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.send.channels import Outbox
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks
from pvd_mailer.services.context import AppContext
from pvd_mailer.settings import load_settings
from pvd_mailer.site import open_site
from pvd_mailer.site.server import build_site_server
from pvd_mailer.subscribers.queries import find_subscriber
from tests.preview.conftest import HANG, until
from tests.send.line import Mailing, messages
from tests.workspace import PUBLICATION, ROOT

PUBLIC = "https://lettre.test"
SUBSCRIBE = f"/{PUBLICATION}/subscribe"
PREFERENCES = f"/{PUBLICATION}/preferences"
OFFERS = """
offers:
  - key: fonction
    label: "Votre fonction"
    values: ["Maire", "Cheffe de projet"]
  - key: themes
    label: "Ce qui vous intéresse"
    several: true
    values: ["Habitat", "Commerce", "Mobilités"]
"""
SECOND = "carnet-des-territoires"
SECOND_OFFERS = """
offers:
  - key: rythme
    label: "Votre rythme"
    values: ["Chaque mois", "Chaque saison"]
"""
FORM = "application/x-www-form-urlencoded"


class Clock:
    """The time, which a test can move on."""

    def __init__(self):
        self.ahead = timedelta(0)
        self.real = clock.now

    def now(self):
        return self.real() + self.ahead

    def forward(self, **much):
        self.ahead += timedelta(**much)


@dataclass(frozen=True)
class Served:
    """A running site."""

    line: Mailing
    site: object
    port: int
    clock: Clock

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self):
        return self.site.context.database

    def call(self, path, method="GET", body=None, headers=None, hosts=None):
        """The answer to a request that is sent as it stands; its body is read."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG)) as connection:
            connection.putrequest(method, path, skip_host=True)
            for host in [f"127.0.0.1:{self.port}"] if hosts is None else hosts:
                connection.putheader("Host", host)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None and "Content-Length" not in (headers or {}):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            answer.body = answer.read().decode("utf-8", "replace")
            return answer

    def post(self, path, fields=None, kind=FORM, headers=None):
        body = urlencode(fields or {}, doseq=True).encode()
        return self.call(path, "POST", body, {"Content-Type": kind, **(headers or {})})

    def fill(self, path, *, human=True, headers=None, **fields):
        """Fetch the form, look at it for a while, and send it."""
        page = self.call(path).body
        stamp = re.search(r'name="form" value="([^"]+)"', page)[1]
        if human:
            self.clock.forward(seconds=3)
        return self.post(path, {"form": stamp, **fields}, headers=headers)

    def save(self, path, **fields):
        """Fetch somebody's own page, and send its form."""
        shown = re.search(r'name="offers" value="([^"]+)"', self.call(path).body)[1]
        return self.post(path, {"offers": shown, **fields})

    def edit(self, old, new):
        """Change publication.yaml, as an editor does while the site runs."""
        file = self.line.issue_workspace.own / "publication.yaml"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
        an_hour_ago = time.time() - 3600  # nobody waits for the second in which the file has to rest
        os.utime(file, (an_hour_ago, an_hour_ago))

    def link_of(self, address):
        """Where the letter's one click goes, as a path."""
        with self.database.read() as connection:
            one = find_subscriber(connection, address)
        return UnsubscribeLinks(self.site.keys, "").one_click_url(one.ref)

    def state(self, address):
        with self.database.read() as connection:
            one = find_subscriber(connection, address)
        return one and one.state

    def events(self):
        with self.database.read() as connection:
            return [row._asdict() for row in connection.execute(select(schema.events).order_by(schema.events.c.id))]

    def asked(self):
        with self.database.read() as connection:
            return [row._asdict() for row in connection.execute(select(schema.requests).order_by(schema.requests.c.id))]

    def mails(self):
        """The mails in the outbox; each as its subject, its recipient, its text and the link of its button."""
        try:
            return [_mail(one) for one in messages(self.line.issue_workspace)]
        except (mailbox.Error, OSError):  # nothing is there yet, or it is just being moved
            return []

    def mail(self, count=1):
        """The newest mail, once there are `count` of them."""
        found = until(lambda: len(self.mails()) >= count and self.mails(), "the mail")
        assert len(found) == count
        return max(found, key=lambda one: one["path"])

    def settled(self):
        """Wait until the postman has nothing in hand; what waits its turn was never tried."""

        def is_at_rest(row):
            return row["mail"] != "waiting" or (row["not_before"] is not None and row["attempts"] == 0)

        until(lambda: all(is_at_rest(row) for row in self.asked()), "the postman")


def _mail(message):
    text = message.get_body(("plain",)).get_content()
    link = re.search(rf"{PUBLIC}(/[cp]/\S+)", text)
    return {
        "subject": message["Subject"],
        "to": message["To"],
        "text": text,
        "html": message.get_body(("html",)).get_content(),
        "path": link[1] if link else "",
        "message": message,
    }


def prepare(issue_workspace, offers=OFFERS):
    file = issue_workspace.own / "publication.yaml"
    file.write_text(file.read_text("utf-8") + offers, "utf-8")


def add_publication(issue_workspace):
    """Put a second publication beside the first: another body, with another legal notice and other offers."""
    shutil.copytree(ROOT / "templates" / SECOND, issue_workspace.own.parent / SECOND)
    file = issue_workspace.own.parent / SECOND / "publication.yaml"
    text = file.read_text("utf-8").replace("desinscription-carnet@lettre.example.org", "desinscription@carnet.test")
    file.write_text(text + SECOND_OFFERS, "utf-8")


@contextmanager
def serving(
    issue_workspace,
    database,
    monkeypatch,
    channel=None,
    public=PUBLIC,
    *,
    offers=OFFERS,
    bounds=None,
    allowance=None,
    **settings,
):
    """A site on `database`; `bounds` and `allowance` are what connections and bodies may take."""
    prepare(issue_workspace, offers)
    monkeypatch.setenv("PVD_PUBLIC_URL", public)
    for name, value in settings.items():
        monkeypatch.setenv(f"PVD_{name.upper()}", value)
    ours = Clock()
    monkeypatch.setattr(clock, "now", ours.now)
    line = Mailing(issue_workspace, database)
    office = AppContext(issue_workspace.workspace, load_settings(issue_workspace.workspace), database, line.office.keys)
    site = open_site(office)
    door = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = door.getsockname()[1]
    server = build_site_server(site, channel or Outbox(office.outbox), "127.0.0.1", port, bounds, allowance)
    thread = threading.Thread(target=server.run, args=([door],))
    thread.start()
    until(lambda: server.started, "the server")
    try:
        yield Served(line, site, port, ours)
    finally:
        server.should_exit = True
        thread.join(HANG)
        door.close()
        assert not thread.is_alive()


@pytest.fixture
def site_server(issue_workspace, database, monkeypatch):
    """A site, on both databases, with two subscribers."""
    with serving(issue_workspace, database, monkeypatch) as running:
        from tests.subscribers.people import person  # noqa: PLC0415 - only where there is a database

        running.line.join(person("claire@example.org", "Claire", "Exemple"), person("karim@example.com", "Karim"))
        yield running


@pytest.fixture
def sqlite_site(issue_workspace, tmp_path, monkeypatch):
    """The same, on SQLite alone: for what does not depend on the database."""
    from pvd_mailer.database import open_database  # noqa: PLC0415 - as above
    from tests.send.line import sqlite_at  # noqa: PLC0415 - as above
    from tests.subscribers.people import person  # noqa: PLC0415 - as above

    database = open_database(sqlite_at(tmp_path), tmp_path)
    with serving(issue_workspace, database, monkeypatch) as running:
        running.line.join(person("claire@example.org", "Claire", "Exemple"), person("karim@example.com", "Karim"))
        yield running
    database.close()


GONE = SubscriberState.UNSUBSCRIBED
HERE = SubscriberState.SUBSCRIBED
CLAIRE, KARIM = "claire@example.org", "karim@example.com"
