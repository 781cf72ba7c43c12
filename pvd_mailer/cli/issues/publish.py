"""`publish`."""

import json
from pathlib import Path

import click

from pvd_mailer.cli.context import FullHelpCommand, form_option, load_context
from pvd_mailer.cli.output.dispatch import format_number
from pvd_mailer.i18n import _, language, ngettext, set_language

__all__ = ["publish_command"]

_MAX_LISTED = 20


@click.command(
    "publish",
    cls=FullHelpCommand,
    help=_("Write the web archive into DIR as files: letters that were sent, their pictures and calendars, a feed."),
)
@click.argument("folder", metavar=_("DIR"), type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--issue",
    "issue_name",
    metavar=_("ISSUE"),
    help=_("Also the pictures and calendars of this issue, before it is approved: they can be hosted first."),
)
@form_option
def publish_command(folder: Path, issue_name: str | None, form: str) -> int:
    """Publish the archive."""
    from pvd_mailer.services.proofs import render_and_check
    from pvd_mailer.site.export.folder import write_folder
    from pvd_mailer.site.export.pages import exported_files
    from pvd_mailer.site.state import open_site_for_export

    cli_context = load_context()
    extra_letter = None
    if issue_name is not None:
        checked = render_and_check(cli_context.workspace.issue(issue_name), cli_context.workspace, cli_context.settings)
        extra_letter = (checked.issue.publication, checked.issue.number, checked.letter)
    lang = language()
    with cli_context.app_context() as app_context:
        pages = exported_files(open_site_for_export(app_context), extra_letter)
    set_language(lang)  # pages are in their publications' languages
    written = write_folder(folder, pages)
    if form == "json":
        result = {"written": written.written, "removed": written.removed, "unchanged": written.unchanged}
        click.echo(json.dumps(result, ensure_ascii=False, indent=2))
        return 0
    for path in written.written[:_MAX_LISTED]:
        click.echo(f"  + {path}")
    if len(written.written) > _MAX_LISTED:
        click.echo(_("  … and {n} more").format(n=format_number(len(written.written) - _MAX_LISTED)))
    for path in written.removed:
        click.echo(f"  - {path}")
    text = ngettext("{n} file written into {folder}", "{n} files written into {folder}", len(written.written))
    click.echo(
        click.style("✓ ", fg="green")
        + text.format(n=format_number(len(written.written)), folder=folder.as_posix())
        + ", "
        + ngettext("{n} left as it was", "{n} left as they were", written.unchanged).format(
            n=format_number(written.unchanged)
        )
    )
    click.echo(_("They belong at {address}").format(address=f"{cli_context.settings.pages_url}/"))
    return 0
