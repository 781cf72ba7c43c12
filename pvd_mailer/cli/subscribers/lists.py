"""The commands that look at the list: all of it, one person, and as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output import subscriber_list
from pvd_mailer.cli.subscribers.privacy import address_argument
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError, os_error_reason
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.private import create_file
from pvd_mailer.subscribers.address import parse_address
from pvd_mailer.subscribers.export import export_csv
from pvd_mailer.subscribers.filters import AudienceFilter, parse_filter, require_known_tags
from pvd_mailer.subscribers.queries import (
    Subscriber,
    all_tag_keys,
    count_by_state,
    find_subscriber,
    read_history,
    subscriber_pages,
    tags_of,
)

if TYPE_CHECKING:
    from pvd_mailer.database import Connection

__all__ = ["export_command", "list_command", "require_subscriber", "show_command"]

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
    with load_context().app_context() as app_context, app_context.database.read() as connection:
        _validate_filter(connection, audience_filter)
        tagged = _with_tags(connection, audience_filter, states)
        if form == "json":
            subscriber_list.print_json_array(
                subscriber_list.subscriber_json(subscriber, tags) for subscriber, tags in tagged
            )
            return 0
        printed = subscriber_list.print_subscribers(tagged)
        if printed:
            click.echo()
        click.echo(ngettext("{n} person", "{n} people", printed).format(n=printed))
        others = {
            other_state: count
            for other_state, count in count_by_state(connection, audience_filter).items()
            if other_state not in states
        }
        if others:
            other_counts = ", ".join(
                ngettext(*subscriber_list.STATE_COUNT_LABELS[other_state], count).format(n=count)
                for other_state, count in sorted(others.items())
            )
            click.echo(_("Not listed: {listed}").format(listed=other_counts))
    return 0


def _states(state: str) -> tuple[SubscriberState, ...]:
    return tuple(SubscriberState) if state == "all" else (SubscriberState(state),)


def _validate_filter(connection: "Connection", audience_filter: AudienceFilter) -> None:
    if audience_filter.keys:
        require_known_tags(audience_filter, all_tag_keys(connection))


def _with_tags(
    connection: "Connection", audience_filter: AudienceFilter, states: tuple[SubscriberState, ...]
) -> Iterator[tuple[Subscriber, dict[str, tuple[str, ...]]]]:
    for page in subscriber_pages(connection, audience_filter, states):
        tags = tags_of(connection, [subscriber.id for subscriber in page])
        yield from ((subscriber, tags[subscriber.id]) for subscriber in page)


@click.command("show", cls=FullHelpCommand, help=_("Show what is known of one person."))
@address_argument
@form_option
def show_command(written: str, form: str) -> int:
    """Show a subscriber."""
    address = parse_address(written)
    with load_context().app_context() as app_context, app_context.database.read() as connection:
        subscriber = require_subscriber(find_subscriber(connection, address.key))
        tags = tags_of(connection, [subscriber.id])[subscriber.id]
        entries = read_history(connection, subscriber.id)
    if form == "json":
        log = [
            {"at": entry.at.isoformat(), "what": entry.what, "source": entry.source, "detail": entry.detail}
            for entry in entries
        ]
        click.echo(subscriber_list.json_text({**subscriber_list.subscriber_json(subscriber, tags), "history": log}))
    else:
        subscriber_list.print_subscriber(subscriber, tags, entries)
    return 0


def require_subscriber(subscriber: Subscriber | None) -> Subscriber:
    """That person.

    Raises:
        WrongUsageError: there is none.
    """
    if subscriber is None:
        raise WrongUsageError(
            _("no subscriber has that address"),
            _("Check the spelling; `pvd-mailer subscribers list --state all` lists everybody."),
        )
    return subscriber


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
    with load_context().app_context() as app_context, app_context.database.read() as connection:
        _validate_filter(connection, audience_filter)
        pieces = export_csv(connection, audience_filter, states)
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
