"""A new workspace: a publication to fill in, a first issue that renders, a sample list."""

from datetime import date
from functools import cache
from pathlib import Path

from pvd_mailer.compose.scaffold import folder_name
from pvd_mailer.compose.yaml.tree import ScalarNode, find_node, parse_yaml
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, language
from pvd_mailer.issue.source_map import KeyPath
from pvd_mailer.workspace import CONFIG_FILE

__all__ = ["create_workspace", "example_texts"]

STARTER_FOLDER = Path(__file__).parent.parent / "starter"


# What nobody's letter can say as it is; the rest (“Les nouvelles, une fois par mois”) may well stay.
_PUBLICATION_EXAMPLES: tuple[KeyPath, ...] = (
    ("colophon", "organisation"),
    ("colophon", "entries", 0, "name"),
    *(("legal", key) for key in ("publisher", "seat", "telephone", "director", "host")),
)
_ISSUE_EXAMPLES: tuple[KeyPath, ...] = (
    ("preheader",),
    ("blocks", 0, "body"),
    ("blocks", 2, "title"),
    ("blocks", 2, "body"),
)


@cache
def example_texts() -> frozenset[str]:
    """The texts that `init` writes to be replaced, in each of its languages."""
    texts = set()
    for folder in (entry for entry in STARTER_FOLDER.iterdir() if entry.is_dir()):
        for name, paths in (("publication.yaml", _PUBLICATION_EXAMPLES), ("issue.yaml", _ISSUE_EXAMPLES)):
            root, _truncated = parse_yaml((folder / name).read_text("utf-8"), name)
            for path in paths:
                node, reached = find_node(root, path)
                if not reached or not isinstance(node, ScalarNode):
                    raise LookupError(path)
                texts.add(node.text)
    return frozenset(texts)


def create_workspace(folder: Path, today: date) -> list[Path]:
    """Fill `folder`, which must be empty or not exist; the files to open first come first.

    Raises:
        WrongUsageError: the folder holds something already; nothing was touched.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WrongUsageError(
            _("{folder} is not empty").format(folder=folder), _("Name a new folder; nothing was touched.")
        )
    source = STARTER_FOLDER / language()
    issue = (source / "issue.yaml").read_text("utf-8").replace("2026-01-06", today.isoformat())
    files = {
        folder / "templates" / "ma-lettre" / "publication.yaml": (source / "publication.yaml").read_text("utf-8"),
        folder / "issues" / folder_name(1, today) / "issue.yaml": issue,
        folder / "subscribers" / "sample.csv": (STARTER_FOLDER / "sample.csv").read_text("utf-8"),
        folder / "subscribers" / "README.md": (source / "subscribers.md").read_text("utf-8"),
        folder / CONFIG_FILE: (source / "pvd-mailer.toml").read_text("utf-8"),
        folder / ".gitignore": "var/\n*.age\nsubscribers/*\n!subscribers/README.md\n!subscribers/sample.csv\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    (folder / "issues" / folder_name(1, today) / "images").mkdir()
    return list(files)
