"""The audience: subscribers, their tags and histories, who must not be written to; what the database knows of itself.

Written by hand and never edited again: it does not read `schema.py`, which goes on changing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "facts",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
        comment="What the database knows of itself, such as the digest of the key that its links were signed with.",
    )
    op.create_table(
        "subscribers",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("ref", sa.String(32), nullable=False, comment="Opaque; what a signed link carries."),
        sa.Column("address_key", sa.Text(), nullable=False, comment="The canonical form: one person, one row."),
        sa.Column("address", sa.Text(), nullable=False, comment="As it was written."),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("proof_at", MOMENT, nullable=False, comment="When consent was given or the person was informed."),
        sa.Column("proof_source", sa.Text(), nullable=False, comment="Where from: a file, a form, a person."),
        sa.Column("proof_wording", sa.Text(), server_default="", nullable=False, comment="What the person was told."),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("last_contact_at", MOMENT, nullable=False, comment="What retention counts from."),
        sa.CheckConstraint(
            "state IN ('pending', 'subscribed', 'unsubscribed', 'bounced', 'complained')",
            name="ck_subscribers_state",
        ),
        sa.CheckConstraint("basis IN ('consent', 'public-mission')", name="ck_subscribers_basis"),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("ref", name="uq_subscribers_ref"),
        sa.UniqueConstraint("address_key", name="uq_subscribers_address_key"),
    )
    op.create_index("ix_subscribers_state", "subscribers", ["state"])
    op.create_table(
        "tags",
        sa.Column("subscriber_id", IDENTITY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="Folded: lower case, no accents, hyphens for blanks."),
        sa.Column("value", sa.Text(), nullable=False, comment="As it was written."),
        sa.Column("value_key", sa.Text(), nullable=False, comment="Folded, for filters."),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_tags_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "key", "value_key", name="pk_tags"),
    )
    op.create_index("ix_tags_key_value_key", "tags", ["key", "value_key"])
    op.create_table(
        "histories",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("subscriber_id", IDENTITY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name="fk_histories_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_histories"),
    )
    op.create_index("ix_histories_subscriber_id", "histories", ["subscriber_id"])
    op.create_table(
        "oppositions",
        sa.Column("digest", sa.String(64), nullable=False, comment="Keyed hash of the canonical address."),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_oppositions"),
    )
