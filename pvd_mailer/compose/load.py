"""Reads an issue and its publication: every fault at once, each with its place.

The way is straight: bytes -> tree (`parsed_file`) -> model (`validate`) -> what the model names: pictures, publication.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from pvd_mailer.compose.dictionary import DICTIONARY_FILE, read_dictionary
from pvd_mailer.compose.pictures import load_issue_pictures, load_publication_pictures, pictures_of_two
from pvd_mailer.compose.snippets import snippets_used, unknown_snippets
from pvd_mailer.compose.validate import duplicate_ids, skipped_hours, validate
from pvd_mailer.compose.yaml.parsed_file import ParsedFile, parse_file, read_file
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, find_node, merge, to_python
from pvd_mailer.findings import Finding, has_blocking
from pvd_mailer.garbage import collection_paused
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.picture import Picture
from pvd_mailer.issue.source_map import SourceMap
from pvd_mailer.workspace import Workspace

__all__ = ["LoadedIssue", "load_issue", "load_publication", "parse_issue"]


@dataclass(frozen=True, slots=True)
class LoadedIssue:
    """What composing gave: the issue where nothing stands in the way, and all that is to be said.

    Attributes:
        folder: The issue's folder.
        file: Its issue.yaml, as a person reads the path.
        issue: None where a finding is blocking.
        publication: The settings with the issue's overrides; None where a finding is blocking.
        pictures: By file name, those of the issue and of the publication.
        templates: The publication's folder, whose templates go before the built-in ones.
        findings: In the order of the files' lines.
        source_map: The file as it is written; None where it cannot be read.
        publication_source_map: The publication's file, likewise.
        dictionary: The publication's own words and names, from its words.txt.
    """

    folder: Path
    file: str
    issue: Issue | None
    publication: Publication | None
    pictures: dict[str, Picture]
    templates: Path
    findings: tuple[Finding, ...]
    source_map: SourceMap | None = None
    publication_source_map: SourceMap | None = None
    dictionary: tuple[str, ...] = ()


@dataclass(slots=True)
class _LoadedPublication:
    """What an issue's publication gave, as far as there is one."""

    templates: Path
    publication: Publication | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)
    source_map: SourceMap | None = None
    dictionary: tuple[str, ...] = ()


@collection_paused()
def load_issue(folder: Path, workspace: Workspace, raw: bytes | None = None) -> LoadedIssue:
    """Read `folder`'s issue.yaml, or `raw` as if it stood there, and the publication that it names."""
    path = folder / "issue.yaml"
    file = read_file(path, workspace) if raw is None else parse_file(raw, workspace.display_path(path))
    issue: Issue | None = None
    pictures: dict[str, Picture] = {}
    of_publication = _LoadedPublication(workspace.templates)
    if file.root is not None:
        issue = validate(Issue, file.root, file)
        file.findings += duplicate_ids(file.root, file)
        pictures = load_issue_pictures(file.root, folder / "images", file, workspace)
        of_publication = _load_named_publication(file.root, file, workspace)
        images = of_publication.templates / "images"
        file.findings += pictures_of_two(file.root, file, pictures, of_publication.pictures, images, workspace)
        if issue and of_publication.publication:
            file.findings += skipped_hours(issue, of_publication.publication.zone, file.root, file)
    findings = sorted(dict.fromkeys(file.findings), key=_location_order)
    is_blocked = has_blocking(findings)
    return LoadedIssue(
        folder,
        file.display_path,
        None if is_blocked else issue,
        None if is_blocked else of_publication.publication,
        pictures | of_publication.pictures,
        of_publication.templates,
        tuple(findings),
        source_map=file.source_map,
        publication_source_map=of_publication.source_map,
        dictionary=of_publication.dictionary,
    )


def load_publication(name: str, workspace: Workspace) -> tuple[Publication | None, tuple[Finding, ...]]:
    """Read the settings of publication `name` alone, without any issue's overrides."""
    file = read_file(workspace.templates / name / "publication.yaml", workspace)
    publication = validate(Publication, file.root, file) if file.root is not None else None
    return publication, tuple(file.findings)


def parse_issue(raw: bytes, display_path: str) -> Issue | None:
    """What `raw` says as an issue; None where anything stands in the way of reading it."""
    file = parse_file(raw, display_path)
    if file.root is None or has_blocking(file.findings):
        return None
    try:
        return Issue.model_validate(to_python(file.root))
    except ValidationError:
        return None


def _location_order(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.location.file or "", finding.location.line or 0, finding.location.column or 0, finding.rule)


def _load_named_publication(root: Node, file: ParsedFile, workspace: Workspace) -> _LoadedPublication:
    """The publication that the issue in `file` names, with the issue's overrides; its findings go to `file`."""
    name_node, _reached = find_node(root, ("publication",))
    if not isinstance(name_node, ScalarNode) or not re.fullmatch(r"[a-z0-9-]+", name_node.text):
        return _LoadedPublication(workspace.templates)
    loaded = _LoadedPublication(workspace.templates / name_node.text)
    settings_path = loaded.templates / "publication.yaml"
    if settings_path.is_file():
        _read_settings(settings_path, root, file, workspace, loaded)
    else:
        missing = file.finding_at(
            name_node,
            "publication-missing",
            found=name_node.text,
            expected=", ".join(workspace.publications()) or "–",
            folder=workspace.display_path(settings_path),
        )
        file.findings.append(missing)
    loaded.dictionary = read_dictionary(loaded.templates / DICTIONARY_FILE, file.findings, workspace)
    return loaded


def _read_settings(path: Path, root: Node, file: ParsedFile, workspace: Workspace, loaded: _LoadedPublication) -> None:
    """Fill `loaded` from the settings at `path`, with what `root`, the issue, says under `override`."""
    settings = read_file(path, workspace)
    file.findings += settings.findings
    if settings.root is None:
        return
    override, reached = find_node(root, ("override",))
    merged = merge(settings.root, override) if reached and isinstance(override, MappingNode) else settings.root
    loaded.source_map = settings.source_map
    loaded.publication = validate(Publication, merged, file, settings)
    if loaded.publication:
        file.findings += unknown_snippets(root, file, loaded.publication)
        loaded.pictures, findings = load_publication_pictures(
            merged, snippets_used(root), path.parent / "images", (settings, file), workspace
        )
        file.findings += findings
