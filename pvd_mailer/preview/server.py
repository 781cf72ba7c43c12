"""Serves the preview on this machine, until somebody stops it."""

import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _, language
from pvd_mailer.preview.app import create_app
from pvd_mailer.preview.state import Preview
from pvd_mailer.settings import Settings
from pvd_mailer.web.listen import listen
from pvd_mailer.workspace import IssueFolder, Workspace

__all__ = ["PREVIEW_PORT", "build_preview_server", "serve_preview"]

_HOST = "127.0.0.1"
PREVIEW_PORT = 8765
_PORT_TRIES = 50
_SHUTDOWN_SECONDS = 3
"""In seconds: how long an answer that is under way may take once the server was told to stop."""


class _Server(uvicorn.Server):
    """Lets the pages go before it waits for their connections to close."""

    def __init__(self, config: uvicorn.Config, preview: Preview) -> None:
        super().__init__(config)
        self.preview = preview

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.preview.close()
        await super().shutdown(sockets)


def _listen(port: int | None) -> socket.socket:
    """A socket on `port` (0: any that is free; None: the usual one, or the next that is free).

    Raises:
        PvdError: the port is taken, or not for us.
    """
    hint = _("Name another with --port, above 1023, or leave it out: a free one is found.")
    if port is not None:
        return listen(_HOST, port, hint)
    for number in range(PREVIEW_PORT, PREVIEW_PORT + _PORT_TRIES):
        with suppress(PvdError):
            return listen(_HOST, number, hint)
    return listen(_HOST, 0, hint)


def build_preview_server(preview: Preview, sock: socket.socket) -> uvicorn.Server:
    """A server of `preview` for the port that `sock` listens on."""
    port = sock.getsockname()[1]
    names = [f"{name}:{port}" for name in (_HOST, "localhost")] + ([_HOST, "localhost"] if port == 80 else [])  # noqa: PLR2004 - http's own
    config = uvicorn.Config(
        create_app(preview, names),
        log_level="warning",
        access_log=False,
        server_header=False,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    return _Server(config, preview)


def serve_preview(
    folder: IssueFolder,
    workspace: Workspace,
    settings: Settings,
    *,
    port: int | None,
    open_browser: bool,
    echo: Callable[[str], None],
) -> None:
    """Serve `folder`'s preview until Ctrl-C.

    Args:
        folder: The issue.
        workspace: Where its publication is.
        settings: Where pictures will be.
        port: The port; 0 for any that is free, None for the usual one or the next that is free.
        open_browser: Whether to open the browser.
        echo: Told the address and how to stop.

    Raises:
        PvdError: the port cannot be had.
    """
    with _listen(port) as sock:
        address = f"http://{_HOST}:{sock.getsockname()[1]}/"
        preview = Preview(folder, workspace, settings, language())
        with suppress(KeyboardInterrupt):  # the way to stop it
            preview.state = preview.render()
            echo(_("The preview is at {address}").format(address=address))
            echo(_("Ctrl-C to stop"))
            if open_browser:
                # Some systems' browsers come back only once they are closed.
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
            build_preview_server(preview, sock).run([sock])
