"""The commands on a person's rights: what is held on them, and that it is forgotten."""

import sys

import click

from pvd_mailer import clock
from pvd_mailer.audience import erasure, requests
from pvd_mailer.audience.address import Address, canonical
from pvd_mailer.cli import roster
from pvd_mailer.cli.asking import agree
from pvd_mailer.cli.desk import Command, form_option, open_desk
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext

__all__ = ["access_report", "address_argument", "forget", "retention"]

address_argument = click.argument("written", metavar=_("ADDRESS"))


@click.command("access-report", cls=Command, help=_("Print everything that is held on one person, as JSON."))
@address_argument
def access_report(written: str) -> int:
    """Report on a person."""
    address = canonical(written)
    with open_desk().office() as office, office.database.read() as connection:
        report = erasure.access_report(connection, address.key, office.keys)
    click.echo(roster.as_json(report))
    return 0


@click.command(cls=Command, help=_("Erase one person everywhere, the journal included. It cannot be taken back."))
@address_argument
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@form_option
def forget(written: str, form: str, *, yes: bool) -> int:
    """Forget a person."""
    address = canonical(written)
    _ask(_("Erase {address} everywhere? It cannot be taken back.").format(address=address.written), yes=yes)
    with open_desk().office() as office:
        gone = erasure.forget(office.database, address.key, office.keys, clock.now())
    if form == "json":
        click.echo(
            roster.as_json({"subscribers": gone.subscribers, "journal_rows": gone.recipients, "wiped": gone.is_wiped})
        )
        return 0
    _say_forgotten(address, gone)
    return 0


def _say_forgotten(address: Address, gone: erasure.Forgotten) -> None:
    if gone.subscribers or gone.recipients:
        letters = ngettext("{n} letter", "{n} letters", gone.recipients).format(n=gone.recipients)
        click.echo(
            _("{address} is forgotten; erased from {letters} of the journal.").format(
                address=address.written, letters=letters
            )
        )
    else:
        click.echo(_("Nothing was held on {address}.").format(address=address.written))
    click.echo(_("A keyed hash stays, so that no import adds this address again."))
    click.echo(_("Copies elsewhere are yours to erase: lists you exported, backups, var/outbox, the mail provider."))


def _ask(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsageError(_("this erases people, and there is nobody to ask"), _("Add --yes if you are sure."))
    agree(question)


@click.command(cls=Command, help=_("List who has been kept long enough: no contact for years, or left as long ago."))
@click.option("--years", type=click.IntRange(1, 30), default=3, show_default=True, help=_("How many years."))
@click.option("--apply", "applies", is_flag=True, help=_("Erase them. Without this nothing is written."))
@form_option
def retention(years: int, form: str, *, applies: bool) -> int:
    """Apply the retention period."""
    now = clock.now()
    with open_desk().office() as office:
        if applies:
            with office.database.write() as connection:
                requests.purge(connection, now)
            found = erasure.erase_expired(office.database, office.keys, now, years)
        else:
            with office.database.read() as connection:
                found = list(erasure.expired(connection, now, years))
    if form == "json":
        people = [{"address": one.address, "state": str(one.state), "since": one.since.isoformat()} for one in found]
        click.echo(roster.as_json({"years": years, "applied": applies, "people": people}))
        return 0
    for one in found:
        click.echo(f"{one.address:<40}  {_(roster.STATES[one.state])}, {one.since:%Y-%m-%d}")
    said = (
        ngettext("{n} person erased", "{n} people erased", len(found))
        if applies
        else ngettext("{n} person to erase", "{n} people to erase", len(found))
    )
    click.echo(said.format(n=len(found)))
    if not applies:
        click.echo(click.style(_("Simulation: nothing was written. Add --apply to do it."), bold=True))
    return 0
