"""What the proofreader costs at a save: letter 22, and 5 to 100 blocks; offline rules, spelling beside.

The render of the same save is the peer. Times are of the processor, so that a busy machine tells the same.
"""

import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.blocks import issue_of_blocks
from pvd_mailer.check import RULES, proofread
from pvd_mailer.compose import load_issue
from pvd_mailer.render import render_letter
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.workspace import Workspace

ROOT = Path(__file__).parent.parent
SAVES = 15
SIZES = (5, 20, 60, 100)
LIMITS = {"letter 22": 60, "100 blocks": 200}
"""In milliseconds of the processor: what the rules without spelling may take."""
SPELLING = [rule for rule in RULES if rule.id == "spelling"]
OTHERS = [rule for rule in RULES if rule.id != "spelling" and not rule.online]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of the processor that `work` takes."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def save(workspace: Workspace, text: str, number: int) -> tuple[float, float, float]:
    """Milliseconds that render, rules and spelling take after a save; a text is another one than before."""
    folder = workspace.issue("22")
    made = load_issue(folder.path, workspace, text.replace("portent un", f"portent {number} fois un").encode())
    if made.issue is None or made.publication is None:
        raise SystemExit(f"the issue cannot be read: {made.findings}")
    letters = []
    rendering = timed(
        lambda: letters.append(render_letter(made.issue, made.publication, made.pictures, made.templates))
    )
    context = check_context_of(made, workspace, lambda: letters[0])
    checking = timed(lambda: proofread(context, OTHERS))
    return rendering, checking, timed(lambda: proofread(context, SPELLING))


def main() -> None:
    """Print a row for each issue."""
    print(f"proofreading after a save: {len(OTHERS)} rules, median of {SAVES} saves, ms of the processor")
    print(f"Python {platform.python_version()}\n")
    print(f"  {'':<12} {'render':>8} {'rules':>8} {'of render':>10} {'spelling':>9}  limit of rules")
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        shutil.copytree(ROOT / "templates", root / "templates")
        shutil.copytree(ROOT / "issues", root / "issues")
        workspace = Workspace(root)
        file = workspace.issue("22").file
        texts = {"letter 22": file.read_text("utf-8")}
        texts |= {f"{count} blocks": issue_of_blocks(file, count) for count in SIZES}
        for name, text in texts.items():
            save(workspace, text, 0)  # the first one imports and compiles
            measured = [save(workspace, text, number + 1) for number in range(SAVES)]
            rendering, checking, spelling = (statistics.median(column) for column in zip(*measured, strict=True))
            limit = LIMITS.get(name)
            verdict = f"{limit} ms: {'kept' if checking < limit else 'NOT KEPT'}" if limit else ""
            ratio = checking / rendering
            print(f"  {name:<12} {rendering:8.1f} {checking:8.1f} {ratio:10.2f} {spelling:9.1f}  {verdict}")


if __name__ == "__main__":
    main()
