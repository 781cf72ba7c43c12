"""A site, with and without TLS, and a name server: real ones, on the loopback, that belong to the tests."""

import socket
import ssl
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from pvd_mailer.online.checker import LinkChecker
from pvd_mailer.online.dns_records import DomainChecker
from pvd_mailer.online.http_client import AddressPolicy, UnknownHostError

LOOPBACK = (ip_network("127.0.0.0/8"),)
PAGE = b'<!doctype html><title>Les halles &amp; nous</title><h1 id="halles">Un</h1><a name="prix d&#39;or"></a>'


class Handler(BaseHTTPRequestHandler):
    """Answers as the site's table says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        site = self.server.site
        with site.lock:
            site.seen.append((self.command, self.headers["host"].partition(":")[0], self.path))
            site.agents.add(self.headers["user-agent"])
            site.here[self.headers["host"]] += 1
            site.most = max(site.most, site.here[self.headers["host"]])
        try:
            self.close_connection = True
            self._answer(site)
        except OSError:
            pass  # whoever asked has gone

    do_HEAD = do_GET  # noqa: N815 - the library calls it by this name

    def _answer(self, site):
        made = site.pages.get(self.path, (404, {}, b"<title>Perdu</title>"))
        if callable(made):
            made = made(self)
        with site.lock:  # once it answers, the next one may come
            site.here[self.headers["host"]] -= 1
        if made is None:
            return
        status, headers, body = made
        self.send_response(status)
        for name, value in ({"content-type": "text/html"} | headers).items():
            self.send_header(name, value)
        if "content-length" not in headers:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_arguments):
        """Say nothing."""


class Site:
    """One server; `pages` by path: status, headers, body, or a function of the handler."""

    def __init__(self, context=None):
        self.pages = {"/": (200, {}, PAGE), "/guide": (200, {}, PAGE)}
        self.seen, self.agents = [], set()
        self.here, self.most = Counter(), 0
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_arguments: None
        self.server.site = self
        if context:
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self.server.server_address[1]

    @contextmanager
    def open(self):
        """Serve, until the end of the test."""
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield self
        self.server.shutdown()
        self.server.server_close()
        thread.join()


def names(*known, **other):
    """A resolver: names of `.test` that are known are here, `other` ones where they say."""

    def resolve(host, _port):
        if host in other:
            return other[host]
        if host in known or host.replace(".", "").isdigit():
            return ["127.0.0.1"] if host in known else [host]
        raise UnknownHostError(host)

    return resolve


def asker(*known, context=None, patience=60.0, allowed=LOOPBACK, **other):
    """One that may ask the loopback, which the program never may."""
    return LinkChecker(
        AddressPolicy(allowed, names(*known, **other)), context or ssl.create_default_context(), 0.0, patience
    )


class Names:
    """A name server that knows `records`: TXT by name."""

    def __init__(self, records):
        self.records = records
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def registrar(self, **more):
        """Asks this server and no other."""
        return DomainChecker(("127.0.0.1",), self.port, **more)

    @contextmanager
    def open(self):
        """Serve, until the end of the test."""
        self.socket.settimeout(0.05)
        self.is_open = True
        thread = threading.Thread(target=self._serve)
        thread.start()
        yield self
        self.is_open = False
        thread.join()
        self.socket.close()

    def _serve(self):
        while self.is_open:
            try:
                raw, peer = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            self.socket.sendto(self._answer(dns.message.from_wire(raw)).to_wire(), peer)

    def _answer(self, query):
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        name = query.question[0].name
        text = name.to_text(omit_final_dot=True)
        self.asked.append(text)
        found = self.records.get(text)
        if found:
            quoted = [" ".join(f'"{one[at : at + 200]}"' for at in range(0, len(one), 200)) for one in found]
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
        elif not any(one == text or one.endswith("." + text) for one in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def trickling(handler):
    """A page that comes a byte at a time."""
    handler.send_response(200)
    handler.send_header("content-type", "text/html")
    handler.send_header("content-length", "100000")
    handler.end_headers()
    for _number in range(200):
        handler.wfile.write(b"x")
        time.sleep(0.02)
