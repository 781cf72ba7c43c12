"""Runs a dispatch in the foreground, and tells how it went: what `send`, `run-due` and `resume` share."""

import json

import click

from pvd_mailer.cli.account import as_json, go_on, number, print_account, print_dispatch
from pvd_mailer.cli.desk import INCOMPLETE, UNFINISHED, Desk
from pvd_mailer.cli.progress import INTERRUPTED, Follower
from pvd_mailer.database.states import DispatchState
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal import Dispatch, account, batches, dispatches
from pvd_mailer.workflow import Office, sending

__all__ = ["dispatch_argument", "rate_option", "run_and_tell"]

dispatch_argument = click.argument("dispatch_id", metavar=_("DISPATCH"))
rate_option = click.option(
    "--rate",
    type=click.IntRange(1, 1_000_000),
    help=_("At most so many messages a minute; without it, as the settings say."),
)


def run_and_tell(
    desk: Desk,
    office: Office,
    dispatch: Dispatch,
    form: str,
    *,
    rate: int | None = None,
    late: bool = False,
    among: list[dict[str, object]] | None = None,
) -> int:
    """Send, and tell how it went; in JSON, where it is one of several, into `among`."""
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch.id)
        left = batches.is_open(connection, dispatch.id)
    follower = Follower(shows=form == "text")
    if left or dispatch.state is not DispatchState.FINISHED:
        channel = desk.channel(dispatch.seal.channel, office)
        if form == "text" and dispatch.seal.channel == "outbox":
            click.echo(_("The letters go to {folder}").format(folder=desk.workspace.show(office.outbox)))
        with follower.interruptible():
            run = sending.send(office, dispatch, channel, rate=rate, late=late, watch=follower)
        if run.recovered and form == "text":
            said = ngettext(
                "An earlier send was stopped with {n} recipient in flight: unknown from now on.",
                "An earlier send was stopped with {n} recipients in flight: unknown from now on.",
                run.recovered,
            )
            click.echo(said.format(n=number(run.recovered)))
    elif form == "text":
        click.echo(_("Nothing is left to send: this dispatch is finished."))
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch.id)
        told = account(connection, dispatch.id)
    if among is not None:
        among.append(as_json(dispatch, told))
    elif form == "json":
        click.echo(json.dumps(as_json(dispatch, told), ensure_ascii=False, indent=2))
    else:
        print_dispatch(dispatch)
        print_account(dispatch, told)
    if follower.interrupted:
        if form == "text" and told.left:
            click.echo(_("To go on: {command}").format(command=go_on(dispatch)))
        return INTERRUPTED
    if told.is_complete:
        return 0
    return UNFINISHED if told.left else INCOMPLETE
