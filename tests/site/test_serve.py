"""The command: it says where it listens, logs without people, ends what it began, and survives a kill."""

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.site.conftest import CLAIRE
from tests.site.killing import HOST, kill_it, start
from tests.workspace import IssueWorkspace


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_without_a_public_address_it_says_what_to_set(issue_workspace):
    ran = issue_workspace.process("serve", "--port", "0", PVD_LANG="fr")
    assert ran.returncode == 2
    assert "PVD_PUBLIC_URL" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_port_that_is_taken_is_said_in_words(issue_workspace):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = issue_workspace.process("serve", "--port", port, PVD_PUBLIC_URL=f"https://{HOST}")
    assert ran.returncode == 3
    assert f"port {port} is taken by another program" in ran.stderr
    assert "--port" in ran.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_an_address_that_is_none_of_this_machines_is_said_in_words(issue_workspace, host):
    ran = issue_workspace.process("serve", "--host", host, "--port", "0", PVD_PUBLIC_URL=f"https://{HOST}")
    assert ran.returncode == 3
    assert f"this machine has no address {host}" in ran.stderr
    assert "other program" not in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", ["u", "p", "health"])
def test_a_publication_with_a_name_of_the_sites_own_is_said_in_words(issue_workspace, name):
    issue_workspace.own.rename(issue_workspace.own.with_name(name))
    ran = issue_workspace.process("serve", "--port", "0", PVD_PUBLIC_URL=f"https://{HOST}")
    assert ran.returncode == 2
    assert f"“{name}”" in ran.stderr


def test_a_new_database_is_said_at_the_start_and_by_doctor(issue_workspace):
    port = free_port()
    process = subprocess.Popen(
        issue_workspace.command("serve", "--port", str(port)),
        cwd=issue_workspace.root,
        env=issue_workspace.environment(PVD_PUBLIC_URL=f"https://{HOST}"),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    told = next(line for line in process.stderr if "0 subscribers" in line)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    said = f"0 subscribers, no dispatch: a new database at {issue_workspace.root / 'var' / 'pvd-mailer.sqlite'}"
    assert said in told
    assert said in issue_workspace.process("doctor").stdout


def test_sigterm_ends_what_is_under_way_and_the_log_names_nobody(issue_workspace):
    port = free_port()
    process = subprocess.Popen(
        issue_workspace.command("serve", "--port", str(port)),
        cwd=issue_workspace.root,
        env=issue_workspace.environment(PVD_PUBLIC_URL=f"https://{HOST}"),
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.05)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", f"/u/{CLAIRE}.forged?who={CLAIRE}")
        assert connection.getresponse().status == 404
    # Half of a request is under way when the signal comes; the other half comes after it.
    slow = socket.create_connection(("127.0.0.1", port), 30)
    slow.sendall(f"POST /u/x.y HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 10\r\n\r\n12345".encode())
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    slow.sendall(b"67890")
    assert slow.recv(100).startswith(b"HTTP/1.1 404")
    slow.close()
    _out, said = process.communicate(timeout=60)
    assert process.returncode == 0
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    events = [line["event"] for line in lines]
    assert events[-2:] != []
    assert "stopping: what is under way is being finished" in events
    assert events[-1] == "stopped"
    asked = [line for line in lines if line["event"] == "request"]
    assert asked[0].keys() >= {"at", "level", "route", "method", "status", "ms"}
    assert [line["route"] for line in asked] == ["unsubscribe", "unsubscribe"]
    others = said.replace(f"127.0.0.1:{port}", "")  # the server's own address, told at the start
    assert not any(word in others for word in ("claire", "forged", "127.0.0.1:", "who="))


@pytest.mark.parametrize("server", ["sqlite", "postgresql"])
def test_no_departure_that_was_acknowledged_is_lost_to_a_kill(request, tmp_path, monkeypatch, server):
    if server == "postgresql":
        url = request.getfixturevalue("postgresql").fresh("prepared")
    else:
        url = f"sqlite:///{tmp_path / 'pvd.sqlite'}"
    monkeypatch.setenv("PVD_DATABASE_URL", url)  # put back afterwards
    toll = kill_it(tmp_path, url, connections=200, seconds=2.0, kills=1, people=10_000)
    assert toll.kills == 2
    assert toll.acknowledged > 0
    assert toll.told > 0
    assert toll.lost == toll.told_lost == 0
    assert toll.events == toll.gone


STOPPED_AT_ONCE = """
import os, signal, sys, click
say = click.echo
def told(*words, **how):
    say(*words, **how)
    os.kill(os.getpid(), signal.SIGTERM)
click.echo = told
from pvd_mailer.cli import main
main(["serve", "--port", "0"])
"""


def test_a_signal_that_comes_before_the_server_is_up_is_not_lost(issue_workspace):
    ran = subprocess.run(
        [sys.executable, "-c", STOPPED_AT_ONCE],
        cwd=issue_workspace.root,
        env=issue_workspace.environment(PVD_PUBLIC_URL=f"https://{HOST}"),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert '"event": "stopped"' in ran.stderr


def test_a_server_listens_as_soon_as_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PVD_DATABASE_URL", f"sqlite:///{tmp_path / 'pvd.sqlite'}")
    process = start(IssueWorkspace.start(tmp_path / "workspace"), free_port())
    process.terminate()
    assert process.wait(60) == 0
