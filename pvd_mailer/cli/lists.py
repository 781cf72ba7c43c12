"""The commands that look at the list: all of it, one person, and as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pvd_mailer.audience.address import canonical
from pvd_mailer.audience.export import export_csv
from pvd_mailer.audience.filters import Filter, parse, vet
from pvd_mailer.audience.subscribers import Subscriber, counts, find, history, pages, tag_keys, tags_of
from pvd_mailer.cli import roster
from pvd_mailer.cli.desk import Command, form_option, open_desk
from pvd_mailer.cli.rights import address_argument
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError, reason
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.private import create_file

if TYPE_CHECKING:
    from pvd_mailer.database import Connection

__all__ = ["export", "known", "list_", "show"]

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


@click.command("list", cls=Command, help=_("List the subscribers, and count them."))
@audience_option
@state_option
@form_option
def list_(audience: str, state: str, form: str) -> int:
    """List subscribers."""
    wanted = parse(audience)
    states = _states(state)
    with open_desk().office() as office, office.database.read() as connection:
        _vet(connection, wanted)
        people = _with_tags(connection, wanted, states)
        if form == "json":
            roster.print_array(roster.subscriber_json(one, marks) for one, marks in people)
            return 0
        number = roster.print_roster(people)
        if number:
            click.echo()
        click.echo(ngettext("{n} person", "{n} people", number).format(n=number))
        others = {one: n for one, n in counts(connection, wanted).items() if one not in states}
        if others:
            listed = ", ".join(ngettext(*roster.COUNTED[one], n).format(n=n) for one, n in sorted(others.items()))
            click.echo(_("Not listed: {listed}").format(listed=listed))
    return 0


def _states(state: str) -> tuple[SubscriberState, ...]:
    return tuple(SubscriberState) if state == "all" else (SubscriberState(state),)


def _vet(connection: "Connection", wanted: Filter) -> None:
    if wanted.keys:
        vet(wanted, tag_keys(connection))


def _with_tags(
    connection: "Connection", wanted: Filter, states: tuple[SubscriberState, ...]
) -> Iterator[tuple[Subscriber, dict[str, tuple[str, ...]]]]:
    for page in pages(connection, wanted, states):
        marks = tags_of(connection, [one.id for one in page])
        yield from ((one, marks[one.id]) for one in page)


@click.command(cls=Command, help=_("Show what is known of one person."))
@address_argument
@form_option
def show(written: str, form: str) -> int:
    """Show a subscriber."""
    address = canonical(written)
    with open_desk().office() as office, office.database.read() as connection:
        one = known(find(connection, address.key))
        marks = tags_of(connection, [one.id])[one.id]
        lines = history(connection, one.id)
    if form == "json":
        told = [
            {"at": line.at.isoformat(), "what": line.what, "source": line.source, "detail": line.detail}
            for line in lines
        ]
        click.echo(roster.as_json({**roster.subscriber_json(one, marks), "history": told}))
    else:
        roster.print_subscriber(one, marks, lines)
    return 0


def known(one: Subscriber | None) -> Subscriber:
    """That person.

    Raises:
        WrongUsageError: there is none.
    """
    if one is None:
        raise WrongUsageError(
            _("no subscriber has that address"),
            _("Check the spelling; `pvd-mailer subscribers list --state all` lists everybody."),
        )
    return one


@click.command(cls=Command, help=_("Write the list into FILE, as CSV that Excel opens; - is standard output."))
@click.argument("file", metavar=_("FILE"))
@audience_option
@state_option
def export(file: str, audience: str, state: str) -> int:
    """Export subscribers."""
    wanted = parse(audience)
    states = _states(state)
    with open_desk().office() as office, office.database.read() as connection:
        _vet(connection, wanted)
        pieces = export_csv(connection, wanted, states)
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
            _("{file} cannot be written: {reason}").format(file=path, reason=reason(error)),
            _("Give the name of a new file, in a folder that is there."),
        ) from error
    try:
        with target:
            target.writelines(piece.encode() for piece in pieces)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
