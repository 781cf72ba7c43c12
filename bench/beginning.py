"""How long until the first call leaves, and in how much memory, by the size of the audience: `make bench`.

`approve` and `send` are run as a person runs them, each in a process of its own, on SQLite and on PostgreSQL, against a
server on the loopback that says 202 and when its first call came.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.people import seed
from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from tests.servers.postgres import binaries, cluster
from tests.workspace import ROOT, IssueWorkspace

SIZES = (2_000, 100_000, 1_000_000)


def run(issue_workspace: IssueWorkspace, *arguments: str, **more: str) -> tuple[float, float, float]:
    """Run a command to its end: when it began (monotonic), its seconds, and its greatest memory in MB."""
    began = time.monotonic()
    process = subprocess.Popen(
        issue_workspace.command(*arguments),
        cwd=issue_workspace.root,
        env=issue_workspace.environment(**more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.stderr.read() if process.stderr else ""
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments[0]}: {said}")
    return began, time.monotonic() - began, used.ru_maxrss / 1000


def measure(name: str, url: str | None, count: int) -> None:
    """One line: an audience of `count`, from the list to the last answer."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as scratch:
        issue_workspace = IssueWorkspace.start(Path(scratch) / "workspace")
        settings = issue_workspace.own / "publication.yaml"
        # A letter that leaves needs a mailbox to leave by that is no example.
        text = re.sub(r"(?m)^unsubscribe: .*$", "unsubscribe: leave@list.test", settings.read_text("utf-8"))
        settings.write_text(text, "utf-8")
        database = open_database(url, issue_workspace.root / "var" / "pvd-mailer.sqlite")
        prepare_database(database)
        seed(database, count)
        database.close()
        sink = subprocess.Popen([sys.executable, ROOT / "bench" / "sink.py"], stdout=subprocess.PIPE, text=True)
        try:
            told = sink.stdout
            if told is None:
                raise SystemExit("no sink")
            here = {
                "PVD_KEYS": str(Path(scratch) / "keys.json"),
                "SENDGRID_API_KEY": "SG.bench",
                "PVD_SENDGRID_URL": f"http://127.0.0.1:{int(told.readline())}",
                **({"PVD_DATABASE_URL": url} if url else {}),
            }
            yes = ("approve", "1", "--audience", "all", "--by", "Bench", "--channel", "sendgrid")
            _began, approving, approve_memory = run(issue_workspace, *yes, **here)
            began, sending, memory = run(issue_workspace, "send", "1", "--yes", **here)
            first = float(told.readline()) - began
        finally:
            sink.kill()
    print(
        f"  {name:<11} {count:>9,} recipients: approve {approving:6.1f} s {approve_memory:4.0f} MB; "
        f"first call after {first:5.1f} s; send {sending:6.1f} s {memory:4.0f} MB",
        flush=True,
    )


def main(sizes: tuple[int, ...]) -> None:
    """Print the figures."""
    print("`approve`, then `send` to its first call and to its end, by the size of the audience:", flush=True)
    for size in sizes:
        measure("SQLite", None, size)
    if binaries():
        with cluster(fsync=True) as server:
            for size in sizes:
                measure("PostgreSQL", server.fresh(), size)


main(tuple(int(one) for one in sys.argv[1:]) or SIZES)
