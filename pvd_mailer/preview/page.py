"""The page around the letter, whole or in the parts that a save changes."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pvd_mailer.i18n import _, format_number, language, ngettext
from pvd_mailer.letter import inbox_preview
from pvd_mailer.letter.size import MAX_HTML_BYTES
from pvd_mailer.preview.content_security import FRAME_SANDBOX
from pvd_mailer.preview.finding_views import FindingGroups, mark_code
from pvd_mailer.preview.state import GoodRender, PreviewState
from pvd_mailer.render.dates import long_date
from pvd_mailer.web.templates import Environment, page_environment

__all__ = ["page_parts", "source_page", "text_page", "whole_page"]

_KILOBYTE = 1000
_NEAR_LIMIT = 0.95


@lru_cache
def _environment() -> Environment:
    environment = page_environment(Path(__file__).parent / "pages")
    environment.filters["size"] = _size
    environment.filters["code"] = mark_code
    return environment


def _fill(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


def _size(size: int) -> str:
    units, tenths = divmod(round(size / _KILOBYTE * 10), 10)
    return _("{n} KB").format(n=format_number(units) + (f"{_('.')}{tenths}" if tenths else ""))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M:%S}"


def _count_blocking(count: int) -> str:
    return ngettext("{n} blocking fault", "{n} blocking faults", count).format(n=count)


def _issue_name(render: GoodRender) -> str:
    publication, issue = render.checked.publication, render.checked.issue
    return _("{letter} no. {number}").format(letter=publication.letter, number=issue.number)


def _size_summary(render: GoodRender) -> dict[str, Any]:
    html_bytes = len(render.checked.letter.html.encode())
    if html_bytes > MAX_HTML_BYTES:
        verdict, comment = "over", _("too heavy: Gmail may cut the end off")
    elif html_bytes > MAX_HTML_BYTES * _NEAR_LIMIT:
        verdict, comment = "near", _("fits, with little room left")
    else:
        verdict, comment = "fits", _("fits")
    pictures = render.pictures.values()
    return {
        "html": html_bytes,
        "limit": MAX_HTML_BYTES,
        "of_limit": _("of {limit}").format(limit=_size(MAX_HTML_BYTES)),
        "verdict": verdict,
        "words": comment,
        "pictures": len(pictures),
        "pictures_weight": sum(len(picture.data) for picture in pictures),
        "whole": _("about {n} KB").format(n=format_number(round(render.message_size / _KILOBYTE))),
    }


def _head(state: PreviewState) -> str:
    good = state.last_good
    if good is None:
        return ""
    issue, publication, letter = good.checked.issue, good.checked.publication, good.checked.letter
    return _fill(
        "head.html",
        name=_issue_name(good),
        publication=publication.name,
        date=long_date(issue.date, language()),
        lang=letter.lang,
        sender=publication.sender.name,
        computer=inbox_preview.preview_on_computer(letter.subject, letter.preheader),
        phone=inbox_preview.preview_on_phone(letter.subject, letter.preheader),
        weight=_size_summary(good),
    )


def page_parts(state: PreviewState) -> dict[str, str]:
    """What a save changes, each part ready to be put in its place."""
    groups = FindingGroups.from_state(state)
    blocking = groups.blocking
    good = state.last_good
    title = _issue_name(good) if good else _("No letter yet")
    hour = _clock(state.read_at)
    alert = ""
    if state.is_blocked:
        status = _("{faults} at {hour}").format(faults=_count_blocking(len(blocking)), hour=hour)
        title = f"({len(blocking)}) {title}"
        alert = _count_blocking(len(blocking)) + ". "
        alert += (
            _("Below, the last good letter, of {hour}.").format(hour=_clock(good.rendered_at))
            if good
            else _("No letter can be shown yet.")
        )
    elif blocking:
        status = _("{faults} at {hour}").format(faults=_count_blocking(len(blocking)), hour=hour)
        title = f"({len(blocking)}) {title}"
        alert = (
            _count_blocking(len(blocking))
            + ". "
            + _("The letter is shown as it is now; it cannot be approved like this.")
        )
    else:
        status = _("Up to date at {hour}").format(hour=hour)
    if state.is_being_checked:
        status = _("Being proofread, {hour}").format(hour=hour)
    return {
        "stamp": state.version,
        "revision": str(state.revision),
        "findings_revision": str(state.findings_revision),
        "checking": "true" if state.is_being_checked else "false",
        "letter": good.digest if good else "",
        "state": "blocked" if blocking else "good",
        "title": f"{title} – {_('Preview')}",
        "status": status,
        "head": _head(state),
        "alert": alert,
        "faults": _fill("faults.html", told=groups),
    }


def whole_page(state: PreviewState) -> str:
    """The page."""
    return _fill("preview.html", lang=language(), sandbox=FRAME_SANDBOX, **page_parts(state))


def text_page(render: GoodRender) -> str:
    """The document of the text part's frame."""
    return _fill("text.html", lang=render.checked.letter.lang, text=render.text)


def source_page(lines: list[str]) -> str:
    """The document of the source's frame; `lines` are HTML already."""
    return _fill("source.html", lines=lines)
