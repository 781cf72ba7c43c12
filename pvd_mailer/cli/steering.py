"""`pause`, `resume`, `cancel` and `resolve`: what a person says to a dispatch that has begun."""

import json
import sys
from pathlib import Path

import click

from pvd_mailer.audience.opening import addresses_in
from pvd_mailer.cli import words
from pvd_mailer.cli.account import as_json, go_on, number, print_account, print_dispatch
from pvd_mailer.cli.asking import agree
from pvd_mailer.cli.desk import Command, form_option, open_desk
from pvd_mailer.cli.running import dispatch_argument, rate_option, run_and_tell
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal import account, dispatches, resolution
from pvd_mailer.send.channels import Cause
from pvd_mailer.workflow import Office, sending

__all__ = ["cancel", "pause", "resolve", "resume"]


@click.command(cls=Command, help=_("Stop DISPATCH after the calls in flight; `resume` goes on."))
@dispatch_argument
@form_option
def pause(dispatch_id: str, form: str) -> int:
    """Pause a dispatch."""
    desk = open_desk()
    with desk.office() as office:
        done = sending.pause(office, dispatch_id)
        return _told(
            office, dispatch_id, form, done=done, otherwise=_("Dispatch {id} is not being sent: nothing to pause.")
        )


@click.command(cls=Command, help=_("Go on with DISPATCH."))
@dispatch_argument
@rate_option
@form_option
def resume(dispatch_id: str, rate: int | None, form: str) -> int:
    """Go on with a dispatch."""
    desk = open_desk()
    with desk.office() as office:
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
        if dispatch.state not in {DispatchState.PAUSED, DispatchState.RUNNING}:
            raise WrongUsageError(
                _("dispatch {id} is {state}: there is nothing to go on with").format(
                    id=dispatch.id, state=words.dispatch_state(dispatch.state)
                ),
                _("`pvd-mailer status {id}` says what can be done.").format(id=dispatch.id),
            )
        return run_and_tell(desk, office, dispatch, form, rate=rate)


@click.command(cls=Command, help=_("Call DISPATCH off: whoever is still to be sent to gets nothing."))
@dispatch_argument
@click.option("--yes", "sure", is_flag=True, help=_("Do not ask."))
@form_option
def cancel(dispatch_id: str, form: str, *, sure: bool) -> int:
    """Cancel a dispatch."""
    desk = open_desk()
    with desk.office() as office:
        if not sure and form == "text" and sys.stdin.isatty():
            agree(_("Call dispatch {id} off for good?").format(id=dispatch_id))
        done = sending.cancel(office, dispatch_id)
        return _told(office, dispatch_id, form, done=done, otherwise=_("Dispatch {id} has ended: nothing to call off."))


def _told(office: Office, dispatch_id: str, form: str, *, done: bool, otherwise: str) -> int:
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch_id)
        told = account(connection, dispatch_id)
    if form == "json":
        click.echo(json.dumps({"done": done, **as_json(dispatch, told)}, ensure_ascii=False, indent=2))
    else:
        if not done:
            click.echo(otherwise.format(id=dispatch_id))
        print_dispatch(dispatch)
        print_account(dispatch, told)
    return 0 if done else 2


@click.command(
    cls=Command, help=_("Settle the unknown of DISPATCH, once you have looked at the provider's activity list.")
)
@dispatch_argument
@click.option("--assume", type=click.Choice(["accepted"]), help=_("They have the letter."))
@click.option("--resend", is_flag=True, help=_("They do not: send it to them again."))
@click.option("--cause", type=click.Choice([str(one) for one in Cause]), help=_("Only those unknown for this cause."))
@click.option(
    "--only",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help=_("Only the people of this list: as `recipients -o` writes it, or with one column of addresses."),
)
@click.option("--by", "by", metavar=_("NAME"), default="", help=_("Who says so."))
@form_option
def resolve(
    dispatch_id: str, assume: str | None, cause: str | None, file: Path | None, by: str, form: str, *, resend: bool
) -> int:
    """Settle what is unknown."""
    if bool(assume) == resend:
        raise click.UsageError(_("Say one of --assume accepted and --resend."))
    desk = open_desk()
    only = addresses_in(file) if file else None
    with desk.office() as office:
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
        count, told = sending.resolve(
            office, dispatch, accepted=bool(assume), cause=cause, by=words.person(by), only=only
        )
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
    if form == "json":
        click.echo(json.dumps({"settled": count, **as_json(dispatch, told)}, ensure_ascii=False, indent=2))
        return 0
    if not count:
        click.echo(_("Nobody of dispatch {id} whom you name is unknown: nothing was changed.").format(id=dispatch_id))
    elif assume:
        said = ngettext(
            "{n} recipient counts as having the letter.", "{n} recipients count as having the letter.", count
        )
        click.echo(said.format(n=number(count)))
    elif dispatch.state in resolution.CLOSED:
        said = ngettext(
            "{n} recipient does not have the letter, and another approval may reach them.",
            "{n} recipients do not have the letter, and another approval may reach them.",
            count,
        )
        click.echo(said.format(n=number(count)))
        click.echo(_("Next: {command}").format(command=f"pvd-mailer approve {dispatch.number} --audience all --by …"))
    else:
        said = ngettext("{n} recipient is to be sent to again.", "{n} recipients are to be sent to again.", count)
        click.echo(said.format(n=number(count)))
        click.echo(_("Next: {command}").format(command=go_on(dispatch)))
    if only is not None and count < len(only):
        others = len(only) - count
        said = ngettext("{n} of your list was not unknown.", "{n} of your list were not unknown.", others)
        click.echo(said.format(n=number(others)))
    print_account(dispatch, told)
    return 0
