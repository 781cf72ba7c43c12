"""Each date of the letter as a file for a reader's calendar (RFC 5545), where there is a place to host it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pvd_mailer.issue.blocks import Event
from pvd_mailer.letter import Calendar
from pvd_mailer.render import richtext
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.template_context import DatedItem, dated_items

__all__ = ["run"]

_PRODID = "-//pvd_mailer//pvd_mailer//EN"
_NO_WRAP_WIDTH = 100_000


def run(draft: Draft) -> Draft:
    """Fill in `calendars`: one file for each event, and for each brief that has a title, a day and an hour."""
    if draft.hosting.pages_url is None:
        return draft
    items = [
        item
        for item in dated_items(draft.issue.blocks, draft.publication.zone, draft.lang)
        if isinstance(item.content, Event) or isinstance(item.time_range.start, datetime)
    ]
    return replace(draft, calendars=tuple(Calendar(f"{item.anchor}.ics", _ics_file(item, draft)) for item in items))


def _ics_file(item: DatedItem, draft: Draft) -> bytes:
    import icalendar  # noqa: PLC0415 - takes longer to import than a letter without hosting takes to render

    event = icalendar.Event()
    for name, value in _event_properties(item, draft).items():
        event.add(name, value)
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event_properties(item: DatedItem, draft: Draft) -> dict[str, Any]:
    issue, publication = draft.issue, draft.publication
    properties: dict[str, Any] = {
        # Stable, so that who takes it twice has it once.
        "uid": f"{item.anchor}.{issue.number}.{issue.publication}@{publication.list_id.id}",
        # When the file was made, which has to be the same each time.
        "dtstamp": datetime.combine(issue.date, time(), UTC),
        "summary": item.title,
        **_time_properties(item),
    }
    location = item.content.place if isinstance(item.content, Event) else None
    links = (item.content.link,) if isinstance(item.content, Event) else item.content.links
    link = next((link for link in links if link is not None), None)
    if location:
        properties["location"] = location
    if link and link.url.startswith("http"):
        properties["url"] = link.url
    parts = [
        richtext.to_text(item.content.body, width=_NO_WRAP_WIDTH) if item.content.body else "",
        f"{link.label}\n{link.url.removeprefix('mailto:').removeprefix('tel:')}" if link else "",
        f"{publication.name} – {publication.letter}\n{draft.page_url if publication.archive else ''}".strip(),
    ]
    properties["description"] = "\n\n".join(part for part in parts if part)
    return properties


def _time_properties(item: DatedItem) -> dict[str, Any]:
    """The beginning and the end: hours in UTC, which every calendar shows by its reader's own clock.

    A single event needs no more: a zone's rules in the file would be for one that is repeated. Where no end is known,
    none is said, and none is made up. Whole days end before the day after the last (RFC 5545, 3.6.1).
    """
    start, end = item.time_range.start, item.time_range.end
    if isinstance(start, datetime):
        properties = {"dtstart": _utc(start, item.time_range.zone)}
        return properties | ({"dtend": _utc(end, item.time_range.zone)} if isinstance(end, datetime) else {})
    days: dict[str, date] = {"dtstart": start, "dtend": item.time_range.last_day + timedelta(days=1)}
    return days


def _utc(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
