"""`recipients`: who of a dispatch stands where, by name, so that somebody can look them up at the provider."""

import csv
import io
import json
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import IO

import click

from pvd_mailer.cli.context import FullHelpCommand, load_context
from pvd_mailer.cli.output import labels
from pvd_mailer.cli.output.dispatch import format_number, local_time, print_dispatch
from pvd_mailer.database.states import RecipientState
from pvd_mailer.errors import PvdError, os_error_reason
from pvd_mailer.formulas import escape_formula
from pvd_mailer.i18n import _
from pvd_mailer.journal.queries.recipients import RecipientStatus
from pvd_mailer.private import create_file
from pvd_mailer.send.channels import FailureCause
from pvd_mailer.services.dispatches import overview, recovery
from pvd_mailer.services.dispatches.overview import RecipientList

__all__ = ["recipients_command"]

_BOM = "\ufeff"
"""By which Excel knows UTF-8."""
_COLUMNS = ("address", "name", "state", "cause", "message", "reason", "called_at")


@click.command(
    "recipients",
    cls=FullHelpCommand,
    help=_("List the people of DISPATCH by where they stand: whom to look for at the provider, before you `resolve`."),
)
@click.argument("dispatch_id", metavar=_("DISPATCH"))
@click.option(
    "--state",
    "states",
    type=click.Choice([str(state) for state in RecipientState]),
    multiple=True,
    help=_("Only those who stand there; may be given again. All of them if not given."),
)
@click.option(
    "--cause", type=click.Choice([str(row) for row in FailureCause]), help=_("Only those there for this cause.")
)
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), help=_("How to print."))
@click.option(
    "-o",
    "--output",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write a list that opens in Excel, and that `resolve --only` takes, into FILE."),
)
def recipients_command(
    dispatch_id: str, states: tuple[str, ...], cause: str | None, form: str | None, file: Path | None
) -> int:
    """List the recipients of a dispatch."""
    form = form or ("csv" if file else "text")
    file = None if file == Path("-") else file
    chosen_states = [RecipientState(name) for name in states] or list(RecipientState)
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        recovery.mark_lost_batches_unknown(app_context)
        with (
            overview.open_recipients(app_context, dispatch_id, chosen_states, cause) as recipients,
            _open_output(file) as output,
        ):
            if form == "text":
                _print_text(recipients, output)
            elif form == "csv":
                _write_csv(recipients.rows, output)
            else:
                content = {"dispatch": dispatch_id, "recipients": [_recipient_json(row) for row in recipients.rows]}
                output.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    if file:
        click.echo(_("Written: {file}. It names people: delete it when you are done.").format(file=file), err=True)
    return 0


@contextmanager
def _open_output(file: Path | None) -> Iterator[IO[str]]:
    if file is None:
        yield sys.stdout
        return
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    try:
        with io.TextIOWrapper(create_file(temporary), encoding="utf-8", newline="") as output:
            yield output
        temporary.replace(file)
    except OSError as exc:
        raise PvdError(
            _("{file} cannot be written: {reason}").format(file=file, reason=os_error_reason(exc)),
            _("Choose another place with -o."),
        ) from exc
    finally:
        temporary.unlink(missing_ok=True)


def _print_text(recipients: RecipientList, target: IO[str]) -> None:
    print_dispatch(recipients.dispatch)
    zone, totals = recipients.dispatch.approval.zone, recipients.totals
    is_empty = True
    for (state, cause, reason_text), people in groupby(recipients.rows, lambda row: (row.state, row.cause, row.reason)):
        is_empty = False
        count = totals.reasons[state, cause, reason_text] or totals.states[state]
        text = f"{format_number(count)} {labels.recipient_state_label(state, count)}"
        if cause:
            text += _(": ") + labels.cause_label(cause)
        if reason_text:
            text += f" ({reason_text})"
        click.echo(click.style(text, bold=True), file=target)
        for row in people:
            called_at = local_time(row.called_at, zone) if row.called_at else "–"
            click.echo(f"  {called_at:<16}  {row.address}  {row.name}".rstrip(), file=target)
    if is_empty:
        click.echo(_("Nobody."), file=target)


def _row(row: RecipientStatus) -> list[str]:
    called_at = row.called_at.isoformat(timespec="seconds") if row.called_at else ""
    return [
        row.address,
        row.name,
        str(row.state),
        row.cause,
        labels.cause_label(row.cause) if row.cause else "",
        row.reason,
        called_at,
    ]


def _recipient_json(row: RecipientStatus) -> dict[str, str]:
    return dict(zip(_COLUMNS, _row(row), strict=True))


def _write_csv(rows: Iterable[RecipientStatus], target: IO[str]) -> None:
    target.write(_BOM)
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows([escape_formula(cell) for cell in _row(row)] for row in rows)
