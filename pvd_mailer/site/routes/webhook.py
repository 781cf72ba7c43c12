"""What SendGrid posts when something became of a message: signed events, answered once they are safely written down.

A machine calls here: the answers are a status and plain English. SendGrid repeats for a day whatever is not answered by
2xx, so that a call is refused where repeating it may help, or where nothing of it is worth keeping.
"""

import logging
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer import clock
from pvd_mailer.events.webhook_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookVerifier, looks_signed
from pvd_mailer.services import events
from pvd_mailer.services.machine.readiness import DatabaseError
from pvd_mailer.site.jobs.group_commit import GroupCommitter, QueueFullError
from pvd_mailer.site.state import Site
from pvd_mailer.web.request_body import read_body

__all__ = ["WEBHOOK_PATH", "routes"]

WEBHOOK_PATH = "/events/sendgrid"
_MAX_CALL_BYTES = 5_000_000
"""Bytes of a call; SendGrid's are a tenth of it."""
_MAX_INLINE_BYTES = 64_000
"""Bytes of a body that are verified in some 0.2 ms."""
_MAX_GROUP_BYTES = 1_000_000
"""Of the calls in one transaction, some 3,000 events: readers who leave wait for its end, on SQLite."""
_MAX_WAITING_BYTES = 16_000_000
"""Of the calls that wait for theirs: half of what bodies may hold."""
_MIN_WEIGHT = 8_000
"""Bytes that the shortest call counts for, so that calls are bounded, too: 125 in a transaction, 2,000 that wait."""
_ANSWER_TIMEOUT = 10.0
"""In seconds: how long a call waits for its answer. It is stored all the same, and known when it is repeated."""
_REFUSED = "the signature is not SendGrid's, or too old"
_log = logging.getLogger(__name__)


def routes(site: Site) -> list[BaseRoute]:
    """`POST /events/sendgrid`.

    Raises:
        WrongUsageError: the key in the settings is none.
    """
    key = site.context.settings.sendgrid_webhook_key
    verifier = WebhookVerifier(key) if key else None
    committer = GroupCommitter(
        partial(events.ingest_webhook, site.context),
        max_group=_MAX_GROUP_BYTES,
        max_waiting=_MAX_WAITING_BYTES,
        weigh=lambda body: max(len(body), _MIN_WEIGHT),
    )

    async def take(request: Request) -> Response:
        if verifier is None:
            return _plain_response(404, "no events are taken here: PVD_SENDGRID_WEBHOOK_KEY is not set")
        signature, timestamp = request.headers.get(SIGNATURE_HEADER), request.headers.get(TIMESTAMP_HEADER)
        if not signature or not timestamp:
            return _plain_response(401, "not signed")
        if not looks_signed(signature, timestamp, clock.now()):  # of the largest bodies none is read for nothing
            return _plain_response(403, _REFUSED)
        body = await read_body(request, _MAX_CALL_BYTES)
        if not await _is_signed(verifier, signature, timestamp, body):
            return _plain_response(403, _REFUSED)
        return await _store(committer, body)

    return [Route(WEBHOOK_PATH, take, methods=["POST"], name="events")]


async def _is_signed(verifier: WebhookVerifier, signature: str, timestamp: str, body: bytes) -> bool:
    """A short body is verified at once: to hand it to a thread takes longer, and nothing else is done before."""
    if len(body) <= _MAX_INLINE_BYTES:
        return verifier.verify(signature, timestamp, body, clock.now())
    return await run_in_threadpool(verifier.verify, signature, timestamp, body, clock.now())


async def _store(committer: GroupCommitter[bytes, events.WebhookResult | None], body: bytes) -> Response:
    try:
        result = await committer.submit(body, _ANSWER_TIMEOUT)
    except (QueueFullError, TimeoutError):
        _log.warning("events have to wait: more comes than can be written now")
        return _later_response()
    except DatabaseError as error:
        _log.error("events could not be written: %s", error)
        return _later_response()
    if result is None:
        _log.warning("a signed call of SendGrid was no array of events")
        return _plain_response(400, "not an array of events")
    not_understood = result.skipped["odd"] + result.skipped["unknown"]
    if not_understood:
        _log.warning("%d of SendGrid's events were not understood", not_understood)
    return JSONResponse(
        {
            "stored": result.stored,
            "known": result.duplicates,
            "about_nobody": result.unmatched,
            "not_kept": result.skipped["not-kept"],
            "not_understood": not_understood,
        }
    )


def _later_response() -> Response:
    return PlainTextResponse("try again later\n", status_code=503, headers={"Retry-After": "60"})


def _plain_response(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status)
