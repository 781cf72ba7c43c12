"""`sync`: what came back since the last time, fetched without a public address of one's own."""

import json
from pathlib import Path
from typing import Any

import click

from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output.dispatch import format_number
from pvd_mailer.cli.output.progress import StatusLine
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.events import IngestResult
from pvd_mailer.events.inbound import UnreadReason
from pvd_mailer.i18n import NN_, _, ngettext
from pvd_mailer.services import events
from pvd_mailer.services.events import ListSyncResult, MailboxSyncResult

__all__ = ["sync_command"]

_LIST_LABELS = {
    "bounces": NN_("address that does not exist", "addresses that do not exist"),
    "blocks": NN_("letter that was turned away", "letters that were turned away"),
    "invalid_emails": NN_("address that is none", "addresses that are none"),
    "spam_reports": NN_("complaint", "complaints"),
    "unsubscribes": NN_("person who left", "people who left"),
}
_CHANGE_LABELS = {
    SubscriberState.BOUNCED: NN_("{n} whose address no longer works", "{n} whose addresses no longer work"),
    SubscriberState.COMPLAINED: NN_(
        "{n} who reported the letter as unwanted", "{n} who reported the letter as unwanted"
    ),
    SubscriberState.UNSUBSCRIBED: NN_("{n} who left", "{n} who left"),
}
_UNREAD_LABELS = {
    UnreadReason.OTHER: NN_(
        "{n} that is neither a return nor a wish to leave", "{n} that are neither a return nor a wish to leave"
    ),
    UnreadReason.AUTOMATIC: NN_("{n} automatic reply", "{n} automatic replies"),
    UnreadReason.NOT_OURS: NN_("{n} about a message that was no letter", "{n} about messages that were no letters"),
    UnreadReason.UNPROVED: NN_(
        "{n} return that is not proved: it may be forged, or about a letter of an older version",
        "{n} returns that are not proved: they may be forged, or about letters of an older version",
    ),
    UnreadReason.DOUBTFUL: NN_(
        "{n} wish to leave whose sender is in doubt", "{n} wishes to leave whose senders are in doubt"
    ),
    UnreadReason.STRANGER: NN_(
        "{n} wish to leave from an address that is on no list", "{n} wishes to leave from addresses that are on no list"
    ),
}


@click.command(
    "sync",
    cls=FullHelpCommand,
    help=_("Fetch what came back: from SendGrid’s lists, or with --maildir from a folder of mails."),
)
@click.option(
    "--maildir",
    type=click.Path(path_type=Path),
    help=_("A Maildir of returned letters and of wishes to leave; what is understood is marked as read."),
)
@click.option("--all", "whole", is_flag=True, help=_("All that SendGrid has, and not only what is new."))
@form_option
def sync_command(maildir: Path | None, form: str, *, whole: bool) -> int:
    """Fetch what came back."""
    if maildir is not None and whole:
        raise click.UsageError(_("--all is for SendGrid’s lists, and not for a Maildir."))
    status = StatusLine(is_visible=form == "text")
    with load_context().app_context() as app_context:
        if maildir is not None:
            try:
                mail = events.sync_mailbox(
                    app_context, maildir, on_progress=lambda count: status(_mails_read_text(count))
                )
            finally:
                status.end()
            _print_json(_mail_json(mail)) if form == "json" else _print_mail(mail)
        else:
            try:
                lists = events.sync_suppression_lists(
                    app_context, everything=whole, on_list=lambda name: status(_asking_text(name))
                )
            finally:
                status.end()
            _print_json(_lists_json(lists)) if form == "json" else _print_lists(lists)
    return 0


def _print_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _mails_read_text(count: int) -> str:
    return "  " + ngettext("{n} mail read", "{n} mails read", count).format(n=format_number(count))


def _asking_text(name: str) -> str:
    return "  " + _("SendGrid is asked for its list {name}").format(name=name)


def _print_lists(synced: ListSyncResult) -> None:
    count = synced.entries.total() + synced.malformed
    since = _(" since {day}").format(day=synced.since) if synced.since else ""
    text = ngettext("SendGrid’s lists: {n} entry{since}", "SendGrid’s lists: {n} entries{since}", count)
    click.echo(text.format(n=format_number(count), since=since))
    for name, list_count in synced.entries.items():
        if list_count:
            click.echo(f"{format_number(list_count):>8}  {ngettext(*_LIST_LABELS[name], list_count)}")
    if synced.malformed:
        text = ngettext("{n} was not understood.", "{n} were not understood.", synced.malformed)
        click.echo(text.format(n=format_number(synced.malformed)))
    _print_ingested(synced.ingested)


def _print_mail(synced: MailboxSyncResult) -> None:
    understood = synced.understood
    click.echo(
        ngettext(
            "{n} mail understood, and marked as read", "{n} mails understood, and marked as read", understood
        ).format(n=format_number(understood))
    )
    if synced.bounces:
        text = ngettext("{n} returned letter", "{n} returned letters", synced.bounces)
        click.echo("  " + text.format(n=format_number(synced.bounces)))
    if synced.deliveries:
        text = ngettext("{n} report that a letter arrived", "{n} reports that a letter arrived", synced.deliveries)
        click.echo("  " + text.format(n=format_number(synced.deliveries)))
    if synced.unsubscribes:
        text = ngettext("{n} wish to leave", "{n} wishes to leave", synced.unsubscribes)
        click.echo("  " + text.format(n=format_number(synced.unsubscribes)))
    _print_ingested(synced.ingested)
    unread = synced.unread.total()
    if unread:
        text = ngettext("{n} mail is left for a person to read:", "{n} mails are left for a person to read:", unread)
        click.echo(click.style("→ ", fg="cyan") + text.format(n=format_number(unread)))
        for cause, mail_count in synced.unread.most_common():
            click.echo("  " + ngettext(*_UNREAD_LABELS[cause], mail_count).format(n=format_number(mail_count)))


def _print_ingested(ingested: IngestResult) -> None:
    """Who is written to no more, and why; in counts, for this may be pasted into a mail."""
    left_out = {state: count for state, count in ingested.changed.items() if state is not SubscriberState.SUBSCRIBED}
    total = sum(left_out.values())
    if total:
        text = ngettext("{n} person is written to no more:", "{n} people are written to no more:", total)
        click.echo(click.style(text.format(n=format_number(total)), bold=True))
        for state, count in left_out.items():
            click.echo("  " + ngettext(*_CHANGE_LABELS[state], count).format(n=format_number(count)))
    else:
        click.echo(_("Nobody new has to be left out."))
    restored = ingested.changed[SubscriberState.SUBSCRIBED]
    if restored:
        text = ngettext(
            "{n} person is written to again: a letter did arrive.",
            "{n} people are written to again: a letter did arrive.",
            restored,
        )
        click.echo(text.format(n=format_number(restored)))
    for dispatch_id, count in sorted(ingested.reconciled.items()):
        text = ngettext(
            "Dispatch {id}: {n} recipient was unknown, and has the letter.",
            "Dispatch {id}: {n} recipients were unknown, and have the letter.",
            count,
        )
        click.echo(text.format(id=dispatch_id, n=format_number(count)))


def _ingested_json(ingested: IngestResult) -> dict[str, Any]:
    return {
        "stored": ingested.stored,
        "known": ingested.duplicates,
        "about_nobody": ingested.unmatched,
        "kinds": {str(kind): count for kind, count in sorted(ingested.kinds.items())},
        "changed": {str(state): count for state, count in sorted(ingested.changed.items())},
        "settled": dict(sorted(ingested.reconciled.items())),
    }


def _lists_json(synced: ListSyncResult) -> dict[str, Any]:
    return {
        "since": synced.since,
        "entries": dict(synced.entries),
        "not_understood": synced.malformed,
        **_ingested_json(synced.ingested),
    }


def _mail_json(synced: MailboxSyncResult) -> dict[str, Any]:
    return {
        "returned": synced.bounces,
        "arrived": synced.deliveries,
        "leavers": synced.unsubscribes,
        "unread": {str(cause): count for cause, count in sorted(synced.unread.items())},
        **_ingested_json(synced.ingested),
    }
