"""The server as a process: prints its port and runs until it is stopped."""

import argparse
import signal
import threading

from tests.sendgrid.faults import Mix
from tests.smtpd.server import FAULTS, MailServer


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.smtpd")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ledger", help="append one line a recipient")
    parser.add_argument("--faults", default="", help="the script, with commas; ok for a message that goes well")
    parser.add_argument("--kinds", default=",".join(FAULTS), help="what the mix is of")
    parser.add_argument("--probability", type=float, default=0.0, help="of a fault of the mix, a message")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds a stall lasts")
    parser.add_argument("--user", help="a login that it wants")
    parser.add_argument("--password")
    said = parser.parse_args()
    script = [None if one == "ok" else one for one in said.faults.split(",") if one]
    mix = Mix(said.seed, said.probability, said.kinds.split(",")) if said.probability else None
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with MailServer(
        port=said.port,
        ledger=said.ledger,
        keep=False,
        faults=script,
        mix=mix,
        patience=said.patience,
        login=(said.user, said.password) if said.user else None,
    ) as server:
        print(server.port, flush=True)  # noqa: T201 - the caller waits for it
        stop.wait()


main()
