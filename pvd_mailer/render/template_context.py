"""What templates see: the issue in rubrics, the theme's computed values, and helpers bound to the language."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from pvd_mailer.i18n import N_, catalogue
from pvd_mailer.issue.blocks import BlockBase, Brief, Briefs, CallToAction, Event, Image, KeyFigure, Share, block_type
from pvd_mailer.issue.picture import is_see_through
from pvd_mailer.issue.schedule import Scheduled, TimeRange
from pvd_mailer.render import dates, fitting, palette
from pvd_mailer.render.credits import credit_line
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.layout import lay_out, split_rubrics, target_url
from pvd_mailer.render.numbers import number_text

__all__ = ["AgendaEntry", "DatedItem", "SizedPicture", "build_context", "dated_items", "name_of"]

LETTER_WIDTH = 600
LETTER_MARGIN = 32
"""CSS pixels between the letter's edges and its texts; 20 on a phone (head.css)."""
_ON_A_GROUND_OF_THEIR_OWN = (KeyFigure, CallToAction, Share)
_KIND_NAMES = {"webinar": N_("Webinar"), "meeting": N_("Meeting")}


@dataclass(frozen=True, slots=True)
class AgendaEntry:
    """A date to remember, and the block that tells of it.

    Attributes:
        hour: When it begins, such as "13 h 30"; None where only the day is known.
        url: Where to register or to read on: in the letter, programs drop the way to an anchor. None where nothing is.
    """

    day: date
    label: str
    hour: str | None
    title: str
    anchor: str
    url: str | None


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


def _agenda(draft: Draft) -> list[AgendaEntry]:
    lang, entries = draft.lang, []
    for item in dated_items(draft.issue.blocks, draft.publication.zone, draft.lang):
        start, day = item.time_range.start, item.time_range.first_day
        hour = dates.hour_text(start.time(), lang) if isinstance(start, datetime) else None
        page_url = draft.page_url if draft.publication.archive else None
        url = target_url(item.content) or (f"{page_url}#{item.anchor}" if page_url else None)
        entries.append(
            AgendaEntry(day, dates.short_date(day, lang, issued=draft.issue.date), hour, item.title, item.anchor, url)
        )
    return sorted(entries, key=lambda entry: entry.day)


def _agenda_zone(draft: Draft) -> str | None:
    """`Heure de Paris`, where all hours of the agenda are of one zone, and readers are told which."""
    zones = {
        item.time_range.zone
        for item in dated_items(draft.issue.blocks, draft.publication.zone, draft.lang)
        if isinstance(item.time_range.start, datetime)
    }
    if not draft.publication.say_zone or len(zones) != 1:
        return None
    name = dates.zone_name(zones.pop(), draft.lang)
    return name[0].upper() + name[1:]


@dataclass(frozen=True, slots=True)
class SizedPicture:
    """A picture as large as it is shown, in CSS pixels."""

    width: int
    height: int

    @property
    def is_stroke(self) -> bool:
        """Whether it is too high for its place however narrow: then its height has to be said."""
        return self.width <= fitting.THINNEST


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
        return dates.date_tile(time_range, lang, issued=issue.date) if time_range else None

    def beside_tile(scheduled: Scheduled) -> str | None:
        """What a date's tile does not say: the hours, or the last day."""
        time_range = scheduled.time_range(publication.zone)
        if time_range is None:
            return None
        if time_range.first_day != time_range.last_day:
            return when(scheduled)
        return dates.hours_text(time_range, lang, say_zone=publication.say_zone)

    def sized(image: Image, room: int, tallest: int | None = None) -> SizedPicture:
        picture = draft.pictures[image.file]
        return SizedPicture(*fitting.picture_size(picture.width, picture.height, room, tallest or room * 2))

    calendar_names = {calendar.name for calendar in draft.calendars}

    def calendar(anchor: str) -> str | None:
        """Where the file for a reader's calendar is; None where there is none."""
        name = f"{anchor}.ics"
        return f"{draft.page_url}{name}" if name in calendar_names else None

    rubrics = split_rubrics(issue.blocks)
    layout = lay_out(issue.blocks)
    # What stands above each block in its rubric, on the same ground: the first one draws no rule above itself.
    type_above = {
        block.id: block_type(type(block_above))
        for rubric in layout.rubrics
        for block_above, block in pairwise(rubric.blocks)
        if not isinstance(block_above, _ON_A_GROUND_OF_THEIR_OWN)
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
        "margin": LETTER_MARGIN,
        "rubrics": rubrics,
        "layout": layout,
        "after": lambda block: type_above.get(block.id),
        "agenda": _agenda(draft),
        "agenda_zone": _agenda_zone(draft),
        "date": dates.long_date(issue.date, lang),
        "month": dates.month_year(issue.date, lang),
        "when": when,
        "tile": tile,
        "beside_tile": beside_tile,
        "name_of": lambda event: name_of(event, lang),
        "number_text": lambda value, unit=None: number_text(value, unit, lang),
        "anchor_of": brief_anchor,
        "kind_of": lambda block: block_type(type(block)),
        "src": lambda name: draft.picture_urls[name],
        "sized": sized,
        "credits": credit_line,
        "needs_plate": lambda image: is_see_through(draft.pictures[image.file]),
        "target": target_url,
        "fit": fitting.phone_size_class,
        "figure_size": fitting.figure_size,
        "short_label": fitting.short_label,
        "halves": fitting.break_after_colon,
        "calendar": calendar,
        "web_version": draft.page_url if publication.archive else None,
        # The letter has no other clock than its own date.
        "statement": draft.statement_url,
        "compliance": publication.compliance(issue.date).label,
        "subscribe_label": publication.subscribe_label or catalogue(lang).gettext("Subscribe to this letter"),
        "unsubscribe": placeholder("unsubscribe"),
    }
