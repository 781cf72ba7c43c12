"""The command that serves the readers' site."""

import click

from pvd_mailer.cli.desk import DEFAULT, Command, open_desk
from pvd_mailer.cli.words import new_database
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
    from pvd_mailer.i18n import ngettext
    from pvd_mailer.site import open_site
    from pvd_mailer.site.server import PATIENCE
    from pvd_mailer.site.server import serve as run
    from pvd_mailer.workflow.standing import is_new, take_over

    desk = open_desk()
    with desk.office(PATIENCE) as office:
        news: list[str] = []
        gone = take_over(office, desk.workspace.var / DEFAULT)
        if gone:
            said = ngettext(
                "{n} reader left while the site ran on {file}: let go here.",
                "{n} readers left while the site ran on {file}: let go here.",
                gone,
            )
            news.append(said.format(n=gone, file=desk.workspace.var / DEFAULT))
        if is_new(office.database):
            news.append(new_database(office.database.shown()))
        channel = desk.channel(None, office)

        def say(words: str) -> None:
            click.echo(words, err=True)

        run(open_site(office), channel, host=host, port=port, say=say, news=news)
    return 0
