"""Whether the site lives, and whether it can do its work: for whoever watches over it."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer.errors import PvdError
from pvd_mailer.services.machine.readiness import ensure_ready
from pvd_mailer.site.state import Site

__all__ = ["routes"]


def routes(site: Site) -> list[BaseRoute]:
    """`/health`: the process answers. `/ready`: the database does, too, with our tables and our key ring."""

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        try:
            await run_in_threadpool(ensure_ready, site.context, site.keys)
        except PvdError:
            return PlainTextResponse("not ready\n", status_code=503)
        return PlainTextResponse("ready\n")

    return [Route("/health", health, name="health"), Route("/ready", ready, name="ready")]
