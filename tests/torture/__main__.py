"""`make torture`: the table of all lines."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.servers.postgres import cluster
from tests.torture.restores import restores
from tests.torture.rounds import LINES, torture

COLUMNS = (
    ("kills", lambda one: one.kills),
    ("of them in flight", lambda one: one.kills_in_flight),
    ("rounds", lambda one: one.rounds),
    ("audience", lambda one: one.states.total()),
    ("accepted", lambda one: one.states["accepted"]),
    ("refused", lambda one: one.states["refused"]),
    ("left out", lambda one: one.states["excluded"]),
    ("unknown: killed", lambda one: one.unknown["killed"]),
    ("in flight at kills", lambda one: one.lost_at_kills),
    ("most at once", lambda one: one.most_in_flight),
    ("unknown: other", lambda one: one.unknown.total() - one.unknown["killed"]),
    ("twice", lambda one: one.twice),
    ("lost", lambda one: one.lost),
    ("said untrue", lambda one: one.untrue),
    ("after leaving", lambda one: one.after_leaving),
    ("does not add up", lambda one: one.unbalanced),
)

OLDER = (
    ("kills", lambda one: one.kills),
    ("copies put back", lambda one: one.copies_back),
    ("backups restored", lambda one: one.restored),
    ("refused as older", lambda one: one.refused),
    ("advice followed", lambda one: one.advised.total()),
    ("messages", lambda one: one.messages),
    ("left out in doubt", lambda one: one.left_out),
    ("twice", lambda one: one.twice),
    ("lost", lambda one: one.lost),
    ("dropped from record", lambda one: one.forgotten),
    ("stack traces", lambda one: one.traces),
)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("--kills", type=int, default=300, help="over all lines")
    parser.add_argument("--rounds", type=int, default=200, help="of restores and copies put back, on each database")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    said = parser.parse_args()
    each = -(-said.kills // len(LINES))
    print(f"{each} kills -9 a line, seed {said.seed}; faults in 4 of 100 calls", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pvd-torture-") as root, cluster(fsync=True) as server:
        urls = {"SQLite": lambda: None, "PostgreSQL": server.fresh}
        with ThreadPoolExecutor(2) as pool:
            tallies = list(
                pool.map(lambda line: torture(line, each, Path(root), urls[line.server], seed=said.seed), LINES)
            )
    # One after the other, and without threads: each round starts its processes by a fork. No server is killed here.
    with tempfile.TemporaryDirectory(prefix="pvd-torture-") as root, cluster() as server:
        older = [restores(said.rounds, Path(root), seed=said.seed, server=one) for one in (None, server)]
    width = max(len(name) for name, _value in COLUMNS)
    print(" " * width, *(f"{one.line.name:>23}" for one in tallies))
    for name, value in COLUMNS:
        print(f"{name:<{width}}", *(f"{value(one):>23,}" for one in tallies))
    print(f"{time.monotonic() - began:.0f} s")
    print(f"\nrestores and copies put back, then what the account advises: {said.rounds} rounds a database")
    for name, value in OLDER:
        print(f"{name:<{width}}", *(f"{value(one):>23,}" for one in older))
    print(f"{time.monotonic() - began:.0f} s")
    for one in (*tallies, *older):
        for line in one.said:
            print(line)
    sys.exit(0 if all(one.is_clean for one in (*tallies, *older)) else 1)


main()
