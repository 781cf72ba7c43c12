"""What stands before every answer: whose request it is, what a browser may do with the answer, and the last net."""

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pvd_mailer.i18n import _, language, speak
from pvd_mailer.web.allowance import Allowance
from pvd_mailer.web.bodies import ALLOWANCE, BODY, FORM, MOST

__all__ = ["HEADERS", "NOTHING", "PLAIN", "Guard", "place_of"]

_log = logging.getLogger(__name__)
NOTHING: Final = "default-src 'none'; base-uri 'none'"
"""What every Content-Security-Policy of ours begins with."""
PLAIN: Final = f"{NOTHING}; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Content-Security-Policy of what is not a document."""
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "content-security-policy": PLAIN,
}


def _misdirected(scope: Scope) -> Response:
    del scope
    return PlainTextResponse("421 Misdirected Request\n", status_code=421)


def place_of(error: BaseException) -> str:
    """The file and line that raised it; nothing of what was being handled."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"


class Guard:
    """Refuses requests that name another host, bounds their bodies, and gives every answer its headers.

    A page elsewhere can have its own name lead to this address (DNS rebinding); the Host header still says that name.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        headers: Mapping[str, str] = HEADERS,
        misdirected: Callable[[Scope], Response] = _misdirected,
        allowance: Allowance | None = None,
    ) -> None:
        """Stand before `app`.

        Args:
            app: Answers 500 by itself where it fails, and raises all the same, as Starlette does.
            hosts: What a Host header may say, in lower case.
            headers: Of every answer that does not say otherwise of itself.
            misdirected: The answer to those who name another host.
            allowance: What the bodies under way may take; the usual one where none is given.
        """
        self.app = app
        self.hosts = frozenset(hosts)
        self.headers = headers
        self.misdirected = misdirected
        self.allowance = allowance or Allowance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[MOST] = FORM
        scope[ALLOWANCE] = self.allowance
        read = 0
        spoken = language()  # the log's; a page speaks its reader's

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > scope[MOST]:
                raise HTTPException(413, headers={"connection": "close"})
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            named = Headers(scope=scope).getlist("host")
            if len(named) != 1 or named[0].lower() not in self.hosts:
                await self.misdirected(scope)(scope, receive, guarded)
            else:
                await self.app(scope, bounded, guarded)
        except Exception as error:  # noqa: BLE001 - the app has answered 500; a log gets words, and no trace
            speak(spoken)
            said = _("this is a fault of the program: {kind} at {place}")
            _log.error(said.format(kind=type(error).__name__, place=place_of(error)))
            _log.debug("", exc_info=error)
        finally:
            if BODY in scope:
                scope[BODY].let_go()
