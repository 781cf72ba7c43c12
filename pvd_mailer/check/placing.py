"""From a rule's symbolic place to the line and column that an editor goes to."""

from dataclasses import dataclass, replace
from itertools import pairwise

from lxml import etree

from pvd_mailer.check.rule import Found, InBlock, InFile, InLetter, InSettings, InText, InValue
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Finding, Fix, Place, Severity, Splice
from pvd_mailer.issue.manuscript import Manuscript, Path

__all__ = ["place"]

EXCERPT = 200


@dataclass(frozen=True, slots=True)
class _Spot:
    place: Place
    block: str | None = None
    excerpt: str | None = None


def place(rule: str, severity: Severity, found: Found, subject: Subject, hint: str = "") -> Finding:
    """What `rule` found, as it is told; `hint` where it has none of its own."""
    spot = _spot(found, subject)
    hint = found.hint or hint
    return Finding(
        rule, severity, found.message, hint, spot.place, spot.block, spot.excerpt, _fix(found, subject.manuscript)
    )


def _spot(found: Found, subject: Subject) -> _Spot:
    at = found.at
    if isinstance(at, InText):
        return _in_text(at)
    if isinstance(at, InFile):
        return _at_value(subject.manuscript, at.path, _block(subject, at.path))
    if isinstance(at, InValue):
        return _in_value(subject.manuscript, at, _block(subject, at.path))
    if isinstance(at, InSettings) and subject.settings is not None:
        return _at_value(subject.settings, at.path, None)
    if isinstance(at, InBlock) and at.block in subject.blocks:
        return _at_block(subject, at.block)
    if isinstance(at, InLetter):
        block = subject.block_of(at.element)
        spot = _at_block(subject, block) if block else _Spot(Place(subject.manuscript.file))
        # What is quoted is not that line of the file: no column of it is to be marked there.
        return _Spot(replace(spot.place, column=None, length=None), block, _source(at.element))
    return _Spot(Place(subject.manuscript.file))


def _in_text(at: InText) -> _Spot:
    passage = at.passage
    end = len(passage.text) if at.end is None else at.end
    extent = passage.extent(at.start, end)
    if extent is None:
        return _at_value(passage.manuscript, passage.path, passage.block)
    start, stop = extent
    where, line = passage.manuscript.place(start, max(stop, start + 1))
    return _Spot(where, passage.block, line)


def _in_value(manuscript: Manuscript, at: InValue, block: str | None) -> _Spot:
    extents = manuscript.extents(at.path)
    if extents is None or not at.start < at.end <= len(extents):
        return _at_value(manuscript, at.path, block)
    where, line = manuscript.place(extents[at.start][0], extents[at.end - 1][1])
    return _Spot(where, block, line)


def _at_value(manuscript: Manuscript, path: Path, block: str | None) -> _Spot:
    stand = manuscript.stand(path)
    if stand is None:
        return _Spot(Place(manuscript.file), block)
    # A text is marked as far as its line goes; of a list or a group, where it begins is all there is to show.
    where, line = manuscript.place(stand.start, None if stand.value is None else stand.end)
    return _Spot(where, block, line)


def _at_block(subject: Subject, block: str) -> _Spot:
    index, _model = subject.blocks[block]
    return _at_value(subject.manuscript, ("blocks", index, "id"), block)


def _block(subject: Subject, path: Path) -> str | None:
    index = path[1] if len(path) > 1 and path[0] == "blocks" else None
    return subject.issue.blocks[index].id if isinstance(index, int) else None


def _source(element: etree._Element) -> str:
    """The element's tag as it is written in the letter, and the words in it."""
    whole = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    line = " ".join(whole.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1].rstrip() + "…"


def _fix(found: Found, manuscript: Manuscript) -> Fix | None:
    at = found.at
    if isinstance(at, InValue) and isinstance(found.rewrite, str):
        return _fix_of_value(at, found.rewrite, manuscript)
    if found.rewrite is None or not isinstance(at, InText) or at.end is None:
        return None
    pieces = ((at.start, at.end, found.rewrite),) if isinstance(found.rewrite, str) else found.rewrite
    splices = []
    for start, end, text in pieces:
        extent = at.passage.extent(start, end)
        if extent is None or not at.passage.is_whole(start, end):
            return None
        splices.append(Splice(*extent, text))
    return Fix(tuple(splices))


def _fix_of_value(at: InValue, text: str, manuscript: Manuscript) -> Fix | None:
    extents = manuscript.extents(at.path)
    if extents is None or not at.start < at.end <= len(extents):
        return None
    inside = extents[at.start : at.end]
    # An address goes on one line; where its characters do not stand one after the other, it is left alone.
    if any(one[1] != two[0] for one, two in pairwise(inside)):
        return None
    return Fix((Splice(inside[0][0], inside[-1][1], text),))
