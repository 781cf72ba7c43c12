"""The command that imports a list: what a person says of it, the simulation, and doing it."""

from pathlib import Path

import click

from pvd_mailer import clock
from pvd_mailer.audience import intake
from pvd_mailer.audience.column_matching import read_map
from pvd_mailer.audience.consent import read_date
from pvd_mailer.audience.entries import Given
from pvd_mailer.audience.headings import names_leavers
from pvd_mailer.audience.opening import open_list
from pvd_mailer.audience.sheet import SheetError
from pvd_mailer.audience.standing import LEFT_STATES
from pvd_mailer.audience.survey import survey
from pvd_mailer.cli.desk import Command, form_option, open_desk
from pvd_mailer.cli.verdicts import Report, wrapped
from pvd_mailer.database.states import Basis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _

__all__ = ["BASES", "bounded", "import_"]

MAX_SAID = 2000
"""Characters of a source or a wording."""
BASES = [str(basis) for basis in Basis if basis is not Basis.NONE]


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
    "--as",
    "state",
    type=click.Choice([str(SubscriberState.SUBSCRIBED), *map(str, LEFT_STATES)]),
    help=_("What the people of the whole list are: unsubscribed is a list of people who must not be written to."),
)
@click.option(
    "--header-row",
    metavar=_("NUMBER"),
    type=click.IntRange(1),
    help=_("The row that names the columns; found if not given."),
)
@click.option(
    "--basis",
    type=click.Choice(BASES),
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
    state: str | None,
    header_row: int | None,
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
    said = bounded(source or file.name, "--source")
    stands = SubscriberState(state or SubscriberState.SUBSCRIBED)
    given = Given(
        Basis(basis) if basis else None,
        said,
        bounded(wording, "--wording"),
        read_date(day, now) if day else now,
        stands,
    )
    asks = stands not in LEFT_STATES
    sheet = open_list(file, read_map(pairs), header_row, asks=asks)
    if state is None and not sheet.columns.signals and names_leavers(file.stem):
        raise SheetError(
            _("by its name, {file} may be a list of people who left, and no column says so").format(file=file.name),
            _(
                "Say what they are: --as unsubscribed, bounced or complained; or --as subscribed if they may be "
                "written to."
            ),
        )
    listing = survey(sheet, given, asks=asks)
    with desk.office() as office, Report(sheet.columns, file.name, applied=applies) as report:
        keep = report.every if form == "json" or lists_all else report.some
        if applies:
            made = intake.apply(listing, office.database, office.keys, now, said, keep)
        else:
            with office.database.read() as connection:
                made = intake.plan(listing, connection, office.keys, keep)
        report.print_json(made) if form == "json" else report.print_text(made)
    if not applies and form == "text" and made.without_basis is not None and basis is None:
        wrapped(_("Before --apply, say why they may be written to: --basis consent, or --basis public-mission."))
    return 0


def bounded(text: str, option: str) -> str:
    """`text` on one line, as what was said with `option`.

    Raises:
        WrongUsageError: it is too long, or cannot be kept.
    """
    said = " ".join(text.split())
    if not said.isprintable() or len(said) > MAX_SAID:
        raise WrongUsageError(
            _("{option} holds something that cannot be kept").format(option=option),
            _("Write plain text of at most {most} characters.").format(most=MAX_SAID),
        )
    return said
