"""The findings beside the letter: how each is quoted, and where in the letter it leads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from pvd_mailer.findings import Finding, Severity
from pvd_mailer.issue.blocks import Image
from pvd_mailer.preview.state import Good, Shown

__all__ = ["Fault", "Told", "code"]

EXCERPT = 96
"""In characters: how much of a line is quoted."""
_CODE = re.compile(r"`([^`\n]+)`")


def code(words: str) -> Markup:
    """`words` for a page, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words))))  # noqa: S704 - it was escaped right here


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a block stands in the letter."""

    anchor: str = ""
    """The id of its title, or of the nearest block above that has one; empty where its picture is all there is."""
    pictures: tuple[str, ...] = ()
    """The names of its picture's files, as the letter's addresses end."""
    lines: range = range(0)
    """The lines of the issue's file that speak of its picture."""


@dataclass(frozen=True, slots=True)
class Fault:
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
    def of(cls, finding: Finding, targets: Mapping[str, _Target]) -> "Fault":
        """`finding`, with what of `targets` is its block's."""
        place = ":".join(
            str(part) for part in (finding.place.file, finding.place.line, finding.place.column) if part is not None
        )
        target = targets.get(finding.block or "", _Target())
        about_picture = finding.place.line in target.lines
        return cls(finding, place, *_quoted(finding), target.anchor, target.pictures, about_picture)


def _quoted(finding: Finding) -> tuple[str, str, str]:
    """The line around the finding: before it, itself, after it; cut between words, and that is shown."""
    line = (finding.excerpt or "").replace("\t", " ").rstrip()
    column = finding.place.column
    if column is None or column > len(line):  # nothing of the line is known to be it
        return _begun(line.lstrip(), EXCERPT), "", ""
    start = column - 1
    end = len(line) if finding.place.length is None else start + finding.place.length
    at = _begun(line[start:end], EXCERPT)
    room = max(EXCERPT - len(at), EXCERPT // 4)
    before, after = line[:start].lstrip(), "" if at != line[start:end] else line[end:]
    ahead = min(len(after), max(room - len(before), room // 2))
    return _ended(before, room - ahead), at, _begun(after, ahead)


def _begun(text: str, most: int) -> str:
    """The beginning of `text`, to the end of a word."""
    if len(text) <= most:
        return text
    kept = text[: most + 1]
    whole = kept.rsplit(" ", 1)[0] if " " in kept.strip() else kept[:most]
    return whole.rstrip() + " …"


def _ended(text: str, most: int) -> str:
    """The end of `text`, from the beginning of a word."""
    if len(text) <= most:
        return text
    kept = text[-most - 1 :] if most else ""
    return "… " + (kept.split(" ", 1)[1] if " " in kept else kept[1:])


@dataclass(frozen=True, slots=True)
class Told:
    """The findings of a state, as the page parts them."""

    blocking: list[Fault]
    advice: list[Fault]
    waived: list[Fault]

    @classmethod
    def of(cls, shown: Shown) -> "Told":
        """The findings of `shown`."""
        targets = _targets(shown.good) if shown.good else {}
        told = cls([], [], [])
        for one in shown.findings:
            kind = told.advice if one.severity is Severity.ADVICE else told.blocking
            (kind if one.waived is None else told.waived).append(Fault.of(one, targets))
        return told


def _targets(good: Good) -> dict[str, _Target]:
    """By a block's id, where to look for it in the letter: a template may leave out the anchor of a block."""
    names = {picture.data: name for name, picture in good.pictures.items()}
    files = good.proof.pictures
    found: dict[str, _Target] = {}
    last = ""
    for index, block in enumerate(good.proof.issue.blocks):
        image = getattr(block, "image", None)
        pictures: tuple[str, ...] = ()
        if isinstance(image, Image):
            shown = [files[name].data for name in (image.file, image.dark_file) if name and name in files]
            pictures = tuple(names[data] for data in shown if data in names)
        anchored = f'id="{block.id}"' in good.html
        last = block.id if anchored else last
        found[block.id] = _Target("" if pictures and not anchored else last, pictures, _lines(good, index))
    return found


def _lines(good: Good, index: int) -> range:
    """The lines that speak of the picture of the block at `index`."""
    manuscript = good.proof.manuscript
    stands = [stand for path, stand in manuscript.stands.items() if path[:3] == ("blocks", index, "image")]
    lines = {manuscript.line_at(at)[0] + 1 for stand in stands for at in (stand.start, stand.end)}
    return range(min(lines), max(lines) + 1) if lines else range(0)
