"""How subscribers read on a terminal, and as JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.i18n import N_, NN_, _
from pvd_mailer.subscribers.queries import HistoryEntry, Subscriber

__all__ = [
    "BASIS_LABELS",
    "STATE_COUNT_LABELS",
    "STATE_LABELS",
    "json_text",
    "print_json_array",
    "print_subscriber",
    "print_subscribers",
    "printable",
    "subscriber_json",
]

STATE_LABELS = {
    SubscriberState.PENDING: N_("has not confirmed yet"),
    SubscriberState.SUBSCRIBED: N_("subscribed"),
    SubscriberState.UNSUBSCRIBED: N_("unsubscribed"),
    SubscriberState.BOUNCED: N_("address returned in error"),
    SubscriberState.COMPLAINED: N_("reported the letter as unwanted"),
}
STATE_COUNT_LABELS = {
    SubscriberState.PENDING: NN_("{n} who has not confirmed yet", "{n} who have not confirmed yet"),
    SubscriberState.SUBSCRIBED: NN_("{n} subscribed", "{n} subscribed"),
    SubscriberState.UNSUBSCRIBED: NN_("{n} unsubscribed", "{n} unsubscribed"),
    SubscriberState.BOUNCED: NN_("{n} address returned in error", "{n} addresses returned in error"),
    SubscriberState.COMPLAINED: NN_(
        "{n} who reported the letter as unwanted", "{n} who reported the letter as unwanted"
    ),
}
BASIS_LABELS = {
    LegalBasis.CONSENT: N_("consent"),
    LegalBasis.PUBLIC_MISSION: N_("public mission"),
    LegalBasis.NONE: N_("none: known for their opposition alone"),
}
_HISTORY_LABELS: dict[str, str] = {
    "imported": N_("imported"),
    "added": N_("added by hand"),
    "signed-up": N_("signed up"),
    "updated": N_("updated"),
    "resubscribed": N_("took the unsubscription back"),
    **{str(state): label for state, label in STATE_LABELS.items()},
}
_SOURCE_LABELS = {
    # What events write; any other source is somebody's own words.
    "sendgrid": N_("SendGrid told so"),
    "sync": N_("from SendGrid’s lists"),
    "maildir": N_("by mail"),
    "send": N_("the mail server refused the address"),
    "soft-bounces": N_("issues in a row that did not arrive"),
}
_WIDTH = 40


def json_text(value: Any) -> str:
    """`value` as the commands print JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def print_json_array(values: Iterable[Any]) -> None:
    """Print a JSON array, one value a line, as they come."""
    separator = "["
    for value in values:
        click.echo(f"{separator}\n  {json.dumps(value, ensure_ascii=False)}", nl=False)
        separator = ","
    click.echo("\n]" if separator == "," else "[]")


def printable(text: str, width: int = _WIDTH) -> str:
    """`text` as it can be printed, in at most `width` characters."""
    visible = "".join(character if character.isprintable() else "?" for character in text)
    return visible if len(visible) <= width else visible[: width - 1] + "…"


def subscriber_json(subscriber: Subscriber, tags: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """One subscriber, as `list` and `show` print JSON."""
    return {
        "address": subscriber.address,
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "state": str(subscriber.state),
        "tags": {key: list(values) for key, values in tags.items()},
        "basis": str(subscriber.proof.basis),
        "proof_at": subscriber.proof.at.isoformat(),
        "proof_source": subscriber.proof.source,
        "proof_wording": subscriber.proof.wording,
        "created_at": subscriber.created_at.isoformat(),
        "changed_at": subscriber.changed_at.isoformat(),
        "last_contact_at": subscriber.last_contact_at.isoformat(),
    }


def print_subscribers(tagged: Iterator[tuple[Subscriber, dict[str, tuple[str, ...]]]]) -> int:
    """Print one line a person; return how many."""
    count = 0
    for subscriber, tags in tagged:
        count += 1
        state_text = (
            click.style(f"  {_(STATE_LABELS[subscriber.state])}", fg="yellow")
            if subscriber.state != SubscriberState.SUBSCRIBED
            else ""
        )
        text = "  ".join(part for part in (subscriber.name, _tags(tags)) if part)
        click.echo(f"{printable(subscriber.address):<{_WIDTH}}  {text}".rstrip() + state_text)
    return count


def _tags(tags: dict[str, tuple[str, ...]]) -> str:
    return click.style(" · ".join(f"{key}:{', '.join(values)}" for key, values in tags.items()), dim=True)


def print_subscriber(subscriber: Subscriber, tags: dict[str, tuple[str, ...]], history: list[HistoryEntry]) -> None:
    """Print all there is of a person, one thing a line."""
    lines = [
        (_("address"), subscriber.address),
        (_("name"), subscriber.name),
        (_("state"), _(STATE_LABELS[subscriber.state])),
        *((key, ", ".join(values)) for key, values in tags.items()),
        (_("legal basis"), _(BASIS_LABELS[subscriber.proof.basis])),
        (_("proof"), f"{subscriber.proof.at:%Y-%m-%d}, {subscriber.proof.source}"),
        (_("wording"), subscriber.proof.wording),
        (_("last contact"), f"{subscriber.last_contact_at:%Y-%m-%d}"),
    ]
    width = max(len(title) for title, value in lines if value)
    for title, value in lines:
        if value:
            click.echo(f"{click.style(f'{title:<{width}}', dim=True)}  {value}")
    click.echo()
    for entry in history:
        time = click.style(f"{entry.at:%Y-%m-%d %H:%M} UTC", dim=True)
        click.echo(f"{time}  {_history_text(entry)}")


def _history_text(entry: HistoryEntry) -> str:
    what = _(_HISTORY_LABELS.get(entry.what, entry.what))
    source = _(_SOURCE_LABELS[entry.source]) if entry.source in _SOURCE_LABELS else entry.source
    return ", ".join(part for part in (what, source, entry.detail) if part)
