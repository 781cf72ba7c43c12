"""The findings beside the letter: how each is quoted, and where in the letter it leads."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from pvd_mailer.check.files import CheckedFiles
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.issue.blocks import Image, SnippetBlock
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.source_map import KeyPath, SourceMap
from pvd_mailer.preview.state import GoodRender, PreviewState

__all__ = ["FindingGroups", "FindingView", "mark_code"]

_EXCERPT_LENGTH = 96
"""In characters: how much of a line is quoted."""
_CODE = re.compile(r"`([^`\n]+)`")


def mark_code(text: str) -> Markup:
    """`text` for a page, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it was escaped right here


@dataclass(frozen=True, slots=True)
class _PictureTarget:
    """One picture of a block."""

    names: tuple[str, ...]
    """Of its files, as the letter's addresses end."""
    file: str
    lines: range
    """The lines of `file` that speak of it."""


@dataclass(frozen=True, slots=True)
class _BlockTarget:
    """Where a block stands in the letter."""

    anchor: str = ""
    """The id of its title, or of the nearest block above that has one; empty where its picture is all there is."""
    pictures: tuple[_PictureTarget, ...] = ()
    """In the order of the letter."""

    def picture_of(self, finding: Finding) -> _PictureTarget | None:
        """The picture that `finding` is about; None where it is about none."""
        file, line = finding.location.file, finding.location.line
        return next((picture for picture in self.pictures if picture.file == file and line in picture.lines), None)


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as the page shows it."""

    finding: Finding
    place: str
    before: str
    at: str
    """What of the line the finding is about."""
    after: str
    anchor: str
    pictures: tuple[str, ...]
    about_picture: bool

    @property
    def leads(self) -> bool:
        """Whether there is something in the letter to lead to."""
        return bool(self.anchor or self.pictures)

    @classmethod
    def from_finding(cls, finding: Finding, targets: Mapping[str, _BlockTarget]) -> "FindingView":
        """`finding`, with what of `targets` is its block's."""
        location = ":".join(
            str(part)
            for part in (finding.location.file, finding.location.line, finding.location.column)
            if part is not None
        )
        target = targets.get(finding.block or "", _BlockTarget())
        picture = target.picture_of(finding)
        shown = picture or next(iter(target.pictures), None)
        names = shown.names if shown else ()
        return cls(finding, location, *_quote(finding), target.anchor, names, picture is not None)


def _quote(finding: Finding) -> tuple[str, str, str]:
    """The line around the finding: before it, itself, after it; cut between words, and that is shown."""
    line = (finding.excerpt or "").replace("\t", " ").rstrip()
    column = finding.location.column
    if column is None or column > len(line):  # nothing of the line is known to be it
        return _clip_end(line.lstrip(), _EXCERPT_LENGTH), "", ""
    start = column - 1
    end = len(line) if finding.location.length is None else start + finding.location.length
    itself = _clip_end(line[start:end], _EXCERPT_LENGTH)
    room = max(_EXCERPT_LENGTH - len(itself), _EXCERPT_LENGTH // 4)
    before, after = line[:start].lstrip(), "" if itself != line[start:end] else line[end:]
    ahead = min(len(after), max(room - len(before), room // 2))
    return _clip_start(before, room - ahead), itself, _clip_end(after, ahead)


def _clip_end(text: str, room: int) -> str:
    """The beginning of `text`, to the end of a word."""
    if len(text) <= room:
        return text
    clipped = text[: room + 1]
    whole = clipped.rsplit(" ", 1)[0] if " " in clipped.strip() else clipped[:room]
    return whole.rstrip() + " …"


def _clip_start(text: str, room: int) -> str:
    """The end of `text`, from the beginning of a word."""
    if len(text) <= room:
        return text
    clipped = text[-room - 1 :] if room else ""
    return "… " + (clipped.split(" ", 1)[1] if " " in clipped else clipped[1:])


@dataclass(frozen=True, slots=True)
class FindingGroups:
    """The findings of a state, as the page parts them."""

    blocking: list[FindingView]
    advice: list[FindingView]
    waived: list[FindingView]

    @classmethod
    def from_state(cls, state: PreviewState) -> "FindingGroups":
        """The findings of `state`."""
        targets = _block_targets(state.checked_render) if state.checked_render else {}
        groups = cls([], [], [])
        for finding in state.findings:
            group = groups.advice if finding.severity is Severity.ADVICE else groups.blocking
            (group if finding.waived is None else groups.waived).append(FindingView.from_finding(finding, targets))
        return groups


def _block_targets(render: GoodRender) -> dict[str, _BlockTarget]:
    """By a block's id, where to look for it in the letter: a template may leave out the anchor of a block."""
    targets: dict[str, _BlockTarget] = {}
    last_anchor = ""
    for index, block in enumerate(render.checked.issue.blocks):
        pictures = tuple(picture for picture in _picture_targets(render, index) if picture.names)
        has_anchor = f'id="{block.id}"' in render.html
        last_anchor = block.id if has_anchor else last_anchor
        targets[block.id] = _BlockTarget("" if pictures and not has_anchor else last_anchor, pictures)
    return targets


def _picture_targets(render: GoodRender, index: int) -> Iterator[_PictureTarget]:
    """The pictures of the block at `index`."""
    checked = render.checked
    names = {picture.data: name for name, picture in render.pictures.items()}
    block = checked.issue.blocks[index]
    for path, image in parts_of(block, Image, ("blocks", index)):
        yield _picture_target(render, image, names, checked.source_map, path)
    if isinstance(block, SnippetBlock):
        files = CheckedFiles(
            checked.source_map, checked.publication_source_map, has_override=checked.issue.override is not None
        )
        for path, image in parts_of(checked.publication.snippets[block.use], Image, ("snippets", block.use)):
            yield _picture_target(render, image, names, *files.of_setting(path))


def _picture_target(
    render: GoodRender, image: Image, names: Mapping[bytes, str], source_map: SourceMap, path: KeyPath
) -> _PictureTarget:
    """Where `image` is in the letter, and the lines of its file that are below `path`."""
    files = render.checked.pictures
    picture_bytes = [files[name].data for name in (image.file, image.dark_file) if name and name in files]
    shown = tuple(names[data] for data in picture_bytes if data in names)
    spans = [span for way, span in source_map.spans.items() if way[: len(path)] == path]
    lines = {source_map.line_at(offset)[0] + 1 for span in spans for offset in (span.start, span.end)}
    return _PictureTarget(shown, source_map.file, range(min(lines), max(lines) + 1) if lines else range(0))
