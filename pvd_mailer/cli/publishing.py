"""`publish`."""

import json
from pathlib import Path

import click

from pvd_mailer.cli.account import number
from pvd_mailer.cli.desk import Command, form_option, open_desk
from pvd_mailer.i18n import _, language, ngettext, speak

__all__ = ["publish"]

SHOWN = 20


@click.command(
    cls=Command,
    help=_("Write the web archive into DIR as files: letters that were sent, their pictures and calendars, a feed."),
)
@click.argument("folder", metavar=_("DIR"), type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--issue",
    "wanted",
    metavar=_("ISSUE"),
    help=_("Also the pictures and calendars of this issue, before it is approved: they can be hosted first."),
)
@form_option
def publish(folder: Path, wanted: str | None, form: str) -> int:
    """Publish the archive."""
    from pvd_mailer.site.context import open_pages
    from pvd_mailer.site.folder import put
    from pvd_mailer.site.publish import files
    from pvd_mailer.workflow import proof

    desk = open_desk()
    extra = None
    if wanted is not None:
        made = proof(desk.workspace.issue(wanted), desk.workspace, desk.settings)
        extra = (made.issue.publication, made.issue.number, made.letter)
    spoken = language()
    with desk.office() as office:
        found = files(open_pages(office), extra)
    speak(spoken)  # pages are in their publications' languages
    done = put(folder, found)
    if form == "json":
        told = {"written": done.written, "removed": done.removed, "unchanged": done.unchanged}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    for path in done.written[:SHOWN]:
        click.echo(f"  + {path}")
    if len(done.written) > SHOWN:
        click.echo(_("  … and {n} more").format(n=number(len(done.written) - SHOWN)))
    for path in done.removed:
        click.echo(f"  - {path}")
    said = ngettext("{n} file written into {folder}", "{n} files written into {folder}", len(done.written))
    click.echo(
        click.style("✓ ", fg="green")
        + said.format(n=number(len(done.written)), folder=folder.as_posix())
        + ", "
        + ngettext("{n} left as it was", "{n} left as they were", done.unchanged).format(n=number(done.unchanged))
    )
    click.echo(_("They belong at {address}").format(address=f"{desk.settings.pages_url}/"))
    return 0
