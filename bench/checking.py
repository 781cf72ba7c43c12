"""What the proofreader adds to a save: all offline rules but spelling on issue 22, against the render of that save."""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pvd_mailer.check import RULES, proofread
from pvd_mailer.compose import load_issue
from pvd_mailer.render import render_letter
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.workspace import Workspace

ROOT = Path(__file__).parent.parent
TIMES = 15
LIMIT = 100
"""In milliseconds: what the preview may spend on it at each save."""


def save(workspace: Workspace, number: int) -> tuple[float, float, float]:
    """Seconds that render, rules and spelling take after a save; every text is another one than before."""
    folder = workspace.issue("22")
    raw = folder.file.read_bytes().replace(b"portent un", f"portent {number} fois un".encode())
    made = load_issue(folder.path, workspace, raw)
    start = time.perf_counter()
    letter = render_letter(made.issue, made.publication, made.pictures, made.templates)
    rendered = time.perf_counter()
    subject = check_context_of(made, workspace, lambda: letter)
    proofread(subject, [rule for rule in RULES if rule.id != "spelling"])
    checked = time.perf_counter()
    proofread(subject, [rule for rule in RULES if rule.id == "spelling"])
    return rendered - start, checked - rendered, time.perf_counter() - checked


def main() -> None:
    """Print the three, and the ratio."""
    workspace = Workspace(ROOT)
    save(workspace, 0)  # the first one imports and compiles
    measured = [save(workspace, number + 1) for number in range(TIMES)]
    rendering, checking, spelling = (statistics.median(column) * 1000 for column in zip(*measured, strict=True))
    print("proofreading issue 22 after a save (median of", TIMES, "saves)")
    print(f"  render                     {rendering:7.1f} ms")
    print(f"  {len(RULES) - 1} rules without spelling  {checking:7.1f} ms  = {checking / rendering:.2f} of the render")
    print(f"  spelling                   {spelling:7.1f} ms")
    print(f"  limit                      {LIMIT:7.1f} ms: {'kept' if checking < LIMIT else 'NOT KEPT'}")


if __name__ == "__main__":
    main()
