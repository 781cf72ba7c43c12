"""The site as one ASGI application: who answers which address."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from pvd_mailer.site import health, webhook
from pvd_mailer.site.context import Site

__all__ = ["create_app"]


def _routes(site: Site) -> list[BaseRoute]:
    """Each module brings its own, the most particular addresses first."""
    return [*health.routes(site), *webhook.routes(site)]


def create_app(site: Site) -> ASGIApp:
    """The application that serves `site`."""
    return Starlette(routes=_routes(site))
