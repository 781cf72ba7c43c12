"""The journal: letters, dispatches, batches, recipients; and which changes of state are allowed, as triggers.

Written by hand and never edited again: it does not read `schema.py` and `states.py`, which go on changing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = {
    "dispatches": "'approved', 'void', 'running', 'paused', 'finished', 'cancelled'",
    "batches": "'pending', 'sending', 'accepted', 'refused', 'unknown', 'cancelled'",
    "recipients": "'accepted', 'excluded', 'refused', 'unknown', 'cancelled'",
}
CHANGES = {
    "dispatches": {
        "approved": ("running", "void", "cancelled"),
        "running": ("paused", "finished", "cancelled"),
        "paused": ("running", "cancelled"),
        "finished": ("running",),
    },
    "batches": {
        "pending": ("sending", "cancelled"),
        "sending": ("accepted", "pending", "refused", "unknown"),
        "unknown": ("accepted", "refused"),
    },
    # '' stands for no state of one's own: as the batch.
    "recipients": {
        "": ("accepted", "excluded", "refused", "unknown", "cancelled"),
        "unknown": ("accepted", "refused", ""),
        "refused": ("", "excluded"),
    },
}


def upgrade() -> None:
    """Make the tables, then what guards them."""
    _dispatches()
    _recipients()
    for table in STATES:
        _guard(table)
    _guard_accepted()


def _dispatches() -> None:
    op.create_table(
        "blobs",
        sa.Column("digest", sa.String(64), nullable=False, comment="SHA-256 of data, in hexadecimal."),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_blobs"),
    )
    op.create_table(
        "dispatches",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("publication", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "issue_key",
            sa.Text(),
            nullable=False,
            comment="What a person gets once: publication, number, and real or rehearsal.",
        ),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("letter", sa.String(64), nullable=False),
        sa.Column(
            "sealed",
            sa.Text(),
            nullable=False,
            comment="JSON: sender, channel, public URL, audience, digests of the sources.",
        ),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.Column("again", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("start_at", MOMENT),
        sa.Column("owner", sa.String(32), comment="The sender that may claim its batches; the newest one wins."),
        sa.Column("started_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("paused_why", sa.Text(), server_default="", nullable=False),
        sa.Column("not_before", MOMENT, comment="Until when the provider asked to be left alone."),
        sa.CheckConstraint(f"state IN ({STATES['dispatches']})", name="ck_dispatches_state"),
        sa.ForeignKeyConstraint(["letter"], ["blobs.digest"], name="fk_dispatches_letter"),
        sa.PrimaryKeyConstraint("id", name="pk_dispatches"),
    )
    op.create_index(
        "ix_dispatches_one_approval",
        "dispatches",
        ["publication", "number"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "log",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("dispatch_id", sa.String(24), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name="fk_log_dispatch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_log"),
    )
    op.create_index("ix_log_dispatch_id", "log", ["dispatch_id"])
    op.create_table(
        "test_sends",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("publication", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(64), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["letter"], ["blobs.digest"], name="fk_test_sends_letter"),
        sa.PrimaryKeyConstraint("id", name="pk_test_sends"),
    )


def _recipients() -> None:
    op.create_table(
        "batches",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("dispatch_id", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(32)),
        sa.Column("call_id", sa.String(32), comment="Opaque, new for each call, written down before it."),
        sa.Column("cause", sa.String(24), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("retryable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("claimed_at", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint(f"state IN ({STATES['batches']})", name="ck_batches_state"),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name="fk_batches_dispatch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sa.UniqueConstraint("call_id", name="uq_batches_call_id"),
    )
    op.create_index("ix_batches_dispatch_id_state", "batches", ["dispatch_id", "state"])
    op.create_table(
        "recipients",
        sa.Column("dispatch_id", sa.String(24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("batch_id", IDENTITY, comment="None for those excluded when the audience was frozen."),
        sa.Column("subscriber_ref", sa.String(32), comment="subscribers.ref; None once forgotten."),
        sa.Column("issue_key", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(16), comment="None: as the batch."),
        sa.Column(
            "holds",
            sa.Boolean(),
            nullable=False,
            comment="Has the issue, or may have it, or is about to: nobody else may send it.",
        ),
        sa.Column("cause", sa.String(24), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("retryable", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.CheckConstraint(f"state IN ({STATES['recipients']})", name="ck_recipients_state"),
        sa.CheckConstraint("state IS NOT NULL OR batch_id IS NOT NULL", name="ck_recipients_somewhere"),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatches.id"], name="fk_recipients_dispatch_id"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_recipients_batch_id"),
        sa.PrimaryKeyConstraint("dispatch_id", "position", name="pk_recipients"),
        sa.UniqueConstraint("dispatch_id", "address_key", name="uq_recipients_dispatch_id_address_key"),
    )
    op.create_index("ix_recipients_batch_id", "recipients", ["batch_id"])
    op.create_index("ix_recipients_address_key", "recipients", ["address_key"])
    op.create_index(
        "ix_recipients_once",
        "recipients",
        ["issue_key", "address_key"],
        unique=True,
        sqlite_where=sa.text("holds"),
        postgresql_where=sa.text("holds"),
    )


def _guard(table: str) -> None:
    """States of `table` change only as CHANGES says, and its rows stay."""
    allowed = ""
    for old, after in CHANGES[table].items():
        listed = ", ".join(f"'{new}'" for new in after)
        allowed += f" OR (coalesce(OLD.state, '') = '{old}' AND coalesce(NEW.state, '') IN ({listed}))"
    _forbid(
        f"{table}_states",
        f"UPDATE OF state ON {table}",
        f"NOT (coalesce(OLD.state, '') = coalesce(NEW.state, ''){allowed})",
        f"pvd: {table} cannot change to this state",
    )
    _forbid(f"{table}_stay", f"DELETE ON {table}", "1 = 1", f"pvd: {table} are never deleted")


def _guard_accepted() -> None:
    """A recipient who has the letter, through the batch too, keeps it; only those whom nothing reached move on."""
    of_batch = "(SELECT state FROM batches WHERE id = {}.batch_id)"
    _forbid(
        "recipients_keep",
        "UPDATE OF state ON recipients",
        "OLD.state IS NULL AND NEW.state IS NOT NULL AND NEW.state <> 'accepted'",
        "pvd: a recipient who has the letter cannot be said not to have it",
        f"{of_batch.format('OLD')} = 'accepted'",
    )
    _forbid(
        "recipients_move",
        "UPDATE OF batch_id ON recipients",
        # IS DISTINCT FROM, in words that both databases know.
        "coalesce(OLD.batch_id, -1) <> coalesce(NEW.batch_id, -1)",
        "pvd: only recipients whom nothing reached, or on whom a person decided, move to a batch that is pending",
        f"coalesce(OLD.state, {of_batch.format('OLD')}, '') NOT IN ('unknown', 'refused', 'sending')"
        f" OR coalesce({of_batch.format('NEW')}, '') <> 'pending'",
    )


def _forbid(name: str, what: str, condition: str, message: str, also: str | None = None) -> None:
    """Make a trigger that stops `what` where `condition` holds, and `also`, which may look into other tables."""
    head = f"CREATE TRIGGER {name} BEFORE {what} FOR EACH ROW WHEN"
    if op.get_bind().dialect.name == "sqlite":
        whole = f"({condition}) AND ({also})" if also else condition
        op.execute(f"{head} {whole} BEGIN SELECT RAISE(ABORT, '{message}'); END")
        return
    test = f"IF NOT ({also}) THEN RETURN NEW; END IF; " if also else ""
    op.execute(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN {test}RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(f"{head} ({condition}) EXECUTE FUNCTION {name}()")
