"""`status` and `report`: where dispatches stand, and what became of an issue."""

import io
import json
from collections import Counter
from contextlib import redirect_stdout
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import click

from pvd_mailer.cli import show, words
from pvd_mailer.cli.account import as_json, go_on, moment, number, print_account, print_dispatch
from pvd_mailer.cli.desk import Command, form_option, issue_argument, open_desk
from pvd_mailer.cli.outcome import print_report
from pvd_mailer.database.lock import is_sender_at_work
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.errors import PvdError, WrongUsageError, reason
from pvd_mailer.i18n import _
from pvd_mailer.journal import Account, Dispatch, account, dispatches
from pvd_mailer.observe.making import Look
from pvd_mailer.observe.sheet import as_csv
from pvd_mailer.send.record import Sent
from pvd_mailer.workflow import recording, sending

__all__ = ["report", "status"]

LARGEST_NUMBER = 9999
"""As in the name of an issue's folder."""


@click.command(cls=Command, help=_("Show the dispatches and how far they are; with DISPATCH, its whole story."))
@click.argument("dispatch_id", metavar=_("[DISPATCH]"), required=False)
@form_option
def status(dispatch_id: str | None, form: str) -> int:
    """Show dispatches."""
    desk = open_desk()
    with desk.office() as office:
        sending.notice_lost(office)
        older = recording.older(office)
        at_work = is_sender_at_work(office.database)
        with office.database.read() as connection:
            if dispatch_id:
                found = [dispatches.find(connection, dispatch_id)]
            else:
                found = dispatches.by_state(connection, list(DispatchState))
            sent = [Sent(one, account(connection, one.id)) for one in found]
            log = dispatches.entries(connection, dispatch_id) if dispatch_id else []
    if form == "json":
        said = [as_json(one.dispatch, one.account) for one in sent]
        story = [{"at": one.at.isoformat(), "what": one.what, "by": one.by, "detail": one.detail} for one in log]
        click.echo(
            json.dumps({"dispatches": said} | ({"log": story} if dispatch_id else {}), ensure_ascii=False, indent=2)
        )
        return 0
    for error in older:
        show.failure(str(error), error.hint)
    if not sent:
        click.echo(_("Nothing was approved yet."))
    _print_all(sent)
    stopped = [one.dispatch for one in sent if one.dispatch.state is DispatchState.RUNNING]
    if stopped and not at_work:
        click.echo()
        for one in stopped:
            next_one = _("No sender is at work on dispatch {id}. To go on: {command}")
            click.echo(click.style("! ", fg="yellow") + next_one.format(id=one.id, command=go_on(one)))
    for entry in log:
        zone = sent[0].dispatch.seal.zone
        detail = moment(datetime.fromisoformat(entry.detail), zone) if entry.what == "scheduled" else entry.detail
        parts = (moment(entry.at, zone), words.event(entry.what, detail), entry.by)
        click.echo("  " + "  ".join(part for part in parts if part))
    return 0


def _print_all(sent: list[Sent]) -> None:
    for index, one in enumerate(sent):
        if index:
            click.echo()
        print_dispatch(one.dispatch)
        print_account(one.dispatch, one.account)


class _Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


@click.command(
    cls=Command,
    help=_(
        "Print the report of ISSUE: what became of each dispatch and message, why some came back, who complained "
        "or left, over time, by domain and against the last issues. Numbers alone, no address."
    ),
)
@issue_argument
@click.option(
    "--format",
    "form",
    type=click.Choice([str(one) for one in _Form]),
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
def report(wanted: str, form: str | None, file: Path | None) -> int:
    """Print an issue's report."""
    from pvd_mailer.workflow import reporting

    desk = open_desk()
    with desk.office() as office:
        # The folder of an issue of last year may be elsewhere; what became of it is in the journal.
        asked = int(wanted) if wanted.isdecimal() and wanted.isascii() else office.workspace.issue(wanted).number
        sending.notice_lost(office)
        look = reporting.look(office, asked) if asked <= LARGEST_NUMBER else Look((), None)
        if not look.sends:
            office.workspace.issue(wanted)  # a number that is nobody's is told so
        chosen = _Form(form or _form_of(file))
        if chosen in {_Form.CSV, _Form.HTML}:
            if look.report is None:
                raise _no_report(asked, look)
            document = as_csv(look.report) if chosen is _Form.CSV else reporting.page(office, look.report)
            _write(document.encode(), file)
            return 0
    if chosen is _Form.JSON:
        _write((json.dumps(_as_json(asked, look), ensure_ascii=False, indent=2) + "\n").encode(), file)
    elif file:
        text = io.StringIO()
        with redirect_stdout(text):
            _print_report(asked, look)
        _write(click.unstyle(text.getvalue()).encode(), file)
    else:
        _print_report(asked, look)
    return 0


_ENDINGS = {"": "text", ".txt": "text", ".htm": "html", ".html": "html", ".csv": "csv", ".json": "json"}


def _form_of(file: Path | None) -> str:
    ending = file.suffix.lower() if file else ""
    if ending not in _ENDINGS:
        raise WrongUsageError(
            _("a report cannot be written as {ending}").format(ending=ending),
            _("Let the name end in .html, .csv, .json or .txt; or say --format."),
        )
    return _ENDINGS[ending]


def _no_report(asked: int, look: Look) -> WrongUsageError:
    if not look.sends:
        return WrongUsageError(
            _("Issue {number} was not approved yet.").format(number=asked).rstrip("."),
            _("There is something to report once it was sent."),
        )
    return WrongUsageError(
        _("issue {number} was not sent, but as a rehearsal").format(number=asked),
        _("`pvd-mailer report {number}` has what became of the rehearsals.").format(number=asked),
    )


def _write(document: bytes, file: Path | None) -> None:
    """Write it as it is, whole or not at all; Windows would turn its line ends into others."""
    if file is None:
        click.echo(document, nl=False)
        return
    waiting = file.with_name(f".{file.name}.new")
    try:
        waiting.write_bytes(document)
        waiting.replace(file)
    except OSError as error:
        waiting.unlink(missing_ok=True)
        raise PvdError(
            _("{file} cannot be written: {reason}").format(file=file, reason=reason(error)),
            _("Name another file."),
        ) from error
    click.echo(_("Written: {file}").format(file=file), err=True)


def _begun(look: Look) -> list[tuple[Dispatch, Account]]:
    """The dispatches that are told of, the oldest first: a void one where there is no other."""
    begun = [one for one in reversed(look.sends) if one[0].state is not DispatchState.VOID]
    return begun or list(look.sends[:1])


def _as_json(asked: int, look: Look) -> dict[str, object]:
    states = look.report.states if look.report else Counter[State]()
    return {
        "issue": asked,
        "accepted": states[State.ACCEPTED],
        "unknown": states[State.UNKNOWN],
        "dispatches": [as_json(*one) for one in _begun(look)],
        "report": look.report.as_json() if look.report else None,
    }


def _print_report(asked: int, look: Look) -> None:
    if not look.sends:
        click.echo(_("Issue {number} was not approved yet.").format(number=asked))
        return
    for index, one in enumerate(_begun(look)):
        if index:
            click.echo()
        print_dispatch(one[0])
        print_account(*one)
    click.echo()
    said_of = _("Issue {number}: {accepted}, {unknown}; rehearsals left aside.")
    states = look.report.states if look.report else Counter[State]()
    counts = {
        name: f"{number(states[state])} {words.recipient_state(state, states[state])}"
        for name, state in (("accepted", State.ACCEPTED), ("unknown", State.UNKNOWN))
    }
    click.echo(said_of.format(number=asked, **counts))
    if look.report and look.report.outcome.accepted:
        print_report(look.report)
