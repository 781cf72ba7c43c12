"""Sending by SendGrid, journal and record included, against plain http.client on the same JSON; and how it grows.

`make bench`. Both sides push issue 22 to the same server on the loopback, with 16 threads, 1,000 readers a call; and
on one connection against django-anymail, which sends from one thread. The peers have their recipients in memory, build
the JSON of each call from them, and keep nothing of what became of it. What the record costs that tells of each call
before it leaves is seen beside a run that keeps none, at 1,000 recipients a call and at 10, where calls are many.
"""

import html
import http.client
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import count as numbered
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import delete

from bench.people import seed
from pvd_mailer import approve
from pvd_mailer.approve import ApprovalRequest
from pvd_mailer.database import Database, open_database
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import subscribers
from pvd_mailer.journal import ApprovalRecord, Dispatch, DispatchTotals
from pvd_mailer.journal.audience_snapshot import AudienceMember
from pvd_mailer.keys import KeyRing, make_keys
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting
from pvd_mailer.send.channels import Channel
from pvd_mailer.send.channels.sendgrid import SendGrid
from pvd_mailer.send.channels.sendgrid.call import shared_part
from pvd_mailer.send.runner import SendRun, run_dispatch
from pvd_mailer.send.sender_identity import sender_identity
from pvd_mailer.send.sent_file import SentDispatch, write_sent_file
from pvd_mailer.subscribers import matching_subscribers
from tests.servers.postgres import binaries, cluster
from tests.workspace import REAL, ROOT, real

SITE = "https://lettre.test"
THREADS = 16
PAIRS = 3
PEOPLE = 50_000
FEW, SMALL = 5_000, 10
SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCHES = (1_000, 250, 100, 20)
CONNECTIONS = 4
FAR = 0.15
"""Seconds that a provider far away takes for an answer."""


def seal(identity: str) -> ApprovalRecord:
    """What is approved."""
    return ApprovalRecord(
        lang="fr",
        zone="Europe/Paris",
        sender_name="Petites villes de demain",
        sender_address="lettre@lettre.test",
        reply_to="redaction@lettre.test",
        list_name="Petites villes de demain",
        list_id="pvd.lettre.test",
        unsubscribe="leave@lettre.test",
        public_url=SITE,
        channel="sendgrid",
        channel_identity=identity,
        rehearsal=False,
        audience="all",
        audience_digest="",
        sources={},
    )


def freeze(
    database: Database, letter: Letter, channel: Channel, keys: KeyRing, number: int, *, most: int = 0
) -> Dispatch:
    """Approve the letter for everybody, in batches of `most`, or of what the channel takes."""
    request = ApprovalRequest("bench", number, letter, seal(channel.identity), "Bench", most or channel.batch_size)
    with database.write() as connection:
        return approve.create_approval(
            connection,
            request,
            lambda reader: (
                AudienceMember(one.ref, one.address_key, one.address, one.name) for one in matching_subscribers(reader)
            ),
            keys,
            "",
            datetime.now(UTC),
        ).dispatch


def send(database: Database, dispatch: Dispatch, channel: Channel, keys: KeyRing, folder: Path | None) -> SendRun:
    """Send it, with a record in `folder`, or without one."""

    def record(run: SendRun, calls: int) -> None:
        if folder:
            now = replace(run.dispatch, calls=calls)
            sends = [SentDispatch(now, DispatchTotals(run.initial_totals.audience, run.states))]
            write_sent_file(folder, "bench", run.dispatch.number, [now], sends)

    with sender_lock(database) as lock:
        return run_dispatch(database, dispatch.id, channel, keys, lock, record_calls=record)


class Peer:
    """Plain http.client: a connection a thread, kept open."""

    def __init__(self, port: int, letter: Letter, people: list[tuple[str, str, str]]) -> None:
        self.port = port
        self.letter = letter
        self.sender = sender_identity(seal(""), "bench", 1)
        self.rest = json.loads("{" + shared_part(letter, self.sender, sandbox=False).decode()[1:])
        self.calls = [people[start : start + 1000] for start in range(0, len(people), 1000)]

    def run(self) -> None:
        """Push all calls."""
        queue = list(enumerate(self.calls))
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda _lane: self._lane(queue), range(THREADS)))

    def _lane(self, queue: list[tuple[int, list[tuple[str, str, str]]]]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        places, mailto = self.letter.placeholders, self.sender.unsubscribe_mailto
        in_html, in_text = places.html("unsubscribe"), places.text("unsubscribe")
        while queue:
            number, people = queue.pop()
            body = {
                "personalizations": [
                    {
                        "to": [{"email": address, "name": name}],
                        "headers": {
                            "List-Unsubscribe": f"<{link}>, <{mailto}>",
                            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                        },
                        "substitutions": {in_html: html.escape(link), in_text: link},
                        "custom_args": {"pvd_recipient": f"bench.{index}", "pvd_call": str(number)},
                    }
                    for index, (address, name, link) in enumerate(people)
                ],
                **self.rest,
            }
            headers = {"Content-Type": "application/json", "Authorization": "Bearer SG.bench"}
            connection.request("POST", "/v3/mail/send", json.dumps(body, separators=(",", ":")).encode(), headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 202:
                raise SystemExit(answer.status)
        connection.close()


def rates(port: int, url: str | None, folder: Path, name: str) -> None:
    """Recipients a second of both, in pairs, and their ratio."""
    letter, keys = real(REAL[0], Hosting(SITE)), make_keys()
    database = open_database(url, folder / f"{name}.sqlite")
    prepare_database(database)
    seed(database, PEOPLE)
    channel = SendGrid("SG.bench", f"http://127.0.0.1:{port}", concurrency=THREADS)
    link = f"{SITE}/u/{'0' * 16}.{'x' * 43}"
    people = [(f"reader{n}@town{n % 97}.test", f"Camille Exemple {n}", link) for n in range(PEOPLE)]
    peer = Peer(port, letter, people)
    ratios = []
    for pair in range(PAIRS + 1):
        dispatch = freeze(database, letter, channel, keys, pair)
        start = time.perf_counter()
        peer.run()
        plain = PEOPLE / (time.perf_counter() - start)
        ours = timed(database, dispatch, channel, keys, folder / f"{name}-{pair}")
        if pair:  # the first one warms up
            ratios.append(ours / plain)
            print(f"  {name:<11} ours {ours:>8,.0f}/s   http.client {plain:>8,.0f}/s   ratio {ours / plain:.2f}")
    print(f"  {name:<11} median ratio {statistics.median(ratios):.2f}")
    cost_of_the_record(database, letter, channel, keys, folder / name)
    database.close()


def anymail(port: int, folder: Path) -> None:
    """Recipients a second on one connection: ours, journal and record included, and django-anymail's, in pairs."""
    letter, keys = real(REAL[0], Hosting(SITE)), make_keys()
    database = open_database(None, folder / "anymail.sqlite")
    prepare_database(database)
    seed(database, PEOPLE)
    channel = SendGrid("SG.bench", f"http://127.0.0.1:{port}", concurrency=1)
    sender = sender_identity(seal(""), "bench", 1)
    rest = json.loads("{" + shared_part(letter, sender, sandbox=False).decode()[1:])
    job = {
        "port": port,
        "subject": letter.subject,
        "from": f"{sender.name} <{sender.address}>",
        "headers": rest["headers"],
        "text": letter.text,
        "html": letter.html,
        "in_text": letter.placeholders.text("unsubscribe"),
        "in_html": letter.placeholders.html("unsubscribe"),
        "mailto": sender.unsubscribe_mailto,
        "people": [
            {
                "address": f"reader{n}@town{n % 97}.test",
                "name": f"Camille Exemple {n}",
                "link": f"{SITE}/u/{n:016x}.{'x' * 43}",
                "ref": f"bench.{n}",
            }
            for n in range(PEOPLE)
        ],
    }
    told = json.dumps(job)
    ratios = []
    for pair in range(PAIRS):
        dispatch = freeze(database, letter, channel, keys, pair)
        run = subprocess.run(
            [sys.executable, ROOT / "bench" / "anymail_peer.py"], input=told, capture_output=True, text=True, check=True
        )
        theirs = PEOPLE / float(run.stdout)
        ours = timed(database, dispatch, channel, keys, folder / f"anymail-{pair}")
        ratios.append(ours / theirs)
        print(
            f"  one connection, SQLite: ours {ours:>8,.0f}/s   django-anymail {theirs:>8,.0f}/s   {ours / theirs:.2f}"
        )
    print(f"  median ratio {statistics.median(ratios):.2f} (django-anymail {version('django-anymail')})")
    database.close()


def timed(database: Database, dispatch: Dispatch, channel: SendGrid, keys: KeyRing, folder: Path | None) -> float:
    """Recipients a second of one send."""
    if folder:
        folder.mkdir(parents=True)
    start = time.perf_counter()
    run = send(database, dispatch, channel, keys, folder)
    took = time.perf_counter() - start
    if run.counts.total() != run.initial_totals.audience:
        raise SystemExit(f"{run.counts}")
    return run.initial_totals.audience / took


def cost_of_the_record(database: Database, letter: Letter, channel: SendGrid, keys: KeyRing, folder: Path) -> None:
    """The same send with a record and without one, in pairs."""
    with database.write() as connection:
        connection.execute(delete(subscribers).where(subscribers.c.id > FEW))
    numbers = numbered(1_000)
    for most in (channel.batch_size, SMALL):
        ratios = []
        for pair in range(PAIRS):
            both = []
            for kept in (folder / f"{most}-{pair}", None):
                dispatch = freeze(database, letter, channel, keys, next(numbers), most=most)
                both.append(timed(database, dispatch, channel, keys, kept))
            ratios.append(both[0] / both[1])
        median = statistics.median(ratios)
        print(f"  {folder.name:<11} {FEW:,} recipients, {most:,} a call: with the record / without {median:.2f}")


def grow(port: int) -> None:
    """Time and memory of approving and sending, by the size of the audience, each in a process of its own."""
    print("\nApprove and send, SQLite, by the size of the audience (time for 1,000 = 1):")
    base = 0.0
    for size in SIZES:
        told = subprocess.run(
            [sys.executable, __file__, "--one", str(size), str(port)], capture_output=True, text=True, check=True
        )
        approving, sending, memory = map(float, told.stdout.split())
        each = (approving + sending) / size
        base = base or each
        print(
            f"  {size:>9,} recipients: approve {approving:6.2f} s, send {sending:6.2f} s, "
            f"{each / base:.2f} of the time each, {memory:.0f} MB"
        )


def by_batch() -> None:
    """What a smaller batch costs: recipients a second, and how many a kill may leave unknown."""
    print(f"\nBy the size of a batch, SQLite, {CONNECTIONS} connections, a server that takes {FAR} s for an answer:")
    sink = subprocess.Popen([sys.executable, ROOT / "bench" / "sink.py", str(FAR)], stdout=subprocess.PIPE, text=True)
    try:
        port = int(sink.stdout.readline()) if sink.stdout else 0
        letter, keys = real(REAL[0], Hosting(SITE)), make_keys()
        for size in BATCHES:
            people = 30 * size
            with tempfile.TemporaryDirectory() as scratch:
                database = open_database(None, Path(scratch) / "bench.sqlite")
                prepare_database(database)
                seed(database, people)
                channel = SendGrid("SG.bench", f"http://127.0.0.1:{port}", concurrency=CONNECTIONS)
                channel.batch_size = size
                dispatch = freeze(database, letter, channel, keys, 1)
                start = time.perf_counter()
                send(database, dispatch, channel, keys, None)
                rate = people / (time.perf_counter() - start)
                database.close()
            print(f"  {size:>5,} a call: {rate:>7,.0f}/s, at most {size * CONNECTIONS:>5,} unknown after a kill")
    finally:
        sink.kill()


def one(size: int, port: int) -> None:
    """A process of its own: approve, send, and say what it took."""
    letter, keys = real(REAL[0], Hosting(SITE)), make_keys()
    with tempfile.TemporaryDirectory() as scratch:
        database = open_database(None, Path(scratch) / "bench.sqlite")
        prepare_database(database)
        seed(database, size)
        channel = SendGrid("SG.bench", f"http://127.0.0.1:{port}", concurrency=THREADS)
        start = time.perf_counter()
        dispatch = freeze(database, letter, channel, keys, 1)
        middle = time.perf_counter()
        send(database, dispatch, channel, keys, Path(scratch))
        end = time.perf_counter()
        database.close()
    print(middle - start, end - middle, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def main() -> None:
    """Print the figures."""
    sink = subprocess.Popen([sys.executable, ROOT / "bench" / "sink.py"], stdout=subprocess.PIPE, text=True)
    try:
        port = int(sink.stdout.readline()) if sink.stdout else 0
        print(f"SendGrid, {THREADS} threads, {PEOPLE:,} recipients, issue 22, a server on the loopback that says 202:")
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
            rates(port, None, Path(scratch), "SQLite")
            if binaries():
                with cluster(fsync=True) as server:
                    rates(port, server.fresh(), Path(scratch), "PostgreSQL")
            anymail(port, Path(scratch))
        grow(port)
        by_batch()
    finally:
        sink.kill()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
