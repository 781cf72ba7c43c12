"""The site as one ASGI application: who answers which address."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from pvd_mailer.send.channels import Channel
from pvd_mailer.site.jobs.mail_queue import MailQueue
from pvd_mailer.site.jobs.unsubscribe_batcher import UnsubscribeBatcher
from pvd_mailer.site.live.default_publication import DefaultPublicationMiddleware
from pvd_mailer.site.middleware import allowed_hosts, secure_app
from pvd_mailer.site.origin import SameOriginMiddleware
from pvd_mailer.site.routes import archive, assets, health, preferences, subscribe, unsubscribe, webhook
from pvd_mailer.site.routes.signup_form import SignupHandler
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import exception_handlers
from pvd_mailer.web.allowance import Allowance

__all__ = ["create_app"]


def _routes(site: Site, mail_queue: MailQueue) -> list[BaseRoute]:
    """Each module brings its own, the most particular addresses first. Their names are what the log calls them."""
    batcher = UnsubscribeBatcher(site.context)
    signup_handler = SignupHandler(site, mail_queue)
    return [
        *health.routes(site),
        *webhook.routes(site),
        *preferences.routes(site, signup_handler, batcher),
        *subscribe.routes(site, signup_handler),
        *unsubscribe.routes(site, batcher),
        *assets.routes(site),
        *archive.routes(site),
    ]


def create_app(
    site: Site, channel: Channel, hosts: Collection[str] = (), allowance: Allowance | None = None
) -> ASGIApp:
    """The application that serves `site`, for requests that name its public address or one of `hosts`.

    Its mails leave by `channel`, from a thread that lives as long as the application does. `allowance` is what bodies
    may take.
    """
    mail_queue = MailQueue(site, channel)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        mail_queue.start()
        yield
        await run_in_threadpool(mail_queue.stop)

    app = Starlette(routes=_routes(site, mail_queue), exception_handlers=exception_handlers(site), lifespan=lifespan)
    app.router.redirect_slashes = False  # a redirect would carry a token in its address
    known_hosts = {*allowed_hosts(site, "localhost", 80), *hosts}
    return secure_app(
        DefaultPublicationMiddleware(SameOriginMiddleware(app, site, known_hosts), site.live_default),
        site,
        known_hosts,
        allowance,
    )
