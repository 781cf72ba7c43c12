"""The commands. Each reads its arguments, calls one thing, prints, and returns an exit code."""

import json
from pathlib import Path

import click

from pvd_mailer import __version__, clock
from pvd_mailer.cli import show
from pvd_mailer.cli.desk import BLOCKED, Commands, form_option, issue_argument, online_option, open_desk
from pvd_mailer.findings import is_blocked
from pvd_mailer.i18n import _

__all__ = ["app"]

KILOBYTE = 1000


@click.group(
    cls=Commands,
    help=_("Composes, checks, renders and sends a letter. ISSUE is a folder, a number such as 22, or `latest`."),
    subcommand_metavar=_("COMMAND …"),
    options_metavar=_("[OPTIONS]"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pvd-mailer", help=_("Show the version and exit."))
def app() -> None:
    """Hold the commands together."""


@app.command(help=_("Start a workspace in DIR: issues/, subscribers/ and a publication."))
@click.argument("folder", metavar=_("DIR"), type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> int:
    """Start a workspace."""
    from pvd_mailer.compose.starter import start_workspace

    written = start_workspace(folder, clock.now().date())
    click.echo(_("Your workspace is ready:"))
    for path in written:
        click.echo(f"  {path.as_posix()}")
    click.echo()
    click.echo(
        _("Next: open {file}, put in your publication's name and addresses, then:").format(file=written[0].as_posix())
    )
    if folder != Path():  # nobody needs to be told to go where they are
        click.echo(f"  cd {folder.as_posix()}")
    click.echo("  pvd-mailer check latest")
    return 0


@app.command(help=_("Write next month's issue from the last one: rubrics and ids kept, content emptied."))
def new() -> int:
    """Start next month's issue."""
    from pvd_mailer.compose import load
    from pvd_mailer.compose.scaffold import folder_name, next_issue, write_new
    from pvd_mailer.errors import Blocked, WrongUsageError

    desk = open_desk()
    last = desk.workspace.issue("latest")
    composition = load(last.path, desk.workspace)
    if composition.issue is None:
        raise Blocked(list(composition.findings))
    number, day, text = next_issue(composition.issue)
    folder = desk.workspace.issues / folder_name(number, day)
    try:
        file = write_new(folder, text)
    except FileExistsError as error:
        raise WrongUsageError(
            _("{folder} is there already").format(folder=desk.workspace.show(folder)),
            _("Go on with it, or move it away first."),
        ) from error
    click.echo(_("Issue {number} is started: {file}").format(number=number, file=desk.workspace.show(file)))
    click.echo(_("Fill it in; `pvd-mailer check latest` tells what is still missing."))
    return 0


@app.command(help=_("Print the JSON Schema of an issue's file, or of a publication's, for editors that understand it."))
@click.argument("what", type=click.Choice(["issue", "publication"]), default="issue")
def schema(what: str) -> int:
    """Print a JSON Schema."""
    from pvd_mailer.issue import Issue, Publication

    model = Issue if what == "issue" else Publication
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    click.echo(json.dumps(described, ensure_ascii=False, indent=2))
    return 0


@app.command(help=_("Proofread ISSUE: say what is wrong with it and its letter, where, and how to mend it."))
@issue_argument
@click.option("--fix", is_flag=True, help=_("Mend in the file what can be mended without changing its sense."))
@online_option
@form_option
def check(wanted: str, form: str, *, fix: bool, online: bool) -> int:
    """Check an issue."""
    from pvd_mailer import workflow

    desk = open_desk()
    folder = desk.workspace.issue(wanted)
    mended = workflow.mend(folder, desk.workspace, desk.settings) if fix else None
    if online and form != "json":
        click.echo(_("Asking the network: a minute or two…"), err=True)
    found = workflow.check(folder, desk.workspace, desk.settings, desk.outside() if online else None)
    unchecked = workflow.unchecked(folder, desk.workspace)
    if form == "json":
        click.echo(show.as_json(found, mended, unchecked=["spelling"] if unchecked else []))
    else:
        if mended is not None:
            show.mended(
                mended, desk.workspace.show(folder.file), blocked=not workflow.is_readable(folder, desk.workspace)
            )
        show.findings(found, wanted)
        if not found:
            click.echo(_("Nothing to say: the letter can be rendered."))
        if unchecked:
            show.note(*unchecked)
    return BLOCKED if is_blocked(found) else 0


@app.command(help=_("Write ISSUE's letter into DIR: letter.html, letter.txt, letter.eml and images/."))
@issue_argument
@click.option(
    "-o",
    "--output",
    "folder",
    metavar=_("DIR"),
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help=_("Where to write; made if needed."),
)
def render(wanted: str, folder: Path) -> int:
    """Render an issue."""
    from pvd_mailer import workflow
    from pvd_mailer.send.sample import write_letter

    desk = open_desk()
    made = workflow.proof(desk.workspace.issue(wanted), desk.workspace, desk.settings)
    show.findings(made.findings, wanted)
    for path, size in write_letter(made.letter, made.issue, made.publication, folder):
        click.echo(f"{path.as_posix()}  {_size(size)}")
    return 0


def _size(size: int) -> str:
    if size < KILOBYTE:
        return _("{n} bytes").format(n=size)
    return _("{n} KB").format(n=f"{size / KILOBYTE:.1f}".replace(".", _(".")))


@app.command(help=_("Show ISSUE in the browser, and again each time it, a picture or a template is saved."))
@click.argument("wanted", metavar=_("[ISSUE]"), default="latest")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=_("The port of 127.0.0.1 to listen on; 0 for any that is free. 8765 if not given, or the next that is free."),
)
@click.option("--no-open", "stays", is_flag=True, help=_("Do not open the browser."))
def preview(wanted: str, port: int | None, *, stays: bool) -> int:
    """Preview an issue."""
    from pvd_mailer.preview import serve

    desk = open_desk()
    serve(desk.workspace.issue(wanted), desk.workspace, desk.settings, port=port, opens=not stays, say=click.echo)
    return 0


@app.command(help=_("Show the settings in force and where they come from, and what is missing."))
@form_option
def doctor(form: str) -> int:
    """Look at the installation."""
    from pvd_mailer.cli.doctor import examine

    return examine(form)


# Each of these needs the database, which `check` and `preview` are spared.
app.defer(
    {
        "subscribers": "pvd_mailer.cli.subscribers:subscribers",
        "test": "pvd_mailer.cli.approving:test",
        "approve": "pvd_mailer.cli.approving:approve",
        "send": "pvd_mailer.cli.sending:send",
        "run-due": "pvd_mailer.cli.sending:run_due",
        "status": "pvd_mailer.cli.reporting:status",
        "pause": "pvd_mailer.cli.steering:pause",
        "resume": "pvd_mailer.cli.steering:resume",
        "cancel": "pvd_mailer.cli.steering:cancel",
        "recipients": "pvd_mailer.cli.recipients:recipients",
        "resolve": "pvd_mailer.cli.steering:resolve",
        "reconcile": "pvd_mailer.cli.reconciling:reconcile",
        "sync": "pvd_mailer.cli.syncing:sync",
        "report": "pvd_mailer.cli.reporting:report",
        "serve": "pvd_mailer.cli.serving:serve",
        "publish": "pvd_mailer.cli.publishing:publish",
        "backup": "pvd_mailer.cli.safekeeping:backup",
        "restore": "pvd_mailer.cli.safekeeping:restore",
        "upgrade": "pvd_mailer.cli.safekeeping:upgrade",
        "keys": "pvd_mailer.cli.keys:keys",
    },
    before="doctor",
)
