"""Serves the readers' site until it is told to stop."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

import uvicorn

from pvd_mailer.i18n import _
from pvd_mailer.send.channels import Channel
from pvd_mailer.site.access_log import AccessLogMiddleware, configure_logging
from pvd_mailer.site.app import create_app
from pvd_mailer.site.connections import ConnectionLimits, Connections
from pvd_mailer.site.middleware import allowed_hosts
from pvd_mailer.site.protocol import protocol_for
from pvd_mailer.site.proxies import TrustedProxies
from pvd_mailer.site.state import Site
from pvd_mailer.web.allowance import Allowance
from pvd_mailer.web.listen import listen

__all__ = ["DATABASE_TIMEOUT", "SITE_HOST", "SITE_PORT", "build_site_server", "serve_site"]

SITE_HOST = "127.0.0.1"
SITE_PORT = 8000
_SHUTDOWN_SECONDS = 20
"""In seconds: how long an answer that is under way may take once the server was told to stop."""
DATABASE_TIMEOUT = 8.0
"""In seconds: how long a page waits for the database. Proxies give up after thirty, and say so in their own words."""
_BACKLOG = 2048
"""Connections that wait to be taken. Whoever finds no place there loses a second or three; Linux may allow fewer."""
_ACCEPT_BATCH = 16
"""Connections that are taken from the queue before anything else is done: by so many there can be more than we want."""
_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Sees to its connections, says that it stops, and that what is under way is finished first."""

    def __init__(self, config: uvicorn.Config, connections: Connections) -> None:
        super().__init__(config)
        self.connections = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:  # asyncio makes the queue as short as what it takes from it at once
            listener.listen(_BACKLOG)

    async def on_tick(self, counter: int) -> bool:
        self.connections.sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info(_("stopping: what is under way is being finished"))
        await super().shutdown(sockets)


def build_site_server(
    site: Site,
    channel: Channel,
    host: str,
    port: int,
    limits: ConnectionLimits | None = None,
    allowance: Allowance | None = None,
) -> uvicorn.Server:
    """A server of `site` for `host` and `port`. One process: what it remembers for rate limits is in its memory.

    `limits` hold for connections, and `allowance` for bodies: the usual ones where none are given.
    """
    proxies = TrustedProxies(site.context.settings.proxies)
    connections = Connections(limits or ConnectionLimits(), proxies)
    app = create_app(site, channel, allowed_hosts(site, host, port), allowance)
    # `access_log=False` only takes its handlers away: whoever logs everything would have addresses and tokens.
    logging.getLogger("uvicorn.access").disabled = True
    config = uvicorn.Config(
        AccessLogMiddleware(proxies.wrap(app)),
        proxy_headers=False,  # `proxies` reads them, where there are any
        log_config=None,
        access_log=False,
        server_header=False,
        loop="asyncio",
        http=protocol_for(connections),
        ws="none",
        lifespan="on",
        backlog=_ACCEPT_BATCH,
        timeout_keep_alive=connections.limits.idle,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    return _Server(config, connections)


class _StopSignal:
    """Whether SIGTERM came, also before there is a server, or before it is up and listens to signals itself."""

    def __init__(self) -> None:
        self._received = False
        self._server: uvicorn.Server | None = None

    def watch(self, server: uvicorn.Server) -> None:
        """From now on it stops `server`."""
        self._server = server
        server.should_exit = self._received

    def __call__(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._received = True
        if self._server is not None:
            self._server.should_exit = True


@contextmanager
def _stoppable() -> Iterator[_StopSignal]:
    """SIGTERM ends what is done here as it should end.

    Uvicorn raises the signal that stopped it once more when it has finished: that was no failure.
    """
    stop = _StopSignal()
    previous = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield stop
    finally:
        signal.signal(signal.SIGTERM, previous)


def _announce(site: Site, channel: Channel, host: str, port: int, echo: Callable[[str], None]) -> None:
    """Where the site is, and what whoever runs it may have forgotten."""
    shown = f"[{host}]" if ":" in host else host
    echo(_("The readers' site listens at http://{host}:{port}").format(host=shown, port=port))
    echo(_("Readers reach it at {address}; Ctrl-C to stop").format(address=site.public_url))
    if site.context.settings.proxies is None:
        echo(_("PVD_PROXIES is not set: behind a proxy, one reader cannot be told from another to limit requests."))
    if not channel.is_live:
        echo(_("The site's mails go to the outbox on this machine, and to nobody: see PVD_CHANNEL."))


def serve_site(
    site: Site, channel: Channel, *, host: str, port: int, echo: Callable[[str], None], notices: Sequence[str] = ()
) -> None:
    """Serve `site` on `port` of `host` until SIGTERM or Ctrl-C; what is under way is finished.

    Its mails leave by `channel`; `notices` are lines to say beside where it is.

    Raises:
        PvdError: the port cannot be had.
    """
    with (
        _stoppable() as stop,  # first: whoever sees that the port is open may send it
        listen(host, port, _("Stop the other program, or name another port with --port.")) as listener,
    ):
        bound_port = listener.getsockname()[1]
        configure_logging()
        server = build_site_server(site, channel, host, bound_port)
        stop.watch(server)
        _announce(site, channel, host, bound_port, echo)
        for line in notices:
            echo(line)
        server.run([listener])
    _log.info(_("stopped"))
