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
from pvd_mailer.services.approvals import approve
from pvd_mailer.services.context import AppContext
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


def put_a_real_mailbox(issue_workspace):
    """Let the letter leave this machine: a reader who wants to go has somewhere to write to."""
    file = issue_workspace.own / "publication.yaml"
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


class Mailing:
    """A workspace with a database and people in it."""

    def __init__(self, issue_workspace, database):
        put_a_real_mailbox(issue_workspace)
        self.issue_workspace = issue_workspace
        self.database = database
        settings = load_settings(issue_workspace.workspace)
        self.office = AppContext(issue_workspace.workspace, settings, database, load_keys(settings.keys_path))
        ensure_same_keys(database, self.office.keys)

    @property
    def folder(self):
        return self.issue_workspace.workspace.issue("1")

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
        return json.loads((self.issue_workspace.folder / "sent.json").read_text("utf-8"))


def box(issue_workspace):
    """The outbox of a workspace."""
    return mailbox.Maildir(str(issue_workspace.root / "var" / "outbox"), create=False)


def messages(issue_workspace):
    """The messages in it."""
    return [message_from_bytes(one.as_bytes(), policy=policy.default) for one in box(issue_workspace)]


def addressed(issue_workspace):
    """Whom they are for."""
    return sorted(one["To"].addresses[0].addr_spec for one in messages(issue_workspace))
