"""The line from an issue to its account, without the command line; and what tests look at."""

import json
import mailbox
from email import message_from_bytes, policy

from sqlalchemy import select

from pvd_mailer import clock
from pvd_mailer.database import open_database, schema
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.states import RecipientState, SubscriberState
from pvd_mailer.journal import count_recipients, dispatches
from pvd_mailer.keys import load_keys
from pvd_mailer.services import AppContext
from pvd_mailer.services.approvals import approve
from pvd_mailer.services.dispatches import sending
from pvd_mailer.settings import load_settings
from pvd_mailer.subscribers.state_changes import change_state
from tests.subscribers.people import person, settle


def readers(count, start=0):
    """Some people, at a domain of nobody's."""
    return [person(f"lecteur{number}@ville.test", "Lecteur", str(number)) for number in range(start, start + count)]


def sqlite_at(folder):
    """The address of a SQLite database whose tables are made."""
    made = open_database(None, folder / "database" / "pvd.sqlite")
    prepare_database(made)
    made.close()
    return f"sqlite:///{made.file}"


def put_a_real_mailbox(desk):
    """Let the letter leave this machine: a reader who wants to go has somewhere to write to."""
    file = desk.own / "publication.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("desinscription@lettre.example.org", "desinscription@lettre.test"), "utf-8")


def effective(database, dispatch_id):
    """Address -> state."""
    query = (
        select(schema.recipients.c.address, schema.recipients.c.state, schema.batches.c.state)
        .select_from(schema.recipients.outerjoin(schema.batches, schema.recipients.c.batch_id == schema.batches.c.id))
        .where(schema.recipients.c.dispatch_id == dispatch_id)
        .order_by(schema.recipients.c.position)
    )
    with database.read() as connection:
        return {address: RecipientState(own or shared) for address, own, shared in connection.execute(query)}


def rows(database):
    """All that is in the database."""
    with database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)).all()))
            for table in schema.metadata.sorted_tables
        }


def leave(database, address, state=SubscriberState.UNSUBSCRIBED):
    """Somebody leaves now."""
    with database.write() as connection:
        assert change_state(connection, address, state, clock.now(), "a test")


class Line:
    """A workspace with a database and people in it."""

    def __init__(self, desk, database):
        put_a_real_mailbox(desk)
        self.desk = desk
        self.database = database
        settings = load_settings(desk.workspace)
        self.office = AppContext(desk.workspace, settings, database, load_keys(settings.keys_path))
        ensure_same_keys(database, self.office.keys)

    @property
    def folder(self):
        return self.desk.workspace.issue("1")

    def join(self, *people):
        settle(self.database, *people, now=clock.now())

    def approve(self, channel, audience="all", *, again=False):
        approved = approve.approve_issue(
            self.office, self.folder, channel, audience=audience, approver="Claire", again=again
        )
        return approved.approval.dispatch.id

    def find(self, dispatch_id):
        with self.database.read() as connection:
            return dispatches.find_dispatch(connection, dispatch_id)

    def send(self, dispatch_id, channel, **more):
        return sending.send_dispatch(self.office, self.find(dispatch_id), channel, **more)

    def account(self, dispatch_id):
        with self.database.read() as connection:
            return count_recipients(connection, dispatch_id)

    def states(self, dispatch_id):
        return {state: count for state, count in self.account(dispatch_id).states.items() if count}

    def record(self):
        return json.loads((self.desk.folder / "sent.json").read_text("utf-8"))


def box(desk):
    """The outbox of a workspace."""
    return mailbox.Maildir(str(desk.root / "var" / "outbox"), create=False)


def messages(desk):
    """The messages in it."""
    return [message_from_bytes(one.as_bytes(), policy=policy.default) for one in box(desk)]


def addressed(desk):
    """Whom they are for."""
    return sorted(one["To"].addresses[0].addr_spec for one in messages(desk))
