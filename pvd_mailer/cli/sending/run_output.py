"""Runs a dispatch in the foreground, and tells how it went: what `send`, `run-due` and `resume` share."""

import json

import click

from pvd_mailer.cli.context import EXIT_INCOMPLETE, EXIT_INTERRUPTED, EXIT_UNFINISHED, CliContext
from pvd_mailer.cli.output.dispatch import (
    command_to_continue,
    dispatch_json,
    format_number,
    print_dispatch,
    print_totals,
)
from pvd_mailer.cli.output.progress import ProgressDisplay
from pvd_mailer.database.states import DispatchState
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal import Dispatch
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches import overview, sending

__all__ = ["dispatch_argument", "rate_option", "run_and_report"]

dispatch_argument = click.argument("dispatch_id", metavar=_("DISPATCH"))
rate_option = click.option(
    "--rate",
    type=click.IntRange(1, 1_000_000),
    help=_("At most so many messages a minute; without it, as the settings say."),
)


def run_and_report(
    cli_context: CliContext,
    app_context: AppContext,
    dispatch: Dispatch,
    form: str,
    *,
    rate: int | None = None,
    late: bool = False,
    results: list[dict[str, object]] | None = None,
) -> int:
    """Send, and tell how it went; in JSON, where it is one of several, into `results`."""
    dispatch = overview.get_dispatch(app_context, dispatch.id)
    display = ProgressDisplay(is_visible=form == "text")
    if overview.has_unsent_batch(app_context, dispatch.id) or dispatch.state is not DispatchState.FINISHED:
        _run(cli_context, app_context, dispatch, display, rate=rate, late=late)
    elif display.is_visible:
        click.echo(_("Nothing is left to send: this dispatch is finished."))
    sent = overview.get_totals(app_context, dispatch.id)
    if results is not None:
        results.append(dispatch_json(sent.dispatch, sent.totals))
    elif form == "json":
        click.echo(json.dumps(dispatch_json(sent.dispatch, sent.totals), ensure_ascii=False, indent=2))
    else:
        print_dispatch(sent.dispatch)
        print_totals(sent.dispatch, sent.totals)
    if display.interrupted:
        if display.is_visible and sent.totals.remaining:
            click.echo(_("To go on: {command}").format(command=command_to_continue(sent.dispatch)))
        return EXIT_INTERRUPTED
    if sent.totals.is_complete:
        return 0
    return EXIT_UNFINISHED if sent.totals.remaining else EXIT_INCOMPLETE


def _run(
    cli_context: CliContext,
    app_context: AppContext,
    dispatch: Dispatch,
    display: ProgressDisplay,
    *,
    rate: int | None,
    late: bool,
) -> None:
    """Send what is left of `dispatch`, and follow it on `display`."""
    channel = cli_context.channel(dispatch.approval.channel, app_context)
    if display.is_visible and dispatch.approval.channel == "outbox":
        folder = cli_context.workspace.display_path(app_context.outbox)
        click.echo(_("The letters go to {folder}").format(folder=folder))
    with display.interruptible():
        run = sending.send_dispatch(app_context, dispatch, channel, rate=rate, allow_late=late, watch=display)
    if run.lost_count and display.is_visible:
        text = ngettext(
            "An earlier send was stopped with {n} recipient in flight: unknown from now on.",
            "An earlier send was stopped with {n} recipients in flight: unknown from now on.",
            run.lost_count,
        )
        click.echo(text.format(n=format_number(run.lost_count)))
