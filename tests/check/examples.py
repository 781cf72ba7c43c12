"""From a rule's example to what a rule reads."""

import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

from pvd_mailer.check import CheckContext
from pvd_mailer.compose import load_issue
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.services.proofs import check_context_of
from pvd_mailer.workspace import Workspace
from tests.check.drawn import drawn
from tests.workspace import PUBLICATION, settings_without_mark
from tools.checks.examples import Example, ExpectedFinding

ELEMENT_LENGTH = 60
"""In characters: what of an element of the letter an example quotes."""
PICTURES = Path(__file__).parent / "pictures"
HEAD = {
    "publication": PUBLICATION,
    "number": "24",
    "date": "2023-05-02",
    "subject": '"Le marché couvert rouvre ses portes"',
    "preheader": '"Un webinaire sur les commerces, le 16 mai, et un guide."',
}
LAST_HEAD = {
    "publication": PUBLICATION,
    "number": "23",
    "date": "2023-04-04",
    "subject": '"Les halles reprennent vie"',
    "preheader": '"Un webinaire sur les commerces, et trois brèves."',
}
BLOCKS = """
- id: mot-d-accueil
  type: editorial
  body: |
    Bonjour à toutes et à tous. Ce mois-ci, nous poussons la porte des halles.
"""


def written(head, blocks, settings=()):
    """The text of an issue."""
    lines = [f"{key}: {value}" for key, value in head.items()]
    if settings:
        lines += ["override:", *(f"  {key}: {value}" for key, value in dict(settings).items())]
    lines += ["blocks:", *(f"  {line}" if line else "" for line in blocks.strip("\n").split("\n"))]
    return "\n".join(lines) + "\n"


@cache
def _settings():
    return settings_without_mark().encode()


def lay(example: Example, root: Path) -> Workspace:
    """A workspace with the issue of `example`, and with the one before it where it has one."""
    own = root / "templates" / PUBLICATION
    own.mkdir(parents=True)
    (own / "publication.yaml").write_bytes(_settings())
    if example.dictionary_words:
        (own / "words.txt").write_text(example.dictionary_words, encoding="utf-8")
    folder = root / "issues" / "024-2023-05"
    (folder / "images").mkdir(parents=True)
    for name, source in example.pictures.items():
        kept = PICTURES / source
        (folder / "images" / name).write_bytes(kept.read_bytes() if kept.is_file() else drawn(source))
    text = written(HEAD | dict(example.issue_keys), example.blocks or BLOCKS, example.settings)
    (folder / "issue.yaml").write_text(text, encoding="utf-8")
    if example.previous_blocks is not None:
        before = root / "issues" / "023-2023-04"
        shutil.copytree(folder / "images", before / "images")
        text = written(LAST_HEAD | dict(example.previous_issue_keys), example.previous_blocks.strip() or BLOCKS)
        (before / "issue.yaml").write_text(text, encoding="utf-8")
    return Workspace(root)


def subject(example: Example, root: Path) -> CheckContext:
    """What a rule reads of `example`."""
    workspace = lay(example, root)
    made = load_issue(workspace.issues / "024-2023-05", workspace)
    assert made.issue is not None, [f"{one.rule} {one.location} {one.message}" for one in made.findings]
    if example.previous_blocks is not None:
        last = load_issue(workspace.issues / "023-2023-04", workspace)
        assert last.issue is not None, [f"{one.rule} {one.location} {one.message}" for one in last.findings]

    def write():
        letter = render_letter(made.issue, made.publication, made.pictures, made.templates, Hosting())
        html = letter.html.replace("</body>", f"{example.html}</body>")
        text = letter.text + example.text
        for pattern, instead in example.letter_substitutions.items():
            html, text = re.sub(pattern, instead, html), re.sub(pattern, instead, text)
        return replace(letter, html=html, text=text)

    return replace(check_context_of(made, workspace, write), online=example.online)


def found(finding, context) -> ExpectedFinding:
    """`finding` as an example says what it expects; `context` is what the rule read."""
    place = finding.location
    at = ":".join(str(part) for part in (Path(place.file).name, place.line, place.column) if part)
    text = (finding.excerpt or "")[:ELEMENT_LENGTH] or None
    if place.column:
        file = next(file for file in (context.source_map, context.settings_source_map) if file.file == place.file)
        start = place.column - 1
        text = file.text.split("\n")[place.line - 1][start : start + place.length]
    return ExpectedFinding(at, finding.message, text)
