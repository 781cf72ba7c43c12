"""From an issue's folder to its letter: compose -> render -> what is to be said of it."""

from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.compose import Composition, load
from pvd_mailer.errors import Blocked
from pvd_mailer.findings import Finding
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting, render
from pvd_mailer.render.weight import weigh
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder, Workspace

__all__ = ["Proof", "check", "proof"]


@dataclass(frozen=True, slots=True)
class Proof:
    """An issue and the letter that it renders to, with what is to be said of them."""

    issue: Issue
    publication: Publication
    letter: Letter
    findings: tuple[Finding, ...]
    templates: Path
    """The publication's folder."""


def _render(composition: Composition, settings: Settings) -> Proof:
    issue, publication = composition.issue, composition.publication
    if issue is None or publication is None:
        raise Blocked(list(composition.findings))
    hosting = Hosting(settings.pages_url)
    letter = render(issue, publication, composition.pictures, composition.templates, hosting)
    findings = (*composition.findings, *weigh(letter, composition.file))
    return Proof(issue, publication, letter, findings, composition.templates)


def proof(folder: IssueFolder, workspace: Workspace, settings: Settings) -> Proof:
    """Compose and render `folder`.

    Raises:
        Blocked: a finding stands in the way.
    """
    return _render(load(folder.path, workspace), settings)


def check(folder: IssueFolder, workspace: Workspace, settings: Settings) -> tuple[Finding, ...]:
    """Everything that is to be said of `folder`, faults of the model and of the render."""
    composition = load(folder.path, workspace)
    if composition.issue is None:
        return composition.findings
    try:
        return _render(composition, settings).findings
    except Blocked as blocked:
        return (*composition.findings, *blocked.findings)
