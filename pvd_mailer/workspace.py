"""Where things are on disk: the folder with `issues/`, `templates/`, `subscribers/` and `var/`."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _

__all__ = ["CONFIG_FILE", "IssueFolder", "Workspace", "builtin_templates", "find_workspace", "read_config"]

CONFIG_FILE = "pvd-mailer.toml"
_MAX_CONFIG_BYTES = 100_000
"""Bytes of that file."""
_FOLDER_NAME = re.compile(r"(\d{1,4})-(\d{4})-(\d{2})")


def builtin_templates() -> Path:
    """The templates that come with the program: inside the wheel, or at the top of the source tree."""
    inside = Path(__file__).parent / "_templates" / "base"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "templates" / "base"


@dataclass(frozen=True, slots=True, order=True)
class IssueFolder:
    """One month's folder, `issues/NNN-YYYY-MM/`."""

    number: int
    path: Path

    @property
    def file(self) -> Path:
        """The issue's file."""
        return self.path / "issue.yaml"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder that an editorial team works in."""

    root: Path

    @property
    def issues(self) -> Path:
        """One folder an issue."""
        return self.root / "issues"

    @property
    def templates(self) -> Path:
        """One folder a publication."""
        return self.root / "templates"

    @property
    def var(self) -> Path:
        """What the program makes: the outbox, and later the database."""
        return self.root / "var"

    def display_path(self, path: Path) -> str:
        """`path` as a person wants to read it: relative to where they stand if that is shorter."""
        try:
            real = path.resolve()
        except (OSError, RuntimeError):  # links in a circle
            return str(path)
        for base in (Path.cwd(), self.root.resolve()):
            if real.is_relative_to(base):
                return real.relative_to(base).as_posix()
        return str(path)

    def leads_outside(self, path: Path, folder: Path) -> bool:
        """Whether `path`, of the issue or publication in `folder`, is a link that leads out of it and the workspace.

        A workspace that came from elsewhere could show any file of this machine by one. `folder` itself may be a link:
        whoever works here named it.
        """
        # Nearly always it lies in `folder`, which is told without the Paths that take longer than the question.
        real_folder = os.path.realpath(folder)
        if os.path.realpath(path).startswith(real_folder + os.sep):
            return False
        try:
            real = path.resolve()
        except (OSError, RuntimeError):  # links in a circle
            return False
        return not any(real.is_relative_to(base.resolve()) for base in (folder, self.root))

    def publications(self) -> list[str]:
        """The names of the publications that `templates/` holds."""
        return sorted(path.parent.name for path in self.templates.glob("*/publication.yaml"))

    def issue_folders(self) -> list[IssueFolder]:
        """The issues, by number."""
        if not self.issues.is_dir():
            return []
        folders = []
        for path in self.issues.iterdir():
            match = _FOLDER_NAME.fullmatch(path.name)
            if match and path.is_dir():
                folders.append(IssueFolder(int(match[1]), path))
        return sorted(folders)

    def issue(self, reference: str) -> IssueFolder:
        """The issue that `reference` names: a folder, a number, or `latest`.

        Raises:
            WrongUsageError: there is none, or there are two.
        """
        folders = self.issue_folders()
        if reference == "latest":
            # A folder that somebody made by hand, still empty, is not yet an issue.
            written = [folder for folder in folders if folder.file.exists()] or folders
            if written:
                return written[-1]
            raise WrongUsageError(
                _("there is no issue yet in {folder}").format(folder=self.display_path(self.issues)),
                _("Start a workspace with `pvd-mailer init DIR`: it holds a first one."),
            )
        if re.fullmatch(r"[0-9]{1,4}", reference):
            matching = [folder for folder in folders if folder.number == int(reference)]
            if len(matching) == 1:
                return matching[0]
            if matching:
                raise WrongUsageError(
                    _("issue {number} has more than one folder: {folders}").format(
                        number=reference, folders=", ".join(folder.path.name for folder in matching)
                    ),
                    _("Name the folder instead of the number."),
                )
        else:
            path = Path(reference)
            if path.name == "issue.yaml":
                path = path.parent
            for candidate in (path, self.issues / reference):
                if candidate.is_dir() and (candidate / "issue.yaml").exists():
                    match = _FOLDER_NAME.fullmatch(candidate.resolve().name)
                    return IssueFolder(int(match[1]) if match else 0, candidate)
        raise WrongUsageError(
            _("there is no issue {wanted}").format(wanted=reference),
            _("Known issues: {issues}. Give a number, a folder, or `latest`.").format(
                issues=", ".join(str(folder.number) for folder in folders) or "–"
            ),
        )


def find_workspace(start: Path | None = None) -> Workspace:
    """The workspace around `start` (the current folder), or `PVD_WORKSPACE`.

    Raises:
        WrongUsageError: there is none.
    """
    named = os.environ.get("PVD_WORKSPACE")
    if named:
        root = Path(named)
        if not root.is_dir():
            raise WrongUsageError(
                _("PVD_WORKSPACE names {folder}, which is not a folder").format(folder=named),
                _("Correct the variable, or take it out."),
            )
        return Workspace(root.resolve())
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / CONFIG_FILE).is_file() or ((folder / "issues").is_dir() and (folder / "templates").is_dir()):
            return Workspace(folder)
    raise WrongUsageError(
        _("{folder} is not inside a workspace").format(folder=here),
        _("Go to your workspace's folder, or start one with `pvd-mailer init DIR`."),
    )


def read_config(workspace: Workspace | None) -> dict[str, Any]:
    """What pvd-mailer.toml says, as it stands there; nothing where there is no such file.

    Raises:
        WrongUsageError: it cannot be read, or is no TOML.
    """
    if workspace is None or not (file := workspace.root / CONFIG_FILE).is_file():
        return {}
    import tomllib  # noqa: PLC0415 - most workspaces have no such file, and every command asks for it

    if workspace.leads_outside(file, workspace.root):
        raise _unreadable(_("it is a link that leads out of the workspace"))
    try:
        with file.open("rb") as source:
            text = source.read(_MAX_CONFIG_BYTES + 1).decode("utf-8")
        table = tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    if len(text) > _MAX_CONFIG_BYTES:
        raise _unreadable(_("it has more than {most} bytes").format(most=_MAX_CONFIG_BYTES))
    return table


def _unreadable(reason: str) -> WrongUsageError:
    return WrongUsageError(
        _("{file} cannot be read: {reason}").format(file=CONFIG_FILE, reason=reason),
        _('Each line is written: name = "value"'),
    )
