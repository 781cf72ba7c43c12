"""A letter that was sent, and those who tell what became of it."""

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, update

from pvd_mailer.database import Database, schema
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.events import ingest_events
from pvd_mailer.events.sendgrid import parse_webhook
from pvd_mailer.send.channels.sendgrid import SendGrid
from pvd_mailer.services.dispatches import recovery
from pvd_mailer.subscribers.mutations import sign_up
from pvd_mailer.subscribers.queries import find_subscriber, read_history
from tests.send.line import Mailing, effective, readers
from tests.sendgrid.events import event
from tests.subscribers.people import CONSENT

__all__ = ["SOFT", "Feedback", "undone"]

SOFT = 3


class Feedback(Mailing):
    """As `Line`, with four readers and the fake SendGrid."""

    def __init__(self, issue_workspace, database, fake_sendgrid):
        super().__init__(issue_workspace, database)
        self.fake = fake_sendgrid
        self.join(*readers(4))

    def channel(self, read_timeout=0.3, **more):
        return SendGrid(self.fake.key, self.fake.url, read_timeout=read_timeout, **more)

    def sent(self, *faults):
        """Approve the issue and send it; the id of the dispatch. `faults` are what SendGrid does at each call."""
        one = self.approve(self.channel())
        self.fake.play(*faults)
        self.send(one, self.channel())
        return one

    def another(self, number):
        """Another issue, sent to everybody in the journal alone: faster than by the line."""
        base = self.database
        with base.write() as connection:
            first = connection.execute(select(schema.dispatches).limit(1)).mappings().one()
            at = first["started_at"] + timedelta(days=30 * number)
            one = f"{number:03}-{number:06x}"
            connection.execute(
                insert(schema.dispatches),
                dict(first)
                | {"id": one, "number": number, "issue_key": f"p/{number}", "started_at": at, "state": "approved"},
            )
            batch = connection.execute(
                insert(schema.batches).values(dispatch_id=one, state="pending").returning(schema.batches.c.id)
            ).scalar()
            people = connection.execute(select(schema.subscribers).order_by(schema.subscribers.c.id)).all()
            rows = [
                {
                    "dispatch_id": one,
                    "position": position,
                    "batch_id": batch,
                    "subscriber_ref": person.ref,
                    "issue_key": f"p/{number}",
                    "address_key": person.address_key,
                    "address": person.address,
                    "claims_issue": True,
                }
                for position, person in enumerate(people)
            ]
            connection.execute(insert(schema.recipients), rows)
            where = schema.batches.c.id == batch
            connection.execute(update(schema.batches).where(where).values(state="sending", call_id=f"{number:024x}"))
            connection.execute(update(schema.batches).where(where).values(state="accepted", settled_at=at))
        return one

    def told(self, kind, ref, **more):
        """One event as SendGrid posts it; `ref` is a place such as `001-abcdef.0`, or an address."""
        said = {"event": kind, "timestamp": int(time.time()), "sg_event_id": f"{kind}{ref}"}
        said |= {"email": ref} if "@" in ref else {"pvd_recipient": ref, "email": "somebody@ville.test"}
        usual = {
            "bounce": {"type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1"},
            "blocked": {"event": "bounce", "type": "blocked", "reason": "550 5.7.1 policy", "status": "5.7.1"},
        }
        return said | usual.get(kind, {}) | more

    def take(self, *events, now=None, database=None):
        """Take these in; what became of them."""
        import json  # noqa: PLC0415 - beside its one use

        now = now or datetime.now(UTC) + timedelta(seconds=1)
        reading = parse_webhook(json.dumps(events).encode(), now, self.office.keys.trace)
        with (database or self.database).write() as connection:
            return ingest_events(connection, reading.events, now, soft_bounces=SOFT)

    def message(self, position, dispatch=None):
        """What stands before the @ in the Message-ID of that reader's copy."""
        ref = f"{dispatch or self.one}.{position}"
        return f"{ref}.{self.office.keys.message_tag(ref)}"

    def of(self, accepted, kind, **more):
        """An event about a message that the fake SendGrid accepted."""
        return event(accepted, kind, **more)

    def state(self, number):
        with self.database.read() as connection:
            return find_subscriber(connection, f"lecteur{number}@ville.test").state

    def all_states(self, database=None):
        with (database or self.database).read() as connection:
            rows = connection.execute(select(schema.subscribers.c.address_key, schema.subscribers.c.state))
            return {key: SubscriberState(state) for key, state in rows}

    def history(self, number):
        with self.database.read() as connection:
            one = find_subscriber(connection, f"lecteur{number}@ville.test")
            return [(line.what, line.source, line.detail) for line in read_history(connection, one.id)]

    def signs_up(self, number, at):
        with self.database.write() as connection:
            sign_up(connection, readers(1, number)[0], CONSENT, self.office.keys, at)

    def resend(self, one):
        recovery.resolve_unknown(self.office, self.find(one), accepted=False, cause=None, resolver="Claire")

    def reached(self, one):
        """Position -> state."""
        return [str(state) for state in effective(self.database, one).values()]

    def events(self):
        with self.database.read() as connection:
            return connection.execute(select(schema.events).order_by(schema.events.c.id)).mappings().all()


class _Undone(Database):
    """A database whose transactions are all parts of one, which is undone."""

    def __init__(self, connection, file):
        self.connection = connection
        self.file = file

    @contextmanager
    def write(self):
        with self.connection.begin_nested():
            yield self.connection

    read = write


@contextmanager
def undone(database):
    """`database`, and afterwards it is as it was: thousands of examples start from the same state."""
    with database.write() as connection:
        yield _Undone(connection, database.file)
        connection.rollback()
