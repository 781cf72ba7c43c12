"""From an issue's folder to its letter: compose -> render -> check, and what is to be said of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pvd_mailer.check import RULES, Subject, mending, proofread
from pvd_mailer.check.dictionaries import INSTALL, missing
from pvd_mailer.compose import FAULTS, Composition, load, reread, save
from pvd_mailer.errors import Blocked
from pvd_mailer.findings import Finding
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.manuscript import Manuscript
from pvd_mailer.issue.picture import Picture
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting, render
from pvd_mailer.send.links import longest
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder, Workspace

if TYPE_CHECKING:  # asking the network brings libraries that a plain check is spared
    from pvd_mailer.workflow.asking import Outside

__all__ = ["Proof", "check", "is_readable", "mend", "proof", "subject_of", "unchecked"]

ROUNDS = 8
"""How often `mend` looks again: mending one thing may uncover another."""


@dataclass(frozen=True, slots=True)
class Proof:
    """An issue and the letter that it renders to, with what is to be said of them."""

    issue: Issue
    publication: Publication
    letter: Letter
    findings: tuple[Finding, ...]
    templates: Path
    """The publication's folder."""
    manuscript: Manuscript
    """The issue's file."""
    pictures: Mapping[str, Picture]
    """By file name."""
    settings: Manuscript | None = None
    """The publication's file."""


def subject_of(
    composition: Composition,
    workspace: Workspace,
    write: Callable[[], Letter],
    *,
    public_url: str | None = None,
    pages_url: str | None = None,
) -> Subject:
    """What the proofreader reads of `composition`, whose letter `write` gives; `public_url` is the readers' site.

    Raises:
        Blocked: a finding stands in the way.
    """
    issue, publication, manuscript = composition.issue, composition.publication, composition.manuscript
    if issue is None or publication is None or manuscript is None:
        raise Blocked(list(composition.findings))
    before = _last(composition, issue, workspace)
    return Subject(
        issue=issue,
        publication=publication,
        manuscript=manuscript,
        pictures=composition.pictures,
        write=write,
        settings=composition.settings,
        names=composition.names,
        last=before.issue if before else None,
        last_pictures=before.pictures if before else {},
        longest=longest(public_url, publication.unsubscribe, publication.list_id.id),
        pages_url=pages_url,
    )


def _last(composition: Composition, issue: Issue, workspace: Workspace) -> Composition | None:
    """The issue before `issue`: of its publication, with the next lower number, as far as it can be read."""
    here = composition.folder.resolve()
    for folder in reversed(workspace.issue_folders()):
        if folder.number < issue.number and folder.path.resolve() != here and folder.file.is_file():
            status = folder.file.stat()
            last = _read(folder.path, workspace, status.st_mtime_ns, status.st_size)
            if last.issue is not None and last.issue.publication == issue.publication:
                return last
    return None


@lru_cache(maxsize=8)  # the preview asks at each save, and last month's file rests
def _read(folder: Path, workspace: Workspace, _modified: int, _size: int) -> Composition:
    return load(folder, workspace)


def _render(composition: Composition, settings: Settings) -> Letter:
    issue, publication = composition.issue, composition.publication
    if issue is None or publication is None:
        raise Blocked(list(composition.findings))
    return render(issue, publication, composition.pictures, composition.templates, Hosting(settings.pages_url))


def _proof(
    composition: Composition, workspace: Workspace, settings: Settings, outside: "Outside | None" = None
) -> Proof:
    letter = _render(composition, settings)
    subject = subject_of(
        composition, workspace, lambda: letter, public_url=settings.public_url, pages_url=settings.pages_url
    )
    if outside is not None:
        subject = replace(subject, online=outside.answers(subject, workspace))
    findings = (*composition.findings, *proofread(subject, faults=FAULTS))
    return Proof(
        subject.issue,
        subject.publication,
        letter,
        findings,
        composition.templates,
        subject.manuscript,
        composition.pictures,
        composition.settings,
    )


def proof(folder: IssueFolder, workspace: Workspace, settings: Settings, outside: "Outside | None" = None) -> Proof:
    """Compose, render and proofread `folder`. The letter is there also where a finding keeps it from being sent.

    The network is asked where `outside` says how.

    Raises:
        Blocked: a finding stands in the way of the letter itself.
    """
    return _proof(load(folder.path, workspace), workspace, settings, outside)


def check(
    folder: IssueFolder, workspace: Workspace, settings: Settings, outside: "Outside | None" = None
) -> tuple[Finding, ...]:
    """Everything that is to be said of `folder`: faults of the file, of the render, and what the proofreader finds."""
    composition = load(folder.path, workspace)
    if composition.issue is None:
        return composition.findings
    try:
        return _proof(composition, workspace, settings, outside).findings
    except Blocked as blocked:
        return tuple(dict.fromkeys((*composition.findings, *blocked.findings)))


def unchecked(folder: IssueFolder, workspace: Workspace) -> tuple[str, str] | None:
    """What was not looked at, for want of an extra, and how to install it; None where all was."""
    composition = load(folder.path, workspace)
    if composition.issue is None or composition.publication is None:
        return None
    if composition.publication.checks.get("spelling") == "off":
        return None
    message = missing(composition.issue.lang or composition.publication.lang)
    return (message, INSTALL) if message else None


def is_readable(folder: IssueFolder, workspace: Workspace) -> bool:
    """Whether `folder`'s file can be read as an issue, so that its texts can be looked at."""
    return load(folder.path, workspace).issue is not None


def mend(folder: IssueFolder, workspace: Workspace, settings: Settings) -> tuple[Finding, ...]:
    """Mend in `folder`'s file what can be mended safely; the findings that are no more.

    The file is written once, whole; nothing is written where nothing is to be mended, or while it cannot be read.

    Raises:
        PvdError: the file was saved by somebody else in the meantime.
        OSError: it cannot be written.
    """
    rules = [rule for rule in RULES if rule.mends]
    first = load(folder.path, workspace)
    composition, mended = first, list[Finding]()
    for _round in range(ROUNDS):
        if composition.issue is None or composition.manuscript is None:
            break
        subject = subject_of(composition, workspace, partial(_render, composition, settings))
        again = partial(reread, shown=composition.file)
        found = mending(subject.issue, subject.manuscript, proofread(subject, rules), again)
        if found is None:
            break
        mended += found.mended
        composition = load(folder.path, workspace, found.raw)
    if mended and first.manuscript and composition.manuscript:
        save(folder.file, first.manuscript.raw, composition.manuscript.raw)
    return tuple(mended)
