"""The page around the letter, whole or in the parts that a save changes."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from pvd_mailer.i18n import _, language, ngettext, number
from pvd_mailer.letter import inbox
from pvd_mailer.letter.weight import LIMIT
from pvd_mailer.preview.faults import Told, code
from pvd_mailer.preview.guard import SANDBOX
from pvd_mailer.preview.state import Good, Shown
from pvd_mailer.render.dates import long_date
from pvd_mailer.web.pages import Environment, page_environment

__all__ = ["parts", "source", "text", "whole"]

KILOBYTE = 1000
NEAR = 0.95


@lru_cache
def _environment() -> Environment:
    environment = page_environment(Path(__file__).parent / "pages")
    environment.filters["size"] = _size
    environment.filters["code"] = code
    return environment


def _fill(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(values)


def _size(size: int) -> str:
    whole, tenths = divmod(round(size / KILOBYTE * 10), 10)
    return _("{n} KB").format(n=number(whole) + (f"{_('.')}{tenths}" if tenths else ""))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone():%H:%M:%S}"


def _counted(number: int) -> str:
    return ngettext("{n} blocking fault", "{n} blocking faults", number).format(n=number)


def _name(good: Good) -> str:
    publication, issue = good.proof.publication, good.proof.issue
    return _("{letter} no. {number}").format(letter=publication.letter, number=issue.number)


def _weight(good: Good) -> dict[str, Any]:
    weight = len(good.proof.letter.html.encode())
    if weight > LIMIT:
        verdict, words = "over", _("too heavy: Gmail may cut the end off")
    elif weight > LIMIT * NEAR:
        verdict, words = "near", _("fits, with little room left")
    else:
        verdict, words = "fits", _("fits")
    pictures = good.pictures.values()
    return {
        "html": weight,
        "limit": LIMIT,
        "of_limit": _("of {limit}").format(limit=_size(LIMIT)),
        "verdict": verdict,
        "words": words,
        "pictures": len(pictures),
        "pictures_weight": sum(len(picture.data) for picture in pictures),
        "whole": _("about {n} KB").format(n=number(round(good.weight / KILOBYTE))),
    }


def _head(shown: Shown) -> str:
    good = shown.good
    if good is None:
        return ""
    issue, publication, letter = good.proof.issue, good.proof.publication, good.proof.letter
    return _fill(
        "head.html",
        name=_name(good),
        publication=publication.name,
        date=long_date(issue.date, language()),
        lang=letter.lang,
        sender=publication.sender.name,
        computer=inbox.on_computer(letter.subject, letter.preheader),
        phone=inbox.on_phone(letter.subject, letter.preheader),
        weight=_weight(good),
    )


def parts(shown: Shown) -> dict[str, str]:
    """What a save changes, each part ready to be put in its place."""
    told = Told.of(shown)
    blocking = told.blocking
    good = shown.good
    title = _name(good) if good else _("No letter yet")
    hour = _clock(shown.at)
    alert = ""
    if shown.is_blocked:
        status = _("{faults} at {hour}").format(faults=_counted(len(blocking)), hour=hour)
        title = f"({len(blocking)}) {title}"
        alert = _counted(len(blocking)) + ". "
        alert += (
            _("Below, the last good letter, of {hour}.").format(hour=_clock(good.at))
            if good
            else _("No letter can be shown yet.")
        )
    elif blocking:
        status = _("{faults} at {hour}").format(faults=_counted(len(blocking)), hour=hour)
        title = f"({len(blocking)}) {title}"
        alert = _counted(len(blocking)) + ". " + _("The letter is shown as it is now; it cannot be approved like this.")
    else:
        status = _("Up to date at {hour}").format(hour=hour)
    return {
        "stamp": shown.stamp,
        "letter": good.digest if good else "",
        "state": "blocked" if blocking else "good",
        "title": f"{title} – {_('Preview')}",
        "status": status,
        "head": _head(shown),
        "alert": alert,
        "faults": _fill("faults.html", told=told),
    }


def whole(shown: Shown) -> str:
    """The page."""
    return _fill("preview.html", lang=language(), sandbox=SANDBOX, **parts(shown))


def text(good: Good) -> str:
    """The document of the text part's frame."""
    return _fill("text.html", lang=good.proof.letter.lang, text=good.text)


def source(lines: list[str]) -> str:
    """The document of the source's frame; `lines` are HTML already."""
    return _fill("source.html", lines=lines)
