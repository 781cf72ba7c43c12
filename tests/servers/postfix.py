"""A real Postfix of one's own in a temporary folder: it takes mail for one domain into a Maildir; none leaves it."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "lecteurs.test"
UNKNOWN = "unknown"
"""There is no recipient whose address begins so: it is refused with 550."""
LATE = "late"
"""Mail to an address that begins so is taken, and sent back a moment later: the next server knows nobody (5.1.1)."""
START_SECONDS = 60

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mail.{domain}
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
# What is not for the domain goes nowhere.
default_transport = error:this is a test
relay_transport = error:this is a test
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = regexp:{folder}/mailboxes
transport_maps = regexp:{folder}/transport
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
smtpd_tls_security_level = {tls}
smtpd_tls_chain_files = {chain}
notify_classes =
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{far} inet n - n - - smtpd
  -o myhostname=far.{domain}
  -o virtual_mailbox_maps=regexp:{folder}/nobody
smtp unix - - n - - smtp
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running server."""

    host: str
    port: int
    maildir: Path
    log: Path

    def delivered(self, count, holding=b""):
        """The messages that hold these bytes, as soon as there are `count`; the time limit only guards against a hang.

        In no order: of two files of one second, the name does not tell which came first.
        """
        until = time.monotonic() + START_SECONDS
        while True:
            files = (self.maildir / "new").glob("*") if self.maildir.exists() else []
            found = [raw for raw in (one.read_bytes() for one in files) if holding in raw]
            if len(found) >= count:
                return found
            if time.monotonic() > until:
                raise AssertionError(self.log.read_text("utf-8", errors="replace")[-2000:])
            time.sleep(0.05)


def missing():
    """What is missing on this machine for it, in words; None where all is there."""
    if shutil.which("postfix") is None and not Path("/usr/sbin/postfix").exists():
        return "postfix is missing on this machine"
    if os.geteuid() != 0:
        return "Postfix starts for root alone"
    return None


@contextmanager
def postfix(certificate=None):
    """Start a server on a free port of the loopback, and end it when the block is left.

    With `certificate` (a PEM file with key and certificate) it offers STARTTLS.
    """
    folder = Path(tempfile.mkdtemp(prefix="pvd-postfix-"))
    process = watch = None
    try:
        folder.chmod(0o755)
        with socket.socket() as taken, socket.socket() as also:
            taken.bind(("127.0.0.1", 0))
            also.bind(("127.0.0.1", 0))
            port, far = taken.getsockname()[1], also.getsockname()[1]
        _configure(folder, port, far, certificate)
        control = [shutil.which("postfix") or "/usr/sbin/postfix", "-c", folder / "config"]
        subprocess.run([*control, "check"], check=True, capture_output=True)  # makes the queue's folders
        master = Path(_setting(folder, "daemon_directory")) / "master"
        with (folder / "errors").open("wb") as errors:
            process = subprocess.Popen(
                [master, "-c", folder / "config", "-s"],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        watch = _end_with_us(process)
        server = Postfix("127.0.0.1", port, folder / "mail" / DOMAIN, folder / "log")
        _wait(server, process, folder)
        yield server
    finally:
        if process is not None:
            process.terminate()
            process.wait(START_SECONDS)
        if watch is not None:
            watch.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder, port, far, certificate):
    nobody = pwd.getpwnam("nobody")
    daemon = pwd.getpwnam("postfix")
    for name, owner in (("config", None), ("queue", None), ("data", daemon), ("mail", nobody)):
        (folder / name).mkdir()
        if owner is not None:
            os.chown(folder / name, owner.pw_uid, owner.pw_gid)
    chain = folder / "chain.pem" if certificate else ""
    if certificate:
        shutil.copy(certificate, chain)
        chain.chmod(0o600)
    files = {
        "config/main.cf": MAIN.format(
            folder=folder,
            domain=DOMAIN,
            uid=nobody.pw_uid,
            gid=nobody.pw_gid,
            tls="may" if certificate else "none",
            chain=chain,
        ),
        "config/master.cf": MASTER.format(port=port, far=far, folder=folder, domain=DOMAIN),
        "transport": f"/^{LATE}.*@{re.escape(DOMAIN)}$/ smtp:[127.0.0.1]:{far}\n",
        "nobody": "",
        "mailboxes": f"if !/^{UNKNOWN}/\n/@{re.escape(DOMAIN)}$/ {DOMAIN}/\nendif\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _end_with_us(process):
    """Something that ends `process` where this process is killed: it reads from a pipe that closes then."""
    return subprocess.Popen(
        ["sh", "-c", 'read line; kill "$0"', str(process.pid)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _setting(folder, name):
    command = [shutil.which("postconf") or "/usr/sbin/postconf", "-c", folder / "config", "-hx", name]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _wait(server, process, folder):
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection((server.host, server.port), 5) as connection:
                connection.settimeout(START_SECONDS)
                if connection.recv(100).startswith(b"220 "):
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > until:
            said = [(folder / name).read_text("utf-8") for name in ("errors", "log") if (folder / name).exists()]
            raise RuntimeError("\n".join(said))
        time.sleep(0.05)
