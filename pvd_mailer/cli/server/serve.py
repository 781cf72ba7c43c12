"""The command that serves the readers' site."""

import click

from pvd_mailer.cli.context import FullHelpCommand, load_context
from pvd_mailer.cli.output.labels import new_database_notice
from pvd_mailer.i18n import _

__all__ = ["serve_command"]


@click.command(
    "serve",
    cls=FullHelpCommand,
    help=_("Serve the readers' site: subscribe, unsubscribe, preferences. A reverse proxy stands before it."),
)
@click.option("--host", metavar=_("ADDRESS"), default="127.0.0.1", show_default=True, help=_("Where to listen."))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help=_("The port; 0 takes a free one.")
)
def serve_command(host: str, port: int) -> int:
    """Serve the site."""
    from pvd_mailer.i18n import ngettext
    from pvd_mailer.services.context import database_file
    from pvd_mailer.services.machine.installation import is_empty_database
    from pvd_mailer.services.readers.unknown_unsubscribes import import_unknown_unsubscribes
    from pvd_mailer.site import open_site
    from pvd_mailer.site.server import DATABASE_TIMEOUT
    from pvd_mailer.site.server import serve_site as run

    cli_context = load_context()
    with cli_context.app_context(DATABASE_TIMEOUT) as app_context:
        notices: list[str] = []
        file = database_file(cli_context.workspace)
        unsubscribed_count = import_unknown_unsubscribes(app_context, file)
        if unsubscribed_count:
            text = ngettext(
                "{n} reader left while the site ran on {file}: let go here.",
                "{n} readers left while the site ran on {file}: let go here.",
                unsubscribed_count,
            )
            notices.append(text.format(n=unsubscribed_count, file=file))
        if is_empty_database(app_context.database):
            notices.append(new_database_notice(app_context.database.display_name()))
        channel = cli_context.channel(None, app_context)

        def say(text: str) -> None:
            click.echo(text, err=True)

        run(open_site(app_context), channel, host=host, port=port, echo=say, notices=notices)
    return 0
