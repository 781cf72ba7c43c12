"""What SendGrid posts when something became of a message: signed events, answered once they are safely written down.

A machine calls here: the answers are a status and plain English. SendGrid repeats for a day whatever is not answered by
2xx, so that a call is refused where repeating it may help, or where nothing of it is worth keeping.
"""

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer import clock
from pvd_mailer.events.sendgrid import NotEventsError
from pvd_mailer.events.webhook_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookVerifier, looks_signed
from pvd_mailer.services import events
from pvd_mailer.services.machine.readiness import DatabaseError
from pvd_mailer.site.state import Site
from pvd_mailer.web.request_body import read_body

__all__ = ["WEBHOOK_PATH", "routes"]

WEBHOOK_PATH = "/events/sendgrid"
_MAX_CALL_BYTES = 5_000_000
"""Bytes of a call; SendGrid's are a tenth of it."""
_REFUSED = "the signature is not SendGrid's, or too old"
_log = logging.getLogger(__name__)


def routes(site: Site) -> list[BaseRoute]:
    """`POST /events/sendgrid`.

    Raises:
        WrongUsageError: the key in the settings is none.
    """
    key = site.context.settings.sendgrid_webhook_key
    verifier = WebhookVerifier(key) if key else None

    async def take(request: Request) -> Response:
        if verifier is None:
            return _plain_response(404, "no events are taken here: PVD_SENDGRID_WEBHOOK_KEY is not set")
        signature, timestamp = request.headers.get(SIGNATURE_HEADER), request.headers.get(TIMESTAMP_HEADER)
        if not signature or not timestamp:
            return _plain_response(401, "not signed")
        if not looks_signed(signature, timestamp, clock.now()):  # of the largest bodies none is read for nothing
            return _plain_response(403, _REFUSED)
        body = await read_body(request, _MAX_CALL_BYTES)
        return await run_in_threadpool(_ingest, site, verifier, signature, timestamp, body)

    return [Route(WEBHOOK_PATH, take, methods=["POST"], name="events")]


def _ingest(site: Site, verifier: WebhookVerifier, signature: str, timestamp: str, body: bytes) -> Response:
    now = clock.now()
    if not verifier.verify(signature, timestamp, body, now):
        return _plain_response(403, _REFUSED)
    try:
        parsed, ingested = events.ingest_webhook(site.context, body)
    except NotEventsError:
        _log.warning("a signed call of SendGrid was no array of events")
        return _plain_response(400, "not an array of events")
    except DatabaseError as error:
        _log.error("events could not be written: %s", error)
        return PlainTextResponse("try again later\n", status_code=503, headers={"Retry-After": "60"})
    not_understood = parsed.skipped["odd"] + parsed.skipped["unknown"]
    if not_understood:
        _log.warning("%d of SendGrid's events were not understood", not_understood)
    return JSONResponse(
        {
            "stored": ingested.stored,
            "known": ingested.duplicates,
            "about_nobody": ingested.unmatched,
            "not_kept": parsed.skipped["not-kept"],
            "not_understood": not_understood,
        }
    )


def _plain_response(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status)
