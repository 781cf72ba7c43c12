"""The server as a process: prints its port and runs until it is stopped."""

import argparse
import signal
import threading

from tests.sendgrid.faults import FAULTS, Mix
from tests.sendgrid.server import FakeSendGrid


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.sendgrid")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", help="append one line a recipient")
    parser.add_argument("--key", default="SG.fake.key")
    parser.add_argument("--faults", default="", help="the script, with commas; ok for a call that goes well")
    parser.add_argument("--kinds", default=",".join(FAULTS), help="what the mix is of")
    parser.add_argument("--probability", type=float, default=0.0, help="of a fault of the mix, a call")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes")
    parser.add_argument("--patience", type=float, default=60.0, help="seconds a stall lasts")
    said = parser.parse_args()
    script = [None if one == "ok" else one for one in said.faults.split(",") if one]
    mix = Mix(said.seed, said.probability, said.kinds.split(",")) if said.probability else None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with FakeSendGrid(
        said.key,
        port=said.port,
        ledger=said.ledger,
        keep=False,
        faults=script,
        mix=mix,
        latency=said.latency,
        patience=said.patience,
    ) as fake:
        print(fake.port, flush=True)  # noqa: T201 - the caller waits for it
        stop.wait()


main()
