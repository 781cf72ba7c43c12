"""The site's log: one line a request and one for what happens to the server. Nobody can be recognised in it.

A line has the route and not the address that was asked for, which may hold a token; no query, no client, no body.
"""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["AccessLogMiddleware", "configure_logging"]

_log = logging.getLogger("pvd_mailer.site")
_FIELDS: Final = "fields"
_CLIENT_FAULT: Final = 400
_SERVER_FAULT: Final = 500
_QUIET_ROUTES = frozenset({"health", "ready", "css"})
"""Routes that are asked for all the time; a line only where something is wrong."""


class _JsonFormatter(logging.Formatter):
    """One JSON object a line, for journald and those who read it."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        return json.dumps(line, ensure_ascii=False)


class _TerminalFormatter(logging.Formatter):
    """For somebody who looks at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, _FIELDS, {})
        if "route" in fields:
            text = "{method:<5} {route:<32} {status}  {ms} ms".format(**fields)
        else:
            text = "  ".join([record.getMessage(), *(f"{name}={value}" for name, value in fields.items())])
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        return f"{datetime.fromtimestamp(record.created).astimezone():%H:%M:%S}  {mark}{text}"


def configure_logging() -> None:
    """Log to standard error: JSON lines, or readable ones where it is a terminal."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_TerminalFormatter() if sys.stderr.isatty() else _JsonFormatter())
    handler.addFilter(_drop_trace)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("pvd_mailer").setLevel(logging.INFO)


def _drop_trace(record: logging.LogRecord) -> bool:
    """Lose what a library would add to a line: a trace may hold what was being handled."""
    record.exc_info = record.exc_text = record.stack_info = None
    return True


class AccessLogMiddleware:
    """Writes a line for each request, once it is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 0  # the client left before there was an answer

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, seen)
        finally:
            route = getattr(scope.get("route"), "name", None) or "none"
            if route not in _QUIET_ROUTES or not 0 < status < _CLIENT_FAULT:
                method = scope["method"] if scope["method"] in _METHODS else "other"
                fields = {
                    "route": route,
                    "method": method,
                    "status": status,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                }
                level = logging.ERROR if status >= _SERVER_FAULT else logging.INFO
                _log.log(level, "request", extra={_FIELDS: fields})


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
