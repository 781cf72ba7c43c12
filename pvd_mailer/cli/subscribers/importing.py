"""The command that imports a list: what a person says of it, the simulation, and doing it."""

from pathlib import Path

import click

from pvd_mailer import clock
from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output.import_plan import ImportReport, print_wrapped
from pvd_mailer.database.states import LegalBasis, SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.services.subscribers.changes import import_list, simulate_import
from pvd_mailer.subscribers.importing.column_map_option import parse_column_map
from pvd_mailer.subscribers.importing.consent import parse_consent_date
from pvd_mailer.subscribers.importing.list_fields import may_list_unsubscribed
from pvd_mailer.subscribers.importing.parsed_row import ImportDefaults
from pvd_mailer.subscribers.importing.readers.opening import open_list_file
from pvd_mailer.subscribers.importing.readers.sheet import SheetError
from pvd_mailer.subscribers.importing.standing import SUPPRESSED_STATES
from pvd_mailer.subscribers.importing.survey import survey_list

__all__ = ["BASIS_CHOICES", "import_command", "plain_text_option"]

_MAX_TEXT = 2000
"""Characters of a source or a wording."""
BASIS_CHOICES = [str(basis) for basis in LegalBasis if basis is not LegalBasis.NONE]


@click.command(
    "import",
    cls=FullHelpCommand,
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
    type=click.Choice([str(SubscriberState.SUBSCRIBED), *map(str, SUPPRESSED_STATES)]),
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
    type=click.Choice(BASIS_CHOICES),
    help=_("Why these people may be written to. A column of the file may say it instead."),
)
@click.option("--source", metavar=_("TEXT"), help=_("Where the addresses come from; the file's name if not given."))
@click.option("--wording", metavar=_("TEXT"), default="", help=_("What the people were told, word for word."))
@click.option("--date", "day", metavar=_("DATE"), help=_("When they agreed or were informed; today if not given."))
@click.option("--apply", "applies", is_flag=True, help=_("Do it. Without this nothing is written."))
@click.option("--all", "lists_all", is_flag=True, help=_("List every row, however many there are."))
@form_option
def import_command(
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
    cli_context = load_context()
    now = clock.now()
    origin = plain_text_option(source or file.name, "--source")
    list_state = SubscriberState(state or SubscriberState.SUBSCRIBED)
    defaults = ImportDefaults(
        LegalBasis(basis) if basis else None,
        origin,
        plain_text_option(wording, "--wording"),
        parse_consent_date(day, now) if day else now,
        list_state,
    )
    strict = list_state not in SUPPRESSED_STATES
    sheet = open_list_file(file, parse_column_map(pairs), header_row, must_ask=strict)
    if state is None and not sheet.columns.state_columns:
        _ensure_not_of_unsubscribed(file)
    list_survey = survey_list(sheet, defaults, must_ask=strict)
    with cli_context.app_context() as app_context, ImportReport(sheet.columns, file.name, applied=applies) as report:
        collect = report.keep_all if form == "json" or lists_all else report.keep_some
        if applies:
            plan = import_list(app_context, list_survey, now, origin, collect)
        else:
            plan = simulate_import(app_context, list_survey, collect)
        report.print_json(plan) if form == "json" else report.print_text(plan)
    if not applies and form == "text" and plan.first_row_without_basis is not None and basis is None:
        print_wrapped(_("Before --apply, say why they may be written to: --basis consent, or --basis public-mission."))
    return 0


def _ensure_not_of_unsubscribed(file: Path) -> None:
    """Nothing says what the people of the list are; its name may.

    Raises:
        SheetError: it sounds as if they had left.
    """
    if may_list_unsubscribed(file.stem):
        raise SheetError(
            _("by its name, {file} may be a list of people who left, and no column says so").format(file=file.name),
            _(
                "Say what they are: --as unsubscribed, bounced or complained; or --as subscribed if they may be "
                "written to."
            ),
        )


def plain_text_option(text: str, option: str) -> str:
    """`text` on one line, as what was said with `option`.

    Raises:
        WrongUsageError: it is too long, or cannot be kept.
    """
    line = " ".join(text.split())
    if not line.isprintable() or len(line) > _MAX_TEXT:
        raise WrongUsageError(
            _("{option} holds something that cannot be kept").format(option=option),
            _("Write plain text of at most {most} characters.").format(most=_MAX_TEXT),
        )
    return line
