"""Reads an issue and its publication: every fault at once, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pvd_mailer.compose import faults
from pvd_mailer.compose.mend import read
from pvd_mailer.compose.names import NAMES, OUTSIDE, read_names
from pvd_mailer.compose.places import manuscript
from pvd_mailer.compose.source import Mapping, Node, Scalar, Sequence, Unreadable, decode, find, merge, plain
from pvd_mailer.errors import reason
from pvd_mailer.findings import Finding, is_blocked
from pvd_mailer.i18n import _, language, number
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import Briefs
from pvd_mailer.issue.manuscript import Manuscript
from pvd_mailer.issue.picture import (
    MAX_BYTES,
    Picture,
    PictureTooLargeError,
    UnreadablePictureError,
    read_picture,
)
from pvd_mailer.issue.when import Scheduled
from pvd_mailer.workspace import Workspace

__all__ = ["Composition", "load", "load_publication", "reread"]

_PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,98}\.(?i:png|jpe?g|gif)")
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(slots=True)
class _File:
    """One file as read, faults and all."""

    shown: str
    root: Node | None = None
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    manuscript: Manuscript | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """What composing gave: the issue where nothing stands in the way, and all that is to be said.

    Attributes:
        folder: The issue's folder.
        file: Its issue.yaml, as a person reads the path.
        issue: None where a finding is blocking.
        publication: The settings with the issue's overrides; None where a finding is blocking.
        pictures: By file name, those of the issue and of the publication.
        templates: The publication's folder, whose templates go before the built-in ones.
        findings: In the order of the files' lines.
        manuscript: The file as it is written; None where it cannot be read.
        settings: The publication's file, likewise.
        names: The publication's own words and names, from its words.txt.
    """

    folder: Path
    file: str
    issue: Issue | None
    publication: Publication | None
    pictures: dict[str, Picture]
    templates: Path
    findings: tuple[Finding, ...]
    manuscript: Manuscript | None = None
    settings: Manuscript | None = None
    names: tuple[str, ...] = ()


def load(folder: Path, workspace: Workspace, raw: bytes | None = None) -> Composition:
    """Read `folder`'s issue.yaml, or `raw` as if it stood there, and the publication that it names."""
    path = folder / "issue.yaml"
    file = _read_file(path, workspace) if raw is None else _parsed(raw, workspace.show(path))
    issue: Issue | None = None
    publication: Publication | None = None
    pictures: dict[str, Picture] = {}
    templates = workspace.templates
    settings: Manuscript | None = None
    names: tuple[str, ...] = ()
    if file.root is not None:
        issue = _validated(Issue, file.root, file, {file.shown: file.lines})
        file.findings += _doubled_ids(file)
        pictures.update(_pictures(file.root, folder / "images", file, workspace))
        named, _reached = find(file.root, ("publication",))
        if isinstance(named, Scalar) and re.fullmatch(r"[a-z0-9-]+", named.text):
            templates = workspace.templates / named.text
            publication, more, settings = _publication(named, templates, file, workspace)
            pictures.update(more)
            names = read_names(templates / NAMES, file.findings, workspace)
        if issue and publication:
            file.findings += _skipped_hours(issue, publication.zone, file)
    findings = sorted(set(file.findings), key=_by_place)
    if is_blocked(findings):
        issue = publication = None
    return Composition(
        folder,
        file.shown,
        issue,
        publication,
        pictures,
        templates,
        tuple(findings),
        manuscript=file.manuscript,
        settings=settings,
        names=names,
    )


def load_publication(name: str, workspace: Workspace) -> tuple[Publication | None, tuple[Finding, ...]]:
    """Read the settings of publication `name` alone, without any issue's overrides."""
    file = _read_file(workspace.templates / name / "publication.yaml", workspace)
    publication = None
    if file.root is not None:
        publication = _validated(Publication, file.root, file, {file.shown: file.lines})
    return publication, tuple(file.findings)


def reread(raw: bytes, shown: str) -> Issue | None:
    """What `raw` says as an issue; None where anything stands in the way of reading it."""
    file = _parse(raw, shown, language())
    if file.root is None or is_blocked(file.findings):
        return None
    try:
        return Issue.model_validate(plain(file.root))
    except ValidationError:
        return None


def _by_place(one: Finding) -> tuple[str, int, int, str]:
    return (one.place.file or "", one.place.line or 0, one.place.column or 0, one.rule)


def _read_file(path: Path, workspace: Workspace) -> _File:
    """Read and parse `path`; whatever is wrong with it is among the findings."""
    file = _File(workspace.show(path))
    if path.exists() and not path.is_file():  # a folder, or a pipe that would keep us waiting
        file.findings.append(faults.finding("file-unreadable", file.shown, found=_("it is not a file")))
        return file
    if workspace.leaves(path, path.parent):
        file.findings.append(faults.finding("file-unreadable", file.shown, found=_(OUTSIDE)))
        return file
    try:
        raw = path.read_bytes() if path.stat().st_size <= 64 * 1024 * 1024 else path.open("rb").read(1024 * 1024)
    except FileNotFoundError:
        file.findings.append(faults.finding("file-missing", file.shown, found=path.name))
        return file
    except OSError as error:
        file.findings.append(faults.finding("file-unreadable", file.shown, found=reason(error)))
        return file
    return _parsed(raw, file.shown)


def _parsed(raw: bytes, shown: str) -> _File:
    parsed = _parse(raw, shown, language())
    return replace(parsed, findings=list(parsed.findings))


@lru_cache(maxsize=8)  # a publication's file seldom changes; the language is that of the findings
def _parse(raw: bytes, shown: str, _lang: str) -> _File:
    file = _File(shown)
    try:
        text = decode(raw).replace("\r\n", "\n").replace("\r", "\n")
    except Unreadable as stop:
        file.findings.append(faults.finding(stop.rule, file.shown, stop.line, stop.column, **stop.context))
        return file
    file.lines = text.split("\n")
    reading = read(text, file.shown)
    file.root = reading.root
    file.findings += [faults.of_trap(trap, file.shown, file.root, file.lines) for trap in reading.traps]
    if file.root is not None:
        file.manuscript = manuscript(file.shown, raw, text, file.root)
        for cut in reading.cuts:
            found = faults.of_cut(cut, file.root, file.lines)
            file.findings += [found] if found else []
        file.findings += faults.of_doubles(file.root, file.root, file.lines)
    return file


def _validated(
    model: type[ModelT], root: Node, file: _File, lines: dict[str, list[str]], data: Any = None
) -> ModelT | None:
    try:
        result = model.model_validate(plain(root) if data is None else data)
    except ValidationError as error:
        mended = {finding.place.line for finding in file.findings if finding.rule.startswith("yaml-")}
        # What a mended line then does to the model says nothing about what the editor meant.
        file.findings += [
            found
            for found in faults.of_model(error.errors(include_url=False), model, root, dict(lines))
            if found.place.file != file.shown or found.place.line not in mended
        ]
        return None
    file.findings += faults.of_ambiguity(result, root, root, file.lines)
    return result


def _blocks(root: Node) -> Iterator[Mapping]:
    blocks, reached = find(root, ("blocks",))
    if reached and isinstance(blocks, Sequence):
        yield from (block for block in blocks.items if isinstance(block, Mapping))


def _doubled_ids(file: _File) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for block in _blocks(file.root) if file.root else ():
        name = block.items.get("id")
        if not isinstance(name, Scalar) or not name.text:
            continue
        if name.text in first:
            yield faults.finding(
                "double-id",
                file.shown,
                name.line,
                name.column,
                block=name.text,
                lines=file.lines,
                found=name.text[:60],
                first=first[name.text],
            )
        first.setdefault(name.text, name.line + 1)


def _skipped_hours(issue: Issue, zone: str, file: _File) -> Iterator[Finding]:
    """Hours that the publication's zone skips; the model knows only the zones that the issue itself names."""
    for index, block in enumerate(issue.blocks):
        items = enumerate(block.items) if isinstance(block, Briefs) else ()
        inside: list[tuple[Any, tuple[str | int, ...]]] = [(item, ("blocks", index, "items", n)) for n, item in items]
        for part, path in [(block, ("blocks", index)), *inside]:
            if isinstance(part, Scheduled) and file.root and not part.zone:
                for name, hour in part.skipped(zone):
                    node, _reached = find(file.root, (*path, name))
                    yield faults.finding(
                        "skipped-hour",
                        file.shown,
                        node.line,
                        node.column,
                        block=block.id,
                        lines=file.lines,
                        found=hour,
                    )


def _pictures(root: Node, folder: Path, file: _File, workspace: Workspace) -> dict[str, Picture]:
    """The pictures that blocks name; the tree is searched, so that one fault elsewhere hides none of these."""
    pictures: dict[str, Picture] = {}
    for block in _blocks(root):
        image = block.items.get("image")
        for key in ("file", "dark_file"):
            name = image.items.get(key) if isinstance(image, Mapping) else None
            if isinstance(name, Scalar) and _PICTURE_NAME.fullmatch(name.text):
                picture = _picture(name, folder, file, workspace, _id_of(block))
                if picture:
                    pictures[name.text] = picture
    return pictures


def _id_of(block: Mapping) -> str | None:
    name = block.items.get("id")
    return name.text if isinstance(name, Scalar) else None


def _picture(name: Scalar, folder: Path, file: _File, workspace: Workspace, block: str | None) -> Picture | None:
    context: dict[str, Any] = {"found": name.text, "limit": number(MAX_BYTES // 1000)}
    if workspace.leaves(folder / name.text, folder.parent):
        found = f"{name.text}, {_(OUTSIDE)}"
        file.findings.append(
            faults.finding(
                "file-unreadable", name.file, name.line, name.column, block=block, lines=file.lines, found=found
            )
        )
        return None
    try:
        return read_picture(folder / name.text)
    except PictureTooLargeError as error:
        rule = "image-too-large"
        context["size"] = number(error.args[0] // 1000)
    except UnreadablePictureError:
        rule = "image-unreadable"
    except OSError:
        rule = "image-missing"
    context["folder"] = workspace.show(folder)
    file.findings.append(
        faults.finding(rule, name.file, name.line, name.column, block=block, lines=file.lines, **context)
    )
    return None


def _publication(
    named: Scalar, folder: Path, file: _File, workspace: Workspace
) -> tuple[Publication | None, dict[str, Picture], Manuscript | None]:
    settings = folder / "publication.yaml"
    if not settings.is_file():
        known = ", ".join(workspace.publications()) or "–"
        file.findings.append(
            faults.finding(
                "publication-missing",
                file.shown,
                named.line,
                named.column,
                lines=file.lines,
                found=named.text,
                expected=known,
                folder=workspace.show(settings),
            )
        )
        return None, {}, None
    base = _read_file(settings, workspace)
    file.findings += base.findings
    if base.root is None:
        return None, {}, None
    root = base.root
    over, reached = find(file.root, ("override",)) if file.root else (base.root, False)
    if reached and isinstance(over, Mapping):
        root = merge(base.root, over)
    publication = _validated(Publication, root, file, {base.shown: base.lines, file.shown: file.lines})
    pictures: dict[str, Picture] = {}
    if publication and publication.logo:
        node, _reached = find(root, ("logo", "file"))
        for key in ("file", "dark_file"):
            node, found = find(root, ("logo", key))
            picture = (
                _picture(node, folder / "images", base, workspace, None) if found and isinstance(node, Scalar) else None
            )
            if picture:
                pictures[picture.name] = picture
    return publication, pictures, base.manuscript
