"""`sync`: what came back since the last time, fetched without a public address of one's own."""

import json
from pathlib import Path
from typing import Any

import click

from pvd_mailer.cli.account import number
from pvd_mailer.cli.desk import Command, form_option, open_desk
from pvd_mailer.cli.progress import Line
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.i18n import NN_, _, ngettext
from pvd_mailer.observe import Taken
from pvd_mailer.observe.mails import Why
from pvd_mailer.workflow import observing
from pvd_mailer.workflow.observing import Synced, SyncedMail

__all__ = ["sync"]

_LISTS = {
    "bounces": NN_("address that does not exist", "addresses that do not exist"),
    "blocks": NN_("letter that was turned away", "letters that were turned away"),
    "invalid_emails": NN_("address that is none", "addresses that are none"),
    "spam_reports": NN_("complaint", "complaints"),
    "unsubscribes": NN_("person who left", "people who left"),
}
_CHANGES = {
    SubscriberState.BOUNCED: NN_("{n} whose address no longer works", "{n} whose addresses no longer work"),
    SubscriberState.COMPLAINED: NN_(
        "{n} who reported the letter as unwanted", "{n} who reported the letter as unwanted"
    ),
    SubscriberState.UNSUBSCRIBED: NN_("{n} who left", "{n} who left"),
}
_WHY = {
    Why.OTHER: NN_(
        "{n} that is neither a return nor a wish to leave", "{n} that are neither a return nor a wish to leave"
    ),
    Why.AUTOMATIC: NN_("{n} automatic reply", "{n} automatic replies"),
    Why.NOT_OURS: NN_("{n} about a message that was no letter", "{n} about messages that were no letters"),
    Why.UNPROVED: NN_(
        "{n} return that is not proved: it may be forged, or about a letter of an older version",
        "{n} returns that are not proved: they may be forged, or about letters of an older version",
    ),
    Why.DOUBTFUL: NN_("{n} wish to leave whose sender is in doubt", "{n} wishes to leave whose senders are in doubt"),
    Why.STRANGER: NN_(
        "{n} wish to leave from an address that is on no list", "{n} wishes to leave from addresses that are on no list"
    ),
}


@click.command(
    cls=Command, help=_("Fetch what came back: from SendGrid’s lists, or with --maildir from a folder of mails.")
)
@click.option(
    "--maildir",
    type=click.Path(path_type=Path),
    help=_("A Maildir of returned letters and of wishes to leave; what is understood is marked as read."),
)
@click.option("--all", "whole", is_flag=True, help=_("All that SendGrid has, and not only what is new."))
@form_option
def sync(maildir: Path | None, form: str, *, whole: bool) -> int:
    """Fetch what came back."""
    if maildir is not None and whole:
        raise click.UsageError(_("--all is for SendGrid’s lists, and not for a Maildir."))
    line = Line(shows=form == "text")
    with open_desk().office() as office:
        if maildir is not None:
            try:
                mail = observing.sync_mailbox(office, maildir, tell=lambda count: line(_so_far(count)))
            finally:
                line.end()
            _print(_mail_json(mail)) if form == "json" else _tell_mail(mail)
        else:
            try:
                lists = observing.sync_lists(office, whole=whole, tell=lambda name: line(_asking(name)))
            finally:
                line.end()
            _print(_lists_json(lists)) if form == "json" else _tell_lists(lists)
    return 0


def _print(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _so_far(count: int) -> str:
    return "  " + ngettext("{n} mail read", "{n} mails read", count).format(n=number(count))


def _asking(name: str) -> str:
    return "  " + _("SendGrid is asked for its list {name}").format(name=name)


def _tell_lists(told: Synced) -> None:
    count = told.entries.total() + told.odd
    since = _(" since {day}").format(day=told.since) if told.since else ""
    said = ngettext("SendGrid’s lists: {n} entry{since}", "SendGrid’s lists: {n} entries{since}", count)
    click.echo(said.format(n=number(count), since=since))
    for name, many in told.entries.items():
        if many:
            click.echo(f"{number(many):>8}  {ngettext(*_LISTS[name], many)}")
    if told.odd:
        said = ngettext("{n} was not understood.", "{n} were not understood.", told.odd)
        click.echo(said.format(n=number(told.odd)))
    _tell(told.taken)


def _tell_mail(told: SyncedMail) -> None:
    read = told.understood
    click.echo(
        ngettext("{n} mail understood, and marked as read", "{n} mails understood, and marked as read", read).format(
            n=number(read)
        )
    )
    if told.bounces:
        said = ngettext("{n} returned letter", "{n} returned letters", told.bounces)
        click.echo("  " + said.format(n=number(told.bounces)))
    if told.arrivals:
        said = ngettext("{n} report that a letter arrived", "{n} reports that a letter arrived", told.arrivals)
        click.echo("  " + said.format(n=number(told.arrivals)))
    if told.leavers:
        said = ngettext("{n} wish to leave", "{n} wishes to leave", told.leavers)
        click.echo("  " + said.format(n=number(told.leavers)))
    _tell(told.taken)
    unread = told.unread.total()
    if unread:
        said = ngettext("{n} mail is left for a person to read:", "{n} mails are left for a person to read:", unread)
        click.echo(click.style("→ ", fg="cyan") + said.format(n=number(unread)))
        for why, many in told.unread.most_common():
            click.echo("  " + ngettext(*_WHY[why], many).format(n=number(many)))


def _tell(taken: Taken) -> None:
    """Who is written to no more, and why; in counts, for this may be pasted into a mail."""
    out = {state: count for state, count in taken.changed.items() if state is not SubscriberState.SUBSCRIBED}
    total = sum(out.values())
    if total:
        said = ngettext("{n} person is written to no more:", "{n} people are written to no more:", total)
        click.echo(click.style(said.format(n=number(total)), bold=True))
        for state, count in out.items():
            click.echo("  " + ngettext(*_CHANGES[state], count).format(n=number(count)))
    else:
        click.echo(_("Nobody new has to be left out."))
    back = taken.changed[SubscriberState.SUBSCRIBED]
    if back:
        said = ngettext(
            "{n} person is written to again: a letter did arrive.",
            "{n} people are written to again: a letter did arrive.",
            back,
        )
        click.echo(said.format(n=number(back)))
    for dispatch_id, count in sorted(taken.settled.items()):
        said = ngettext(
            "Dispatch {id}: {n} recipient was unknown, and has the letter.",
            "Dispatch {id}: {n} recipients were unknown, and have the letter.",
            count,
        )
        click.echo(said.format(id=dispatch_id, n=number(count)))


def _taken_json(taken: Taken) -> dict[str, Any]:
    return {
        "stored": taken.stored,
        "known": taken.known,
        "about_nobody": taken.strangers,
        "kinds": {str(kind): count for kind, count in sorted(taken.kinds.items())},
        "changed": {str(state): count for state, count in sorted(taken.changed.items())},
        "settled": dict(sorted(taken.settled.items())),
    }


def _lists_json(told: Synced) -> dict[str, Any]:
    return {
        "since": told.since,
        "entries": dict(told.entries),
        "not_understood": told.odd,
        **_taken_json(told.taken),
    }


def _mail_json(told: SyncedMail) -> dict[str, Any]:
    return {
        "returned": told.bounces,
        "arrived": told.arrivals,
        "leavers": told.leavers,
        "unread": {str(why): count for why, count in sorted(told.unread.items())},
        **_taken_json(told.taken),
    }
