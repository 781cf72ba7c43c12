"""Next month's issue from the last one: number, date, rubrics and ids kept, content emptied."""

import calendar
import json
from datetime import date
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import BlockBase, Event, Heading, KeyFigure, Share, SnippetBlock

__all__ = ["create_issue_folder", "folder_name", "next_date", "next_issue"]

_INDENT = "  "


def next_date(day: date) -> date:
    """The same weekday of the following month: a letter of the first Tuesday stays one of the first Tuesday."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)  # noqa: PLR2004 - December
    nth = (day.day - 1) // 7
    weeks = [week[day.weekday()] for week in calendar.monthcalendar(year, month) if week[day.weekday()]]
    return date(year, month, weeks[min(nth, len(weeks) - 1)])


def folder_name(number: int, day: date) -> str:
    """`023-2023-04`."""
    return f"{number:03}-{day:%Y-%m}"


def next_issue(last: Issue) -> tuple[int, date, str]:
    """Number, date and text of the issue that follows `last`."""
    number, day = last.number + 1, next_date(last.date)
    lines = [
        f"publication: {last.publication}",
        f"number: {number}",
        f"date: {day.isoformat()}",
        *([f"lang: {last.lang}"] if last.lang else []),
        'subject: ""',
        'preheader: ""',
        *(['title: ""'] if last.title else []),
        "",
        "blocks:",
    ]
    for block in last.blocks:
        lines += [*_block_lines(block), ""]
    return number, day, "\n".join(lines).rstrip("\n") + "\n"


def _block_lines(block: BlockBase) -> list[str]:
    lines = [f"{_INDENT}- id: {block.id}"]
    kept_fields = _kept_fields(block)
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        # An event that had a title is to have one again.
        keep_key = isinstance(block, Event) and name == "title"
        if name in ("id", "note", "waive") or not _is_carried_over(
            field, value, keep_value=name in kept_fields, keep_key=keep_key
        ):
            continue
        lines += _key_lines(name, value, _INDENT * 2, keep_value=name in kept_fields)
    return lines


def _kept_fields(block: BlockBase) -> frozenset[str]:
    """The keys whose values stay: what names a rubric, and which of the publication's texts is drawn."""
    if isinstance(block, Heading | KeyFigure | Share):
        return frozenset({"title"})
    return frozenset({"use"}) if isinstance(block, SnippetBlock) else frozenset()


def _is_carried_over(field: FieldInfo, value: object, *, keep_value: bool, keep_key: bool = False) -> bool:
    """Whether next month's issue has this key too: a short text that may be left out is, unless `keep_key`."""
    if field.is_required() or keep_value:
        return True
    return value != field.default and (keep_key or not isinstance(value, str))


def _key_lines(name: str, value: object, indent: str, *, keep_value: bool) -> list[str]:
    """The lines of one key, its value emptied unless it is structure or `keep_value`."""
    if keep_value:
        return [f"{indent}{name}: {json.dumps(str(value), ensure_ascii=False)}"]
    if name in ("type", "kind", "image_position", "zone", "by_email", "follow", "decorative"):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        quoted = json.dumps(text, ensure_ascii=False) if " " in text else text
        return [f"{indent}{name}: {quoted}"]
    if isinstance(value, BaseModel):
        return [f"{indent}{name}:", *_model_lines(value, indent + _INDENT)]
    if isinstance(value, tuple):
        lines = [f"{indent}{name}:"]
        if not isinstance(value[0], BaseModel):  # the columns of a table of figures, and as many numbers
            return [*lines, *(f'{indent}{_INDENT}- ""' for _item in value)]
        for item in value[:1]:
            group = _model_lines(item, indent + _INDENT * 2)
            lines += [f"{indent}{_INDENT}- {group[0].lstrip()}", *group[1:]]
        return lines
    if name in ("start", "end"):
        return [f"{indent}{name}:"]
    if name in ("body", "intro"):
        return [f"{indent}{name}: |", f"{indent}{_INDENT}"]
    return [f'{indent}{name}: ""']


def _model_lines(model: BaseModel, indent: str) -> list[str]:
    lines: list[str] = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if _is_carried_over(field, value, keep_value=False):
            lines += _key_lines(name, value, indent, keep_value=False)
    return lines


def create_issue_folder(folder: Path, text: str) -> Path:
    """Write `text` as the issue of the new `folder`, which must not exist, and return the file.

    Raises:
        FileExistsError: the folder is there already; nothing was touched.
    """
    folder.mkdir(parents=True)
    (folder / "images").mkdir()
    file = folder / "issue.yaml"
    with file.open("x", encoding="utf-8", newline="\n") as target:
        target.write(text)
    return file
