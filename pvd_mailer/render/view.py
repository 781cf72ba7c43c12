"""What templates see: the issue in rubrics, the theme's computed values, and helpers bound to the language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from pvd_mailer.issue.blocks import BlockBase, Brief, Briefs, Event, Heading, Share, block_type
from pvd_mailer.issue.when import Scheduled, When
from pvd_mailer.render import dates, palette
from pvd_mailer.render.draft import Draft

__all__ = ["AgendaEntry", "Dated", "Rubric", "dated", "values"]

LETTER_WIDTH = 600


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
    held: list[BlockBase] = []

    def close() -> None:
        if heading or held:
            rubrics.append(
                Rubric(heading, tuple(held), sum(1 for rubric in rubrics if rubric.heading) + 1 if heading else 0)
            )
        held.clear()

    for block in blocks:
        if isinstance(block, Heading):
            close()
            heading = block
        elif isinstance(block, Share):
            # Passing the letter on belongs to the letter, not to its last rubric.
            close()
            heading = None
            held.append(block)
        else:
            held.append(block)
    close()
    return rubrics


def brief_anchor(block: Briefs, place: int) -> str:
    """The id of the item at `place` (from 0): the block's own where the item is the first and nothing stands above."""
    return block.id if place == 0 and not block.title else f"{block.id}-{place + 1}"


@dataclass(frozen=True, slots=True)
class Dated:
    """Something that takes place: an event, or a brief that has a title and a date."""

    what: Event | Brief
    when: When
    title: str
    anchor: str


def dated(blocks: tuple[BlockBase, ...], zone: str) -> Iterator[Dated]:
    """All that takes place, in the order of the letter; `zone` is the publication's."""
    for block in blocks:
        found: list[tuple[Event | Brief, str | None, str]] = []
        if isinstance(block, Event):
            found = [(block, block.title, block.id)]
        elif isinstance(block, Briefs):
            found = [(item, item.title, brief_anchor(block, place)) for place, item in enumerate(block.items)]
        for what, title, anchor in found:
            when = what.when(zone)
            if when and title:
                yield Dated(what, when, title, anchor)


def _agenda(blocks: tuple[BlockBase, ...], zone: str, lang: str) -> list[AgendaEntry]:
    entries = [
        AgendaEntry(one.when.first_day, dates.short_date(one.when.first_day, lang), one.title, one.anchor)
        for one in dated(blocks, zone)
    ]
    return sorted(entries, key=lambda entry: entry.day)


def values(draft: Draft, placeholder: Callable[[str], str]) -> dict[str, Any]:
    """The variables of the templates; `placeholder` gives a reader's fields their spelling in this part."""
    publication, issue, lang = draft.publication, draft.issue, draft.lang
    theme = publication.theme

    def when(scheduled: Scheduled) -> str | None:
        moment = scheduled.when(publication.zone)
        if moment is None:
            return None
        return dates.when_text(moment, lang, issued=issue.date, say_zone=publication.say_zone)

    def tile(scheduled: Scheduled) -> dates.DateTile | None:
        moment: When | None = scheduled.when(publication.zone)
        return dates.tile(moment, lang) if moment else None

    filed = {calendar.name for calendar in draft.calendars}

    def calendar(anchor: str) -> str | None:
        """Where the file for a reader's calendar is; None where there is none."""
        name = f"{anchor}.ics"
        return f"{draft.address}{name}" if name in filed else None

    rubrics = _rubrics(issue.blocks)
    # What stands above each block in its rubric: the first one draws no rule above itself.
    before = {block.id: block_type(type(above)) for rubric in rubrics for above, block in pairwise(rubric.blocks)}

    return {
        "issue": issue,
        "publication": publication,
        "lang": lang,
        "theme": theme,
        "scale": theme.scale,
        "space": theme.space,
        "light": palette.compute(theme.light),
        "dark": palette.compute(theme.dark, theme.light.accent),
        "width": LETTER_WIDTH,
        "rubrics": rubrics,
        "after": lambda block: before.get(block.id),
        "agenda": _agenda(issue.blocks, publication.zone, lang),
        "date": dates.long_date(issue.date, lang),
        "month": dates.month_year(issue.date, lang),
        "when": when,
        "tile": tile,
        "anchor_of": brief_anchor,
        "kind_of": lambda block: block_type(type(block)),
        "src": lambda name: draft.sources[name],
        "measures": lambda name: draft.pictures[name],
        "calendar": calendar,
        "web_version": draft.address if publication.archive else None,
        # The letter has no other clock than its own date.
        "statement": draft.statement,
        "compliance": publication.compliance(issue.date).label,
        "unsubscribe": placeholder("unsubscribe"),
    }
