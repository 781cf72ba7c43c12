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
from pvd_mailer.site.app import create_app
from pvd_mailer.site.context import Site
from pvd_mailer.site.guard import hosts_of
from pvd_mailer.site.log import Logged, begin_log
from pvd_mailer.web.door import listen

__all__ = ["HOST", "PATIENCE", "PORT", "build_server", "serve"]

HOST = "127.0.0.1"
PORT = 8000
GOODBYE = 20
"""In seconds: how long an answer that is under way may take once the server was told to stop."""
PATIENCE = 8.0
"""In seconds: how long a page waits for the database. Proxies give up after thirty, and say so in their own words."""
IDLE = 15
"""In seconds: how long a connection may stay open between two requests; longer than most proxies keep theirs busy."""
CONNECTIONS = 1000
"""At once; whoever comes after is told to come back."""
_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Says that it stops, and that what is under way is finished first."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info(_("stopping: what is under way is being finished"))
        await super().shutdown(sockets)


def build_server(site: Site, channel: Channel, host: str, port: int) -> uvicorn.Server:
    """A server of `site` for `host` and `port`. One process: what it remembers for rate limits is in its memory."""
    proxies = site.office.settings.proxies
    # `access_log=False` only takes its handlers away: whoever logs everything would have addresses and tokens.
    logging.getLogger("uvicorn.access").disabled = True
    config = uvicorn.Config(
        Logged(create_app(site, channel, hosts_of(site, host, port))),
        # Never by default: whoever reaches us directly could say to be anybody.
        proxy_headers=proxies is not None,
        forwarded_allow_ips=proxies,
        log_config=None,
        access_log=False,
        server_header=False,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GOODBYE,
    )
    return _Server(config)


@contextmanager
def _stoppable(server: uvicorn.Server) -> Iterator[None]:
    """SIGTERM stops `server`, also before it is up, when uvicorn does not listen to signals yet.

    Uvicorn raises the signal that stopped it once more when it has finished: that was no failure.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        server.should_exit = True

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _announce(site: Site, channel: Channel, host: str, port: int, say: Callable[[str], None]) -> None:
    """Where the site is, and what whoever runs it may have forgotten."""
    shown = f"[{host}]" if ":" in host else host
    say(_("The readers' site listens at http://{host}:{port}").format(host=shown, port=port))
    say(_("Readers reach it at {address}; Ctrl-C to stop").format(address=site.public_url))
    if site.office.settings.proxies is None:
        say(_("PVD_PROXIES is not set: behind a proxy, one reader cannot be told from another to limit requests."))
    if not channel.leaves:
        say(_("The site's mails go to the outbox on this machine, and to nobody: see PVD_CHANNEL."))


def serve(
    site: Site, channel: Channel, *, host: str, port: int, say: Callable[[str], None], news: Sequence[str] = ()
) -> None:
    """Serve `site` on `port` of `host` until SIGTERM or Ctrl-C; what is under way is finished.

    Its mails leave by `channel`; `news` are lines to say beside where it is.

    Raises:
        PvdError: the port cannot be had.
    """
    with listen(host, port, _("Stop the other program, or name another port with --port.")) as door:
        number = door.getsockname()[1]
        begin_log()
        server = build_server(site, channel, host, number)
        with _stoppable(server):
            _announce(site, channel, host, number, say)
            for line in news:
                say(line)
            server.run([door])
        _log.info(_("stopped"))
