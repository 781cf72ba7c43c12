"""The commands on subscribers: how people come in, and how they go; with those that look, and those of their rights."""

from pathlib import Path

import click

from pvd_mailer import clock
from pvd_mailer.audience import intake
from pvd_mailer.audience.address import canonical
from pvd_mailer.audience.changes import Person, sign_up
from pvd_mailer.audience.columns import open_list, read_map
from pvd_mailer.audience.consent import read_date
from pvd_mailer.audience.entries import Entry, Given, read_entries
from pvd_mailer.audience.subscribers import Proof, find
from pvd_mailer.audience.tags import tag_key, value_key
from pvd_mailer.cli import roster
from pvd_mailer.cli.desk import Command, Commands, form_option, open_desk
from pvd_mailer.cli.lists import export, known, list_, show
from pvd_mailer.cli.rights import access_report, address_argument, forget, retention
from pvd_mailer.database.states import Basis
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.workflow.leaving import OFFICE, leave

__all__ = ["subscribers"]

MAX_SAID = 2000
"""Characters of a source or a wording."""


@click.group(
    cls=Commands,
    help=_("The people who are written to: import a list, look, let go, export."),
    subcommand_metavar=_("COMMAND …"),
    options_metavar=_("[OPTIONS]"),
)
def subscribers() -> None:
    """Hold the commands together."""


@click.command(
    "import",
    cls=Command,
    help=_("Say row by row what FILE (CSV or .xlsx) would change. With --apply, change it: all or nothing."),
)
@click.argument("file", metavar=_("FILE"), type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--map",
    "pairs",
    metavar=_("NAME=FIELD"),
    multiple=True,
    help=_("What a column holds: 'Courriel pro=email', 'Dpt=tag:department', 'Notes=ignore'. May be repeated."),
)
@click.option(
    "--basis",
    type=click.Choice([str(basis) for basis in Basis]),
    help=_("Why these people may be written to. A column of the file may say it instead."),
)
@click.option("--source", metavar=_("TEXT"), help=_("Where the addresses come from; the file's name if not given."))
@click.option("--wording", metavar=_("TEXT"), default="", help=_("What the people were told, word for word."))
@click.option("--date", "day", metavar=_("DATE"), help=_("When they agreed or were informed; today if not given."))
@click.option("--apply", "applies", is_flag=True, help=_("Do it. Without this nothing is written."))
@click.option("--all", "lists_all", is_flag=True, help=_("List every row, however many there are."))
@form_option
def import_(
    *,
    file: Path,
    pairs: tuple[str, ...],
    basis: str | None,
    source: str | None,
    wording: str,
    day: str | None,
    form: str,
    applies: bool,
    lists_all: bool,
) -> int:
    """Import a list."""
    desk = open_desk()
    now = clock.now()
    said = _bounded(source or file.name, "--source")
    given = Given(
        Basis(basis) if basis else None, said, _bounded(wording, "--wording"), read_date(day, now) if day else now
    )
    columns, rows = open_list(file, read_map(pairs))
    entries = list(read_entries(rows, columns, given))
    with desk.office() as office:
        with office.database.read() as connection:
            made = intake.plan(entries, connection, office.keys)
        if applies:
            made = intake.apply(made, office.database, office.keys, now, said)
    roster.print_plan(made, columns, file.name, form, applied=applies, lists_all=lists_all)
    if not applies and form == "text" and made.lacks_basis:
        click.echo(_("Before --apply, say why they may be written to: --basis consent, or --basis public-mission."))
    return 0


def _bounded(text: str, option: str) -> str:
    said = " ".join(text.split())
    if not said.isprintable() or len(said) > MAX_SAID:
        raise WrongUsageError(
            _("{option} holds something that cannot be kept").format(option=option),
            _("Write plain text of at most {most} characters.").format(most=MAX_SAID),
        )
    return said


@click.command(cls=Command, help=_("Add one person, with the proof that they may be written to."))
@address_argument
@click.option(
    "--basis",
    required=True,
    type=click.Choice([str(basis) for basis in Basis]),
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
    person = Person(address, _bounded(first_name, "--first-name"), _bounded(last_name, "--last-name"), _tags(marks))
    said = _bounded(source, "--source")
    proof = Proof(Basis(basis), read_date(day, now) if day else now, said, _bounded(wording, "--wording"))
    with open_desk().office() as office:
        if returns:
            with office.database.write() as connection:
                sign_up(connection, person, proof, office.keys, now)
            verdict = intake.Verdict(Entry(1, address.written, person, proof), intake.Fate.ADDED)
        else:
            verdict = intake.add(person, proof, office.database, office.keys, now)
    if verdict.fate is intake.Fate.REFUSED:
        raise WrongUsageError(
            _("{address} is not added: {why}").format(address=address.written, why=roster.why(verdict)),
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
        click.echo(roster.why(verdict))
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
        result[key] = (*result.get(key, ()), _bounded(value, "--tag"))
    return result


@click.command("unsubscribe", cls=Command, help=_("Let one person go: no more letters from now on."))
@address_argument
@form_option
def unsubscribe_(written: str, form: str) -> int:
    """Unsubscribe a person."""
    address = canonical(written)
    with open_desk().office() as office, office.database.write() as connection:
        one = known(find(connection, address.key))
        changed = leave(connection, [one.ref], clock.now(), OFFICE)[one.ref].is_new
    if form == "json":
        click.echo(roster.as_json({"address": address.written, "changed": changed}))
    elif changed:
        click.echo(_("{address} is unsubscribed: no letter leaves for it any more.").format(address=address.written))
    else:
        click.echo(_("{address} had left already; nothing to do.").format(address=address.written))
    return 0


for _command in (import_, list_, show, add, unsubscribe_, export, access_report, forget, retention):
    subscribers.add_command(_command)
