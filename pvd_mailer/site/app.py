"""The site as one ASGI application: who answers which address."""

from collections.abc import Collection

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from pvd_mailer.site import face, health
from pvd_mailer.site.context import Site
from pvd_mailer.site.guard import guarded, hosts_of
from pvd_mailer.site.problems import handlers

__all__ = ["create_app"]


def _routes(site: Site) -> list[BaseRoute]:
    """Each module brings its own, the most particular addresses first. Their names are what the log calls them."""
    return [*health.routes(site), *face.routes(site)]


def create_app(site: Site, hosts: Collection[str] = ()) -> ASGIApp:
    """The application that serves `site`, for requests that name its public address or one of `hosts`."""
    app = Starlette(routes=_routes(site), exception_handlers=handlers(site))
    app.router.redirect_slashes = False  # a redirect would carry a token in its address
    return guarded(app, site, {*hosts_of(site, "localhost", 80), *hosts})
