"""`make torture`: the table of all lines."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.postgres import cluster
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


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("--kills", type=int, default=300, help="over all lines")
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
    width = max(len(name) for name, _value in COLUMNS)
    print(" " * width, *(f"{one.line.name:>23}" for one in tallies))
    for name, value in COLUMNS:
        print(f"{name:<{width}}", *(f"{value(one):>23,}" for one in tallies))
    print(f"{time.monotonic() - began:.0f} s")
    for one in tallies:
        for line in one.said:
            print(line)
    sys.exit(0 if all(one.is_clean for one in tallies) else 1)


main()
