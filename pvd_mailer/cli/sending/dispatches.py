"""`pause`, `resume`, `cancel` and `resolve`: what a person says to a dispatch that has begun."""

import json
import sys
from pathlib import Path

import click

from pvd_mailer.cli.confirm import confirm
from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output import labels
from pvd_mailer.cli.output.dispatch import (
    command_to_continue,
    dispatch_json,
    format_number,
    print_dispatch,
    print_totals,
)
from pvd_mailer.cli.sending.run_output import dispatch_argument, rate_option, run_and_report
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.send.channels import FailureCause
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches import control, overview, recovery
from pvd_mailer.subscribers.importing.readers.opening import addresses_in

__all__ = ["cancel_command", "pause_command", "resolve_command", "resume_command"]


@click.command("pause", cls=FullHelpCommand, help=_("Stop DISPATCH after the calls in flight; `resume` goes on."))
@dispatch_argument
@form_option
def pause_command(dispatch_id: str, form: str) -> int:
    """Pause a dispatch."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        is_done = control.pause_dispatch(app_context, dispatch_id)
        return _report_result(
            app_context,
            dispatch_id,
            form,
            is_done=is_done,
            not_done_text=_("Dispatch {id} is not being sent: nothing to pause."),
        )


@click.command("resume", cls=FullHelpCommand, help=_("Go on with DISPATCH."))
@dispatch_argument
@rate_option
@form_option
def resume_command(dispatch_id: str, rate: int | None, form: str) -> int:
    """Go on with a dispatch."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        dispatch = overview.get_dispatch(app_context, dispatch_id)
        if dispatch.state not in {DispatchState.PAUSED, DispatchState.RUNNING}:
            raise WrongUsageError(
                _("dispatch {id} is {state}: there is nothing to go on with").format(
                    id=dispatch.id, state=labels.dispatch_state_label(dispatch.state)
                ),
                _("`pvd-mailer status {id}` says what can be done.").format(id=dispatch.id),
            )
        return run_and_report(cli_context, app_context, dispatch, form, rate=rate)


@click.command("cancel", cls=FullHelpCommand, help=_("Call DISPATCH off: whoever is still to be sent to gets nothing."))
@dispatch_argument
@click.option("--yes", "sure", is_flag=True, help=_("Do not ask."))
@form_option
def cancel_command(dispatch_id: str, form: str, *, sure: bool) -> int:
    """Cancel a dispatch."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        if not sure and form == "text" and sys.stdin.isatty():
            confirm(_("Call dispatch {id} off for good?").format(id=dispatch_id))
        is_done = control.cancel_dispatch(app_context, dispatch_id)
        return _report_result(
            app_context,
            dispatch_id,
            form,
            is_done=is_done,
            not_done_text=_("Dispatch {id} has ended: nothing to call off."),
        )


def _report_result(app_context: AppContext, dispatch_id: str, form: str, *, is_done: bool, not_done_text: str) -> int:
    sent = overview.get_totals(app_context, dispatch_id)
    dispatch, totals = sent.dispatch, sent.totals
    if form == "json":
        click.echo(json.dumps({"done": is_done, **dispatch_json(dispatch, totals)}, ensure_ascii=False, indent=2))
    else:
        if not is_done:
            click.echo(not_done_text.format(id=dispatch_id))
        print_dispatch(dispatch)
        print_totals(dispatch, totals)
    return 0 if is_done else 2


@click.command(
    "resolve",
    cls=FullHelpCommand,
    help=_("Settle the unknown of DISPATCH, once you have looked at the provider's activity list."),
)
@dispatch_argument
@click.option("--assume", type=click.Choice(["accepted"]), help=_("They have the letter."))
@click.option("--resend", is_flag=True, help=_("They do not: send it to them again."))
@click.option(
    "--cause", type=click.Choice([str(choice) for choice in FailureCause]), help=_("Only those unknown for this cause.")
)
@click.option(
    "--only",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help=_("Only the people of this list: as `recipients -o` writes it, or with one column of addresses."),
)
@click.option("--by", "by", metavar=_("NAME"), default="", help=_("Who says so."))
@form_option
def resolve_command(
    dispatch_id: str, assume: str | None, cause: str | None, file: Path | None, by: str, form: str, *, resend: bool
) -> int:
    """Settle what is unknown."""
    if bool(assume) == resend:
        raise click.UsageError(_("Say one of --assume accepted and --resend."))
    cli_context = load_context()
    addresses = addresses_in(file) if file else None
    with cli_context.app_context() as app_context:
        dispatch = overview.get_dispatch(app_context, dispatch_id)
        count, totals = recovery.resolve_unknown(
            app_context,
            dispatch,
            accepted=bool(assume),
            cause=cause,
            resolver=labels.printable_name(by),
            only_addresses=addresses,
        )
        dispatch = overview.get_dispatch(app_context, dispatch_id)
    if form == "json":
        click.echo(json.dumps({"settled": count, **dispatch_json(dispatch, totals)}, ensure_ascii=False, indent=2))
        return 0
    if not count:
        click.echo(_("Nobody of dispatch {id} whom you name is unknown: nothing was changed.").format(id=dispatch_id))
    elif assume:
        text = ngettext(
            "{n} recipient counts as having the letter.", "{n} recipients count as having the letter.", count
        )
        click.echo(text.format(n=format_number(count)))
    elif dispatch.state.is_closed:
        text = ngettext(
            "{n} recipient does not have the letter, and another approval may reach them.",
            "{n} recipients do not have the letter, and another approval may reach them.",
            count,
        )
        click.echo(text.format(n=format_number(count)))
        click.echo(_("Next: {command}").format(command=f"pvd-mailer approve {dispatch.number} --audience all --by …"))
    else:
        text = ngettext("{n} recipient is to be sent to again.", "{n} recipients are to be sent to again.", count)
        click.echo(text.format(n=format_number(count)))
        click.echo(_("Next: {command}").format(command=command_to_continue(dispatch)))
    if addresses is not None and count < len(addresses):
        not_unknown = len(addresses) - count
        text = ngettext("{n} of your list was not unknown.", "{n} of your list were not unknown.", not_unknown)
        click.echo(text.format(n=format_number(not_unknown)))
    print_totals(dispatch, totals)
    return 0
