"""`status` and `report`: where dispatches stand, and what became of an issue."""

import io
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import click

from pvd_mailer.cli.context import FullHelpCommand, form_option, issue_argument, load_context
from pvd_mailer.cli.output import diagnostics, labels
from pvd_mailer.cli.output.dispatch import (
    command_to_continue,
    dispatch_json,
    format_number,
    local_time,
    print_dispatch,
    print_totals,
)
from pvd_mailer.cli.output.report import print_report
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.errors import PvdError, WrongUsageError, os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, DispatchTotals, LogEntry
from pvd_mailer.report.build import ReportView
from pvd_mailer.report.csv_export import report_csv
from pvd_mailer.send.sent_file import SentDispatch
from pvd_mailer.services.dispatches import overview, recovery, sent_file

__all__ = ["report_command", "status_command"]

_MAX_ISSUE_NUMBER = 9999
"""As in the name of an issue's folder."""


@click.command(
    "status", cls=FullHelpCommand, help=_("Show the dispatches and how far they are; with DISPATCH, its whole story.")
)
@click.argument("dispatch_id", metavar=_("[DISPATCH]"), required=False)
@form_option
def status_command(dispatch_id: str | None, form: str) -> int:
    """Show dispatches."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        recovery.mark_lost_batches_unknown(app_context)
        older = sent_file.foreign_sends(app_context)
        at_work = overview.is_sender_at_work(app_context)
        dispatch_totals = (
            [overview.get_totals(app_context, dispatch_id)] if dispatch_id else overview.all_dispatches(app_context)
        )
        log = overview.get_log(app_context, dispatch_id) if dispatch_id else []
    if form == "json":
        content = {"dispatches": [dispatch_json(item.dispatch, item.totals) for item in dispatch_totals]}
        click.echo(json.dumps(content | ({"log": _log_json(log)} if dispatch_id else {}), ensure_ascii=False, indent=2))
        return 0
    for error in older:
        diagnostics.print_failure(str(error), error.hint)
    if not dispatch_totals:
        click.echo(_("Nothing was approved yet."))
    _print_all(dispatch_totals)
    if not at_work:
        _print_stopped([item.dispatch for item in dispatch_totals if item.dispatch.state is DispatchState.RUNNING])
    if log:
        _print_log(log, dispatch_totals[0].dispatch.approval.zone)
    return 0


def _log_json(log: Sequence[LogEntry]) -> list[dict[str, object]]:
    return [{"at": entry.at.isoformat(), "what": entry.what, "by": entry.by, "detail": entry.detail} for entry in log]


def _print_log(log: Sequence[LogEntry], zone: str) -> None:
    for entry in log:
        detail = local_time(datetime.fromisoformat(entry.detail), zone) if entry.what == "scheduled" else entry.detail
        parts = (local_time(entry.at, zone), labels.log_entry_label(entry.what, detail), entry.by)
        click.echo("  " + "  ".join(part for part in parts if part))


def _print_stopped(dispatches: Sequence[Dispatch]) -> None:
    """How to go on with dispatches that have begun, and that nobody sends."""
    if dispatches:
        click.echo()
    for dispatch in dispatches:
        text = _("No sender is at work on dispatch {id}. To go on: {command}")
        click.echo(click.style("! ", fg="yellow") + text.format(id=dispatch.id, command=command_to_continue(dispatch)))


def _print_all(dispatch_totals: list[SentDispatch]) -> None:
    for index, item in enumerate(dispatch_totals):
        if index:
            click.echo()
        print_dispatch(item.dispatch)
        print_totals(item.dispatch, item.totals)


class _ReportFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


@click.command(
    "report",
    cls=FullHelpCommand,
    help=_(
        "Print the report of ISSUE: what became of each dispatch and message, why some came back, who complained "
        "or left, over time, by domain and against the last issues. Numbers alone, no address."
    ),
)
@issue_argument
@click.option(
    "--format",
    "form",
    type=click.Choice([str(choice) for choice in _ReportFormat]),
    help=_("How to print; text, or what the name of the file ends in."),
)
@click.option(
    "-o",
    "--output",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write into FILE; .html is a page to look at, .csv opens in Excel."),
)
def report_command(issue_name: str, form: str | None, file: Path | None) -> int:
    """Print an issue's report."""
    from pvd_mailer.services import reports

    cli_context = load_context()
    with cli_context.app_context() as app_context:
        # The folder of an issue of last year may be elsewhere; what became of it is in the journal.
        number_of_issue = (
            int(issue_name)
            if issue_name.isdecimal() and issue_name.isascii()
            else app_context.workspace.issue(issue_name).number
        )
        recovery.mark_lost_batches_unknown(app_context)
        view = (
            reports.view_report(app_context, number_of_issue)
            if number_of_issue <= _MAX_ISSUE_NUMBER
            else ReportView((), None)
        )
        if not view.sends:
            app_context.workspace.issue(issue_name)  # a number that is nobody's is told so
        chosen_format = _ReportFormat(form or _format_of(file))
        if chosen_format in {_ReportFormat.CSV, _ReportFormat.HTML}:
            if view.report is None:
                raise _no_report_error(number_of_issue, view)
            document = (
                report_csv(view.report)
                if chosen_format is _ReportFormat.CSV
                else reports.report_page(app_context, view.report)
            )
            _write(document.encode(), file)
            return 0
    if chosen_format is _ReportFormat.JSON:
        _write((json.dumps(_report_json(number_of_issue, view), ensure_ascii=False, indent=2) + "\n").encode(), file)
    elif file:
        text = io.StringIO()
        with redirect_stdout(text):
            _print_report(number_of_issue, view)
        _write(click.unstyle(text.getvalue()).encode(), file)
    else:
        _print_report(number_of_issue, view)
    return 0


_FORMAT_BY_SUFFIX = {"": "text", ".txt": "text", ".htm": "html", ".html": "html", ".csv": "csv", ".json": "json"}


def _format_of(file: Path | None) -> str:
    suffix = file.suffix.lower() if file else ""
    if suffix not in _FORMAT_BY_SUFFIX:
        raise WrongUsageError(
            _("a report cannot be written as {ending}").format(ending=suffix),
            _("Let the name end in .html, .csv, .json or .txt; or say --format."),
        )
    return _FORMAT_BY_SUFFIX[suffix]


def _no_report_error(number_of_issue: int, view: ReportView) -> WrongUsageError:
    if not view.sends:
        return WrongUsageError(
            _("Issue {number} was not approved yet.").format(number=number_of_issue).rstrip("."),
            _("There is something to report once it was sent."),
        )
    return WrongUsageError(
        _("issue {number} was not sent, but as a rehearsal").format(number=number_of_issue),
        _("`pvd-mailer report {number}` has what became of the rehearsals.").format(number=number_of_issue),
    )


def _write(document: bytes, file: Path | None) -> None:
    """Write it as it is, whole or not at all; Windows would turn its line ends into others."""
    if file is None:
        click.echo(document, nl=False)
        return
    temporary = file.with_name(f".{file.name}.new")
    try:
        temporary.write_bytes(document)
        temporary.replace(file)
    except OSError as exc:
        temporary.unlink(missing_ok=True)
        raise PvdError(
            _("{file} cannot be written: {reason}").format(file=file, reason=os_error_reason(exc)),
            _("Name another file."),
        ) from exc
    click.echo(_("Written: {file}").format(file=file), err=True)


def _reported_dispatches(view: ReportView) -> list[tuple[Dispatch, DispatchTotals]]:
    """The dispatches that are told of, the oldest first: a void one where there is no other."""
    reported = [item for item in reversed(view.sends) if item[0].state is not DispatchState.VOID]
    return reported or list(view.sends[:1])


def _report_json(number_of_issue: int, view: ReportView) -> dict[str, object]:
    states = view.report.states if view.report else Counter[RecipientState]()
    return {
        "issue": number_of_issue,
        "accepted": states[RecipientState.ACCEPTED],
        "unknown": states[RecipientState.UNKNOWN],
        "dispatches": [dispatch_json(*item) for item in _reported_dispatches(view)],
        "report": view.report.as_json() if view.report else None,
    }


def _print_report(number_of_issue: int, view: ReportView) -> None:
    if not view.sends:
        click.echo(_("Issue {number} was not approved yet.").format(number=number_of_issue))
        return
    for index, item in enumerate(_reported_dispatches(view)):
        if index:
            click.echo()
        print_dispatch(item[0])
        print_totals(*item)
    click.echo()
    text = _("Issue {number}: {accepted}, {unknown}; rehearsals left aside.")
    states = view.report.states if view.report else Counter[RecipientState]()
    counts = {
        name: f"{format_number(states[state])} {labels.recipient_state_label(state, states[state])}"
        for name, state in (("accepted", RecipientState.ACCEPTED), ("unknown", RecipientState.UNKNOWN))
    }
    click.echo(text.format(number=number_of_issue, **counts))
    if view.report and view.report.outcome.accepted:
        print_report(view.report)
