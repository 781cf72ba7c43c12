"""The commands on a person's rights: what is held on them, and that it is forgotten."""

import sys

import click

from pvd_mailer import clock
from pvd_mailer.cli.confirm import confirm
from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output import subscriber_list
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.services.subscribers import privacy
from pvd_mailer.subscribers.address import Address, parse_address

__all__ = ["access_report_command", "address_argument", "forget_command", "retention_command"]

address_argument = click.argument("written", metavar=_("ADDRESS"))


@click.command("access-report", cls=FullHelpCommand, help=_("Print everything that is held on one person, as JSON."))
@address_argument
def access_report_command(written: str) -> int:
    """Report on a person."""
    address = parse_address(written)
    with load_context().app_context() as app_context:
        report = privacy.access_report(app_context, address.key)
    click.echo(subscriber_list.json_text(report))
    return 0


@click.command(
    "forget", cls=FullHelpCommand, help=_("Erase one person everywhere, the journal included. It cannot be taken back.")
)
@address_argument
@click.option("--yes", is_flag=True, help=_("Do not ask."))
@form_option
def forget_command(written: str, form: str, *, yes: bool) -> int:
    """Forget a person."""
    address = parse_address(written)
    _confirm_erasure(
        _("Erase {address} everywhere? It cannot be taken back.").format(address=address.as_written), yes=yes
    )
    with load_context().app_context() as app_context:
        erased = privacy.erase_person(app_context.database, address.key, app_context.keys, clock.now())
    if form == "json":
        click.echo(
            subscriber_list.json_text(
                {"subscribers": erased.subscribers, "journal_rows": erased.recipients, "wiped": erased.is_wal_truncated}
            )
        )
        return 0
    _print_erased(address, erased)
    return 0


def _print_erased(address: Address, erased: privacy.Erasure) -> None:
    if erased.subscribers or erased.recipients:
        letters = ngettext("{n} letter", "{n} letters", erased.recipients).format(n=erased.recipients)
        click.echo(
            _("{address} is forgotten; erased from {letters} of the journal.").format(
                address=address.as_written, letters=letters
            )
        )
    else:
        click.echo(_("Nothing was held on {address}.").format(address=address.as_written))
    click.echo(_("A keyed hash stays, so that no import adds this address again."))
    click.echo(_("Copies elsewhere are yours to erase: lists you exported, backups, var/outbox, the mail provider."))


def _confirm_erasure(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsageError(_("this erases people, and there is nobody to ask"), _("Add --yes if you are sure."))
    confirm(question)


@click.command(
    "retention",
    cls=FullHelpCommand,
    help=_("List who has been kept long enough: no contact for years, or left as long ago."),
)
@click.option("--years", type=click.IntRange(1, 30), default=3, show_default=True, help=_("How many years."))
@click.option("--apply", "applies", is_flag=True, help=_("Erase them. Without this nothing is written."))
@form_option
def retention_command(years: int, form: str, *, applies: bool) -> int:
    """Apply the retention period."""
    now = clock.now()
    with load_context().app_context() as app_context:
        expired_subscribers = (privacy.apply_retention if applies else privacy.expired_people)(app_context, now, years)
    if form == "json":
        people = [
            {"address": subscriber.address, "state": str(subscriber.state), "since": subscriber.since.isoformat()}
            for subscriber in expired_subscribers
        ]
        click.echo(subscriber_list.json_text({"years": years, "applied": applies, "people": people}))
        return 0
    for subscriber in expired_subscribers:
        state = _(subscriber_list.STATE_LABELS[subscriber.state])
        click.echo(f"{subscriber.address:<40}  {state}, {subscriber.since:%Y-%m-%d}")
    text = (
        ngettext("{n} person erased", "{n} people erased", len(expired_subscribers))
        if applies
        else ngettext("{n} person to erase", "{n} people to erase", len(expired_subscribers))
    )
    click.echo(text.format(n=len(expired_subscribers)))
    if not applies:
        click.echo(click.style(_("Simulation: nothing was written. Add --apply to do it."), bold=True))
    return 0
