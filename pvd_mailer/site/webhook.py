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
from pvd_mailer.database import DatabaseError
from pvd_mailer.observe.sendgrid import NotEventsError
from pvd_mailer.observe.signature import SIGNATURE, TIMESTAMP, Verifier, may_be_signed
from pvd_mailer.site.context import Site
from pvd_mailer.web.bodies import read_body
from pvd_mailer.workflow import observing

__all__ = ["PATH", "routes"]

PATH = "/events/sendgrid"
LARGEST = 5_000_000
"""Bytes of a call; SendGrid's are a tenth of it."""
_REFUSED = "the signature is not SendGrid's, or too old"
_log = logging.getLogger(__name__)


def routes(site: Site) -> list[BaseRoute]:
    """`POST /events/sendgrid`.

    Raises:
        WrongUsageError: the key in the settings is none.
    """
    key = site.office.settings.sendgrid_webhook_key
    verifier = Verifier(key) if key else None

    async def take(request: Request) -> Response:
        if verifier is None:
            return _say(404, "no events are taken here: PVD_SENDGRID_WEBHOOK_KEY is not set")
        signature, timestamp = request.headers.get(SIGNATURE), request.headers.get(TIMESTAMP)
        if not signature or not timestamp:
            return _say(401, "not signed")
        if not may_be_signed(signature, timestamp, clock.now()):  # of the largest bodies none is read for nothing
            return _say(403, _REFUSED)
        body = await read_body(request, LARGEST)
        return await run_in_threadpool(_take, site, verifier, signature, timestamp, body)

    return [Route(PATH, take, methods=["POST"], name="events")]


def _take(site: Site, verifier: Verifier, signature: str, timestamp: str, body: bytes) -> Response:
    now = clock.now()
    if not verifier.accepts(signature, timestamp, body, now):
        return _say(403, _REFUSED)
    try:
        reading, taken = observing.take_call(site.office, body)
    except NotEventsError:
        _log.warning("a signed call of SendGrid was no array of events")
        return _say(400, "not an array of events")
    except DatabaseError as error:
        _log.error("events could not be written: %s", error)
        return PlainTextResponse("try again later\n", status_code=503, headers={"Retry-After": "60"})
    odd = reading.left_out["odd"] + reading.left_out["unknown"]
    if odd:
        _log.warning("%d of SendGrid's events were not understood", odd)
    return JSONResponse(
        {
            "stored": taken.stored,
            "known": taken.known,
            "about_nobody": taken.strangers,
            "not_kept": reading.left_out["not-kept"],
            "not_understood": odd,
        }
    )


def _say(status: int, words: str) -> Response:
    return PlainTextResponse(f"{words}\n", status_code=status)
