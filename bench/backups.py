"""Backup and restore: the time and the peak memory of the command's own process, by size and database: `make bench`.

Each size is measured in processes of their own, as an editor runs them: `backup`, then `restore` over what is there,
which makes another backup first. The people have names, tags and a history; everybody has had one letter.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import insert

from pvd_mailer.database import Database, open_database, schema
from pvd_mailer.database.key_binding import ensure_same_keys
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.keys import load_keys
from tests.database import rows
from tests.servers.postgres import binaries, cluster

SIZES = (2_000, 100_000)
CHUNK = 5_000
PASSPHRASE = "quatre mots sans rapport"  # noqa: S105 - of a bench alone
MOST = 250
"""In megabytes: what the process may take."""


def seed(database: Database, count: int) -> None:
    """Put `count` people into the database, each with two tags, a history and one letter that was accepted."""
    with database.write() as connection:
        rows.letter(connection)
        rows.dispatch(connection, state="finished")
        batch = rows.batch(connection, "accepted")
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        with database.write() as connection:
            connection.execute(insert(schema.subscribers), [_person(number) for number in numbers])
            for key, value in (("role", "maire"), ("department", "35")):
                connection.execute(
                    insert(schema.tags),
                    [
                        {"subscriber_id": number + 1, "key": key, "value": value, "value_key": value}
                        for number in numbers
                    ],
                )
            lines = [{"subscriber_id": number + 1, "at": rows.NOON, "what": "subscribed"} for number in numbers]
            connection.execute(insert(schema.histories), lines)
            rows.recipients(connection, batch, numbers)


def _person(number: int) -> dict[str, object]:
    return {
        "id": number + 1,
        "ref": f"r{number}",
        "address_key": f"reader{number}@example.org",
        "address": f"Reader{number}@example.org",
        "first_name": "Camille",
        "last_name": f"Exemple-{number}",
        "state": "subscribed",
        "basis": "consent",
        "proof_at": rows.NOON,
        "proof_source": "a form",
        "created_at": rows.NOON,
        "changed_at": rows.NOON,
        "last_contact_at": rows.NOON,
    }


def run(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[float, float, int]:
    """Seconds, seconds of a processor, and megabytes of one command."""
    start = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "pvd_mailer", *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _pid, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{arguments[0]} ended with {child.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 // 1_000_000


def measure(url: str, folder: Path, count: int) -> None:
    """Print one line."""
    environment = os.environ | {
        "PVD_DATABASE_URL": url,
        "PVD_KEYS": str(folder / "keys.json"),
        "PVD_BACKUP_PASSPHRASE": PASSPHRASE,
    }
    database = open_database(url, folder)
    prepare_database(database)
    ensure_same_keys(database, load_keys(folder / "keys.json"))
    seed(database, count)
    database.close()
    made, busy, memory = run(folder, environment, "backup", "one.age")
    size = (folder / "one.age").stat().st_size / 1_000_000
    put, occupied, more = run(folder, environment, "restore", "one.age", "--yes")
    print(
        f"{url.partition(':')[0]:10} {count:>9,}   {size:7.1f} MB   "
        f"backup {made:6.1f} s ({busy:5.1f} s of a processor) {memory:4} MB   "
        f"restore {put:6.1f} s ({occupied:5.1f}) {more:4} MB"
        + ("" if max(memory, more) <= MOST else f"   over {MOST} MB"),
        flush=True,
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    chosen = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if chosen.database == "both" else [chosen.database]
    print(f"database      people   the file     Python {sys.version.split()[0]}; a process may take {MOST} MB")
    for kind in kinds:
        if kind == "postgresql" and not binaries():
            print("postgresql: not on this machine")
            continue
        for count in chosen.sizes:
            with tempfile.TemporaryDirectory() as place, cluster() if kind == "postgresql" else nullcontext() as server:
                folder = Path(place)
                (folder / "pvd-mailer.toml").write_text("")
                url = server.fresh() if server else f"sqlite:///{folder / 'pvd.sqlite'}"
                measure(url, folder, count)


if __name__ == "__main__":
    main()
