"""From a rule's symbolic place to the line and column that an editor goes to."""

from dataclasses import dataclass, replace
from itertools import pairwise

from lxml import etree

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import (
    BlockLocation,
    FileValueSpan,
    IssueValue,
    LetterElement,
    SettingsValue,
    SymbolicLocation,
    TextSpan,
)
from pvd_mailer.check.rule import Violation
from pvd_mailer.findings import Finding, Fix, Location, Severity, Splice
from pvd_mailer.i18n import _
from pvd_mailer.issue.source_map import KeyPath, SourceMap

__all__ = ["locate"]

_EXCERPT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class _ConcreteLocation:
    place: Location
    block: str | None = None
    excerpt: str | None = None


def locate(
    rule_id: str, severity: Severity, violation: Violation, context: CheckContext, default_hint: str = ""
) -> Finding:
    """What `rule_id` found, as it is told; `default_hint` where it has none of its own."""
    concrete = _concrete_location(violation, context)
    hint = violation.hint or default_hint
    if violation.rewrite is not None and _is_elsewhere(violation.location, context.source_map):
        hint = _("Correct it there by hand, for all issues: `check --fix` writes the issue's own file alone.")
    return Finding(
        rule_id,
        severity,
        violation.message,
        hint,
        concrete.place,
        concrete.block,
        concrete.excerpt,
        _fix_of(violation, context.source_map),
    )


def _concrete_location(violation: Violation, context: CheckContext) -> _ConcreteLocation:
    location = violation.location
    if isinstance(location, TextSpan):
        return _location_of_text_span(location)
    if isinstance(location, IssueValue):
        return _location_of_value(context.source_map, location.path, _block_of_path(context, location.path))
    if isinstance(location, FileValueSpan):
        return _location_of_value_span(location)
    if isinstance(location, SettingsValue) and context.settings_source_map is not None:
        return _location_of_value(*context.files.of_setting(location.path), location.block_id)
    if isinstance(location, BlockLocation) and location.block_id in context.blocks_by_id:
        return _location_of_block(context, location.block_id)
    if isinstance(location, LetterElement):
        block = context.block_of_element(location.element)
        around = _location_of_block(context, block) if block else _ConcreteLocation(Location(context.source_map.file))
        # What is quoted is not that line of the file: no column of it is to be marked there.
        return _ConcreteLocation(replace(around.place, column=None, length=None), block, _markup_of(location.element))
    return _ConcreteLocation(Location(context.source_map.file))


def _location_of_text_span(span: TextSpan) -> _ConcreteLocation:
    passage = span.passage
    end = len(passage.text) if span.end is None else span.end
    file_span = passage.file_span(span.start, end)
    if file_span is None:
        return _location_of_value(passage.source_map, passage.path, passage.block)
    start, stop = file_span
    place, line = passage.source_map.locate(start, max(stop, start + 1))
    return _ConcreteLocation(place, passage.block, line)


def _location_of_value_span(span: FileValueSpan) -> _ConcreteLocation:
    char_spans = span.source_map.char_spans(span.path)
    if char_spans is None or not span.start < span.end <= len(char_spans):
        return _location_of_value(span.source_map, span.path, span.block_id)
    place, line = span.source_map.locate(char_spans[span.start][0], char_spans[span.end - 1][1])
    return _ConcreteLocation(place, span.block_id, line)


def _location_of_value(source_map: SourceMap, path: KeyPath, block: str | None) -> _ConcreteLocation:
    node = source_map.nearest_span(path)
    if node is None:
        return _ConcreteLocation(Location(source_map.file), block)
    # A text is marked as far as its line goes; of a list or a group, where it begins is all there is to show.
    place, line = source_map.locate(node.start, None if node.value is None else node.end)
    return _ConcreteLocation(place, block, line)


def _location_of_block(context: CheckContext, block_id: str) -> _ConcreteLocation:
    index, _model = context.blocks_by_id[block_id]
    return _location_of_value(context.source_map, ("blocks", index, "id"), block_id)


def _block_of_path(context: CheckContext, path: KeyPath) -> str | None:
    index = path[1] if len(path) > 1 and path[0] == "blocks" else None
    return context.issue.blocks[index].id if isinstance(index, int) else None


def _markup_of(element: etree._Element) -> str:
    """The element's tag as it is written in the letter, and the words in it."""
    markup = etree.tostring(element, encoding="unicode", method="html", with_tail=False)
    line = " ".join(markup.split())
    return line if len(line) <= _EXCERPT_LENGTH else line[: _EXCERPT_LENGTH - 1].rstrip() + "…"


def _fix_of(violation: Violation, source_map: SourceMap) -> Fix | None:
    location = violation.location
    if _is_elsewhere(location, source_map):
        return None
    if isinstance(location, FileValueSpan) and isinstance(violation.rewrite, str):
        return _fix_of_value_span(location, violation.rewrite)
    if violation.rewrite is None or not isinstance(location, TextSpan) or location.end is None:
        return None
    replacements = (
        ((location.start, location.end, violation.rewrite),)
        if isinstance(violation.rewrite, str)
        else violation.rewrite
    )
    splices = []
    for start, end, text in replacements:
        file_span = location.passage.file_span(start, end)
        if file_span is None or not location.passage.is_contiguous(start, end):
            return None
        splices.append(Splice(*file_span, text))
    return Fix(tuple(splices))


def _is_elsewhere(location: SymbolicLocation | None, source_map: SourceMap) -> bool:
    """Whether `location` is in another file than the issue's, which `source_map` is that of; no fix is made there."""
    if isinstance(location, TextSpan):
        return location.passage.source_map is not source_map
    return isinstance(location, FileValueSpan) and location.source_map is not source_map


def _fix_of_value_span(span: FileValueSpan, replacement: str) -> Fix | None:
    char_spans = span.source_map.char_spans(span.path)
    if char_spans is None or not span.start < span.end <= len(char_spans):
        return None
    replaced_spans = char_spans[span.start : span.end]
    # An address goes on one line; where its characters do not stand one after the other, it is left alone.
    if any(before[1] != after[0] for before, after in pairwise(replaced_spans)):
        return None
    return Fix((Splice(replaced_spans[0][0], replaced_spans[-1][1], replacement),))
