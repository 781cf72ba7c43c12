"""Whole commands, from the shell's call to their end, in turn with what Node takes for the like: `make bench`.

Node's peers are its own start (`node -e 0`), npm's mjml as a command on the MJML of issue 22, and the same called by
npx. They do less: mjml's command makes HTML of MJML, where `render` reads, renders, proofreads and writes a letter.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pvd_mailer import __version__
from pvd_mailer.compose import load_issue
from pvd_mailer.letter import Placeholders
from pvd_mailer.render import PASSES, Hosting
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes import markup
from pvd_mailer.workspace import Workspace

ROOT = Path(__file__).parent.parent
NODE = ROOT / "tools" / "node"
PROGRAM = str(Path(sys.executable).with_name("pvd-mailer"))
ROUNDS = 7
"""The first is not counted: it compiles, and brings files into the machine's memory."""


def prepare(folder: Path) -> Path:
    """A workspace with both issues, the sample list in its database and one dispatch in the outbox."""
    for name in ("issues", "templates", "subscribers"):
        shutil.copytree(ROOT / name, folder / name)
    for arguments in (
        ("subscribers", "import", "subscribers/sample.csv", "--basis", "consent", "--apply"),
        ("approve", "22", "--audience", "all", "--by", "Bench", "--channel", "outbox"),
        ("send", "22"),
    ):
        subprocess.run([PROGRAM, *arguments], cwd=folder, env=environment(folder), check=True, capture_output=True)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """As on a user's machine: Python keeps what it has compiled. The keys are the bench's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PVD_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {"PVD_KEYS": str(folder.parent / "keys.json"), "PVD_LANG": "fr"}


def mjml_of_issue(folder: Path) -> str:
    """The MJML that issue 22 becomes on its way."""
    workspace = Workspace(folder)
    made = load_issue(workspace.issue("22").path, workspace)
    assert made.issue is not None
    assert made.publication is not None
    draft = Draft(
        made.issue,
        made.publication,
        dict(made.pictures),
        made.templates,
        Hosting(),
        Placeholders.from_content(b"bench"),
    )
    for run in PASSES[: PASSES.index(markup.run) + 1]:
        draft = run(draft)
    return draft.mjml


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Milliseconds on the clock and of the processor, those of its children included."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment(folder), check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1000, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> None:
    """Run all of them in turn and print one table."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    mjml = json.loads((NODE / "node_modules" / "mjml" / "package.json").read_text("utf-8"))["version"]
    print(
        f"whole commands: pvd_mailer {__version__}, Python {sys.version.split()[0]}, node {node}, npm mjml {mjml}, "
        f"{os.cpu_count()} cores; median of {ROUNDS - 1} rounds"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = prepare(Path(scratch) / "workspace")
        source, target, out = (str(Path(scratch) / name) for name in ("letter.mjml", "theirs.html", "out"))
        Path(source).write_text(mjml_of_issue(folder), encoding="utf-8")
        conversion = [source, "-o", target]
        commands = {
            "node -e 0": ["node", "-e", "0"],
            "npm mjml's command (MJML -> HTML)": [str(NODE / "node_modules" / ".bin" / "mjml"), *conversion],
            "npx mjml, offline": ["npx", "--offline", "--prefix", str(NODE), "mjml", *conversion],
            "pvd-mailer --version": [PROGRAM, "--version"],
            "pvd-mailer --help": [PROGRAM, "--help"],
            "pvd-mailer preview --help": [PROGRAM, "preview", "--help"],
            "pvd-mailer subscribers list": [PROGRAM, "subscribers", "list"],
            "pvd-mailer status": [PROGRAM, "status"],
            "pvd-mailer check 22": [PROGRAM, "check", "22"],
            "pvd-mailer render 22": [PROGRAM, "render", "22", "-o", out],
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _round in range(ROUNDS):
            for name, command in commands.items():
                times[name].append(timed(command, folder))
    medians = {
        name: tuple(statistics.median(column) for column in zip(*measured[1:], strict=True))
        for name, measured in times.items()
    }
    start, conversion_time = (medians[name][0] for name in list(commands)[:2])
    print(f"  {'':<36} {'ms':>7} {'ms CPU':>7} {'of node -e 0':>13} {'of npm mjml':>12}")
    for name, (wall, cpu) in medians.items():
        print(f"  {name:<36} {wall:7.0f} {cpu:7.0f} {wall / start:13.2f} {wall / conversion_time:12.2f}")


if __name__ == "__main__":
    main()
