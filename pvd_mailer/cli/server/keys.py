"""`keys_group`: the keys that sign readers' links; which are in force, a new one, the end of one that leaked."""

import sys
from typing import TYPE_CHECKING

import click

from pvd_mailer import clock
from pvd_mailer.cli.confirm import confirm
from pvd_mailer.cli.context import FullHelpCommand, OrderedGroup, load_context
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext

if TYPE_CHECKING:  # a command that needs none of them is spared their import
    from pvd_mailer.database import Connection
    from pvd_mailer.journal import Dispatch
    from pvd_mailer.keys import KeyRing

__all__ = ["keys_group"]


@click.group("keys", cls=OrderedGroup, help=_("The keys that sign readers' links."), subcommand_metavar=_("COMMAND …"))
def keys_group() -> None:
    """Hold the commands on keys together."""


@keys_group.command(
    "list", cls=FullHelpCommand, help=_("Show which keys open readers' links, and whose letters they signed.")
)
def list_keys_command() -> int:
    """List the keys by their ids; of a key itself nothing is shown."""
    from pvd_mailer.keys import key_id

    cli_context = load_context()
    with cli_context.app_context() as app_context:
        with app_context.database.read() as connection:
            sent = _sent_dispatches(connection)
        ring = app_context.keys
    for key in ring.signing:
        id_of_key = key_id(key)
        signs_since = ring.created.get(id_of_key)
        date_text = f"{signs_since.astimezone():%Y-%m-%d %H:%M}" if signs_since else _("date not known")
        state = _("signs now") if key == ring.signing[-1] else _("opens what it signed")
        click.echo(f"{id_of_key}  {date_text:<20}  {state}")
        issue_names = _names_of(_signed_with(sent, ring, [id_of_key]))
        if issue_names:
            click.echo(f"          {issue_names}")
    return 0


@keys_group.command(
    "rotate", cls=FullHelpCommand, help=_("Add a key that signs from now on. Links already sent go on working.")
)
def rotate_command() -> int:
    """Rotate the signing key."""
    from pvd_mailer.keys import rotate_keys

    cli_context = load_context()
    ring = rotate_keys(cli_context.settings.keys_path)
    older = len(ring.signing) - 1
    click.echo(_("A new key signs from now on: {file}").format(file=cli_context.settings.keys_path))
    click.echo(
        ngettext(
            "{n} older key still opens the links that it signed.",
            "{n} older keys still open the links that they signed.",
            older,
        ).format(n=older)
    )
    click.echo(_("If somebody else may have read an older one, this does not end it: `pvd-mailer keys revoke` does."))
    click.echo(_("Make a backup now: the ones that you have do not hold the new key."))
    return 0


@keys_group.command(
    "revoke",
    cls=FullHelpCommand,
    help=_("End keys that somebody else may have read: links that they signed open nothing any more, for anybody."),
)
@click.argument("ids", metavar=_("KEY …"), nargs=-1)
@click.option("--all", "everyone", is_flag=True, help=_("Every key there is; a new one signs from now on."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
def revoke_command(ids: tuple[str, ...], everyone: bool, yes: bool) -> int:  # noqa: FBT001 - as click calls it
    """Revoke signing keys."""
    from pvd_mailer.database.lock import sender_lock
    from pvd_mailer.keys import key_id, revoke_keys

    cli_context = load_context()
    with cli_context.app_context() as app_context:
        known_ids = [key_id(key) for key in app_context.keys.signing]
        revoked_ids = list(dict.fromkeys(known_ids if everyone else ids))
        if not revoked_ids or not set(revoked_ids) <= set(known_ids):
            unknown_id = next((id_of_key for id_of_key in revoked_ids if id_of_key not in known_ids), None)
            raise WrongUsageError(
                _("there is no key {id}").format(id=unknown_id) if unknown_id else _("no key is named"),
                _("Name one of {ids}, or write --all. `pvd-mailer keys list` tells them apart.").format(
                    ids=", ".join(known_ids)
                ),
            )
        # A send that is at work has its keys in memory, and would go on signing with them.
        with sender_lock(app_context.database):
            with app_context.database.read() as connection:
                sent = _sent_dispatches(connection)
            _print_consequences(_names_of(_signed_with(sent, app_context.keys, revoked_ids)))
            if not yes:
                if not sys.stdin.isatty():
                    raise WrongUsageError(
                        _("this ends links for good, and there is nobody to ask"), _("Add --yes if you are sure.")
                    )
                question = ngettext("End the key {ids}?", "End the keys {ids}?", len(revoked_ids))
                confirm(question.format(ids=", ".join(revoked_ids)))
            revoke_keys(cli_context.settings.keys_path, revoked_ids)
    click.echo(
        ngettext("{n} key has ended.", "{n} keys have ended.", len(revoked_ids)).format(n=len(revoked_ids))
        + " "
        + _("If the site is running, it knows at once.")
    )
    click.echo(_("Make a backup now: the ones that you have hold the keys that ended."))
    return 0


def _print_consequences(issue_names: str) -> None:
    """What dies with a key, before it does."""
    click.echo(_("These links stop working:"))
    if issue_names:
        click.echo("- " + _("to leave, in the letters of {letters}").format(letters=issue_names))
    click.echo("- " + _("to confirm a subscription, and to see or change one's data, in mails of the site"))
    click.echo(
        _(
            "A reader who follows a link to leave is offered a new one by mail. One-click buttons of mail programs fail"
            " without a word: those readers leave by mail, or by the link of the next letter."
        )
    )


def _sent_dispatches(connection: "Connection") -> "list[Dispatch]":
    from pvd_mailer.journal import dispatches

    return [dispatch for dispatch in dispatches.started_dispatches(connection) if not dispatch.approval.rehearsal]


def _signed_with(dispatches: "list[Dispatch]", ring: "KeyRing", ids: list[str]) -> "list[Dispatch]":
    """Those of `dispatches` that left while a key of `ids` signed; one without a date has signed from the first."""
    from pvd_mailer.keys import key_id

    order = [key_id(key) for key in ring.signing]
    signed = []
    for dispatch in dispatches:
        ended = dispatch.ended_at or clock.now()
        for index, id_of_key in enumerate(order):
            signs_since = ring.created.get(id_of_key)
            signs_until = ring.created.get(order[index + 1]) if index + 1 < len(order) else None
            began_in_time = signs_until is None or (
                dispatch.started_at is not None and dispatch.started_at <= signs_until
            )
            if id_of_key in ids and began_in_time and (signs_since is None or ended >= signs_since):
                signed.append(dispatch)
                break
    return signed


def _names_of(dispatches: "list[Dispatch]") -> str:
    return ", ".join(dict.fromkeys(f"{dispatch.publication} {dispatch.number}" for dispatch in dispatches))
