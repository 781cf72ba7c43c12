"""A real PostgreSQL of one's own in a temporary folder: for tests, and for scripts that measure or torture.

with cluster() as server:
    url = server.fresh()
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

USER = "pvd"
START_SECONDS = 60
_numbers = count(1)


def binaries():
    """The folder with Debian's `initdb` and `postgres`, or None where there is none."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _as_user(folder):
    """How to run a command as somebody whom PostgreSQL accepts: it refuses root."""
    if os.geteuid() != 0:
        return []
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    # --pdeathsig: where this process is killed, the server does not stay behind.
    return [
        *("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"),
        *("--pdeathsig=QUIT", "--"),
    ]


class Cluster:
    """A running server."""

    def __init__(self, port, process):
        self.port = port
        self.process = process

    def url(self, name):
        """The address of the database `name`."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def admin(self, statement):
        """Run a statement that belongs to no transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def fresh(self, template="template0"):
        """A new database, an exact copy of `template`; its address."""
        name = f"pvd_{os.getpid()}_{next(_numbers)}"
        # PostgreSQL 15 is spared a checkpoint a database that way: a fresh one in some ten milliseconds.
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")
        return self.url(name)

    def drop(self, url):
        """Remove a database, whoever is in it."""
        self.admin(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")


@contextmanager
def cluster(*, fsync=False, **options):
    """Start a server on a free port of the loopback, and end it when the block is left.

    `fsync` costs time and is for tests that care about what survives; `options` are lines of postgresql.conf.
    """
    folder = Path(tempfile.mkdtemp(prefix="pvd-postgres-"))
    try:
        as_user = _as_user(folder)
        data = folder / "data"
        where = binaries()
        subprocess.run(
            [
                *as_user,
                *(where / "initdb", "--pgdata", data, "--username", USER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
            ],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        conf = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 200,
            "fsync": "on" if fsync else "off",
            "logging_collector": "off",
        } | options
        settings = [word for name, value in conf.items() for word in ("-c", f"{name}={value}")]
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            [*as_user, where / "postgres", "-D", data, *settings], stdout=log, stderr=log, cwd=folder
        )
        log.close()
        server = Cluster(port, process)
        try:
            _wait(server, folder)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            process.wait(START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server, folder):
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return server.admin("SELECT 1")
        except psycopg.OperationalError:
            if server.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "log").read_text("utf-8", errors="replace")) from None
            time.sleep(0.05)
