"""The webhook's address, on its own: the application that has it alone, and calls to it."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
from starlette.applications import Starlette

from pvd_mailer.site.live.keys import LiveKeys
from pvd_mailer.site.routes import webhook
from pvd_mailer.site.state import Site
from pvd_mailer.web.middleware import SecurityMiddleware
from tests.sendgrid.events import SIGNATURE, TIMESTAMP, Signer

__all__ = ["OPENAPI", "Hook"]

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "What machines call", "version": "1"},
    "paths": {
        webhook.WEBHOOK_PATH: {
            "post": {
                "parameters": [
                    {"name": SIGNATURE, "in": "header", "required": True, "schema": {"type": "string"}},
                    {"name": TIMESTAMP, "in": "header", "required": True, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "array",
                                "maxItems": 20,
                                "items": {
                                    "type": "object",
                                    "properties": {
                                        "event": {
                                            "enum": [
                                                "processed",
                                                "delivered",
                                                "bounce",
                                                "dropped",
                                                "spamreport",
                                                "open",
                                            ]
                                        },
                                        "email": {"type": "string"},
                                        "timestamp": {"type": "integer"},
                                        "reason": {"type": "string"},
                                        "status": {"type": "string"},
                                        "type": {"enum": ["bounce", "blocked"]},
                                        "pvd_recipient": {"type": "string", "pattern": "^001-[0-9a-f]{6}[.][0-9]$"},
                                        "pvd_call": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
                                    },
                                    "required": ["event", "email", "timestamp"],
                                },
                            }
                        }
                    },
                },
                "responses": {
                    status: {"description": "Said in words."} for status in ("200", "400", "401", "403", "413", "503")
                },
            }
        }
    },
}
"""For schemathesis: what may be called, and what may be answered."""


class Hook:
    """The address, with a key of its own."""

    def __init__(self, office, key=None):
        self.signer = Signer()
        chosen = self.signer.public_key if key is None else key
        settings = office.settings.model_copy(update={"sendgrid_webhook_key": chosen or None})
        self.office = replace(office, settings=settings)
        site = Site(self.office, {}, "", LiveKeys(settings.keys_path, office.keys))
        self.app = SecurityMiddleware(Starlette(routes=webhook.routes(site)), {"lettre.test"})
        self._loop = asyncio.Runner()
        # A thread of its own: the main one may have a browser's loop in it.
        self._thread = ThreadPoolExecutor(1)

    def close(self):
        """End the loop."""
        self._thread.submit(self._loop.close).result()
        self._thread.shutdown()

    def request(self, method, body=b"", headers=None):
        """Call it."""

        async def call():
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://lettre.test") as client:
                return await client.request(method, webhook.WEBHOOK_PATH, content=body, headers=headers or {})

        return self._thread.submit(lambda: self._loop.run(call())).result()

    def raw(self, body, headers=None):
        """POST these bytes under these headers."""
        return self.request("POST", body, headers)

    def post(self, events, timestamp=None):
        """POST `events`, signed."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        return self.raw(body, self.signer.headers(body, timestamp))

    def signed(self, body):
        """The headers of these bytes."""
        return self.signer.headers(body)
