"""From an issue's folder to its letter: compose -> render -> check, and what is to be said of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pvd_mailer.check import RULES, CheckContext, Rule, fixed_file, proofread
from pvd_mailer.check.text.spelling import SPELLING_INSTALL_COMMAND, missing_dictionary_notice
from pvd_mailer.compose import FILE_RULES, LoadedIssue, load_issue, parse_issue, save_if_unchanged
from pvd_mailer.errors import BlockedError
from pvd_mailer.findings import Finding
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.picture import Picture
from pvd_mailer.issue.source_map import SourceMap
from pvd_mailer.letter import Letter
from pvd_mailer.render import Hosting, render_letter
from pvd_mailer.send.unsubscribe_links import longest_field_values
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder, Workspace

if TYPE_CHECKING:  # asking the network brings libraries that a plain check is spared
    from pvd_mailer.services.online import OnlineChecker

__all__ = [
    "CheckedLetter",
    "RenderedIssue",
    "check_context_of",
    "check_issue",
    "fix_issue",
    "is_readable",
    "render_and_check",
    "render_issue",
    "skipped_checks",
]

_MAX_FIX_ROUNDS = 8
"""How often `fix_issue` looks again: mending one thing may uncover another."""


@dataclass(frozen=True, slots=True)
class CheckedLetter:
    """An issue and the letter that it renders to, with what is to be said of them."""

    issue: Issue
    publication: Publication
    letter: Letter
    findings: tuple[Finding, ...]
    templates: Path
    """The publication's folder."""
    source_map: SourceMap
    """The issue's file."""
    pictures: Mapping[str, Picture]
    """By file name."""
    publication_source_map: SourceMap | None = None
    """The publication's file."""


def check_context_of(
    composition: LoadedIssue,
    workspace: Workspace,
    make_letter: Callable[[], Letter],
    *,
    public_url: str | None = None,
    pages_url: str | None = None,
) -> CheckContext:
    """What the proofreader reads of `composition`, whose letter `make_letter` gives; `public_url` is the readers' site.

    Raises:
        BlockedError: a finding stands in the way.
    """
    issue, publication, source_map = composition.issue, composition.publication, composition.source_map
    if issue is None or publication is None or source_map is None:
        raise BlockedError(list(composition.findings))
    previous = _previous_issue(composition, issue, workspace)
    return CheckContext(
        issue=issue,
        publication=publication,
        source_map=source_map,
        pictures=composition.pictures,
        render_letter=make_letter,
        settings_source_map=composition.publication_source_map,
        dictionary_words=composition.dictionary,
        previous_issue=previous.issue if previous else None,
        previous_pictures=previous.pictures if previous else {},
        longest_values=longest_field_values(public_url, publication.unsubscribe, publication.list_id.id),
        pages_url=pages_url,
    )


def _previous_issue(composition: LoadedIssue, issue: Issue, workspace: Workspace) -> LoadedIssue | None:
    """The issue before `issue`: of its publication, with the next lower number, as far as it can be read."""
    own_path = composition.folder.resolve()
    for folder in reversed(workspace.issue_folders()):
        if folder.number < issue.number and folder.path.resolve() != own_path and folder.file.is_file():
            stat = folder.file.stat()
            previous = _load_cached(folder.path, workspace, stat.st_mtime_ns, stat.st_size)
            if previous.issue is not None and previous.issue.publication == issue.publication:
                return previous
    return None


@lru_cache(maxsize=8)  # the preview asks at each save, and last month's file rests
def _load_cached(folder: Path, workspace: Workspace, _modified: int, _size: int) -> LoadedIssue:
    return load_issue(folder, workspace)


def _render_letter(composition: LoadedIssue, settings: Settings) -> Letter:
    issue, publication = composition.issue, composition.publication
    if issue is None or publication is None:
        raise BlockedError(list(composition.findings))
    return render_letter(issue, publication, composition.pictures, composition.templates, Hosting(settings.pages_url))


@dataclass(frozen=True, slots=True)
class RenderedIssue:
    """An issue and the letter that it renders to, which the proofreader has not read yet."""

    composition: LoadedIssue
    letter: Letter
    context: CheckContext

    @property
    def unchecked(self) -> CheckedLetter:
        """The letter, with what is to be said of the file alone."""
        return self._checked_letter(self.composition.findings)

    def check(
        self,
        workspace: Workspace,
        online: "OnlineChecker | None" = None,
        rules: Sequence[Rule] = RULES,
        before_rule: Callable[[], None] = lambda: None,
    ) -> CheckedLetter:
        """The letter, proofread by `rules`; `before_rule` is called before each, and what it raises ends the check."""
        context = self.context
        if online is not None:
            context = replace(context, online=online.check(context, workspace))
        found = proofread(context, rules, file_fault_ids=FILE_RULES, before_rule=before_rule)
        return self._checked_letter((*self.composition.findings, *found))

    def _checked_letter(self, findings: tuple[Finding, ...]) -> CheckedLetter:
        return CheckedLetter(
            self.context.issue,
            self.context.publication,
            self.letter,
            findings,
            self.composition.templates,
            self.context.source_map,
            self.composition.pictures,
            self.composition.publication_source_map,
        )


def _render_composition(composition: LoadedIssue, workspace: Workspace, settings: Settings) -> RenderedIssue:
    letter = _render_letter(composition, settings)
    context = check_context_of(
        composition, workspace, lambda: letter, public_url=settings.public_url, pages_url=settings.pages_url
    )
    return RenderedIssue(composition, letter, context)


def render_issue(folder: IssueFolder, workspace: Workspace, settings: Settings) -> RenderedIssue:
    """Compose and render `folder`; to proofread it is the caller's next step.

    Raises:
        BlockedError: a finding stands in the way of the letter itself.
    """
    return _render_composition(load_issue(folder.path, workspace), workspace, settings)


def render_and_check(
    folder: IssueFolder, workspace: Workspace, settings: Settings, online: "OnlineChecker | None" = None
) -> CheckedLetter:
    """Compose, render and proofread `folder`. The letter is there also where a finding keeps it from being sent.

    The network is asked where `online` says how.

    Raises:
        BlockedError: a finding stands in the way of the letter itself.
    """
    return render_issue(folder, workspace, settings).check(workspace, online)


def check_issue(
    folder: IssueFolder, workspace: Workspace, settings: Settings, online: "OnlineChecker | None" = None
) -> tuple[Finding, ...]:
    """Everything that is to be said of `folder`: faults of the file, of the render, and what the proofreader finds."""
    composition = load_issue(folder.path, workspace)
    if composition.issue is None:
        return composition.findings
    try:
        return _render_composition(composition, workspace, settings).check(workspace, online).findings
    except BlockedError as blocked:
        return tuple(dict.fromkeys((*composition.findings, *blocked.findings)))


def skipped_checks(folder: IssueFolder, workspace: Workspace) -> tuple[str, str] | None:
    """What was not looked at, for want of an extra, and how to install it; None where all was."""
    composition = load_issue(folder.path, workspace)
    if composition.issue is None or composition.publication is None:
        return None
    if composition.publication.checks.get("spelling") == "off":
        return None
    message = missing_dictionary_notice(composition.issue.lang or composition.publication.lang)
    return (message, SPELLING_INSTALL_COMMAND) if message else None


def is_readable(folder: IssueFolder, workspace: Workspace) -> bool:
    """Whether `folder`'s file can be read as an issue, so that its texts can be looked at."""
    return load_issue(folder.path, workspace).issue is not None


def fix_issue(folder: IssueFolder, workspace: Workspace, settings: Settings) -> tuple[Finding, ...]:
    """Mend in `folder`'s file what can be mended safely; the findings that are no more.

    The file is written once, whole; nothing is written where nothing is to be mended, or while it cannot be read.

    Raises:
        PvdError: the file was saved by somebody else in the meantime.
        OSError: it cannot be written.
    """
    rules = [rule for rule in RULES if rule.fixable]
    original = load_issue(folder.path, workspace)
    composition, fixed = original, list[Finding]()
    for _round in range(_MAX_FIX_ROUNDS):
        if composition.issue is None or composition.source_map is None:
            break
        check_context = check_context_of(composition, workspace, partial(_render_letter, composition, settings))
        parse_again = partial(parse_issue, display_path=composition.file)
        fix_result = fixed_file(
            check_context.issue, check_context.source_map, proofread(check_context, rules), parse_again
        )
        if fix_result is None:
            break
        fixed += fix_result.findings
        composition = load_issue(folder.path, workspace, fix_result.raw)
    if fixed and original.source_map and composition.source_map:
        save_if_unchanged(folder.file, original.source_map.raw, composition.source_map.raw)
    return tuple(fixed)
