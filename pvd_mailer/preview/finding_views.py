"""The findings beside the letter: how each is quoted, and where in the letter it leads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from pvd_mailer.findings import Finding, Severity
from pvd_mailer.issue.blocks import Image
from pvd_mailer.preview.state import GoodRender, PreviewState

__all__ = ["FindingGroups", "FindingView", "mark_code"]

_EXCERPT_LENGTH = 96
"""In characters: how much of a line is quoted."""
_CODE = re.compile(r"`([^`\n]+)`")


def mark_code(text: str) -> Markup:
    """`text` for a page, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it was escaped right here


@dataclass(frozen=True, slots=True)
class _BlockTarget:
    """Where a block stands in the letter."""

    anchor: str = ""
    """The id of its title, or of the nearest block above that has one; empty where its picture is all there is."""
    pictures: tuple[str, ...] = ()
    """The names of its picture's files, as the letter's addresses end."""
    lines: range = range(0)
    """The lines of the issue's file that speak of its picture."""


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
        about_picture = finding.location.line in target.lines
        return cls(finding, location, *_quote(finding), target.anchor, target.pictures, about_picture)


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
    names = {picture.data: name for name, picture in render.pictures.items()}
    files = render.checked.pictures
    targets: dict[str, _BlockTarget] = {}
    last_anchor = ""
    for index, block in enumerate(render.checked.issue.blocks):
        image = getattr(block, "image", None)
        image_files = (image.file, image.dark_file) if isinstance(image, Image) else ()
        picture_bytes = [files[name].data for name in image_files if name and name in files]
        pictures = tuple(names[data] for data in picture_bytes if data in names)
        has_anchor = f'id="{block.id}"' in render.html
        last_anchor = block.id if has_anchor else last_anchor
        targets[block.id] = _BlockTarget(
            "" if pictures and not has_anchor else last_anchor, pictures, _picture_lines(render, index)
        )
    return targets


def _picture_lines(render: GoodRender, index: int) -> range:
    """The lines that speak of the picture of the block at `index`."""
    source_map = render.checked.source_map
    spans = [span for path, span in source_map.spans.items() if path[:3] == ("blocks", index, "image")]
    lines = {source_map.line_at(offset)[0] + 1 for span in spans for offset in (span.start, span.end)}
    return range(min(lines), max(lines) + 1) if lines else range(0)
