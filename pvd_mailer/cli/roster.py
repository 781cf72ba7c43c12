"""How subscribers read on a terminal, and as JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from pvd_mailer.audience.subscribers import Line, Subscriber
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.i18n import N_, NN_, _

__all__ = [
    "BASES",
    "COUNTED",
    "STATES",
    "as_json",
    "cut",
    "print_array",
    "print_roster",
    "print_subscriber",
    "subscriber_json",
]

STATES = {
    SubscriberState.PENDING: N_("has not confirmed yet"),
    SubscriberState.SUBSCRIBED: N_("subscribed"),
    SubscriberState.UNSUBSCRIBED: N_("unsubscribed"),
    SubscriberState.BOUNCED: N_("address returned in error"),
    SubscriberState.COMPLAINED: N_("reported the letter as unwanted"),
}
COUNTED = {
    SubscriberState.PENDING: NN_("{n} who has not confirmed yet", "{n} who have not confirmed yet"),
    SubscriberState.SUBSCRIBED: NN_("{n} subscribed", "{n} subscribed"),
    SubscriberState.UNSUBSCRIBED: NN_("{n} unsubscribed", "{n} unsubscribed"),
    SubscriberState.BOUNCED: NN_("{n} address returned in error", "{n} addresses returned in error"),
    SubscriberState.COMPLAINED: NN_(
        "{n} who reported the letter as unwanted", "{n} who reported the letter as unwanted"
    ),
}
BASES = {
    Basis.CONSENT: N_("consent"),
    Basis.PUBLIC_MISSION: N_("public mission"),
    Basis.NONE: N_("none: known for their opposition alone"),
}
_HISTORY: dict[str, str] = {
    "imported": N_("imported"),
    "added": N_("added by hand"),
    "signed-up": N_("signed up"),
    "updated": N_("updated"),
    "resubscribed": N_("took the unsubscription back"),
    **{str(state): words for state, words in STATES.items()},
}
_SOURCES = {
    # What events write; any other source is somebody's own words.
    "sendgrid": N_("SendGrid told so"),
    "sync": N_("from SendGrid’s lists"),
    "maildir": N_("by mail"),
    "send": N_("the mail server refused the address"),
    "soft-bounces": N_("issues in a row that did not arrive"),
}
_WIDTH = 40


def as_json(value: Any) -> str:
    """`value` as the commands print JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def print_array(values: Iterable[Any]) -> None:
    """Print a JSON array, one value a line, as they come."""
    before = "["
    for value in values:
        click.echo(f"{before}\n  {json.dumps(value, ensure_ascii=False)}", nl=False)
        before = ","
    click.echo("\n]" if before == "," else "[]")


def cut(text: str, width: int = _WIDTH) -> str:
    """`text` as it can be printed, in at most `width` characters."""
    bare = "".join(one if one.isprintable() else "?" for one in text)
    return bare if len(bare) <= width else bare[: width - 1] + "…"


def subscriber_json(one: Subscriber, marks: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """One subscriber, as `list` and `show` print JSON."""
    return {
        "address": one.address,
        "first_name": one.first_name,
        "last_name": one.last_name,
        "state": str(one.state),
        "tags": {key: list(values) for key, values in marks.items()},
        "basis": str(one.proof.basis),
        "proof_at": one.proof.at.isoformat(),
        "proof_source": one.proof.source,
        "proof_wording": one.proof.wording,
        "created_at": one.created_at.isoformat(),
        "changed_at": one.changed_at.isoformat(),
        "last_contact_at": one.last_contact_at.isoformat(),
    }


def print_roster(people: Iterator[tuple[Subscriber, dict[str, tuple[str, ...]]]]) -> int:
    """Print one line a person; return how many."""
    number = 0
    for one, marks in people:
        number += 1
        words = click.style(f"  {_(STATES[one.state])}", fg="yellow") if one.state != SubscriberState.SUBSCRIBED else ""
        said = "  ".join(part for part in (one.name, _tags(marks)) if part)
        click.echo(f"{cut(one.address):<{_WIDTH}}  {said}".rstrip() + words)
    return number


def _tags(marks: dict[str, tuple[str, ...]]) -> str:
    return click.style(" · ".join(f"{key}:{', '.join(values)}" for key, values in marks.items()), dim=True)


def print_subscriber(one: Subscriber, marks: dict[str, tuple[str, ...]], history: list[Line]) -> None:
    """Print all there is of a person, one thing a line."""
    lines = [
        (_("address"), one.address),
        (_("name"), one.name),
        (_("state"), _(STATES[one.state])),
        *((key, ", ".join(values)) for key, values in marks.items()),
        (_("legal basis"), _(BASES[one.proof.basis])),
        (_("proof"), f"{one.proof.at:%Y-%m-%d}, {one.proof.source}"),
        (_("wording"), one.proof.wording),
        (_("last contact"), f"{one.last_contact_at:%Y-%m-%d}"),
    ]
    width = max(len(title) for title, said in lines if said)
    for title, said in lines:
        if said:
            click.echo(f"{click.style(f'{title:<{width}}', dim=True)}  {said}")
    click.echo()
    for line in history:
        what = _(_HISTORY.get(line.what, line.what))
        source = _(_SOURCES[line.source]) if line.source in _SOURCES else line.source
        said = ", ".join(part for part in (what, source, line.detail) if part)
        click.echo(f"{click.style(f'{line.at:%Y-%m-%d %H:%M} UTC', dim=True)}  {said}")
