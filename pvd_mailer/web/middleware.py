"""What stands before every answer: whose request it is, what a browser may do with the answer, and the last net."""

import logging
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pvd_mailer.i18n import _, language, set_language
from pvd_mailer.web.allowance import Allowance
from pvd_mailer.web.request_body import ALLOWANCE_KEY, BODY_KEY, LIMIT_KEY, MAX_FORM_BYTES

__all__ = ["CSP_BASE", "CSP_NO_DOCUMENT", "SECURITY_HEADERS", "SecurityMiddleware", "error_location"]

_log = logging.getLogger(__name__)
CSP_BASE: Final = "default-src 'none'; base-uri 'none'"
"""What every Content-Security-Policy of ours begins with."""
CSP_NO_DOCUMENT: Final = f"{CSP_BASE}; form-action 'none'; frame-ancestors 'none'; sandbox"
"""Content-Security-Policy of what is not a document."""
SECURITY_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "content-security-policy": CSP_NO_DOCUMENT,
}


def _wrong_host(scope: Scope) -> Response:
    del scope
    return PlainTextResponse("421 Misdirected Request\n", status_code=421)


def error_location(error: BaseException) -> str:
    """The file and line that raised it; nothing of what was being handled."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"


class SecurityMiddleware:
    """Refuses requests that name another host, bounds their bodies, and gives every answer its headers.

    A page elsewhere can have its own name lead to this address (DNS rebinding); the Host header still says that name.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        headers: Mapping[str, str] = SECURITY_HEADERS,
        wrong_host: Callable[[Scope], Response] = _wrong_host,
        allowance: Allowance | None = None,
    ) -> None:
        """Stand before `app`.

        Args:
            app: Answers 500 by itself where it fails, and raises all the same, as Starlette does.
            hosts: What a Host header may say, in lower case.
            headers: Of every answer that does not say otherwise of itself.
            wrong_host: The answer to those who name another host.
            allowance: What the bodies under way may take; the usual one where none is given.
        """
        self.app = app
        self.hosts = frozenset(hosts)
        self.headers = headers
        self.wrong_host = wrong_host
        self.allowance = allowance or Allowance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope[LIMIT_KEY] = MAX_FORM_BYTES
        scope[ALLOWANCE_KEY] = self.allowance
        received = 0
        log_language = language()  # the log's; a page speaks its reader's

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > scope[LIMIT_KEY]:
                raise HTTPException(413, headers={"connection": "close"})
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            host_headers = Headers(scope=scope).getlist("host")
            if len(host_headers) != 1 or host_headers[0].lower() not in self.hosts:
                await self.wrong_host(scope)(scope, receive, guarded)
            else:
                await self.app(scope, bounded, guarded)
        except Exception as error:  # noqa: BLE001 - the app has answered 500; a log gets words, and no trace
            set_language(log_language)
            text = _("this is a fault of the program: {kind} at {place}")
            _log.error(text.format(kind=type(error).__name__, place=error_location(error)))
            _log.debug("", exc_info=error)
        finally:
            if BODY_KEY in scope:
                scope[BODY_KEY].release()
