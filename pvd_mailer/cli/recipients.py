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

from pvd_mailer.cli import words
from pvd_mailer.cli.account import moment, number, print_dispatch
from pvd_mailer.cli.desk import Command, open_desk
from pvd_mailer.database.states import State
from pvd_mailer.errors import PvdError, reason
from pvd_mailer.formulas import guarded
from pvd_mailer.i18n import _
from pvd_mailer.journal import Account, Dispatch, account, dispatches
from pvd_mailer.journal.listing import Standing, standings
from pvd_mailer.private import create_file
from pvd_mailer.send.channels import Cause
from pvd_mailer.workflow import sending

__all__ = ["recipients"]

BOM = "\ufeff"
"""By which Excel knows UTF-8."""
COLUMNS = ("address", "name", "state", "cause", "message", "reason", "called_at")


@click.command(
    cls=Command,
    help=_("List the people of DISPATCH by where they stand: whom to look for at the provider, before you `resolve`."),
)
@click.argument("dispatch_id", metavar=_("DISPATCH"))
@click.option(
    "--state",
    "states",
    type=click.Choice([str(state) for state in State]),
    multiple=True,
    help=_("Only those who stand there; may be given again. All of them if not given."),
)
@click.option("--cause", type=click.Choice([str(one) for one in Cause]), help=_("Only those there for this cause."))
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), help=_("How to print."))
@click.option(
    "-o",
    "--output",
    "file",
    metavar=_("FILE"),
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("Write a list that opens in Excel, and that `resolve --only` takes, into FILE."),
)
def recipients(
    dispatch_id: str, states: tuple[str, ...], cause: str | None, form: str | None, file: Path | None
) -> int:
    """List the recipients of a dispatch."""
    form = form or ("csv" if file else "text")
    file = None if file == Path("-") else file
    wanted = [State(one) for one in states] or list(State)
    desk = open_desk()
    with desk.office() as office:
        sending.notice_lost(office)
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
            found = standings(connection, dispatch_id, wanted, cause)
            with _target(file) as target:
                if form == "text":
                    _print(dispatch, found, account(connection, dispatch_id), target)
                elif form == "csv":
                    _write_csv(found, target)
                else:
                    said = {"dispatch": dispatch_id, "recipients": [_as_json(one) for one in found]}
                    target.write(json.dumps(said, ensure_ascii=False, indent=2) + "\n")
    if file:
        click.echo(_("Written: {file}. It names people: delete it when you are done.").format(file=file), err=True)
    return 0


@contextmanager
def _target(file: Path | None) -> Iterator[IO[str]]:
    if file is None:
        yield sys.stdout
        return
    waiting = file.with_name(f".{file.name}.{secrets.token_hex(4)}.new")
    try:
        with io.TextIOWrapper(create_file(waiting), encoding="utf-8", newline="") as target:
            yield target
        waiting.replace(file)
    except OSError as error:
        raise PvdError(
            _("{file} cannot be written: {reason}").format(file=file, reason=reason(error)),
            _("Choose another place with -o."),
        ) from error
    finally:
        waiting.unlink(missing_ok=True)


def _print(dispatch: Dispatch, found: Iterable[Standing], told: Account, target: IO[str]) -> None:
    print_dispatch(dispatch)
    zone = dispatch.seal.zone
    nobody = True
    for (state, cause, why), people in groupby(found, lambda one: (one.state, one.cause, one.reason)):
        nobody = False
        count = told.reasons[state, cause, why] or told.states[state]
        said = f"{number(count)} {words.recipient_state(state, count)}"
        if cause:
            said += _(": ") + words.cause(cause)
        if why:
            said += f" ({why})"
        click.echo(click.style(said, bold=True), file=target)
        for one in people:
            at = moment(one.called_at, zone) if one.called_at else "–"
            click.echo(f"  {at:<16}  {one.address}  {one.name}".rstrip(), file=target)
    if nobody:
        click.echo(_("Nobody."), file=target)


def _row(one: Standing) -> list[str]:
    at = one.called_at.isoformat(timespec="seconds") if one.called_at else ""
    return [
        one.address,
        one.name,
        str(one.state),
        one.cause,
        words.cause(one.cause) if one.cause else "",
        one.reason,
        at,
    ]


def _as_json(one: Standing) -> dict[str, str]:
    return dict(zip(COLUMNS, _row(one), strict=True))


def _write_csv(found: Iterable[Standing], target: IO[str]) -> None:
    target.write(BOM)
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in _row(one)] for one in found)
