"""`keys_group`: the keys that sign readers' links; which are in force, a new one, the end of one that leaked."""

import sys
from typing import TYPE_CHECKING

import click

from pvd_mailer.cli.confirm import confirm
from pvd_mailer.cli.context import FullHelpCommand, OrderedGroup, load_context
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext

if TYPE_CHECKING:  # a command that needs none of them is spared their import
    from pvd_mailer.journal import Dispatch

__all__ = ["keys_group"]


@click.group("keys", cls=OrderedGroup, help=_("The keys that sign readers' links."), subcommand_metavar=_("COMMAND …"))
def keys_group() -> None:
    """Hold the commands on keys together."""


@keys_group.command(
    "list", cls=FullHelpCommand, help=_("Show which keys open readers' links, and whose letters they signed.")
)
def list_keys_command() -> int:
    """List the keys by their ids; of a key itself nothing is shown."""
    from pvd_mailer.services.machine.signing_keys import dispatches_signed_with, key_id

    cli_context = load_context()
    with cli_context.app_context() as app_context:
        ring = app_context.keys
        ids = [key_id(key) for key in ring.signing]
        signed = {id_of_key: dispatches_signed_with(app_context, [id_of_key]) for id_of_key in ids}
    for id_of_key in ids:
        signs_since = ring.created.get(id_of_key)
        date_text = f"{signs_since.astimezone():%Y-%m-%d %H:%M}" if signs_since else _("date not known")
        state = _("signs now") if id_of_key == ids[-1] else _("opens what it signed")
        click.echo(f"{id_of_key}  {date_text:<20}  {state}")
        issue_names = _names_of(signed[id_of_key])
        if issue_names:
            click.echo(f"          {issue_names}")
    return 0


@keys_group.command(
    "rotate", cls=FullHelpCommand, help=_("Add a key that signs from now on. Links already sent go on working.")
)
def rotate_command() -> int:
    """Rotate the signing key."""
    from pvd_mailer.services.machine.signing_keys import rotate_keys

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
    from pvd_mailer.services.machine.signing_keys import key_id, revoke

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
        revoke(app_context, revoked_ids, lambda signed: _confirm_revocation(revoked_ids, signed, yes=yes))
    click.echo(
        ngettext("{n} key has ended.", "{n} keys have ended.", len(revoked_ids)).format(n=len(revoked_ids))
        + " "
        + _("If the site is running, it knows at once.")
    )
    click.echo(_("Make a backup now: the ones that you have hold the keys that ended."))
    return 0


def _confirm_revocation(revoked_ids: list[str], signed: "list[Dispatch]", *, yes: bool) -> None:
    _print_consequences(_names_of(signed))
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsageError(
            _("this ends links for good, and there is nobody to ask"), _("Add --yes if you are sure.")
        )
    question = ngettext("End the key {ids}?", "End the keys {ids}?", len(revoked_ids))
    confirm(question.format(ids=", ".join(revoked_ids)))


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


def _names_of(dispatches: "list[Dispatch]") -> str:
    return ", ".join(dict.fromkeys(f"{dispatch.publication} {dispatch.number}" for dispatch in dispatches))
