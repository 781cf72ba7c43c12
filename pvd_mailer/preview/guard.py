"""What stands before every answer: whose request it is, and what a browser may do with the answer."""

import logging
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pvd_mailer.i18n import _

__all__ = ["LETTER", "PAGE", "PLAIN", "SANDBOX", "Guard"]

SANDBOX: Final = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""Of the frame that holds the letter.

Without `allow-scripts` no script of a letter can run, and that is what makes `allow-same-origin` safe: it gives
nothing to the letter, and lets the page around it measure the letter's height and keep the reader's place when a
save brings a new one. Links open in a tab of their own (`allow-popups`), which is an ordinary tab (`…-escape-sandbox`).
"""

_log = logging.getLogger(__name__)
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
PLAIN: Final = f"{_NOTHING}; frame-ancestors 'none'; sandbox"
"""Content-Security-Policy of what is not a document."""
PAGE: Final = (
    f"{_NOTHING}; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'"
)
LETTER: Final = _NOTHING + "; style-src {styles}; img-src {images}; frame-ancestors 'self'; sandbox " + SANDBOX

_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",  # an unpublished letter stays in no browser's cache
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Refuses requests that name another host, and gives every answer its headers.

    A page elsewhere can have its own name lead to 127.0.0.1 (DNS rebinding); the Host header still says that name.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self.app = app
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", PLAIN)
            await send(message)

        named = Headers(scope=scope).getlist("host")
        if len(named) != 1 or named[0].lower() not in self.hosts:
            refusal = PlainTextResponse("421 Misdirected Request\n", status_code=421)
            await refusal(scope, receive, guarded)
            return
        try:
            await self.app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - Starlette has answered 500; a terminal gets words, and no trace
            _log.error(_("this is a fault of the program: {kind}").format(kind=type(error).__name__))
            _log.debug("", exc_info=error)
