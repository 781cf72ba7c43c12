"""How subscribers and the verdicts of an import read on a terminal, and as JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from pvd_mailer.audience.columns import Columns
from pvd_mailer.audience.entries import Why
from pvd_mailer.audience.intake import Fate, Plan, Verdict
from pvd_mailer.audience.subscribers import Line, Subscriber
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.i18n import N_, NN_, _, ngettext

__all__ = [
    "BASES",
    "COUNTED",
    "STATES",
    "as_json",
    "print_array",
    "print_plan",
    "print_roster",
    "print_subscriber",
    "subscriber_json",
    "why",
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
BASES = {Basis.CONSENT: N_("consent"), Basis.PUBLIC_MISSION: N_("public mission")}
_FATES = {
    Fate.ADDED: (N_("add"), "green"),
    Fate.UPDATED: (N_("update"), "cyan"),
    Fate.UNCHANGED: (N_("unchanged"), ""),
    Fate.REFUSED: (N_("refuse"), "red"),
}
_COUNTS = {
    Fate.ADDED: NN_("{n} to add", "{n} to add"),
    Fate.UPDATED: NN_("{n} to update", "{n} to update"),
    Fate.UNCHANGED: NN_("{n} unchanged", "{n} unchanged"),
    Fate.REFUSED: NN_("{n} refused", "{n} refused"),
}
_DONE = {
    Fate.ADDED: NN_("{n} added", "{n} added"),
    Fate.UPDATED: NN_("{n} updated", "{n} updated"),
    Fate.UNCHANGED: NN_("{n} unchanged", "{n} unchanged"),
    Fate.REFUSED: NN_("{n} refused", "{n} refused"),
}
_WHY = {
    Why.ADDRESS: N_("{detail}"),
    Why.DUPLICATE: N_("the same address as on row {detail}"),
    Why.UNSUBSCRIBED: N_("unsubscribed before: only their own sign-up brings them back"),
    Why.BOUNCED: N_("letters to this address came back in error"),
    Why.COMPLAINED: N_("reported the letter as unwanted: only their own sign-up brings them back"),
    Why.OPPOSED: N_("asked to be forgotten: only their own sign-up brings them back"),
    Why.UNREADABLE: N_("characters that cannot be read: save the file again as “CSV UTF-8”"),
    Why.SEVERAL_LINES: N_("several lines in one cell, with addresses: a quotation mark too many joins rows"),
    Why.TOO_LONG: N_("a cell is longer than 500 characters"),
    Why.BASIS: N_("{detail}"),
    Why.DATE: N_("{detail}"),
    Why.ROLE: N_("an office’s address: several people may read it"),
    Why.PENDING: N_("has not confirmed yet: an import does not confirm"),
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
_FIELDS = {"first_name": N_("first name"), "last_name": N_("last name")}
_SHOWN = 300
"""Rows of a plan that fit a person's patience."""
_WIDTH = 40


def why(verdict: Verdict) -> str:
    """Why a row is refused, or what is noticed of it; nothing where there is nothing to say."""
    if verdict.why is None:
        if verdict.revision is None:
            return ""
        fields = ", ".join(_(_FIELDS.get(one, one)) for one in verdict.revision.fields)
        return _("changes: {fields}").format(fields=fields)
    return _(_WHY[verdict.why]).format(detail=verdict.detail)


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


def print_plan(made: Plan, columns: Columns, file: str, form: str, *, applied: bool, lists_all: bool) -> None:
    """Print what becomes of each row, and the sum."""
    if form == "json":
        click.echo(as_json(_plan_json(made, columns, file, applied=applied)))
        return
    hidden = _print_rows(made, lists_all=lists_all or len(made.verdicts) <= _SHOWN)
    if hidden:
        said = ngettext(
            "… and {n} row with nothing to say of it; --all lists every row",
            "… and {n} rows with nothing to say of them; --all lists every row",
            hidden,
        )
        click.echo(click.style(said.format(n=hidden), dim=True))
    if made.verdicts:
        click.echo()
    words = _DONE if applied else _COUNTS
    rows = ngettext("{n} row", "{n} rows", len(made.verdicts)).format(n=len(made.verdicts))
    parts = [ngettext(*words[fate], made.fates[fate]).format(n=made.fates[fate]) for fate in Fate if made.fates[fate]]
    click.echo(_("{rows}: {parts}").format(rows=rows, parts=", ".join(parts)) if parts else rows)
    if columns.ignored:
        names = ", ".join(f"“{name}”" for name in columns.ignored)
        click.echo(_("Columns not taken: {names}. To keep one: --map 'NAME=tag:KEY'").format(names=names))
    if made.changed:
        said = ngettext(
            "{n} row was judged otherwise than a moment ago: the list changed meanwhile",
            "{n} rows were judged otherwise than a moment ago: the list changed meanwhile",
            len(made.changed),
        )
        click.echo(said.format(n=len(made.changed)))
    if not applied:
        click.echo(click.style(_("Simulation: nothing was written. Add --apply to do it."), bold=True))


def _print_rows(made: Plan, *, lists_all: bool) -> int:
    """Print the rows, or those that there is something to say of; return how many were not printed."""
    printed = [one for one in made.verdicts if lists_all or one.why is not None]
    if not printed:
        return len(made.verdicts)
    numbers = max(len(str(printed[-1].entry.row)), len(_("row")))
    verbs = max(len(_(words)) for words, _colour in _FATES.values())
    addresses = min(max(len(one.entry.written) for one in printed), _WIDTH)
    click.echo(click.style(f"{_('row'):>{numbers}}", dim=True))
    for one in printed:
        words, colour = _FATES[one.fate]
        address = _cut(one.entry.written)
        line = f"{one.entry.row:>{numbers}}  {click.style(f'{_(words):<{verbs}}', fg=colour or None)}  "
        said = why(one)
        click.echo(f"{line}{address:<{addresses}}  {said}" if said else f"{line}{address}")
    return len(made.verdicts) - len(printed)


def _cut(text: str) -> str:
    bare = "".join(one if one.isprintable() else "?" for one in text)
    return bare if len(bare) <= _WIDTH else bare[: _WIDTH - 1] + "…"


def _plan_json(made: Plan, columns: Columns, file: str, *, applied: bool) -> dict[str, Any]:
    return {
        "file": file,
        "applied": applied,
        "rows": len(made.verdicts),
        "counts": {str(fate): made.fates[fate] for fate in Fate},
        "columns_not_taken": list(columns.ignored),
        "changed_since": [one.entry.row for one in made.changed],
        "verdicts": [
            {
                "row": one.entry.row,
                "address": one.entry.written,
                "fate": str(one.fate),
                "why": str(one.why) if one.why else None,
                "message": why(one) or None,
            }
            for one in made.verdicts
        ],
    }


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
        click.echo(f"{_cut(one.address):<{_WIDTH}}  {said}".rstrip() + words)
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
