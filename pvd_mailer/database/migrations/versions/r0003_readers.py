"""The readers' side: what became of messages, and what readers ask for at the site.

Written by hand and never edited again: it does not read `schema.py` and `states.py`, which go on changing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EVENTS = (
    "'processed', 'delivered', 'deferred', 'bounced', 'blocked', 'dropped', 'complained', 'unsubscribed', "
    "'resubscribed'"
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "events",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column(
            "source", sa.String(16), nullable=False, comment="Who says so: sendgrid, sync, maildir, send, site, office."
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="The same for the same event, however often it is told."),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False, comment="When it happened, as the source says."),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("dispatch_id", sa.String(24), comment="None where it is about no dispatch."),
        sa.Column("position", sa.Integer(), comment="Of the recipient in the dispatch."),
        sa.Column("call_id", sa.String(32), comment="Of the call that it proves to have been taken (batches.call_id)."),
        sa.Column(
            "subscriber_ref", sa.String(32), comment="subscribers.ref; None for nobody we know, or once forgotten."
        ),
        sa.Column(
            "domain", sa.Text(), server_default="", nullable=False, comment="Of the address; empty once forgotten."
        ),
        sa.Column(
            "status", sa.String(16), server_default="", nullable=False, comment="RFC 3463's code, such as 5.1.1."
        ),
        sa.Column(
            "reason",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="The far side's words, without the address.",
        ),
        sa.CheckConstraint(f"kind IN ({EVENTS})", name="ck_events_kind"),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name="fk_events_dispatch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("key", name="uq_events_key"),
    )
    op.create_index("ix_events_dispatch_id_kind", "events", ["dispatch_id", "kind"])
    op.create_index("ix_events_dispatch_id_position", "events", ["dispatch_id", "position"])
    op.create_index("ix_events_subscriber_ref", "events", ["subscriber_ref"])
    op.create_table(
        "requests",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("ref", sa.String(32), nullable=False, comment="Opaque; what the signed link in its mail carries."),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("publication", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False, comment="What the person was spoken to in."),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="As it was written."),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "tags", sa.Text(), server_default="{}", nullable=False, comment="JSON: key -> values as they were written."
        ),
        sa.Column(
            "wording",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="What the person was told, and said yes to.",
        ),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False, comment="The row goes away after this, confirmed or not."),
        sa.Column("mail", sa.String(16), nullable=False, comment="Its mail: waiting, sent, refused."),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", MOMENT, comment="When its mail may be tried again."),
        sa.Column("done_at", MOMENT, comment="When its link was used."),
        sa.CheckConstraint("kind IN ('subscribe', 'preferences')", name="ck_requests_kind"),
        sa.CheckConstraint("mail IN ('waiting', 'sent', 'refused')", name="ck_requests_mail"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("ref", name="uq_requests_ref"),
        comment="What somebody asked for at the readers' site, and has to confirm by the link in a mail.",
    )
    op.create_index("ix_requests_mail", "requests", ["mail"])
    op.create_index("ix_requests_address_key", "requests", ["address_key"])
