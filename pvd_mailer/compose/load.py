"""Reads an issue and its publication: every fault at once, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pvd_mailer.compose import errors
from pvd_mailer.compose.dictionary import DICTIONARY_FILE, OUTSIDE_WORKSPACE, read_dictionary
from pvd_mailer.compose.source_map import build_source_map
from pvd_mailer.compose.yaml_recovery import parse_with_recovery
from pvd_mailer.compose.yaml_tree import (
    MappingNode,
    Node,
    ParseError,
    ScalarNode,
    SequenceNode,
    decode_utf8,
    find_node,
    merge,
    to_python,
)
from pvd_mailer.errors import os_error_reason
from pvd_mailer.findings import Finding, has_blocking
from pvd_mailer.i18n import _, format_number, language
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import Briefs
from pvd_mailer.issue.picture import (
    MAX_PICTURE_BYTES,
    Picture,
    PictureTooLargeError,
    UnreadablePictureError,
    read_picture,
)
from pvd_mailer.issue.schedule import Scheduled
from pvd_mailer.issue.source_map import SourceMap
from pvd_mailer.workspace import Workspace

__all__ = ["LoadedIssue", "load_issue", "load_publication", "parse_issue"]

_PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,98}\.(?i:png|jpe?g|gif)")
_ModelT = TypeVar("_ModelT", bound=BaseModel)


@dataclass(slots=True)
class _ParsedFile:
    """One file as read, faults and all."""

    display_path: str
    root: Node | None = None
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    source_map: SourceMap | None = None


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


def load_issue(folder: Path, workspace: Workspace, raw: bytes | None = None) -> LoadedIssue:
    """Read `folder`'s issue.yaml, or `raw` as if it stood there, and the publication that it names."""
    path = folder / "issue.yaml"
    file = _read_file(path, workspace) if raw is None else _parse_file(raw, workspace.display_path(path))
    issue: Issue | None = None
    publication: Publication | None = None
    pictures: dict[str, Picture] = {}
    templates = workspace.templates
    publication_source_map: SourceMap | None = None
    dictionary: tuple[str, ...] = ()
    if file.root is not None:
        issue = _validate(Issue, file.root, file, {file.display_path: file.lines})
        file.findings += _duplicate_ids(file)
        pictures.update(_load_pictures(file.root, folder / "images", file, workspace))
        name_node, _reached = find_node(file.root, ("publication",))
        if isinstance(name_node, ScalarNode) and re.fullmatch(r"[a-z0-9-]+", name_node.text):
            templates = workspace.templates / name_node.text
            publication, publication_pictures, publication_source_map = _load_named_publication(
                name_node, templates, file, workspace
            )
            pictures.update(publication_pictures)
            dictionary = read_dictionary(templates / DICTIONARY_FILE, file.findings, workspace)
        if issue and publication:
            file.findings += _skipped_hours(issue, publication.zone, file)
    findings = sorted(set(file.findings), key=_location_order)
    if has_blocking(findings):
        issue = publication = None
    return LoadedIssue(
        folder,
        file.display_path,
        issue,
        publication,
        pictures,
        templates,
        tuple(findings),
        source_map=file.source_map,
        publication_source_map=publication_source_map,
        dictionary=dictionary,
    )


def load_publication(name: str, workspace: Workspace) -> tuple[Publication | None, tuple[Finding, ...]]:
    """Read the settings of publication `name` alone, without any issue's overrides."""
    file = _read_file(workspace.templates / name / "publication.yaml", workspace)
    publication = None
    if file.root is not None:
        publication = _validate(Publication, file.root, file, {file.display_path: file.lines})
    return publication, tuple(file.findings)


def parse_issue(raw: bytes, display_path: str) -> Issue | None:
    """What `raw` says as an issue; None where anything stands in the way of reading it."""
    file = _parse_cached(raw, display_path, language())
    if file.root is None or has_blocking(file.findings):
        return None
    try:
        return Issue.model_validate(to_python(file.root))
    except ValidationError:
        return None


def _location_order(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.location.file or "", finding.location.line or 0, finding.location.column or 0, finding.rule)


def _read_file(path: Path, workspace: Workspace) -> _ParsedFile:
    """Read and parse `path`; whatever is wrong with it is among the findings."""
    file = _ParsedFile(workspace.display_path(path))
    if path.exists() and not path.is_file():  # a folder, or a pipe that would keep us waiting
        file.findings.append(errors.make_finding("file-unreadable", file.display_path, found=_("it is not a file")))
        return file
    if workspace.leads_outside(path, path.parent):
        file.findings.append(errors.make_finding("file-unreadable", file.display_path, found=_(OUTSIDE_WORKSPACE)))
        return file
    try:
        raw = path.read_bytes() if path.stat().st_size <= 64 * 1024 * 1024 else path.open("rb").read(1024 * 1024)
    except FileNotFoundError:
        file.findings.append(errors.make_finding("file-missing", file.display_path, found=path.name))
        return file
    except OSError as exc:
        file.findings.append(errors.make_finding("file-unreadable", file.display_path, found=os_error_reason(exc)))
        return file
    return _parse_file(raw, file.display_path)


def _parse_file(raw: bytes, display_path: str) -> _ParsedFile:
    parsed = _parse_cached(raw, display_path, language())
    return replace(parsed, findings=list(parsed.findings))


@lru_cache(maxsize=8)  # a publication's file seldom changes; the language is that of the findings
def _parse_cached(raw: bytes, display_path: str, _lang: str) -> _ParsedFile:
    file = _ParsedFile(display_path)
    try:
        text = decode_utf8(raw).replace("\r\n", "\n").replace("\r", "\n")
    except ParseError as exc:
        file.findings.append(errors.make_finding(exc.rule, file.display_path, exc.line, exc.column, **exc.context))
        return file
    file.lines = text.split("\n")
    parsed = parse_with_recovery(text, file.display_path)
    file.root = parsed.root
    file.findings += [
        errors.finding_of_yaml_fault(yaml_fault, file.display_path, file.root, file.lines)
        for yaml_fault in parsed.faults
    ]
    if file.root is not None:
        file.source_map = build_source_map(file.display_path, raw, text, file.root)
        for truncated in parsed.truncated:
            finding = errors.finding_of_truncation(truncated, file.root, file.lines)
            file.findings += [finding] if finding else []
        file.findings += errors.findings_of_duplicate_keys(file.root, file.root, file.lines)
    return file


def _validate(
    model: type[_ModelT], root: Node, file: _ParsedFile, lines: dict[str, list[str]], data: Any = None
) -> _ModelT | None:
    try:
        validated = model.model_validate(to_python(root) if data is None else data)
    except ValidationError as exc:
        repaired_lines = {finding.location.line for finding in file.findings if finding.rule.startswith("yaml-")}
        # What a mended line then does to the model says nothing about what the editor meant.
        file.findings += [
            model_finding
            for model_finding in errors.findings_of_model_errors(
                exc.errors(include_url=False), model, root, dict(lines)
            )
            if model_finding.location.file != file.display_path or model_finding.location.line not in repaired_lines
        ]
        return None
    file.findings += errors.findings_of_ambiguous_scalars(validated, root, root, file.lines)
    return validated


def _block_nodes(root: Node) -> Iterator[MappingNode]:
    blocks, reached = find_node(root, ("blocks",))
    if reached and isinstance(blocks, SequenceNode):
        yield from (block for block in blocks.items if isinstance(block, MappingNode))


def _duplicate_ids(file: _ParsedFile) -> Iterator[Finding]:
    first_lines: dict[str, int] = {}
    for block in _block_nodes(file.root) if file.root else ():
        id_node = block.items.get("id")
        if not isinstance(id_node, ScalarNode) or not id_node.text:
            continue
        if id_node.text in first_lines:
            yield errors.make_finding(
                "double-id",
                file.display_path,
                id_node.line,
                id_node.column,
                block=id_node.text,
                lines=file.lines,
                found=id_node.text[:60],
                first=first_lines[id_node.text],
            )
        first_lines.setdefault(id_node.text, id_node.line + 1)


def _skipped_hours(issue: Issue, zone: str, file: _ParsedFile) -> Iterator[Finding]:
    """Hours that the publication's zone skips; the model knows only the zones that the issue itself names."""
    for index, block in enumerate(issue.blocks):
        numbered_items = enumerate(block.items) if isinstance(block, Briefs) else ()
        nested: list[tuple[Any, tuple[str | int, ...]]] = [
            (item, ("blocks", index, "items", item_index)) for item_index, item in numbered_items
        ]
        for scheduled, path in [(block, ("blocks", index)), *nested]:
            if isinstance(scheduled, Scheduled) and file.root and not scheduled.zone:
                for key, hour in scheduled.skipped_hours(zone):
                    node, _reached = find_node(file.root, (*path, key))
                    yield errors.make_finding(
                        "skipped-hour",
                        file.display_path,
                        node.line,
                        node.column,
                        block=block.id,
                        lines=file.lines,
                        found=hour,
                    )


def _load_pictures(root: Node, folder: Path, file: _ParsedFile, workspace: Workspace) -> dict[str, Picture]:
    """The pictures that blocks name; the tree is searched, so that one fault elsewhere hides none of these."""
    pictures: dict[str, Picture] = {}
    for block in _block_nodes(root):
        image = block.items.get("image")
        for key in ("file", "dark_file"):
            name_node = image.items.get(key) if isinstance(image, MappingNode) else None
            if isinstance(name_node, ScalarNode) and _PICTURE_NAME.fullmatch(name_node.text):
                picture = _load_picture(name_node, folder, file, workspace, _block_id(block))
                if picture:
                    pictures[name_node.text] = picture
    return pictures


def _block_id(block: MappingNode) -> str | None:
    id_node = block.items.get("id")
    return id_node.text if isinstance(id_node, ScalarNode) else None


def _load_picture(
    name_node: ScalarNode, folder: Path, file: _ParsedFile, workspace: Workspace, block_id: str | None
) -> Picture | None:
    context: dict[str, Any] = {"found": name_node.text, "limit": format_number(MAX_PICTURE_BYTES // 1000)}
    if workspace.leads_outside(folder / name_node.text, folder.parent):
        message = f"{name_node.text}, {_(OUTSIDE_WORKSPACE)}"
        file.findings.append(
            errors.make_finding(
                "file-unreadable",
                name_node.file,
                name_node.line,
                name_node.column,
                block=block_id,
                lines=file.lines,
                found=message,
            )
        )
        return None
    try:
        return read_picture(folder / name_node.text)
    except PictureTooLargeError as exc:
        rule = "image-too-large"
        context["size"] = format_number(exc.args[0] // 1000)
    except UnreadablePictureError:
        rule = "image-unreadable"
    except OSError:
        rule = "image-missing"
    context["folder"] = workspace.display_path(folder)
    file.findings.append(
        errors.make_finding(
            rule, name_node.file, name_node.line, name_node.column, block=block_id, lines=file.lines, **context
        )
    )
    return None


def _load_named_publication(
    name_node: ScalarNode, folder: Path, file: _ParsedFile, workspace: Workspace
) -> tuple[Publication | None, dict[str, Picture], SourceMap | None]:
    settings_path = folder / "publication.yaml"
    if not settings_path.is_file():
        known_names = ", ".join(workspace.publications()) or "–"
        file.findings.append(
            errors.make_finding(
                "publication-missing",
                file.display_path,
                name_node.line,
                name_node.column,
                lines=file.lines,
                found=name_node.text,
                expected=known_names,
                folder=workspace.display_path(settings_path),
            )
        )
        return None, {}, None
    settings_file = _read_file(settings_path, workspace)
    file.findings += settings_file.findings
    if settings_file.root is None:
        return None, {}, None
    root = settings_file.root
    override, reached = find_node(file.root, ("override",)) if file.root else (settings_file.root, False)
    if reached and isinstance(override, MappingNode):
        root = merge(settings_file.root, override)
    publication = _validate(
        Publication, root, file, {settings_file.display_path: settings_file.lines, file.display_path: file.lines}
    )
    pictures: dict[str, Picture] = {}
    if publication and publication.logo:
        node, _reached = find_node(root, ("logo", "file"))
        for key in ("file", "dark_file"):
            node, is_present = find_node(root, ("logo", key))
            picture = (
                _load_picture(node, folder / "images", settings_file, workspace, None)
                if is_present and isinstance(node, ScalarNode)
                else None
            )
            if picture:
                pictures[picture.name] = picture
    return publication, pictures, settings_file.source_map
