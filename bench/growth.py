"""How the time and memory of a letter grow with its blocks: `make bench`.

Letters of 5, 20, 60 and 100 blocks, those of issue 22 over and over, each in a process of its own. The ratio is to the
smallest letter's time for each block: 1 is linear, less is better, since a letter has a head and a foot at any length.
"""

import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pvd_mailer import __version__
from pvd_mailer.compose import load_issue
from pvd_mailer.render import render_letter
from pvd_mailer.workspace import Workspace

ROOT = Path(__file__).parent.parent
SIZES = (5, 20, 60, 100)
RUNS = 15


def letter_of(blocks: int, text: str) -> str:
    """Issue 22's `text` with its blocks taken round and round, up to `blocks`, each under an id of its own."""
    head, _blocks, rest = text.partition("blocks:\n")
    sources = re.split(r"(?m)^(?=  - id: )", rest)[1:]
    numbered = (
        source.replace("  - id: ", f"  - id: n{number}-", 1)
        for number, source in enumerate(islice(cycle(sources), blocks))
    )
    return f"{head}blocks:\n{''.join(numbered)}"


def measure(blocks: int) -> None:
    """Print the median processor time in ms, the bytes of the HTML and the peak memory in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        shutil.copytree(ROOT / "templates", root / "templates")
        shutil.copytree(ROOT / "issues" / "022-2023-03", root / "issues" / "022-2023-03")
        workspace = Workspace(root)
        file = workspace.issue("22").file
        text = letter_of(blocks, file.read_text("utf-8"))
        times, html = [], ""
        for run in range(RUNS + 3):
            file.write_text(text.replace("est la vôtre.", f"est la vôtre ({run}).", 1), encoding="utf-8")
            start = time.process_time()
            made = load_issue(file.parent, workspace)
            html = render_letter(made.issue, made.publication, made.pictures, made.templates).html
            times.append((time.process_time() - start) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(statistics.median(times[3:]), len(html.encode()), peak)


def main() -> None:
    """Measure each size and print it."""
    print(f"pvd_mailer {__version__}, Python {sys.version.split()[0]}; letters by blocks, file -> HTML and text, warm")
    print(f"\n  {'blocks':>8} {'ms':>8} {'HTML, bytes':>12} {'peak, MB':>10} {'time / linear':>14}")
    first = None
    for blocks in SIZES:
        printed = subprocess.run(
            [sys.executable, __file__, str(blocks)], capture_output=True, text=True, check=True
        ).stdout.split()
        milliseconds, size, peak = (float(value) for value in printed)
        first = first or milliseconds / blocks
        print(f"  {blocks:8} {milliseconds:8.1f} {size:12,.0f} {peak:10.1f} {milliseconds / blocks / first:14.2f}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(int(sys.argv[1]))
    else:
        main()
