"""Each date of the letter as a file for a reader's calendar (RFC 5545), where there is a place to host it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pvd_mailer.issue.blocks import Event
from pvd_mailer.letter import Calendar
from pvd_mailer.render import richtext
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.view import Dated, dated

__all__ = ["run"]

PRODUCT = "-//pvd_mailer//pvd_mailer//EN"
UNWRAPPED = 100_000


def run(draft: Draft) -> Draft:
    """Fill in `calendars`: one file for each event, and for each brief that has a title, a day and an hour."""
    if draft.hosting.pages_url is None:
        return draft
    found = [
        one
        for one in dated(draft.issue.blocks, draft.publication.zone)
        if isinstance(one.what, Event) or isinstance(one.when.start, datetime)
    ]
    return replace(draft, calendars=tuple(Calendar(f"{one.anchor}.ics", _file(one, draft)) for one in found))


def _file(one: Dated, draft: Draft) -> bytes:
    import icalendar  # noqa: PLC0415 - takes longer to import than a letter without hosting takes to render

    event = icalendar.Event()
    for name, value in _properties(one, draft).items():
        event.add(name, value)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _properties(one: Dated, draft: Draft) -> dict[str, Any]:
    issue, publication = draft.issue, draft.publication
    said: dict[str, Any] = {
        # Stable, so that who takes it twice has it once.
        "uid": f"{one.anchor}.{issue.number}.{issue.publication}@{publication.list_id.id}",
        # When the file was made, which has to be the same each time.
        "dtstamp": datetime.combine(issue.date, time(), UTC),
        "summary": one.title,
        **_stretch(one),
    }
    place = one.what.place if isinstance(one.what, Event) else None
    link = one.what.link
    if place:
        said["location"] = place
    if link and link.url.startswith("http"):
        said["url"] = link.url
    parts = [
        richtext.to_text(one.what.body, width=UNWRAPPED) if one.what.body else "",
        f"{link.label}\n{link.url.removeprefix('mailto:').removeprefix('tel:')}" if link else "",
        f"{publication.name} – {publication.letter}\n{draft.address if publication.archive else ''}".strip(),
    ]
    said["description"] = "\n\n".join(part for part in parts if part)
    return said


def _stretch(one: Dated) -> dict[str, Any]:
    """The beginning and the end: hours in UTC, which every calendar shows by its reader's own clock.

    A single event needs no more: a zone's rules in the file would be for one that is repeated. Where no end is known,
    none is said, and none is made up. Whole days end before the day after the last (RFC 5545, 3.6.1).
    """
    start, end = one.when.start, one.when.end
    if isinstance(start, datetime):
        hours = {"dtstart": _utc(start, one.when.zone)}
        return hours | ({"dtend": _utc(end, one.when.zone)} if isinstance(end, datetime) else {})
    days: dict[str, date] = {"dtstart": start, "dtend": one.when.last_day + timedelta(days=1)}
    return days


def _utc(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
