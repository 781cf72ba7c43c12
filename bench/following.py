"""From a save to its letter, and to its findings, in Chromium: letter 22, and 60 blocks. Part of `make bench`.

The peer is as little as a preview can do: the letter as a page that is ready on the disk, followed by the same watcher,
and loaded again by the browser at each save. Nothing is rendered there, and nothing is proofread.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Page
from watchfiles import watch

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.blocks import issue_of_blocks
from tools.photograph import ROOT, studio

SAVES = 30
WARM_UP = 3
SENTENCE = "Cette lettre est la vôtre"
LIMITS = {"letter 22": (70, 150), "60 blocks": (110, 250)}
"""In milliseconds: the letter, and its findings."""
# Resolves once the letter holds the words, looked for at every frame that the browser paints.
LETTER_SHOWN = """words => new Promise(resolve => {
  const look = () => {
    const frame = document.querySelector('iframe')
    const body = frame ? frame.contentDocument && frame.contentDocument.body : document.body
    if (body && body.textContent.includes(words)) resolve(); else requestAnimationFrame(look)
  }
  look()
})"""
FINDINGS_SHOWN = """() => new Promise(resolve => {
  const shown = document.body.dataset
  const look = () => shown.revision === shown.findingsRevision ? resolve() : requestAnimationFrame(look)
  look()
})"""
LETTER_HTML = "() => document.querySelector('iframe').contentDocument.documentElement.outerHTML"
RELOADED = "words => document.body && document.body.textContent.includes(words)"
FOLLOWS = "<script>new EventSource('/events').onmessage = () => location.reload()</script>"


@contextmanager
def preview(folder: Path) -> Iterator[str]:
    """The address of a preview of issue 22 in `folder`."""
    server = subprocess.Popen(
        [str(Path(sys.executable).with_name("pvd-mailer")), "preview", "22", "--no-open", "--port", "0"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PVD_LANG": "en", "PYTHONUNBUFFERED": "1"},
    )
    try:
        line = server.stdout.readline() if server.stdout else ""
        address = re.search(r"http://\S+", line)
        if address is None:
            raise SystemExit(f"the preview did not start: {line}")
        yield address[0]
    finally:
        server.terminate()
        server.wait(timeout=10)


@contextmanager
def static_page(file: Path) -> Iterator[str]:
    """The address of `file` as a page that is loaded again when it is saved."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_stream = self.path == "/events"
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if is_stream else "text/html; charset=utf-8")
            self.end_headers()
            if not is_stream:
                self.wfile.write(file.read_bytes() + FOLLOWS.encode())
                return
            for _changes in watch(file.parent, debounce=20, step=4, stop_event=stopped):
                self.wfile.write(b"data: saved\n\n")
                return  # the page goes, and asks again

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        stopped.set()
        server.shutdown()


def measure(page: Page, save: Callable[[str], None], *, findings: bool) -> list[tuple[float, float]]:
    """Milliseconds from each save to its letter, and to its findings (with `findings`; else to the letter again)."""
    times = []
    for number in range(SAVES + WARM_UP):
        words = f"Essai numéro {number} de la série"
        page.wait_for_timeout(400)
        start = time.perf_counter()
        save(words)
        if findings:
            page.evaluate(LETTER_SHOWN, words)
        else:
            page.wait_for_function(RELOADED, arg=words)  # which a page that goes meanwhile does not stop
        letter = time.perf_counter()
        if findings:
            page.evaluate(FINDINGS_SHOWN)
        times.append(((letter - start) * 1000, (time.perf_counter() - start) * 1000))
    return times[WARM_UP:]


def _saving(file: Path, text: str) -> Callable[[str], None]:
    """Saves `text` with other words in its sentence."""

    def save(words: str) -> None:
        file.write_text(text.replace(SENTENCE, words), encoding="utf-8")

    return save


def row(name: str, times: list[float], limit: int | None = None) -> float:
    """Print one row, and give its median."""
    median = statistics.median(times)
    wanted = f"  (wanted {limit}: {'kept' if median < limit else 'NOT KEPT'})" if limit else ""
    print(f"  {name:<34} {min(times):8.1f} {median:8.1f} {max(times):8.1f}{wanted}")
    return median


def main() -> None:
    """Save SAVES times, each way, and print least, median and most."""
    print(f"\n  save -> shown in Chromium, {SAVES} saves, ms; watchfiles {version('watchfiles')}")
    print(f"  {'':<34} {'least':>8} {'median':>8} {'most':>8}")
    with tempfile.TemporaryDirectory() as scratch, studio() as browser:
        folder = Path(scratch)
        shutil.copytree(ROOT / "templates", folder / "templates")
        shutil.copytree(ROOT / "issues", folder / "issues")
        file = folder / "issues" / "022-2023-03" / "issue.yaml"
        texts = {"letter 22": file.read_text("utf-8"), "60 blocks": issue_of_blocks(file, 60)}
        for name, text in texts.items():
            file.write_text(text, encoding="utf-8")
            with preview(folder) as address:
                page = browser.new_page()
                page.goto(address)
                page.evaluate(LETTER_SHOWN, SENTENCE)
                letter_html = page.evaluate(LETTER_HTML)
                times = measure(page, _saving(file, text), findings=True)
                page.close()
            ready = folder / "ready" / "letter.html"
            ready.parent.mkdir(exist_ok=True)
            ready.write_text(letter_html, encoding="utf-8")
            with static_page(ready) as address:
                page = browser.new_page()
                page.goto(address)
                page.evaluate(LETTER_SHOWN, SENTENCE)
                peer = measure(page, _saving(ready, letter_html), findings=False)
                page.close()
            limits = LIMITS[name]
            letter = row(f"{name}: its letter", [one for one, _other in times], limits[0])
            row(f"{name}: its findings", [other for _one, other in times], limits[1])
            reloaded = row("the page alone, ready and reloaded", [one for one, _other in peer])
            print(f"  the letter is {letter / reloaded:.2f} of that")


if __name__ == "__main__":
    main()
