"""The commands that look at the list: all of it, one person, and as a file."""

from collections.abc import Iterator
from pathlib import Path

import click

from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output import subscriber_list
from pvd_mailer.cli.subscribers.privacy import address_argument
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError, os_error_reason
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.private import create_file
from pvd_mailer.services.subscribers.listing import SubscriberDetails, get_subscriber, open_export, open_listing
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.filters import parse_filter

__all__ = ["export_command", "list_command", "show_command"]

audience_option = click.option(
    "--audience",
    metavar=_("FILTER"),
    default="all",
    help=_("Only these people, such as 'role:chef-de-projet and department:35'. Everybody if not given."),
)

state_option = click.option(
    "--state",
    type=click.Choice([*(str(state) for state in SubscriberState), "all"]),
    default=str(SubscriberState.SUBSCRIBED),
    help=_("Only people in this state; subscribed if not given."),
)


@click.command("list", cls=FullHelpCommand, help=_("List the subscribers, and count them."))
@audience_option
@state_option
@form_option
def list_command(audience: str, state: str, form: str) -> int:
    """List subscribers."""
    audience_filter = parse_filter(audience)
    states = _states(state)
    with load_context().app_context() as app_context, open_listing(app_context, audience_filter, states) as listing:
        tagged = listing.tagged_subscribers()
        if form == "json":
            subscriber_list.print_json_array(
                subscriber_list.subscriber_json(subscriber, tags) for subscriber, tags in tagged
            )
            return 0
        printed = subscriber_list.print_subscribers(tagged)
        if printed:
            click.echo()
        click.echo(ngettext("{n} person", "{n} people", printed).format(n=printed))
        others = listing.other_counts()
        if others:
            other_counts = ", ".join(
                ngettext(*subscriber_list.STATE_COUNT_LABELS[other_state], count).format(n=count)
                for other_state, count in sorted(others.items())
            )
            click.echo(_("Not listed: {listed}").format(listed=other_counts))
    return 0


def _states(state: str) -> tuple[SubscriberState, ...]:
    return tuple(SubscriberState) if state == "all" else (SubscriberState(state),)


@click.command("show", cls=FullHelpCommand, help=_("Show what is known of one person."))
@address_argument
@form_option
def show_command(written: str, form: str) -> int:
    """Show a subscriber."""
    address = parse_address(written)
    with load_context().app_context() as app_context:
        details = _require_subscriber(get_subscriber(app_context, address))
    subscriber, tags, entries = details.subscriber, details.tags, details.history
    if form == "json":
        log = [
            {"at": entry.at.isoformat(), "what": entry.what, "source": entry.source, "detail": entry.detail}
            for entry in entries
        ]
        click.echo(subscriber_list.json_text({**subscriber_list.subscriber_json(subscriber, tags), "history": log}))
    else:
        subscriber_list.print_subscriber(subscriber, tags, entries)
    return 0


def _require_subscriber(details: SubscriberDetails | None) -> SubscriberDetails:
    if details is None:
        raise WrongUsageError(
            _("no subscriber has that address"),
            _("Check the spelling; `pvd-mailer subscribers list --state all` lists everybody."),
        )
    return details


@click.command(
    "export", cls=FullHelpCommand, help=_("Write the list into FILE, as CSV that Excel opens; - is standard output.")
)
@click.argument("file", metavar=_("FILE"))
@audience_option
@state_option
def export_command(file: str, audience: str, state: str) -> int:
    """Export subscribers."""
    audience_filter = parse_filter(audience)
    states = _states(state)
    with load_context().app_context() as app_context, open_export(app_context, audience_filter, states) as pieces:
        if file == "-":
            for piece in pieces:
                click.echo(piece.encode(), nl=False)
            return 0
        _write_private(Path(file), pieces)
    click.echo(_("The list is in {file}. It is personal data: send it to nobody by mail.").format(file=file), err=True)
    return 0


def _write_private(path: Path, pieces: Iterator[str]) -> None:
    """Write a new file that its owner alone can read; what is there already is not overwritten."""
    try:
        target = create_file(path)
    except OSError as error:
        raise WrongUsageError(
            _("{file} cannot be written: {reason}").format(file=path, reason=os_error_reason(error)),
            _("Give the name of a new file, in a folder that is there."),
        ) from error
    try:
        with target:
            target.writelines(piece.encode() for piece in pieces)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
