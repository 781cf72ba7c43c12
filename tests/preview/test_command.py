"""`pvd-mailer preview` in a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

from tests.preview.conftest import HANG, until
from tests.workspace import environment


@pytest.fixture
def started(issue_workspace):
    """Start the command and wait for its address; give the process, the address and what else it printed."""
    running = []

    def start(*arguments, **more):
        process = subprocess.Popen(
            issue_workspace.command("preview", *arguments, "--no-open"),
            cwd=issue_workspace.root,
            env=environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        running.append(process)
        line = process.stdout.readline()
        return process, re.search(r"http://127\.0\.0\.1:\d+/", line)[0], line + process.stdout.readline()

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_it_quietly_with_a_page_open(started):
    process, address, _said = started("--port", "0")
    with urlopen(f"{address}events", timeout=HANG) as events:  # noqa: S310 - our own server
        assert events.readline().startswith(b"retry")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_latest_issue_is_shown_in_the_language_of_the_commands(started):
    _process, address, said = started("--port", "0", PVD_LANG="fr")
    assert "Ctrl-C pour arrêter" in said
    with urlopen(address, timeout=HANG) as page:  # noqa: S310 - our own server
        assert "La lettre n°\u00a01" in page.read().decode()


def test_only_this_machine_can_ask(started):
    _process, address, _said = started("1", "--port", "0")
    port = int(address.rsplit(":", 1)[1].strip("/"))
    try:
        found = socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET, socket.SOCK_STREAM)
    except socket.gaierror:  # a machine that does not know its own name
        found = []
    # 127.0.0.2 is this machine as well, and stands for any address that the server has not asked for.
    for other in {info[4][0] for info in found} - {"127.0.0.1"} | {"127.0.0.2"}:
        with socket.socket() as knock:
            knock.settimeout(HANG)
            assert knock.connect_ex((other, port)) != 0


def test_a_port_that_is_taken_is_said_in_words(issue_workspace):
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        ran = issue_workspace.process("preview", "--port", str(port), "--no-open")
    assert ran.returncode == 3
    assert f"port {port} is taken" in ran.stderr
    assert "--port" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_next_free_port_is_taken_when_none_is_asked_for(started):
    (first, one, _said), (second, other, _also) = started(), started()
    assert one != other
    assert first.poll() is None
    assert second.poll() is None


@pytest.mark.parametrize("arguments", [("99",), ("--port", "70000"), ("--port", "abc")])
def test_wrong_usage(run, arguments):
    ran = run("preview", *arguments, "--no-open")
    assert ran.code == 2
    assert ran.err


def test_it_opens_the_browser_unless_told_not_to(monkeypatch, run):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    # The server itself is not started: only whether the address is opened counts here.
    monkeypatch.setattr("uvicorn.Server.run", lambda _server, _sockets: None)
    assert run("preview", "--port", "0", "--no-open").code == 0
    assert run("preview", "--port", "0").code == 0
    until(lambda: opened, "the browser")
    assert len(opened) == 1
    assert opened[0].startswith("http://127.0.0.1:")
