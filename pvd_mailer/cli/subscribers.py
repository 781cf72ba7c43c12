"""The commands on subscribers: how people come in, and how they go; with those that look, and those of their rights."""

import click

from pvd_mailer import clock
from pvd_mailer.audience import intake
from pvd_mailer.audience.address import canonical
from pvd_mailer.audience.changes import Person, Standing, sign_up
from pvd_mailer.audience.consent import read_date
from pvd_mailer.audience.entries import Entry
from pvd_mailer.audience.subscribers import Proof, find
from pvd_mailer.audience.tags import SEPARATOR, tag_key, value_key
from pvd_mailer.cli import roster, verdicts
from pvd_mailer.cli.desk import Command, Commands, form_option, open_desk
from pvd_mailer.cli.importing import BASES, bounded, import_
from pvd_mailer.cli.lists import export, list_, show
from pvd_mailer.cli.rights import access_report, address_argument, forget, retention
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.workflow.leaving import OFFICE, leave

__all__ = ["subscribers"]


@click.group(
    cls=Commands,
    help=_("The people who are written to: import a list, look, let go, export."),
    subcommand_metavar=_("COMMAND …"),
    options_metavar=_("[OPTIONS]"),
)
def subscribers() -> None:
    """Hold the commands together."""


@click.command(cls=Command, help=_("Add one person, with the proof that they may be written to."))
@address_argument
@click.option(
    "--basis",
    required=True,
    type=click.Choice(BASES),
    help=_("Why this person may be written to."),
)
@click.option(
    "--source", metavar=_("TEXT"), required=True, help=_("Where from: a call, a form, a meeting and its date.")
)
@click.option("--wording", metavar=_("TEXT"), default="", help=_("What the person was told, word for word."))
@click.option("--date", "day", metavar=_("DATE"), help=_("When they agreed or were informed; today if not given."))
@click.option("--first-name", metavar=_("TEXT"), default="", help=_("First name."))
@click.option("--last-name", metavar=_("TEXT"), default="", help=_("Last name."))
@click.option(
    "--tag", "marks", metavar=_("KEY=VALUE"), multiple=True, help=_("A tag, such as role=maire. May be repeated.")
)
@click.option(
    "--own-request",
    "returns",
    is_flag=True,
    help=_("The person has asked for it in so many words, and comes back although they had left. Needs consent."),
)
@form_option
def add(
    *,
    written: str,
    basis: str,
    source: str,
    wording: str,
    day: str | None,
    first_name: str,
    last_name: str,
    marks: tuple[str, ...],
    form: str,
    returns: bool,
) -> int:
    """Add a subscriber."""
    if returns and basis != Basis.CONSENT:
        raise click.UsageError(_("--own-request goes with --basis consent: nobody comes back but by their own wish."))
    now = clock.now()
    address = canonical(written)
    person = Person(address, bounded(first_name, "--first-name"), bounded(last_name, "--last-name"), _tags(marks))
    said = bounded(source, "--source")
    proof = Proof(Basis(basis), read_date(day, now) if day else now, said, bounded(wording, "--wording"))
    with open_desk().office() as office:
        if returns:
            with office.database.write() as connection:
                sign_up(connection, person, proof, office.keys, now)
            verdict = intake.Verdict(Entry(1, address.written, person, proof), intake.Fate.ADDED)
        else:
            verdict = intake.add(person, proof, office.database, office.keys, now)
    if verdict.fate is intake.Fate.REFUSED:
        raise WrongUsageError(
            _("{address} is not added: {why}").format(address=address.written, why=verdicts.why(verdict)),
            _("If the person asks to come back, in so many words, say so with --own-request."),
        )
    if form == "json":
        click.echo(roster.as_json({"address": address.written, "fate": str(verdict.fate)}))
        return 0
    words = {
        intake.Fate.ADDED: _("{address} is subscribed."),
        intake.Fate.UPDATED: _("{address} was subscribed already; what was known is brought up to date."),
    }
    said = words.get(verdict.fate, _("{address} was subscribed already; nothing to change."))
    click.echo(said.format(address=address.written))
    if verdict.why is not None:
        click.echo(verdicts.why(verdict))
    return 0


def _tags(pairs: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, _equals, value = pair.partition("=")
        key = tag_key(name)
        if not key or not value_key(key, value):
            raise WrongUsageError(
                _("--tag “{pair}” is not understood").format(pair=pair), _("Write it like this: --tag role=maire")
            )
        parts = [part for part in bounded(value, "--tag").split(SEPARATOR) if value_key(key, part)]
        result[key] = (*result.get(key, ()), *(part.strip() for part in parts))
    return result


@click.command("unsubscribe", cls=Command, help=_("Let one person go: no more letters from now on."))
@address_argument
@form_option
def unsubscribe_(written: str, form: str) -> int:
    """Unsubscribe a person, or write down that somebody who was never here is not to be added."""
    address = canonical(written)
    now = clock.now()
    with open_desk().office() as office, office.database.write() as connection:
        one = find(connection, address.key)
        if one is not None:
            changed = leave(connection, [one.ref], now, OFFICE)[one.ref].is_new
        else:
            proof = Proof(Basis.NONE, now, OFFICE)
            standing = Standing(SubscriberState.UNSUBSCRIBED)
            entry = Entry(1, address.written, Person(address), proof, standing=standing)
            changed = intake.oppose(entry, connection, office.keys, now).fate is intake.Fate.OPPOSED
    if form == "json":
        click.echo(roster.as_json({"address": address.written, "changed": changed, "known": one is not None}))
        return 0
    if not changed:
        said = _("{address} had left already; nothing to do.")
    elif one is None:
        said = _(
            "{address} was not on the list. It is written down that this person is not to be written to: no list adds "
            "them any more. If you meant somebody else, check the spelling."
        )
    else:
        said = _("{address} is unsubscribed: no letter leaves for it any more.")
    verdicts.wrapped(said.format(address=address.written))
    return 0


for _command in (import_, list_, show, add, unsubscribe_, export, access_report, forget, retention):
    subscribers.add_command(_command)
