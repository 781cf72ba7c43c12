"""The command that serves the readers' site."""

import click

from pvd_mailer.cli.desk import Command, open_desk
from pvd_mailer.i18n import _

__all__ = ["serve"]


@click.command(
    cls=Command,
    help=_("Serve the readers' site: subscribe, unsubscribe, preferences. A reverse proxy stands before it."),
)
@click.option("--host", metavar=_("ADDRESS"), default="127.0.0.1", show_default=True, help=_("Where to listen."))
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help=_("The port; 0 takes a free one.")
)
def serve(host: str, port: int) -> int:
    """Serve the site."""
    from pvd_mailer.site import open_site
    from pvd_mailer.site.server import serve as run

    desk = open_desk()
    with desk.office() as office:
        channel = desk.channel(None, office)
        run(open_site(office), channel, host=host, port=port, say=lambda words: click.echo(words, err=True))
    return 0
