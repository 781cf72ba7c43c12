"""Reads an issue and its publication: every fault at once, each with its place.

The way is straight: bytes -> tree (`parsed_file`) -> model (`validate`) -> what the model names: pictures, publication.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pvd_mailer.compose.dictionary import DICTIONARY_FILE, read_dictionary
from pvd_mailer.compose.finding import block_id
from pvd_mailer.compose.messages import OUTSIDE_WORKSPACE
from pvd_mailer.compose.validate import block_nodes, duplicate_ids, skipped_hours, validate
from pvd_mailer.compose.yaml.parsed_file import ParsedFile, parse_file, read_file
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode, find_node, merge, to_python
from pvd_mailer.findings import Finding, has_blocking
from pvd_mailer.garbage import collection_paused
from pvd_mailer.i18n import _, format_number
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.picture import (
    MAX_PICTURE_BYTES,
    Picture,
    PictureTooLargeError,
    UnreadablePictureError,
    read_picture,
)
from pvd_mailer.issue.source_map import SourceMap
from pvd_mailer.workspace import Workspace

__all__ = ["LoadedIssue", "load_issue", "load_publication", "parse_issue"]

_PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,98}\.(?i:png|jpe?g|gif)")
_PICTURE_KEYS = ("file", "dark_file")


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
        pictures = _load_pictures(file.root, folder / "images", file, workspace)
        of_publication = _load_named_publication(file.root, file, workspace)
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
    if loaded.publication and loaded.publication.logo:
        for key in _PICTURE_KEYS:
            name_node, reached = find_node(merged, ("logo", key))
            if reached and isinstance(name_node, ScalarNode):
                picture = _load_picture(name_node, path.parent / "images", settings, workspace, None)
                loaded.pictures |= {picture.name: picture} if picture else {}


def _load_pictures(root: Node, folder: Path, file: ParsedFile, workspace: Workspace) -> dict[str, Picture]:
    """The pictures that blocks name; the tree is searched, so that one fault elsewhere hides none of these."""
    pictures: dict[str, Picture] = {}
    for block in block_nodes(root):
        image = block.items.get("image")
        for key in _PICTURE_KEYS:
            name_node = image.items.get(key) if isinstance(image, MappingNode) else None
            if isinstance(name_node, ScalarNode) and _PICTURE_NAME.fullmatch(name_node.text):
                picture = _load_picture(name_node, folder, file, workspace, block_id(block))
                pictures |= {name_node.text: picture} if picture else {}
    return pictures


def _load_picture(
    name_node: ScalarNode, folder: Path, file: ParsedFile, workspace: Workspace, block: str | None
) -> Picture | None:
    """The picture that `name_node` names in `folder`; None, and a finding of `file`, where it cannot be had."""
    name = name_node.text
    context: dict[str, Any] = {}
    if workspace.leads_outside(folder / name, folder.parent):
        message = f"{name}, {_(OUTSIDE_WORKSPACE)}"
        file.findings.append(file.finding_at(name_node, "file-unreadable", block=block, found=message))
        return None
    try:
        return read_picture(folder / name)
    except PictureTooLargeError as exc:
        rule = "image-too-large"
        context = {"size": format_number(exc.args[0] // 1000), "limit": format_number(MAX_PICTURE_BYTES // 1000)}
    except UnreadablePictureError:
        rule = "image-unreadable"
    except OSError:
        rule = "image-missing"
    context |= {"found": name, "folder": workspace.display_path(folder)}
    file.findings.append(file.finding_at(name_node, rule, block=block, **context))
    return None
