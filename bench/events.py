"""Events of SendGrid's webhook, written down, against a bare Starlette handler that only verifies the signature.

Both answer the same signed calls, of 1, 100 and 1,000 events, eight at a time, without a network, in this process;
those of one event also 64 at a time. Ours are durable before they are answered, those that come together in one
transaction; the peer reads no JSON and keeps nothing. What the disk allows is shown by a bare handler that verifies
nothing and commits one row a call, in SQLite with the same settings.
"""

import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import insert, update
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pvd_mailer.database import Database, open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import batches, blobs, dispatches, recipients, subscribers
from pvd_mailer.events.webhook_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookVerifier
from pvd_mailer.keys import make_keys
from pvd_mailer.services.context import AppContext
from pvd_mailer.settings import Settings
from pvd_mailer.site.live.keys import LiveKeys
from pvd_mailer.site.routes import webhook
from pvd_mailer.site.state import Site
from pvd_mailer.web.middleware import SecurityMiddleware
from pvd_mailer.workspace import Workspace
from tests.sendgrid.events import Signer
from tests.servers.postgres import binaries, cluster

AT_ONCE, MANY_AT_ONCE = 8, 64
PEOPLE = 20_000
SIZES = ((1, 400, AT_ONCE), (1, 1600, MANY_AT_ONCE), (100, 60, AT_ONCE), (1000, 12, AT_ONCE))
"""Events a call, calls, calls at a time."""
ROUNDS = 3
ONE = "001-abcdef"
CALL = "c" * 24


def seed(database: Database) -> None:
    """A dispatch to many people, whose calls were taken."""
    now = datetime.now(UTC)
    moments = dict.fromkeys(("proof_at", "created_at", "changed_at", "last_contact_at"), now)
    with database.write() as connection:
        connection.execute(insert(blobs), {"digest": "d", "data": b"letter"})
        connection.execute(
            insert(dispatches),
            {
                "id": ONE,
                "publication": "p",
                "number": 1,
                "issue_key": "p/1",
                "state": "approved",
                "letter": "d",
                "sealed": "{}",
                "approved_by": "bench",
                "approved_at": now,
                "started_at": now,
            },
        )
        made = insert(batches).values(dispatch_id=ONE, state="pending").returning(batches.c.id)
        batch = connection.execute(made).scalar_one()
        for start in range(0, PEOPLE, 5000):
            numbers = range(start, start + 5000)
            people = [
                {
                    "ref": f"{number:016x}",
                    "address_key": f"reader{number}@town{number % 97}.test",
                    "address": f"reader{number}@town{number % 97}.test",
                    "state": "subscribed",
                    "basis": "consent",
                    "proof_source": "bench",
                    **moments,
                }
                for number in numbers
            ]
            connection.execute(insert(subscribers), people)
            rows = [
                {
                    "dispatch_id": ONE,
                    "position": number,
                    "batch_id": batch,
                    "subscriber_ref": one["ref"],
                    "issue_key": "p/1",
                    "address_key": one["address_key"],
                    "address": one["address"],
                    "claims_issue": True,
                }
                for number, one in zip(numbers, people, strict=True)
            ]
            connection.execute(insert(recipients), rows)
        for state in ("sending", "accepted"):
            connection.execute(
                update(batches).where(batches.c.id == batch).values(state=state, call_id=CALL, settled_at=now)
            )


def calls(signer: Signer, size: int, count: int, kind: str, at_once: int) -> list[tuple[bytes, dict[str, str]]]:
    """Signed calls, no event of which was told before."""
    made = []
    for number in range(count):
        said = [
            {
                "email": f"reader{position}@town{position % 97}.test",
                "timestamp": int(time.time()) - 60,
                "event": kind,
                "sg_event_id": f"{kind}-{size}-{position}",
                "sg_message_id": "bench.recvd-0",
                "smtp-id": "<bench@geopod-ismtpd-1>",
                "response": "250 OK",
                "pvd_recipient": f"{ONE}.{position}",
                "pvd_call": f"{size:012x}{at_once:012x}",  # of its own for each row: no event was told before
            }
            for position in range(number * size, (number + 1) * size)
        ]
        body = json.dumps(said).encode()
        made.append((body, signer.headers(body)))
    return made


async def _ask(app: Any, body: bytes, headers: dict[str, str]) -> int:
    """One call, as a server hands it over."""
    status = 0
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": webhook.WEBHOOK_PATH,
        "raw_path": webhook.WEBHOOK_PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"lettre.test"),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("lettre.test", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


def timed(app: Any, said: list[tuple[bytes, dict[str, str]]], at_once: int) -> float:
    """Seconds for all of them."""

    async def run() -> None:
        waiting = iter(said)

        async def lane() -> None:
            for body, headers in waiting:
                assert await _ask(app, body, headers) == 200

        await asyncio.gather(*(lane() for _number in range(at_once)))

    began = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - began


def bare(key: str) -> Starlette:
    """The peer."""
    verifier = WebhookVerifier(key)

    async def take(request: Request) -> Response:
        body = await request.body()
        good = verifier.verify(
            request.headers[SIGNATURE_HEADER], request.headers[TIMESTAMP_HEADER], body, datetime.now(UTC)
        )
        return Response(status_code=200 if good else 403)

    return Starlette(routes=[Route(webhook.WEBHOOK_PATH, take, methods=["POST"])])


@contextmanager
def committing(folder: Path) -> Iterator[Starlette]:
    """The second peer: each call is one row, and one wait for the disk."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE bodies (body BLOB NOT NULL)")
    lock = threading.Lock()

    def commit(body: bytes) -> None:
        with lock:
            connection.execute("INSERT INTO bodies VALUES (?)", (body,))

    async def take(request: Request) -> Response:
        await run_in_threadpool(commit, await request.body())
        return Response(status_code=200)

    yield Starlette(routes=[Route(webhook.WEBHOOK_PATH, take, methods=["POST"])])
    connection.close()


def ours(database: Database, folder: Path, key: str) -> SecurityMiddleware:
    """The webhook's address."""
    settings = Settings(sendgrid_webhook_key=key)
    office = AppContext(Workspace(folder), settings, database, make_keys())
    site = Site(office, {}, "", LiveKeys(folder / "keys.json", office.keys))
    return SecurityMiddleware(Starlette(routes=webhook.routes(site)), {"lettre.test"})


@contextmanager
def servers(folder: Path) -> Iterator[list[tuple[str, str]]]:
    """The databases that there are here: name and address."""
    found = [("SQLite", f"sqlite:///{folder / 'pvd.sqlite'}")]
    if binaries() is None:
        print("PostgreSQL is missing on this machine")
        yield found
        return
    with cluster() as server:
        yield [*found, ("PostgreSQL", server.fresh())]


def main() -> None:
    """Time both, turn by turn."""
    signer = Signer()
    peer = bare(signer.public_key)
    with tempfile.TemporaryDirectory() as name, servers(Path(name)) as found:
        print("webhook events/s; the peer verifies the signature and keeps nothing")
        said = calls(signer, 1, 400, "processed", AT_ONCE)
        with committing(Path(name)) as handler:
            rates = [len(said) / timed(handler, said, AT_ONCE) for _turn in range(ROUNDS)]
        print(
            f"  a bare handler that commits one row a call, and waits for the disk: {statistics.median(rates):,.0f}/s"
        )
        for title, url in found:
            database = open_database(url, Path())
            prepare_database(database)
            seed(database)
            app = ours(database, Path(name), signer.public_key)
            for size, count, at_once in SIZES:
                pairs = []
                for turn in range(ROUNDS):
                    kind = ("processed", "delivered", "deferred")[turn]
                    said = calls(signer, size, count, kind, at_once)
                    mine = timed(app, said, at_once)
                    pairs.append((size * count / mine, size * count / timed(peer, said, at_once)))
                stored = statistics.median(one for one, _other in pairs)
                verified = statistics.median(other for _one, other in pairs)
                print(
                    f"  {title:<10} {size:>5} a call, {at_once:>2} at a time: {stored:>9,.0f} stored"
                    f"   peer {verified:>11,.0f}   ratio {stored / verified:.3f}"
                )
            database.close()


if __name__ == "__main__":
    main()
