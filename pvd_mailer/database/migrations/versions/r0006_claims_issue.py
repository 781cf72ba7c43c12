"""`recipients.holds` is `claims_issue`: it says that nobody else may send this person this issue, and holds nothing.

Written by hand and never edited again: it does not read `schema.py` and `states.py`, which go on changing.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename it. Both databases take the partial index `ix_recipients_once` along; no trigger names the column."""
    op.alter_column("recipients", "holds", new_column_name="claims_issue")
