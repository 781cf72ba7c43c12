"""Rendering against npm, in one run, on the same letter: `make bench`.

The pipeline reads issue 22 from its file each time, with one sentence changed as an editor's save would, and goes
all the way to HTML and text. So do its peers, on the same file: what somebody would build with npm instead (js-yaml,
zod, nunjucks and markdown-it, mjml, juice, html-to-text), and React Email. Both say the same content, as simply as
they can. npm mjml does the MJML step alone, on the MJML that the pipeline makes of it. Times are the processor's.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from mjml import mjml2html

from pvd_mailer import __version__
from pvd_mailer.compose import load_issue
from pvd_mailer.garbage import collection_paused
from pvd_mailer.letter import Placeholders
from pvd_mailer.render import PASSES, Hosting, render_letter
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes import markup
from pvd_mailer.workspace import Workspace

ROOT = Path(__file__).parent.parent
NODE = ROOT / "tools" / "node"
PEERS = NODE / "bench"
PACKAGES = [
    "js-yaml",
    "zod",
    "nunjucks",
    "markdown-it",
    "mjml",
    "juice",
    "html-to-text",
    "@react-email/components",
    "@react-email/render",
    "react",
]
ROUNDS = 2
"""The pipeline and its peers take turns, so that what else the machine does falls on all of them."""
RUNS = 40


def issue_workspace(folder: Path) -> tuple[Workspace, Path, str]:
    """A copy of the workspace with issue 22, its file and its text."""
    shutil.copytree(ROOT / "templates", folder / "templates")
    shutil.copytree(ROOT / "issues" / "022-2023-03", folder / "issues" / "022-2023-03")
    workspace = Workspace(folder)
    file = workspace.issue("22").file
    return workspace, file, file.read_text("utf-8")


def edited(text: str, run: int) -> str:
    """`text` as it is after a save that changed one sentence."""
    changed = text.replace("Cette lettre est la vôtre.", f"Cette lettre est la vôtre ({run}).", 1)
    assert changed != text
    return changed


def pipeline(workspace: Workspace, file: Path, text: str) -> dict[str, list[float]]:
    """Milliseconds of processor time of each stage and of the whole, over RUNS saves."""
    times: dict[str, list[float]] = {}
    for run in range(RUNS + 10):
        file.write_text(edited(text, run), encoding="utf-8")
        start = time.process_time()
        made = load_issue(file.parent, workspace)
        marks = [("load", time.process_time() - start)]
        content = made.issue.model_dump_json() + made.publication.model_dump_json()
        draft = Draft(
            made.issue,
            made.publication,
            made.pictures,
            made.templates,
            Hosting(),
            Placeholders.from_content(content.encode()),
        )
        with collection_paused():  # as `render_letter` has it
            for one in PASSES:
                start = time.process_time()
                draft = one(draft)
                marks.append((one.__module__.rpartition(".")[2], time.process_time() - start))
        file.write_text(edited(text, -1 - run), encoding="utf-8")
        start = time.process_time()
        made = load_issue(file.parent, workspace)
        render_letter(made.issue, made.publication, made.pictures, made.templates)
        marks.append(("whole", time.process_time() - start))
        if run >= 10:
            for name, seconds in marks:
                times.setdefault(name, []).append(seconds * 1000)
    return times


def peer(*arguments: str) -> tuple[list[float], str]:
    """Milliseconds of processor time of each save in one of the peers, and what it says of its letter."""
    done = subprocess.run(["node", *arguments, str(RUNS)], cwd=PEERS, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()], done.stderr.strip()


def package_version(folder: Path, name: str) -> str:
    """A Node package with the version that is installed."""
    manifest = json.loads((folder / "node_modules" / name / "package.json").read_text("utf-8"))
    return f"{name} {manifest['version']}"


def against_peers(workspace: Workspace, file: Path, text: str, draft: Draft, folder: Path) -> None:
    """Time the pipeline and its peers turn by turn, and print them with the ratios."""
    (folder / "inline.css").write_text(draft.css, encoding="utf-8")
    head = re.search(r"<mj-style>(.*?)</mj-style>", draft.mjml, re.DOTALL)
    (folder / "head.css").write_text(head[1] if head else "", encoding="utf-8")
    (folder / "issue.yaml").write_text(text, encoding="utf-8")
    source = str(folder / "issue.yaml")
    ours: dict[str, list[float]] = {}
    npm: list[float] = []
    react: list[float] = []
    for _ in range(ROUNDS):
        for name, values in pipeline(workspace, file, text).items():
            ours.setdefault(name, []).extend(values)
        times, npm_letter = peer("npm.mjs", source, str(folder / "inline.css"), str(folder / "head.css"))
        npm += times
        times, react_letter = peer("react.mjs", source)
        react += times
    print(f"\n  {f'warm, {ROUNDS} x {RUNS} saves, processor time':<44} {'least':>8} {'median':>8} {'most':>8}")
    for name, values in ours.items():
        row("whole pipeline, file -> HTML and text" if name == "whole" else f"  {name}", values)
    row("npm line, the same", npm)
    row("React Email, the same", react)
    print(f"  npm line: {npm_letter}; React Email: {react_letter}")
    whole = statistics.median(ours["whole"])
    print(
        f"\n  whole pipeline / npm line                    {whole / statistics.median(npm):6.2f}   (wanted: below 0.60)"
    )
    print(f"  whole pipeline / React Email                 {whole / statistics.median(react):6.2f}")


def cold(workspace: Workspace) -> float:
    """Milliseconds of the first letter in a new process, imports left out."""
    code = (
        "import sys, time; from pathlib import Path; from pvd_mailer.compose import load_issue;"
        "from pvd_mailer.render import render_letter;"
        "from pvd_mailer.workspace import Workspace; w = Workspace(Path(sys.argv[1])); t = time.perf_counter();"
        "c = load_issue(w.issue('22').path, w); render_letter(c.issue, c.publication, c.pictures, c.templates);"
        "print((time.perf_counter() - t) * 1000)"
    )
    return statistics.median(
        float(
            subprocess.run(
                [sys.executable, "-c", code, str(workspace.root)], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(5)
    )


def row(name: str, times: list[float], unit: str = "ms") -> None:
    """Print least, median and most."""
    print(f"  {name:<44} {min(times):8.2f} {statistics.median(times):8.2f} {max(times):8.2f} {unit}")


def main() -> None:
    """Run everything once and print the ratios."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    package = re.search(r'"version": "([^"]+)"', (NODE / "node_modules" / "mjml" / "package.json").read_text())
    print(
        f"pvd_mailer {__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores; "
        f"npm mjml {package[1] if package else '?'}, node {version}"
    )
    print("; ".join(package_version(PEERS, name) for name in PACKAGES))
    with tempfile.TemporaryDirectory() as scratch:
        workspace, file, text = issue_workspace(Path(scratch) / "desk")
        made = load_issue(file.parent, workspace)
        letter = render_letter(made.issue, made.publication, made.pictures, made.templates)
        draft = Draft(made.issue, made.publication, made.pictures, made.templates, Hosting(), letter.placeholders)
        for one in PASSES[: PASSES.index(markup.run) + 1]:
            draft = one(draft)
        print(
            f"\nissue 22: {len(text.encode())} bytes of YAML, {len(draft.mjml)} characters of MJML, "
            f"{len(letter.html.encode())} bytes of HTML, {len(letter.text.encode())} of text"
        )
        against_peers(workspace, file, text, draft, Path(scratch))
        file.write_text(text, encoding="utf-8")
        source = Path(scratch) / "letter.mjml"
        source.write_text(draft.mjml, encoding="utf-8")
        ours = []
        for _ in range(RUNS):
            start = time.perf_counter()
            mjml2html(draft.mjml, fonts={}, disable_comments=False)
            ours.append((time.perf_counter() - start) * 1000)
        printed = subprocess.run(
            ["node", "bench.mjs", str(source), str(RUNS)], cwd=NODE, capture_output=True, text=True, check=True
        ).stdout
        theirs = [float(line) for line in printed.split()]
        row("MJML step, mjml-python", ours)
        row("MJML step, npm mjml in its process", theirs)
        print(
            f"  MJML step / npm mjml's                       {statistics.median(ours) / statistics.median(theirs):6.2f}"
        )
        print(f"  whole pipeline, cold caches                  {cold(workspace):6.1f} ms")


if __name__ == "__main__":
    main()
