"""`--fix`: which findings can be mended at once, and the proof that the sense stays as it was.

Fixes are splices of the file's text, so that nothing else in it moves. Before anything is written, the mended file is
read again as an issue and compared, value by value, with what was there: letters, digits, links, what is bold
and what is a list have to be the same, the parameters that only count clicks and the spelling of HTML's entities apart.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token
from pydantic import BaseModel

from pvd_mailer.check.links.tracking import without_certain_tracking, without_tracking
from pvd_mailer.check.text.entities import decode_entities
from pvd_mailer.findings import Finding, Fix
from pvd_mailer.issue import Issue
from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.source_map import SourceMap

__all__ = ["FixedFile", "fixed_file", "same_sense"]

IssueParser = Callable[[bytes], Issue | None]

# An ordinal's ending is a convention: 1ère, 1re and 1^re^ are the same number.
_ORDINAL = re.compile(r"\b(\d+|[IVXLCDM]{2,}|[VX])\^?(?:ers?|[èe]?res?|nde?s?|i?[èe]mes?|es?|è)\^?(?!\w)")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s)>\"]*|[\w.+'’-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTES = dict.fromkeys(map(ord, '«»“”„‟"‹›'), '"')
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ´`"), "'")
_DASHES = dict.fromkeys(map(ord, "–—−‐‑"), "-")
_FOLDED = str.maketrans(_QUOTES | _APOSTROPHES | _DASHES | {ord("œ"): "oe", ord("Œ"): "oe", ord("…"): "..."})


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A mended file, still to be written.

    Attributes:
        raw: Its bytes.
        findings: The findings whose fixes are in it.
    """

    raw: bytes
    findings: tuple[Finding, ...]


def fixed_file(
    issue: Issue, source_map: SourceMap, findings: Iterable[Finding], parse: IssueParser
) -> FixedFile | None:
    """The file with as many fixes as go together; None where there is nothing that can be mended.

    `parse` gives the issue that bytes say, or None where they say none.
    """
    chosen = _without_overlaps([finding for finding in findings if finding.fix is not None and finding.waived is None])
    if not chosen:
        return None
    applied: list[Finding] = []
    raw: bytes | None = None
    queue = [chosen]
    while queue:
        candidates = queue.pop()
        spliced = _spliced_if_sense_stays(issue, source_map, [*applied, *candidates], parse)
        if spliced is not None:
            applied, raw = [*applied, *candidates], spliced
        elif len(candidates) > 1:
            # One of them does harm: it is found by halves, and left out.
            middle = len(candidates) // 2
            queue += [candidates[middle:], candidates[:middle]]
    return FixedFile(raw, tuple(applied)) if raw is not None else None


def _without_overlaps(findings: list[Finding]) -> list[Finding]:
    """Those of `findings` whose splices do not touch; the first one wins, the other has its turn in the next round."""
    taken_offsets: set[int] = set()
    chosen = []
    for finding in findings:
        splices = finding.fix.splices if finding.fix else ()
        offsets = {offset for splice in splices for offset in range(splice.start, splice.end + 1)}
        if taken_offsets.isdisjoint(offsets):
            taken_offsets |= offsets
            chosen.append(finding)
    return chosen


def _spliced_if_sense_stays(
    issue: Issue, source_map: SourceMap, findings: list[Finding], parse: IssueParser
) -> bytes | None:
    """The file with the fixes of `findings`; None where it would not say the same."""
    fixes: list[Fix] = [finding.fix for finding in findings if finding.fix is not None]
    raw = source_map.apply_splices(splice for fix in fixes for splice in fix.splices)
    issue_after = parse(raw)
    return raw if raw != source_map.raw and issue_after is not None and same_sense(issue, issue_after) else None


def same_sense(before: Issue, after: Issue) -> bool:
    """Whether two issues say the same, typography apart."""
    return _same_value(before, after)


def _same_value(before: Any, after: Any) -> bool:
    if type(before) is not type(after):
        return False
    if isinstance(before, BaseModel):
        return all(_same_value(getattr(before, name), getattr(after, name)) for name in type(before).model_fields)
    if isinstance(before, dict):  # settings that the issue overrides
        return before.keys() == after.keys() and all(_same_value(before[key], after[key]) for key in before)
    if isinstance(before, list | tuple):
        return len(before) == len(after) and all(_same_value(a, b) for a, b in zip(before, after, strict=True))
    if isinstance(before, Prose):
        return before.source == after.source or _same_texts(
            list(_texts_and_marks(before.tokens)), list(_texts_and_marks(after.tokens))
        )
    if isinstance(before, str):
        return _same_texts([before], [after])
    return bool(before == after)


def _same_texts(before: list[str], after: list[str]) -> bool:
    if before == after:
        return True
    return len(before) == len(after) and all(
        a == b or (_ADDRESS.findall(a) == _ADDRESS.findall(b) and _without_typography(a) == _without_typography(b))
        for a, b in zip(map(_decoded_without_tracking, before), map(_decoded_without_tracking, after), strict=True)
    )


def _decoded_without_tracking(text: str) -> str:
    return without_certain_tracking(decode_entities(text))


def _texts_and_marks(tokens: Iterable[Token]) -> Iterator[str]:
    """The words of a rich text, and between them its marks and the targets of its links, which stay in place."""
    text = ""
    for token in tokens:
        if token.type == "inline":
            yield from _texts_and_marks(token.children or ())
        elif token.type in ("text", "text_special"):
            text += token.content
        elif token.type in ("sup_open", "sup_close"):
            text += "^"
        elif token.type == "softbreak":
            text += " "
        else:
            yield text
            text = ""
            yield token.type
            if token.type == "link_open":
                yield without_tracking(str(token.attrs["href"]))
    yield text


def _without_typography(text: str) -> str:
    """`text` without what typography decides: blanks, the shape of quotes and dashes, accents of capitals, ordinals."""
    text = _ORDINAL.sub(r"\1e", unicodedata.normalize("NFC", text).translate(_FOLDED))
    text = re.sub(r"(?<=\d)H", "h", re.sub(r"\s+", "", text))
    return "".join(
        unicodedata.normalize("NFD", character)[0] if character.isupper() else character for character in text
    )
