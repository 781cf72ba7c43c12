"""Real nginx, Apache and Caddy with the configurations of deploy/, before a site that says what reached it."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.smtpd.certificate import certificate
from tools.photograph import ROOT

NAME = "lettre.example.org"
DEPLOY = ROOT / "deploy"
MODULES = [
    "mpm_event",
    "authz_core",
    "setenvif",
    "rewrite",
    "headers",
    "ssl",
    "socache_shmcb",
    "proxy",
    "proxy_http",
    "alias",
    "http2",
]


def program(name):
    """Where Debian puts it."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class _Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self):
        if "cut" in self.path:
            self.close_connection = True
            return
        size = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(size)
        said = {"path": self.path, "body": len(body), "headers": {k.lower(): v for k, v in self.headers.items()}}
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Strict-Transport-Security", "max-age=1")
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _answer  # noqa: N815 - the names that its base class calls

    def log_message(self, *arguments):
        """Say nothing."""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Front:
    """A proxy that runs."""

    def __init__(self, folder, secure, plain, upstream):
        self.folder, self.secure, self.plain, self.upstream = folder, secure, plain, upstream

    def ask(self, path, method="GET", body=None, *, host=NAME, headers=None):
        """Ask by TLS; the answer's status, headers and JSON."""
        context = ssl.create_default_context(cafile=self.folder / "cert.pem")
        context.check_hostname = False
        link = http.client.HTTPSConnection("127.0.0.1", self.secure, context=context, timeout=20)
        raw = link._create_connection(("127.0.0.1", self.secure), 20)
        link.sock = context.wrap_socket(raw, server_hostname=NAME)
        link.request(method, path, body, {"Host": host} | (headers or {}))
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, answer.headers, json.loads(text) if text[:1] == b"{" else text

    def plainly(self, path, method="GET", body=None):
        """Ask without TLS, as somebody does who types the address; the answer's status and where it leads."""
        link = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=20)
        link.request(method, path, body, {"Host": NAME})
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer.status, answer.headers["location"]

    def logs(self):
        """All that was written down, wherever."""
        return "".join(
            path.read_text("utf-8", errors="replace") for path in (self.folder / "logs").rglob("*") if path.is_file()
        )


@contextmanager
def front(name, folder):
    """Start the proxy `name` from its file in deploy/, with ports and folders of our own."""
    (folder / "logs").mkdir()
    certificate(folder, NAME)
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), _Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    made = Front(folder, free_port(), free_port(), upstream)
    command = {"nginx": _nginx, "apache": _apache, "caddy": _caddy}[name](made)
    with (folder / "logs" / "output").open("wb") as log:
        environment = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "APACHE_LOG_DIR": "logs"}
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)
    try:
        _wait(made, process)
        yield made
    finally:
        process.terminate()
        process.wait(20)
        upstream.shutdown()
        upstream.server_close()


def _wait(made, process):
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", made.secure)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(made.logs())


def _check(command, folder):
    """Have the program itself judge its file."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def _changed(file, made, **more):
    text = (DEPLOY / file).read_text("utf-8")
    changes = {
        f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(made.folder / "cert.pem"),
        f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(made.folder / "key.pem"),
        "127.0.0.1:8000": f"127.0.0.1:{made.upstream.server_port}",
    } | more
    for before, after in changes.items():
        assert before in text or before.startswith("/etc"), before
        text = text.replace(before, after)
    return text


def _nginx(made):
    own = _changed(
        "nginx/pvd-mailer.conf",
        made,
        **{
            "listen 80;": f"listen 127.0.0.1:{made.plain};",
            "listen [::]:80;": "",
            "listen 443 ssl": f"listen 127.0.0.1:{made.secure} ssl",
            "listen [::]:443 ssl http2;": "",
            "/var/log/nginx": str(made.folder / "logs"),
        },
    )
    file = made.folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    places = "".join(
        f"{kind}_temp_path {made.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file.write_text(
        f"{user} daemon off; pid {made.folder}/pid; error_log {made.folder}/logs/main crit;"
        f"events {{ worker_connections 64; }} http {{ {places} {own} }}",
        "utf-8",
    )
    command = [program("nginx"), "-p", str(made.folder), "-e", str(made.folder / "logs" / "main"), "-c", str(file)]
    _check([*command, "-t"], made.folder)
    return command


def _apache(made):
    own = _changed(
        "apache/pvd-mailer.conf",
        made,
        **{"*:80>": f"127.0.0.1:{made.plain}>", "*:443>": f"127.0.0.1:{made.secure}>", "${APACHE_LOG_DIR}": "logs"},
    )
    file = made.folder / "apache.conf"
    modules = Path("/usr/lib/apache2/modules")
    loaded = "".join(f"LoadModule {one}_module {modules}/mod_{one}.so\n" for one in MODULES)
    file.write_text(
        f'ServerRoot "{made.folder}"\nServerName {NAME}\nPidFile pid\nErrorLog logs/main\nLogLevel crit\n'
        f"Listen 127.0.0.1:{made.plain}\nListen 127.0.0.1:{made.secure}\n{loaded}"
        # As Debian has it: what a host has no log for goes here, with address and client.
        f'CustomLog logs/other_vhosts_access.log "%h %r %>s"\n{own}',
        "utf-8",
    )
    command = [program("apache2"), "-d", str(made.folder), "-f", str(file)]
    _check([*command, "-t"], made.folder)
    return [*command, "-DFOREGROUND"]


def _caddy(made):
    tls = f"\ttls {made.folder}/cert.pem {made.folder}/key.pem\n"
    own = _changed(
        "caddy/Caddyfile",
        made,
        **{
            f"\n{NAME} {{\n": f"\n{NAME} {{\n{tls}",
            "\n{\n": f"\n{{\n\tadmin off\n\thttp_port {made.plain}\n\thttps_port {made.secure}\n",
            "/var/log/caddy": str(made.folder / "logs"),
        },
    )
    file = made.folder / "Caddyfile"
    file.write_text(own, "utf-8")
    where = ["--config", str(file), "--adapter", "caddyfile"]
    _check([program("caddy"), "validate", *where], made.folder)
    return [program("caddy"), "run", *where]
