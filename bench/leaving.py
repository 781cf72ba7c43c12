"""Unsubscriptions a second with 100,000 subscribers, against a bare handler that commits one row: `make bench`.

The peer is Starlette under the same uvicorn, in a process of its own, with the same database and the same
durability: it reads nothing, verifies nothing, inserts one row, commits, answers "ok". The same client drives both, in
turns, over as many connections that are kept open.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pvd_mailer.database import open_database
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.keys import load_keys
from pvd_mailer.tokens import Purpose, TokenSigner
from tests.servers.postgres import binaries, cluster
from tests.site.killing import HOST, seed, start
from tests.workspace import IssueWorkspace

PEOPLE = 100_000
CONNECTIONS = 50
EACH = 3_000
TURNS = 3

PEER = """
import sys
from pathlib import Path
import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from pvd_mailer.database import open_database
database = open_database(sys.argv[1], Path())
def write(ref):
    with database.write() as connection:
        connection.execute(text("INSERT INTO peer (ref) VALUES (:ref)"), {"ref": ref})
async def leave(request):
    await request.body()
    await run_in_threadpool(write, request.path_params["ref"])
    return PlainTextResponse("ok")
app = Starlette(routes=[Route("/u/{ref}", leave, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False, http="h11", loop="asyncio")
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def drive(port: int, paths: list[str]) -> float:
    """Requests a second over all `paths`, every one of them answered 200."""
    waiting = iter(paths)
    lock = threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Host": HOST, "Content-Type": "application/x-www-form-urlencoded"}
        while True:
            with lock:
                path = next(waiting, None)
            if path is None:
                connection.close()
                return
            connection.request("POST", path, b"List-Unsubscribe=One-Click", headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200

    threads = [threading.Thread(target=work) for _number in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(paths) / (time.perf_counter() - began)


def compare(name: str, url: str, folder: Path) -> None:
    """Print both rates and their ratio on the database at `url`."""
    folder.mkdir()
    os.environ["PVD_DATABASE_URL"] = url
    os.environ["PVD_KEYS"] = str(folder / "keys.json")
    database = open_database(url, folder)
    prepare_database(database)
    keys = load_keys(folder / "keys.json")
    ensure_same_keys(database, keys)
    refs = seed(database, PEOPLE)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE peer (ref TEXT NOT NULL)")
    stamp = TokenSigner(keys, Purpose.UNSUBSCRIBE)
    ours = start(IssueWorkspace.start(folder / "workspace"), our_port := free_port())
    peer_port = free_port()
    peer = subprocess.Popen([sys.executable, "-c", PEER, url, str(peer_port)], env={**os.environ})
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", peer_port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        rates: tuple[list[float], list[float]] = ([], [])
        for turn in range(TURNS):
            some = refs[turn * EACH : (turn + 1) * EACH]
            rates[0].append(drive(our_port, [f"/u/{stamp.sign(ref)}" for ref in some]))
            rates[1].append(drive(peer_port, [f"/u/{ref}" for ref in some]))
    finally:
        for process in (ours, peer):
            process.terminate()
            process.wait()
        database.close()
    mine, theirs = (statistics.median(one) for one in rates)
    ratios = sorted(one / other for one, other in zip(*rates, strict=True))
    print(
        f"{name:<11} unsubscriptions {mine:6,.0f}/s   bare handler, one row committed {theirs:6,.0f}/s   "
        f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        flush=True,
    )


def main() -> None:
    """Both databases, where there is PostgreSQL."""
    print(f"Leaving, {PEOPLE:,} subscribers, {CONNECTIONS} connections, median of {TURNS} turns of {EACH:,}")
    with tempfile.TemporaryDirectory(prefix="pvd-bench-") as root:
        compare("SQLite", f"sqlite:///{root}/pvd.sqlite", Path(root) / "sqlite")
        if binaries() is not None:
            with cluster(fsync=True) as server:
                compare("PostgreSQL", server.fresh(), Path(root) / "postgresql")


if __name__ == "__main__":
    main()
