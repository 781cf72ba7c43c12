"""A preview of a test's own workspace, on a port of its own, in a thread of this process."""

import http.client
import json
import socket
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest

from pvd_mailer.check import RULES
from pvd_mailer.preview.server import build_preview_server
from pvd_mailer.preview.state import Preview
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder
from tests.workspace import IssueWorkspace, blocks, picture

HANG = 30
"""Seconds after which something hangs; nothing is measured with it."""

RICH = blocks("""
- id: une-rubrique
  type: heading
  title: "Une rubrique"

- id: un
  type: article
  title: "Un titre"
  image:
    file: une-image.png
    alt: "Une halle couverte, un matin de marché"
  body: |
    Un texte avec [la carte des halles](https://www.example.org/page?a=1&b=2).
""")


def until(open_preview, what="it"):
    """What `look` gives once it gives something."""
    end = time.monotonic() + HANG
    while time.monotonic() < end:
        found = open_preview()
        if found:
            return found
        time.sleep(0.02)
    pytest.fail(f"{what} never came")
    return None


@dataclass(frozen=True)
class Served:
    """A running preview."""

    issue_workspace: IssueWorkspace
    preview: Preview
    port: int

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path, method="GET", hosts=None):
        """The answer to a request that is sent as it stands, `path` unmended; its body is read."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG)) as connection:
            connection.putrequest(method, path, skip_host=True)
            for host in [f"127.0.0.1:{self.port}"] if hosts is None else hosts:
                connection.putheader("Host", host)
            connection.endheaders()
            answer = connection.getresponse()
            answer.body = answer.read().decode("utf-8", "replace")
            return answer

    @contextmanager
    def events(self):
        """The states that the page is told of, as they come."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG)) as connection:
            connection.request("GET", "/events")
            yield self._states(connection.getresponse())

    @staticmethod
    def _states(answer):
        end = time.monotonic() + HANG
        while line := answer.readline():  # something comes every now and then, if only a heartbeat
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
            assert time.monotonic() < end, "the state never came"


@contextmanager
def serving(issue_workspace, settings=None, lang="en", rules=RULES):
    folder = IssueFolder(1, issue_workspace.folder)
    preview = Preview(folder, issue_workspace.workspace, settings or Settings(), lang, rules)
    preview.state = preview.render()
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    server = build_preview_server(preview, door)
    thread = threading.Thread(target=server.run, args=([door],))
    thread.start()
    until(lambda: server.started, "the server")
    yield Served(issue_workspace, preview, port)
    server.should_exit = True
    thread.join(HANG)
    door.close()
    assert not thread.is_alive()


@pytest.fixture
def preview_server(issue_workspace):
    """A preview of a small issue with a picture."""
    issue_workspace.write(RICH)
    repaint(issue_workspace, "#336699")
    with serving(issue_workspace) as running:
        yield running


def repaint(issue_workspace, colour="#aa0000"):
    """Save another picture under the same name."""
    (issue_workspace.folder / "images" / "une-image.png").write_bytes(picture(size=(1200, 900), colour=colour))


def override(issue_workspace, name, text):
    """Save a template of the publication's own."""
    path = issue_workspace.own / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
