"""A workspace for a test, and what tests do in it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from pvd_mailer.compose import LoadedIssue, load_issue
from pvd_mailer.findings import Finding
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.workspace import Workspace

ROOT = Path(__file__).parent.parent
PUBLICATION = "petites-villes-de-demain"
REAL = ("022-2023-03", "023-2023-04")

HEAD = """\
publication: petites-villes-de-demain
number: 1
date: 2023-03-07
subject: "Un sujet"
preheader: "Un aperçu"
"""
ARTICLE = """\
  - id: un
    type: article
    title: "Un titre"
    body: "Un texte."
"""
ISSUE = f"{HEAD}blocks:\n{ARTICLE}"
LIST = """\
email;first_name;last_name
claire@example.org;Claire;Exemple
mairie@ville.example;;Mairie
karim@example.com;Karim;Modèle
"""


def picture(kind="PNG", size=(40, 30), colour="#336699"):
    """The bytes of a small picture."""
    target = BytesIO()
    Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


def environment(**more):
    """The environment of a subprocess: the machine's, without what a developer may have set; never their keys."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PVD_", "LC_", "LANG", "SENDGRID")) or name == "PVD_KEYS"  # a test's own, by conftest
    }
    return kept | {"LANG": "C.UTF-8", "PYTHONUTF8": "1"} | more


def settings_without_mark() -> str:
    """The real publication's settings but for `logo`, so that a letter has the pictures of its test and no other."""
    settings = (ROOT / "templates" / PUBLICATION / "publication.yaml").read_text("utf-8")
    return re.sub(r"(?m)^logo:\n(?: +.*\n)+", "", settings)


@dataclass(frozen=True)
class IssueWorkspace:
    """A workspace with one issue."""

    root: Path

    @classmethod
    def start(cls, root):
        """Fill `root` with a copy of the real publication without its mark, a minimal issue and a list."""
        folder = root / "templates" / PUBLICATION
        folder.mkdir(parents=True)
        (folder / "publication.yaml").write_text(settings_without_mark(), encoding="utf-8")
        issue_workspace = cls(root)
        (issue_workspace.folder / "images").mkdir(parents=True)
        (issue_workspace.folder / "images" / "une-image.png").write_bytes(picture(size=(1072, 804)))
        (root / "subscribers").mkdir()
        (root / "subscribers" / "sample.csv").write_text(LIST, encoding="utf-8")
        issue_workspace.write(ISSUE)
        return issue_workspace

    @property
    def workspace(self):
        """The workspace as the program sees it."""
        return Workspace(self.root)

    @property
    def folder(self):
        """The issue's folder."""
        return self.root / "issues" / "001-2023-03"

    @property
    def file(self):
        """The issue's file."""
        return self.folder / "issue.yaml"

    @property
    def own(self):
        """The publication's folder."""
        return self.root / "templates" / PUBLICATION

    def write(self, text):
        """Make `text` (or bytes) the issue's file."""
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def load(self) -> LoadedIssue:
        """Compose the issue."""
        return load_issue(self.folder, self.workspace)

    def findings(self, text=None) -> tuple[Finding, ...]:
        """What is said of the issue, or of `text` in its place."""
        if text is not None:
            self.write(text)
        return self.load().findings

    def render(self, text=None, hosting=None) -> Letter:
        """The letter of the issue, or of `text` in its place."""
        if text is not None:
            self.write(text)
        made = self.load()
        assert made.issue is not None, [f"{one.rule} {one.location} {one.message}" for one in made.findings]
        return render_letter(made.issue, made.publication, made.pictures, made.templates, hosting or Hosting())

    def command(self, *arguments):
        """The command line of a process that runs `arguments` here."""
        return [sys.executable, "-m", "pvd_mailer", *arguments]

    def environment(self, **more):
        """The environment of a process that works here, on the database that the test chose (`on_database`)."""
        chosen = {name: os.environ[name] for name in ("PVD_DATABASE_URL", "PVD_KEYS") if name in os.environ}
        return environment(**({"PVD_KEYS": str(self.root.parent / "keys.json")} | chosen | more))

    def process(self, *arguments, timeout=60, **more):
        """Run `arguments` in a process of its own; the time limit only guards against a hang."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.environment(**more),
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )


def blocks(text):
    """An issue whose blocks are `text`, written without the indentation under `blocks:`."""
    return HEAD + "blocks:\n" + "".join(f"  {line}\n" if line else "\n" for line in text.strip("\n").split("\n"))


def real(name, hosting=None) -> Letter:
    """The letter of one of the repository's own issues."""
    workspace = Workspace(ROOT)
    made = load_issue(workspace.issues / name, workspace)
    assert made.issue is not None, made.findings
    return render_letter(made.issue, made.publication, made.pictures, made.templates, hosting or Hosting())
