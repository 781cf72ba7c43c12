"""A migration of next year, and processes that carry it out."""

import sys
from pathlib import Path

MIGRATION = '''
"""Something that a later version adds, in two steps with a place between them."""

import os
import signal

import sqlalchemy as sa
from alembic import op

revision = "0900"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("subscribers", sa.Column("language", sa.Text(), server_default="fr", nullable=False))
    if os.environ.get("DIE_BETWEEN"):
        os.kill(os.getpid(), signal.SIGKILL)
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO later (id) VALUES (1)")
'''

QUICK = """
from pvd_mailer.database.backup import age

# What makes guessing dear takes half a second, and is not what is looked at here.
age.SCRYPT_WORK_FACTOR = 4

"""

RUN = f"""
import sys
from pathlib import Path
{QUICK}
from pvd_mailer.database import migrate
from pvd_mailer.cli import main

migrate.MIGRATION_FOLDERS.append(Path(sys.argv[1]))
main(sys.argv[2:])
"""


def add(folder: Path, down):
    """Write the later migration into a folder of its own; the folder."""
    scripts = folder / "later versions, 100 %"
    scripts.mkdir(exist_ok=True)
    (scripts / "r0900_later.py").write_text(MIGRATION.format(down=down), encoding="utf-8")
    return scripts


def command(scripts, *arguments):
    """The command line of a process that runs a later version of the program."""
    return [sys.executable, "-c", RUN, str(scripts), *arguments]
