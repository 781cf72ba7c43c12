"""The commands. Each reads its arguments, calls one thing, prints, and returns an exit code."""

import json
from pathlib import Path

import click

from pvd_mailer import __version__, clock
from pvd_mailer.cli.context import EXIT_BLOCKED, OrderedGroup, form_option, issue_argument, load_context, online_option
from pvd_mailer.cli.output import diagnostics
from pvd_mailer.findings import has_blocking
from pvd_mailer.i18n import _

__all__ = ["app"]

_KILOBYTE = 1000


@click.group(
    cls=OrderedGroup,
    help=_("Composes, checks, renders and sends a letter. ISSUE is a folder, a number such as 22, or `latest`."),
    subcommand_metavar=_("COMMAND …"),
    options_metavar=_("[OPTIONS]"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pvd-mailer", help=_("Show the version and exit."))
def app() -> None:
    """Hold the commands together."""


@app.command("init", help=_("Start a workspace in DIR: issues/, subscribers/ and a publication."))
@click.argument("folder", metavar=_("DIR"), type=click.Path(path_type=Path, file_okay=False))
def init_command(folder: Path) -> int:
    """Start a workspace."""
    from pvd_mailer.compose.starter import create_workspace

    written = create_workspace(folder, clock.now().date())
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


@app.command("new", help=_("Write next month's issue from the last one: rubrics and ids kept, content emptied."))
def new_command() -> int:
    """Start next month's issue."""
    from pvd_mailer.compose import load_issue
    from pvd_mailer.compose.scaffold import create_issue_folder, folder_name, next_issue
    from pvd_mailer.errors import BlockedError, WrongUsageError

    cli_context = load_context()
    last_folder = cli_context.workspace.issue("latest")
    loaded = load_issue(last_folder.path, cli_context.workspace)
    if loaded.issue is None:
        raise BlockedError(list(loaded.findings))
    number, day, text = next_issue(loaded.issue)
    folder = cli_context.workspace.issues / folder_name(number, day)
    try:
        file = create_issue_folder(folder, text)
    except FileExistsError as error:
        raise WrongUsageError(
            _("{folder} is there already").format(folder=cli_context.workspace.display_path(folder)),
            _("Go on with it, or move it away first."),
        ) from error
    click.echo(
        _("Issue {number} is started: {file}").format(number=number, file=cli_context.workspace.display_path(file))
    )
    click.echo(_("Fill it in; `pvd-mailer check latest` tells what is still missing."))
    return 0


@app.command(
    "schema", help=_("Print the JSON Schema of an issue's file, or of a publication's, for editors that understand it.")
)
@click.argument("what", type=click.Choice(["issue", "publication"]), default="issue")
def schema_command(what: str) -> int:
    """Print a JSON Schema."""
    from pvd_mailer.issue import Issue, Publication

    model = Issue if what == "issue" else Publication
    json_schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    click.echo(json.dumps(json_schema, ensure_ascii=False, indent=2))
    return 0


@app.command("check", help=_("Proofread ISSUE: say what is wrong with it and its letter, where, and how to mend it."))
@issue_argument
@click.option("--fix", is_flag=True, help=_("Mend in the file what can be mended without changing its sense."))
@online_option
@form_option
def check_command(issue_name: str, form: str, *, fix: bool, online: bool) -> int:
    """Check an issue."""
    from pvd_mailer.services import proofs

    cli_context = load_context()
    folder = cli_context.workspace.issue(issue_name)
    fixed = proofs.fix_issue(folder, cli_context.workspace, cli_context.settings) if fix else None
    if online and form != "json":
        click.echo(_("Asking the network: a minute or two…"), err=True)
    findings = proofs.check_issue(
        folder, cli_context.workspace, cli_context.settings, cli_context.online_checker() if online else None
    )
    skipped = proofs.skipped_checks(folder, cli_context.workspace)
    if form == "json":
        click.echo(diagnostics.findings_json(findings, fixed, unchecked=["spelling"] if skipped else []))
    else:
        if fixed is not None:
            diagnostics.print_fixed(
                fixed,
                cli_context.workspace.display_path(folder.file),
                blocked=not proofs.is_readable(folder, cli_context.workspace),
            )
        diagnostics.print_findings(findings, issue_name)
        if not findings:
            click.echo(_("Nothing to say: the letter can be rendered."))
        if skipped:
            diagnostics.print_note(*skipped)
    return EXIT_BLOCKED if has_blocking(findings) else 0


@app.command("render", help=_("Write ISSUE's letter into DIR: letter.html, letter.txt, letter.eml and images/."))
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
def render_command(issue_name: str, folder: Path) -> int:
    """Render an issue."""
    from pvd_mailer.send.sample import write_letter
    from pvd_mailer.services import proofs

    cli_context = load_context()
    checked = proofs.render_and_check(
        cli_context.workspace.issue(issue_name), cli_context.workspace, cli_context.settings
    )
    diagnostics.print_findings(checked.findings, issue_name)
    for path, size in write_letter(checked.letter, checked.issue, checked.publication, folder):
        click.echo(f"{path.as_posix()}  {_size(size)}")
    return 0


def _size(size: int) -> str:
    if size < _KILOBYTE:
        return _("{n} bytes").format(n=size)
    return _("{n} KB").format(n=f"{size / _KILOBYTE:.1f}".replace(".", _(".")))


@app.command("preview", help=_("Show ISSUE in the browser, and again each time it, a picture or a template is saved."))
@click.argument("issue_name", metavar=_("[ISSUE]"), default="latest")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=_("The port of 127.0.0.1 to listen on; 0 for any that is free. 8765 if not given, or the next that is free."),
)
@click.option("--no-open", "stays", is_flag=True, help=_("Do not open the browser."))
def preview_command(issue_name: str, port: int | None, *, stays: bool) -> int:
    """Preview an issue."""
    from pvd_mailer.preview import serve_preview

    cli_context = load_context()
    serve_preview(
        cli_context.workspace.issue(issue_name),
        cli_context.workspace,
        cli_context.settings,
        port=port,
        open_browser=not stays,
        echo=click.echo,
    )
    return 0


@app.command("doctor", help=_("Show the settings in force and where they come from, and what is missing."))
@form_option
def doctor_command(form: str) -> int:
    """Look at the installation."""
    from pvd_mailer.cli.server.doctor import run_doctor

    return run_doctor(form)


# Each of these needs the database, which `check_command` and `preview_command` are spared.
app.add_deferred(
    {
        "subscribers": "pvd_mailer.cli.subscribers.group:subscribers_group",
        "test": "pvd_mailer.cli.issues.approve:test_command",
        "approve": "pvd_mailer.cli.issues.approve:approve_command",
        "send": "pvd_mailer.cli.sending.send:send_command",
        "run-due": "pvd_mailer.cli.sending.send:run_due_command",
        "status": "pvd_mailer.cli.sending.status:status_command",
        "pause": "pvd_mailer.cli.sending.dispatches:pause_command",
        "resume": "pvd_mailer.cli.sending.dispatches:resume_command",
        "cancel": "pvd_mailer.cli.sending.dispatches:cancel_command",
        "recipients": "pvd_mailer.cli.sending.recipients:recipients_command",
        "resolve": "pvd_mailer.cli.sending.dispatches:resolve_command",
        "reconcile": "pvd_mailer.cli.sending.reconcile:reconcile_command",
        "sync": "pvd_mailer.cli.sending.sync:sync_command",
        "report": "pvd_mailer.cli.sending.status:report_command",
        "serve": "pvd_mailer.cli.server.serve:serve_command",
        "publish": "pvd_mailer.cli.issues.publish:publish_command",
        "backup": "pvd_mailer.cli.server.backups:backup_command",
        "restore": "pvd_mailer.cli.server.backups:restore_command",
        "upgrade": "pvd_mailer.cli.server.backups:upgrade_command",
        "keys": "pvd_mailer.cli.server.keys:keys_group",
    },
    last="doctor",
)
