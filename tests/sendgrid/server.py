"""The server: HTTP/1.1 with keep-alive on loopback, a thread a connection."""

import json
import secrets
import socket
import ssl
import struct
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.sendgrid import events, limits, readers, suppressions
from tests.sendgrid.faults import ACCEPTS, BEFORE_THE_BODY, Faults
from tests.sendgrid.ledger import Ledger

__all__ = ["FakeSendGrid"]

PAGE = b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1><p>varnish</p></body></html>"


class _Reset(Exception):  # noqa: N818 - not an error: an order to hang up
    """Cut the connection now."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # the head and the body of an answer leave together

    def log_message(self, *_anything):
        """Print nothing."""

    def do_POST(self):
        self._serve(self._answer)

    def do_GET(self):
        self._serve(self._lists)

    def _serve(self, answer):
        fake = self.server.fake
        with fake.lock:
            fake.calls += 1
        fault, seconds = fake.faults.next()
        try:
            answer(fake, fault, seconds)
        except _Reset:
            self.wfile.flush()
            # No lingering: the other side sees a reset and not an end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    def _lists(self, fake, fault, seconds):
        if fault in BEFORE_THE_BODY:
            raise _Reset
        if not fake.plain(self, fault, seconds):
            self._say(*suppressions.answer(fake, self))

    def _answer(self, fake, fault, seconds):
        if fault in BEFORE_THE_BODY:
            raise _Reset
        if int(self.headers["Content-Length"]) > limits.LARGEST:
            # Said before the body is read, and the rest is not read at all.
            self._say(413, {"errors": [{"message": "Payload too large", "field": None, "help": None}]}, close=True)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if fake.latency:
            time.sleep(fake.latency)
        if fake.plain(self, fault, seconds):
            return
        refusal = fake.refusal(self, body)
        if refusal:
            self._say(*refusal)
            return
        call = json.loads(body)
        sandbox = call.get("mail_settings", {}).get("sandbox_mode", {}).get("enable") is True
        if fault is None or fault in ACCEPTS:
            fake.take(call, sandbox=sandbox)
        fake.spoil(self, fault, seconds)
        if fault == "hang-up":
            self.close_connection = True
        identifier = {} if sandbox else {"X-Message-Id": secrets.token_urlsafe(16)}
        self._say(200 if sandbox else 202, None, identifier, close=fault == "close")

    def _say(self, status, said=None, headers=None, *, close=False):
        body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "text/html" if isinstance(said, bytes) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, fake, port, tls):
        self.fake = fake
        self.tls = tls
        self.open = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def finish_request(self, request, client_address):
        """The handshake belongs to the connection's own thread."""
        if self.tls:
            request = self.tls.wrap_socket(request, server_side=True)
        self.open.add(request)
        with self.fake.lock:
            self.fake.connections += 1
        try:
            super().finish_request(request, client_address)
        finally:
            self.open.discard(request)
            if self.tls:
                request.close()

    def handle_error(self, *_anything):
        """A connection that breaks is what this server is for."""


class FakeSendGrid:
    """The server, running from `with` to the end of it.

    Args:
        key: What the bearer has to say.
        port: 0 for a free one.
        ledger: A file for it.
        keep: Whether the messages stay in memory.
        faults: The script; see `faults.FAULTS`.
        mix: What happens when the script is at its end.
        latency: Seconds that each answer takes.
        patience: Seconds that a stall lasts where it does not say.
        tls: A server's context, for https.
    """

    def __init__(
        self,
        key="SG.fake.key",
        *,
        port=0,
        ledger=None,
        keep=True,
        faults=(),
        mix=None,
        latency=0.0,
        patience=60.0,
        tls: ssl.SSLContext | None = None,
    ):
        self.key = key
        self.ledger = Ledger(ledger, keep=keep)
        self.keep = keep
        self.faults = Faults(faults, mix)
        self.latency = latency
        self.patience = patience
        self.signer = events.Signer()
        self.lock = threading.Lock()
        self.calls = 0
        self.connections = 0
        self.rehearsed = []
        self.bodies = []
        self.lists = {name: [] for name in suppressions.LISTS}
        self.may_read = True
        self.asked = []
        self._stop = threading.Event()
        self._server = _Server(self, port, tls)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://{'localhost' if tls else '127.0.0.1'}:{self.port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        """Stop; connections still open are cut."""
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()
        self.hang_up()
        self._thread.join()
        self.ledger.close()

    def hang_up(self):
        """Close every connection that is open, as a server does with those that are idle."""
        for request in list(self._server.open):
            try:
                request.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def play(self, *faults):
        """Let the next calls fail like this, each once."""
        self.faults.add(*faults)

    def suppress(self, name, *addresses, created=None, **more):
        """Put `addresses` on a suppression list, as SendGrid does by itself."""
        at = int(time.time()) if created is None else created
        self.lists[name] += [{"created": at, "email": one, **more} for one in addresses]

    @property
    def accepted(self):
        """Who was really accepted, in the order."""
        return self.ledger.accepted

    @property
    def public_key(self):
        """Of the signed events."""
        return self.signer.public_key

    def post_events(self, url, kinds=("processed", "delivered"), *, messages=None, timestamp=None):
        """POST the signed events of what was accepted to `url`; gives back the status."""
        them = self.accepted if messages is None else messages
        said = [events.event(one, kind) for one in them for kind in kinds]
        return events.post(self.signer, url, said, timestamp)

    def take(self, call, *, sandbox):
        """Write down what was accepted."""
        them = list(readers.messages(call) if self.keep else readers.bare(call))
        if sandbox:
            self.rehearsed.extend(them)
        else:
            self.ledger.write(them)
        if self.keep:
            self.bodies.append(call)

    def refusal(self, handler, body):
        """The status and the words of a definite no, or None."""

        def no(status, *messages):
            return status, {"errors": [{"message": one, "field": None, "help": None} for one in messages]}

        if handler.path != "/v3/mail/send":
            return no(404, "Not Found")
        if handler.headers.get("Authorization") != f"Bearer {self.key}":
            return no(401, "The provided authorization grant is invalid, expired, or revoked")
        if handler.headers.get_content_type() != "application/json":
            return no(415, "Content-Type should be application/json.")
        try:
            call = json.loads(body)
        except ValueError:
            return no(400, "Bad Request")
        errors = limits.faults_of(call)
        return (400, {"errors": errors}) if errors else None

    def plain(self, handler, fault, seconds):
        """Play a fault that is an answer of its own, and accepts nothing; whether it did."""
        wait = 1.0 if seconds is None else seconds
        limit = {"errors": [{"message": "too many requests", "field": None, "help": None}]}
        denied = {"errors": [{"message": "access forbidden", "field": None, "help": None}]}
        away = f"http://127.0.0.1:{self.port}/elsewhere"
        answers = {
            "429": (
                429,
                limit,
                {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time() + wait + 0.999))},
            ),
            "429-after": (429, limit, {"Retry-After": str(int(wait + 0.999))}),
            "429-date": (429, limit, {"Retry-After": formatdate(time.time() + wait + 0.999, usegmt=True)}),
            "429-bare": (429, limit),
            "500": (500, {"errors": [{"message": "internal error", "field": None, "help": None}]}),
            "503": (503, PAGE),
            "401": (401, {"errors": [{"message": "authorization required", "field": None, "help": None}]}),
            "403": (403, denied),
            "302": (302, None, {"Location": away}),
            "200": (200, None),
        }
        if fault in answers:
            handler._say(*answers[fault])
        elif fault == "garbage":
            handler.wfile.write(b"220 mail.example.org ESMTP ready\r\n")
            handler.close_connection = True
        elif fault == "reset-after":
            raise _Reset
        elif fault == "stall":
            self._stop.wait(self.patience if seconds is None else seconds)
            raise _Reset
        else:
            return False
        return True

    def spoil(self, handler, fault, seconds):
        """Play a fault of a call that was accepted."""
        if fault == "500-accepted":
            handler._say(500, {"errors": [{"message": "internal error", "field": None, "help": None}]}, close=True)
            raise _Reset
        if fault == "reset-accepted":
            raise _Reset
        if fault in {"truncated", "truncated-headers"}:
            handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nServer: nginx\r\n")
            if fault == "truncated":
                handler.wfile.write(b"Content-Length: 40\r\n\r\n{")
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_WR)
            raise _Reset
        if fault == "trickle":
            until = time.monotonic() + (self.patience if seconds is None else seconds)
            handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nX-Message-Id: ")
            while time.monotonic() < until and not self._stop.wait(0.1):
                handler.wfile.write(b"0")
                handler.wfile.flush()
            raise _Reset
        if fault in {"stall-accepted", "stall-headers"}:
            if fault == "stall-headers":
                handler.wfile.write(b"HTTP/1.1 202 Acc")
                handler.wfile.flush()
            self._stop.wait(self.patience if seconds is None else seconds)
            raise _Reset
