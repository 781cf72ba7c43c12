"""What templates see: the issue in rubrics, the theme's computed values, and helpers bound to the language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from pvd_mailer.i18n import N_, catalogue
from pvd_mailer.issue.blocks import BlockBase, Brief, Briefs, Event, Heading, Share, block_type
from pvd_mailer.issue.schedule import Scheduled, TimeRange
from pvd_mailer.render import dates, palette
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.numbers import number_text

__all__ = ["AgendaEntry", "DatedItem", "Rubric", "build_context", "dated_items", "name_of"]

LETTER_WIDTH = 600
_KIND_NAMES = {"webinar": N_("Webinar"), "meeting": N_("Meeting")}


@dataclass(frozen=True, slots=True)
class Rubric:
    """A heading and what stands under it; the opening of the letter has no heading."""

    heading: Heading | None
    blocks: tuple[BlockBase, ...]
    number: int
    """From 1; 0 for the opening."""


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """A date to remember, and the block that tells of it."""

    day: date
    label: str
    title: str
    anchor: str


def _rubrics(blocks: tuple[BlockBase, ...]) -> list[Rubric]:
    rubrics: list[Rubric] = []
    heading: Heading | None = None
    rubric_blocks: list[BlockBase] = []

    def close() -> None:
        if heading or rubric_blocks:
            rubrics.append(
                Rubric(
                    heading, tuple(rubric_blocks), sum(1 for rubric in rubrics if rubric.heading) + 1 if heading else 0
                )
            )
        rubric_blocks.clear()

    for block in blocks:
        if isinstance(block, Heading):
            close()
            heading = block
        elif isinstance(block, Share):
            # Passing the letter on belongs to the letter, not to its last rubric.
            close()
            heading = None
            rubric_blocks.append(block)
        else:
            rubric_blocks.append(block)
    close()
    return rubrics


def brief_anchor(block: Briefs, index: int) -> str:
    """The id of the item at `index` (from 0): the block's own where the item is the first and nothing stands above."""
    return block.id if index == 0 and not block.title else f"{block.id}-{index + 1}"


def name_of(event: Event, lang: str) -> str:
    """The title of `event`; the word for its kind in the letter's language where it has none."""
    return event.title or catalogue(lang).gettext(_KIND_NAMES[event.kind])


@dataclass(frozen=True, slots=True)
class DatedItem:
    """Something that takes place: an event, or a brief that has a title and a date."""

    content: Event | Brief
    time_range: TimeRange
    title: str
    anchor: str


def dated_items(blocks: tuple[BlockBase, ...], zone: str, lang: str) -> Iterator[DatedItem]:
    """All that takes place, in the order of the letter; `zone` is the publication's, `lang` the letter's language."""
    for block in blocks:
        candidates: list[tuple[Event | Brief, str | None, str]] = []
        if isinstance(block, Event):
            candidates = [(block, name_of(block, lang), block.id)]
        elif isinstance(block, Briefs):
            candidates = [(brief, brief.title, brief_anchor(block, index)) for index, brief in enumerate(block.items)]
        for content, title, anchor in candidates:
            time_range = content.time_range(zone)
            if time_range and title:
                yield DatedItem(content, time_range, title, anchor)


def _agenda(blocks: tuple[BlockBase, ...], zone: str, lang: str) -> list[AgendaEntry]:
    entries = [
        AgendaEntry(
            item.time_range.first_day, dates.short_date(item.time_range.first_day, lang), item.title, item.anchor
        )
        for item in dated_items(blocks, zone, lang)
    ]
    return sorted(entries, key=lambda entry: entry.day)


def build_context(draft: Draft, placeholder: Callable[[str], str]) -> dict[str, Any]:
    """The variables of the templates; `placeholder` gives a reader's fields their spelling in this part."""
    publication, issue, lang = draft.publication, draft.issue, draft.lang
    theme = publication.theme

    def when(scheduled: Scheduled) -> str | None:
        time_range = scheduled.time_range(publication.zone)
        if time_range is None:
            return None
        return dates.time_range_text(time_range, lang, issued=issue.date, say_zone=publication.say_zone)

    def tile(scheduled: Scheduled) -> dates.DateTile | None:
        time_range: TimeRange | None = scheduled.time_range(publication.zone)
        return dates.date_tile(time_range, lang) if time_range else None

    calendar_names = {calendar.name for calendar in draft.calendars}

    def calendar(anchor: str) -> str | None:
        """Where the file for a reader's calendar is; None where there is none."""
        name = f"{anchor}.ics"
        return f"{draft.page_url}{name}" if name in calendar_names else None

    rubrics = _rubrics(issue.blocks)
    # What stands above each block in its rubric: the first one draws no rule above itself.
    type_above = {
        block.id: block_type(type(block_above)) for rubric in rubrics for block_above, block in pairwise(rubric.blocks)
    }

    return {
        "issue": issue,
        "publication": publication,
        "lang": lang,
        "theme": theme,
        "scale": theme.scale,
        "space": theme.space,
        "light": palette.compute_colours(theme.light),
        "dark": palette.compute_colours(theme.dark, theme.light.accent),
        "width": LETTER_WIDTH,
        "rubrics": rubrics,
        "after": lambda block: type_above.get(block.id),
        "agenda": _agenda(issue.blocks, publication.zone, lang),
        "date": dates.long_date(issue.date, lang),
        "month": dates.month_year(issue.date, lang),
        "when": when,
        "tile": tile,
        "name_of": lambda event: name_of(event, lang),
        "number_text": lambda value, unit=None: number_text(value, unit, lang),
        "anchor_of": brief_anchor,
        "kind_of": lambda block: block_type(type(block)),
        "src": lambda name: draft.picture_urls[name],
        "measures": lambda name: draft.pictures[name],
        "calendar": calendar,
        "web_version": draft.page_url if publication.archive else None,
        # The letter has no other clock than its own date.
        "statement": draft.statement_url,
        "compliance": publication.compliance(issue.date).label,
        "unsubscribe": placeholder("unsubscribe"),
    }
