"""A new workspace: a publication to fill in, a first issue that renders, a sample list."""

from datetime import date
from pathlib import Path

from pvd_mailer.compose.scaffold import folder_name
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, language
from pvd_mailer.workspace import CONFIG

__all__ = ["start_workspace"]

STARTER = Path(__file__).parent.parent / "starter"


def start_workspace(folder: Path, today: date) -> list[Path]:
    """Fill `folder`, which must be empty or not exist; the files to open first come first.

    Raises:
        WrongUsageError: the folder holds something already; nothing was touched.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WrongUsageError(
            _("{folder} is not empty").format(folder=folder), _("Name a new folder; nothing was touched.")
        )
    source = STARTER / language()
    issue = (source / "issue.yaml").read_text("utf-8").replace("2026-01-06", today.isoformat())
    files = {
        folder / "templates" / "ma-lettre" / "publication.yaml": (source / "publication.yaml").read_text("utf-8"),
        folder / "issues" / folder_name(1, today) / "issue.yaml": issue,
        folder / "subscribers" / "sample.csv": (STARTER / "sample.csv").read_text("utf-8"),
        folder / "subscribers" / "README.md": (source / "subscribers.md").read_text("utf-8"),
        folder / CONFIG: (source / "pvd-mailer.toml").read_text("utf-8"),
        folder / ".gitignore": "var/\n*.age\nsubscribers/*\n!subscribers/README.md\n!subscribers/sample.csv\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (folder / "issues" / folder_name(1, today) / "images").mkdir()
    return list(files)
