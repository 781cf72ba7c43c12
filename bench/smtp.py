"""Sending by SMTP, journal and record included, against nodemailer's pool: the same letter, readers and mail server.

`make bench`. Both open four connections to a server on the loopback that takes every message at once, and fill each
reader's own links in. nodemailer has its readers in memory and keeps nothing of what became of them. One reader in
three has a name outside ASCII.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import update

from bench.people import seed
from bench.sending import SITE, freeze, seal, send
from pvd_mailer.database import Database, open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import subscribers
from pvd_mailer.keys import make_keys
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting
from pvd_mailer.send.channels.smtp import SMTP
from pvd_mailer.send.sender_identity import sender_identity
from tests.workspace import REAL, ROOT, real

CONNECTIONS = 4
PEOPLE = 2_000
PAIRS = 3
PEER = ROOT / "tools" / "node" / "bench" / "node_modules" / "nodemailer" / "package.json"


@contextmanager
def sink() -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A mail server that takes everything: its port, and the process."""
    server = subprocess.Popen(
        [sys.executable, ROOT / "bench" / "smtp_sink.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield int(server.stdout.readline()) if server.stdout else 0, server
    finally:
        server.kill()


def taken(server: "subprocess.Popen[str]") -> int:
    """How many messages the server has."""
    if not server.stdin or not server.stdout:
        raise SystemExit(1)
    server.stdin.write("\n")
    server.stdin.flush()
    return int(server.stdout.readline())


def name_of(number: int) -> str:
    """A reader's name, one in three outside ASCII."""
    return f"Hélène Été {number}" if number % 3 == 0 else f"Camille Exemple {number}"


def nodemailer(port: int, letter: Letter) -> float:
    """Messages a second of the peer, from its own clock: without its start, and with its building of messages."""
    sender = sender_identity(seal(""), "bench", 1)
    link = f"{SITE}/u/{'0' * 16}.{'x' * 43}"
    job = {
        "port": port,
        "connections": CONNECTIONS,
        "sender_name": sender.name,
        "sender_address": sender.address,
        "reply_to": sender.reply_to,
        "list_name": sender.list_name,
        "list_id": sender.list_id,
        "feedback_id": sender.feedback_id,
        "mailto": sender.unsubscribe_mailto,
        "subject": letter.subject,
        "lang": letter.lang,
        "text": letter.text,
        "html": letter.html,
        "in_text": letter.placeholders.text("unsubscribe"),
        "in_html": letter.placeholders.html("unsubscribe"),
        "people": [
            {"address": f"reader{n}@town{n % 97}.test", "name": name_of(n), "link": link, "ref": f"bench.{n}"}
            for n in range(PEOPLE)
        ],
    }
    told = subprocess.run(
        ["node", ROOT / "bench" / "nodemailer_pool.mjs"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        check=True,
    )
    return PEOPLE / float(told.stdout)


def prepared(folder: Path) -> Database:
    """A database with the readers."""
    database = open_database(None, folder / "bench.sqlite")
    prepare_database(database)
    seed(database, PEOPLE)
    with database.write() as connection:
        connection.execute(
            update(subscribers).where(subscribers.c.id % 3 == 0).values(first_name="Hélène", last_name="Été")
        )
    return database


def main() -> None:
    """Print the figures."""
    version = json.loads(PEER.read_text())["version"]
    print(f"SMTP, {CONNECTIONS} connections, {PEOPLE:,} recipients, issue 22, a server on the loopback that takes all:")
    letter, keys, ratios = real(REAL[0], Hosting(SITE)), make_keys(), []
    with sink() as (port, server), tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        database = prepared(Path(scratch))
        channel = SMTP(f"smtp://127.0.0.1:{port}", concurrency=CONNECTIONS)
        for pair in range(PAIRS + 1):
            dispatch = freeze(database, letter, channel, keys, pair)
            folder = Path(scratch) / str(pair)
            folder.mkdir()
            peer = nodemailer(port, letter)
            began = time.perf_counter()
            send(database, dispatch, channel, keys, folder)
            ours = PEOPLE / (time.perf_counter() - began)
            if pair:  # the first one warms up
                ratios.append(ours / peer)
                print(f"  ours {ours:>7,.0f}/s   nodemailer {version} {peer:>7,.0f}/s   ratio {ours / peer:.2f}")
        database.close()
        if taken(server) != 2 * PEOPLE * (PAIRS + 1):
            raise SystemExit(taken(server))
    print(f"  median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
