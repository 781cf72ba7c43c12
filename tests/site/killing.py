"""Kills the server in the middle of unsubscriptions and of events, and counts: `python -m tests.site.killing`.

Who was told that they are gone must be gone, and each departure an event of its own. What SendGrid was told is stored
must be stored, once.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, insert, select

from pvd_mailer import clock
from pvd_mailer.database import open_database
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import events, subscribers
from pvd_mailer.keys import load_keys
from pvd_mailer.tokens import Purpose, TokenSigner
from tests.sendgrid.events import Signer
from tests.servers.postgres import cluster
from tests.workspace import IssueWorkspace

HOST = "lettre.example.org"
TIMEOUT = 20


@dataclass
class Toll:
    """What was counted."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    gone: int = 0
    events: int = 0
    told: int = 0
    told_lost: int = 0
    failures: int = 0

    @property
    def is_clean(self):
        return self.lost == self.told_lost == 0 and self.events == self.gone and self.acknowledged > 0 and self.told > 0


def seed(database, count):
    """Fill the list; the references."""
    now = clock.now()
    refs = [f"{number:016x}" for number in range(count)]
    moments = dict.fromkeys(("proof_at", "created_at", "changed_at", "last_contact_at"), now)
    common = {"state": "subscribed", "basis": "consent", "proof_source": "a test", **moments}
    with database.write() as connection:
        for start in range(0, count, 5000):
            rows = [
                common | {"ref": ref, "address_key": f"{ref}@ville.test", "address": f"{ref}@ville.test"}
                for ref in refs[start : start + 5000]
            ]
            connection.execute(insert(subscribers), rows)
    return refs


def start(issue_workspace, port, **more):
    """A server, once it listens; `more` is set in its environment."""
    process = subprocess.Popen(
        issue_workspace.command("serve", "--port", str(port)),
        cwd=issue_workspace.root,
        env=issue_workspace.environment(PVD_PUBLIC_URL=f"https://{HOST}", **more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process
        assert process.poll() is None, "the server ended"
        time.sleep(0.05)
    raise TimeoutError


class Readers:
    """Connections that post one call after another, and note which were answered by 200.

    `calls` are each a name, a path, a body and headers.
    """

    def __init__(self, port, calls, connections):
        self.port = port
        self.calls = iter(calls)
        self.lock = threading.Lock()
        self.ends = threading.Event()
        self.acknowledged = []
        self.failures = 0
        self.threads = [threading.Thread(target=self._work) for _number in range(connections)]

    def _next(self):
        with self.lock:
            return next(self.calls, None)

    def _work(self):
        while not self.ends.is_set():
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)) as connection:
                try:
                    while not self.ends.is_set() and (call := self._next()):
                        name, path, body, headers = call
                        connection.request("POST", path, body, {"Host": HOST, **headers})
                        answer = connection.getresponse()
                        answer.read()
                        if answer.status == 200:
                            self.acknowledged.append(name)
                        else:
                            self.failures += 1
                    if not self.ends.is_set():
                        return
                except (OSError, http.client.HTTPException):
                    time.sleep(0.1)  # the server is dead, or not there again yet


def calls(refs, stamp, signer):
    """By turns, somebody leaves, and SendGrid tells of somebody else."""
    for number, ref in enumerate(refs):
        if number % 2:
            said = {"event": "delivered", "email": f"{ref}@ville.test", "timestamp": int(time.time()) - 60}
            body = json.dumps([said]).encode()
            yield ("told", ref), "/events/sendgrid", body, signer.headers(body)
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            yield ("left", ref), f"/u/{stamp.sign(ref)}", b"List-Unsubscribe=One-Click", headers


def kill_it(folder, url, *, connections=200, seconds=30.0, kills=10, people=100_000, seed_of=1):
    """Unsubscribe and tell for `seconds`, with `kills` kills -9 spread over them; what was counted."""
    chance = random.Random(seed_of)
    folder.mkdir(parents=True, exist_ok=True)
    issue_workspace = IssueWorkspace.start(folder / "workspace")
    os.environ["PVD_DATABASE_URL"] = url
    os.environ["PVD_KEYS"] = str(folder / "keys.json")
    database = open_database(url, folder)
    prepare_database(database)
    keys = load_keys(folder / "keys.json")
    ensure_same_keys(database, keys)
    stamp = TokenSigner(keys, Purpose.UNSUBSCRIBE)
    signer = Signer()
    key = signer.public_key
    refs = seed(database, people)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    toll = Toll()
    process = start(issue_workspace, port, PVD_SENDGRID_WEBHOOK_KEY=key)
    readers = Readers(port, calls(refs, stamp, signer), connections)
    for thread in readers.threads:
        thread.start()
    try:
        for _round in range(kills):
            time.sleep(seconds / (kills + 1) * chance.uniform(0.6, 1.4))
            process.send_signal(signal.SIGKILL)
            process.wait()
            toll.kills += 1
            process = start(issue_workspace, port, PVD_SENDGRID_WEBHOOK_KEY=key)
        time.sleep(seconds / (kills + 1))
    finally:
        process.send_signal(signal.SIGKILL)  # once more, with all of them at work
        process.wait()
        toll.kills += 1
        readers.ends.set()
        for thread in readers.threads:
            thread.join()
    with database.read() as connection:
        gone = set(connection.scalars(select(subscribers.c.ref).where(subscribers.c.state == "unsubscribed")))
        departures = select(func.count()).where(events.c.kind == "unsubscribed")
        toll.events = connection.scalar(departures)
        stored = set(connection.scalars(select(events.c.subscriber_ref).where(events.c.kind == "delivered")))
    database.close()
    left = {ref for what, ref in readers.acknowledged if what == "left"}
    told = {ref for what, ref in readers.acknowledged if what == "told"}
    toll.acknowledged, toll.told = len(left), len(told)
    toll.failures = readers.failures
    toll.gone = len(gone)
    toll.lost = len(left - gone)
    toll.told_lost = len(told - stored)
    return toll


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.site.killing")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    said = parser.parse_args()
    print(f"{said.connections} connections, {said.seconds:.0f} s, {said.kills + 1} kills -9, seed {said.seed}")
    clean = True
    with tempfile.TemporaryDirectory(prefix="pvd-killing-") as root, cluster(fsync=True) as server:
        urls = {"SQLite": f"sqlite:///{root}/pvd.sqlite", "PostgreSQL": server.fresh()}
        for name, url in urls.items():
            toll = kill_it(
                Path(root) / name,
                url,
                connections=said.connections,
                seconds=said.seconds,
                kills=said.kills,
                seed_of=said.seed,
            )
            clean &= toll.is_clean
            print(
                f"{name:<11} kills {toll.kills}, acknowledged {toll.acknowledged:,}, of them lost {toll.lost}, "
                f"gone {toll.gone:,}, events {toll.events:,}, calls of the webhook acknowledged {toll.told:,}, "
                f"of them lost {toll.told_lost}, other answers {toll.failures}",
                flush=True,
            )
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
