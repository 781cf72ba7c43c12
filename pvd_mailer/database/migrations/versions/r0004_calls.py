"""How many calls a dispatch has made: a number of the dispatch itself, which a reconciliation can raise.

Written by hand and never edited again: it does not read `schema.py` and `states.py`, which go on changing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COMMENT = "How often a batch was claimed, or may have been. It only grows: an older copy has fewer."


def upgrade() -> None:
    """Add the column, and count what was claimed until now."""
    op.add_column("dispatches", sa.Column("calls", sa.Integer(), server_default="0", nullable=False, comment=COMMENT))
    op.execute(
        "UPDATE dispatches SET calls ="
        " (SELECT coalesce(sum(attempt), 0) FROM batches WHERE batches.dispatch_id = dispatches.id)"
    )
