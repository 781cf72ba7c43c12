"""Rows for tests of the database: a letter, dispatches, batches, recipients."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import insert, text

from pvd_mailer.database import schema

NOON = datetime(2026, 3, 7, 12, tzinfo=UTC)
LETTER = b"a letter"
DIGEST = hashlib.sha256(LETTER).hexdigest()


def letter(connection, data=LETTER):
    """An approved letter's bytes; their digest."""
    digest = hashlib.sha256(data).hexdigest()
    connection.execute(insert(schema.blobs).values(digest=digest, data=data))
    return digest


def dispatch(connection, name="d1", state="running", number=1, **more):
    """A dispatch; its id."""
    values = {
        "id": name,
        "publication": "lettre",
        "number": number,
        "issue_key": f"lettre/{number}",
        "state": state,
        "letter": DIGEST,
        "sealed": "{}",
        "approved_by": "Claire",
        "approved_at": NOON,
    }
    connection.execute(insert(schema.dispatches).values(**(values | more)))
    return name


def batch(connection, state="pending", dispatch_id="d1", **more):
    """A batch; its id."""
    made = connection.execute(insert(schema.batches).values(dispatch_id=dispatch_id, state=state, **more))
    return made.inserted_primary_key[0]


def recipients(connection, batch_id, positions, *, dispatch_id="d1", state=None, number=1, **more):
    """Recipients of a batch, at these positions."""
    connection.execute(
        insert(schema.recipients),
        [
            {
                "dispatch_id": dispatch_id,
                "position": position,
                "batch_id": batch_id,
                "subscriber_ref": f"r{position}",
                "issue_key": f"lettre/{number}",
                "address_key": f"reader{position}@example.org",
                "address": f"Reader{position}@example.org",
                "state": state,
                "claims_issue": state != "excluded",
            }
            | more
            for position in positions
        ],
    )


def old_recipient(connection, batch_id, position, *, holds):
    """A recipient in the tables of revision 0005, where `claims_issue` was called `holds`."""
    connection.execute(
        text(
            "INSERT INTO recipients (dispatch_id, position, batch_id, issue_key, address_key, address, holds) "
            "VALUES ('d1', :position, :batch_id, 'lettre/1', :address, :address, :holds)"
        ),
        {
            "position": position,
            "batch_id": batch_id,
            "address": f"reader{position}@example.org",
            "holds": holds,
        },
    )


def subscriber(connection, number, **more):
    """A subscriber; their id."""
    values = {
        "ref": f"r{number}",
        "address_key": f"reader{number}@example.org",
        "address": f"Reader{number}@example.org",
        "state": "subscribed",
        "basis": "consent",
        "proof_at": NOON,
        "proof_source": "a form",
        "created_at": NOON,
        "changed_at": NOON,
        "last_contact_at": NOON,
    }
    made = connection.execute(insert(schema.subscribers).values(**(values | more)))
    return made.inserted_primary_key[0]
