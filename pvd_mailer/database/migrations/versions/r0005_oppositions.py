"""People who are known for their opposition alone, without a legal basis; domains of addresses in ASCII.

Written by hand and never edited again: it does not read `schema.py` and `states.py`, which go on changing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('pending', 'subscribed', 'unsubscribed', 'bounced', 'complained')"
BASES = "basis IN ('consent', 'public-mission', 'none')"
PAGE = 1000


def upgrade() -> None:
    """Allow for them, and write the domains."""
    if op.get_bind().dialect.name == "sqlite":
        _make_again()
    else:
        op.drop_constraint("ck_subscribers_basis", "subscribers", type_="check")
        op.create_check_constraint("ck_subscribers_basis", "subscribers", BASES)
    _write_domains()


def _make_again() -> None:
    """SQLite cannot change a condition of a table; and without its children, or they would be deleted with it."""
    op.execute("CREATE TABLE kept_tags AS SELECT * FROM tags")
    op.execute("CREATE TABLE kept_histories AS SELECT * FROM histories")
    op.drop_table("tags")
    op.drop_table("histories")
    op.create_table(
        "new_subscribers",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), server_default="", nullable=False),
        sa.Column("last_name", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("proof_at", MOMENT, nullable=False),
        sa.Column("proof_source", sa.Text(), nullable=False),
        sa.Column("proof_wording", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("last_contact_at", MOMENT, nullable=False),
        sa.CheckConstraint(STATES, name="ck_subscribers_state"),
        sa.CheckConstraint(BASES, name="ck_subscribers_basis"),
        sa.PrimaryKeyConstraint("id", name="pk_subscribers"),
        sa.UniqueConstraint("ref", name="uq_subscribers_ref"),
        sa.UniqueConstraint("address_key", name="uq_subscribers_address_key"),
    )
    op.execute(
        "INSERT INTO new_subscribers (id, ref, address_key, address, first_name, last_name, state, basis, proof_at, "
        "proof_source, proof_wording, created_at, changed_at, last_contact_at) "
        "SELECT id, ref, address_key, address, first_name, last_name, state, basis, proof_at, "
        "proof_source, proof_wording, created_at, changed_at, last_contact_at FROM subscribers ORDER BY id"
    )
    op.drop_table("subscribers")
    op.rename_table("new_subscribers", "subscribers")
    op.create_index("ix_subscribers_state", "subscribers", ["state"])
    op.create_table(
        "tags",
        sa.Column("subscriber_id", IDENTITY, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("value_key", sa.Text(), nullable=False),
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
    op.execute(
        'INSERT INTO tags (subscriber_id, "key", value, value_key) SELECT subscriber_id, "key", value, value_key '
        "FROM kept_tags"
    )
    op.execute(
        'INSERT INTO histories (id, subscriber_id, "at", what, source, detail) SELECT id, subscriber_id, "at", what, '
        "source, detail FROM kept_histories"
    )
    op.drop_table("kept_tags")
    op.drop_table("kept_histories")


def _write_domains() -> None:
    """An address keeps how its first part was written; its domain is the canonical one where it was not in ASCII."""
    connection = op.get_bind()
    people = sa.table("subscribers", sa.column("id"), sa.column("address_key"), sa.column("address"))
    written = "address GLOB '*[^ -~]*'" if connection.dialect.name == "sqlite" else "address ~ '[^ -~]'"
    last = 0
    while page := connection.execute(
        sa.select(people).where(sa.text(written), people.c.id > last).order_by(people.c.id).limit(PAGE)
    ).all():
        for row in page:
            local = row.address.rpartition("@")[0]
            made = f"{local}@{row.address_key.rpartition('@')[2]}" if local.isascii() else row.address_key
            connection.execute(sa.update(people).where(people.c.id == row.id).values(address=made))
        last = page[-1].id
