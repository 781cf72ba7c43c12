"""The site as one ASGI application: who answers which address."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from pvd_mailer.send.channels import Channel
from pvd_mailer.site import archive, face, health, joining, leaving, preferences, webhook
from pvd_mailer.site.context import Site
from pvd_mailer.site.departures import Departures
from pvd_mailer.site.guard import guarded, hosts_of
from pvd_mailer.site.house import Housed
from pvd_mailer.site.origin import OwnForms
from pvd_mailer.site.postman import Postman
from pvd_mailer.site.problems import handlers
from pvd_mailer.site.reception import Reception
from pvd_mailer.web.allowance import Allowance

__all__ = ["create_app"]


def _routes(site: Site, postman: Postman) -> list[BaseRoute]:
    """Each module brings its own, the most particular addresses first. Their names are what the log calls them."""
    departures = Departures(site.office.database)
    reception = Reception(site, postman)
    return [
        *health.routes(site),
        *webhook.routes(site),
        *preferences.routes(site, reception, departures),
        *joining.routes(site, reception),
        *leaving.routes(site, departures),
        *face.routes(site),
        *archive.routes(site),
    ]


def create_app(
    site: Site, channel: Channel, hosts: Collection[str] = (), allowance: Allowance | None = None
) -> ASGIApp:
    """The application that serves `site`, for requests that name its public address or one of `hosts`.

    Its mails leave by `channel`, from a thread that lives as long as the application does. `allowance` is what bodies
    may take.
    """
    postman = Postman(site, channel)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        postman.start()
        yield
        await run_in_threadpool(postman.stop)

    app = Starlette(routes=_routes(site, postman), exception_handlers=handlers(site), lifespan=lifespan)
    app.router.redirect_slashes = False  # a redirect would carry a token in its address
    named = {*hosts_of(site, "localhost", 80), *hosts}
    return guarded(Housed(OwnForms(app, site, named), site.live_house), site, named, allowance)
