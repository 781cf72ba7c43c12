"""`keys`: the keys that sign readers' links; which are in force, a new one, the end of one that leaked."""

import sys
from typing import TYPE_CHECKING

import click

from pvd_mailer import clock
from pvd_mailer.cli.asking import agree
from pvd_mailer.cli.desk import Command, Commands, open_desk
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, ngettext

if TYPE_CHECKING:  # a command that needs none of them is spared their import
    from pvd_mailer.database import Connection
    from pvd_mailer.journal import Dispatch
    from pvd_mailer.keys import KeyRing

__all__ = ["keys"]


@click.group(cls=Commands, help=_("The keys that sign readers' links."), subcommand_metavar=_("COMMAND …"))
def keys() -> None:
    """Hold the commands on keys together."""


@keys.command("list", cls=Command, help=_("Show which keys open readers' links, and whose letters they signed."))
def show() -> int:
    """List the keys by their ids; of a key itself nothing is shown."""
    from pvd_mailer.keys import key_id

    desk = open_desk()
    with desk.office() as office:
        with office.database.read() as connection:
            letters = _letters(connection)
        ring = office.keys
    for key in ring.signing:
        one = key_id(key)
        since = ring.made.get(one)
        said = f"{since.astimezone():%Y-%m-%d %H:%M}" if since else _("date not known")
        state = _("signs now") if key == ring.signing[-1] else _("opens what it signed")
        click.echo(f"{one}  {said:<20}  {state}")
        told = _named(_signed(letters, ring, [one]))
        if told:
            click.echo(f"          {told}")
    return 0


@keys.command(cls=Command, help=_("Add a key that signs from now on. Links already sent go on working."))
def rotate() -> int:
    """Rotate the signing key."""
    from pvd_mailer.keys import rotate_keys

    desk = open_desk()
    ring = rotate_keys(desk.settings.keys_path)
    older = len(ring.signing) - 1
    click.echo(_("A new key signs from now on: {file}").format(file=desk.settings.keys_path))
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


@keys.command(
    cls=Command,
    help=_("End keys that somebody else may have read: links that they signed open nothing any more, for anybody."),
)
@click.argument("ids", metavar=_("KEY …"), nargs=-1)
@click.option("--all", "everyone", is_flag=True, help=_("Every key there is; a new one signs from now on."))
@click.option("--yes", is_flag=True, help=_("Do not ask."))
def revoke(ids: tuple[str, ...], everyone: bool, yes: bool) -> int:  # noqa: FBT001 - as click calls it
    """Revoke signing keys."""
    from pvd_mailer.database.lock import sender_lock
    from pvd_mailer.keys import key_id, revoke_keys

    desk = open_desk()
    with desk.office() as office:
        known = [key_id(key) for key in office.keys.signing]
        wanted = list(dict.fromkeys(known if everyone else ids))
        if not wanted or not set(wanted) <= set(known):
            stranger = next((one for one in wanted if one not in known), None)
            raise WrongUsageError(
                _("there is no key {id}").format(id=stranger) if stranger else _("no key is named"),
                _("Name one of {ids}, or write --all. `pvd-mailer keys list` tells them apart.").format(
                    ids=", ".join(known)
                ),
            )
        # A send that is at work has its keys in memory, and would go on signing with them.
        with sender_lock(office.database):
            with office.database.read() as connection:
                letters = _letters(connection)
            _warn(_named(_signed(letters, office.keys, wanted)))
            if not yes:
                if not sys.stdin.isatty():
                    raise WrongUsageError(
                        _("this ends links for good, and there is nobody to ask"), _("Add --yes if you are sure.")
                    )
                said = ngettext("End the key {ids}?", "End the keys {ids}?", len(wanted))
                agree(said.format(ids=", ".join(wanted)))
            revoke_keys(desk.settings.keys_path, wanted)
    click.echo(
        ngettext("{n} key has ended.", "{n} keys have ended.", len(wanted)).format(n=len(wanted))
        + " "
        + _("If the site is running, it knows at once.")
    )
    click.echo(_("Make a backup now: the ones that you have hold the keys that ended."))
    return 0


def _warn(named: str) -> None:
    """What dies with a key, before it does."""
    click.echo(_("These links stop working:"))
    if named:
        click.echo("- " + _("to leave, in the letters of {letters}").format(letters=named))
    click.echo("- " + _("to confirm a subscription, and to see or change one's data, in mails of the site"))
    click.echo(
        _(
            "A reader who follows a link to leave is offered a new one by mail. One-click buttons of mail programs fail"
            " without a word: those readers leave by mail, or by the link of the next letter."
        )
    )


def _letters(connection: "Connection") -> "list[Dispatch]":
    from pvd_mailer.journal import dispatches

    return [one for one in dispatches.begun(connection) if not one.seal.rehearsal]


def _signed(letters: "list[Dispatch]", ring: "KeyRing", ids: list[str]) -> "list[Dispatch]":
    """Those of `letters` that left while a key of `ids` signed; one without a date has signed from the first."""
    from pvd_mailer.keys import key_id

    order = [key_id(key) for key in ring.signing]
    found = []
    for letter in letters:
        ended = letter.ended_at or clock.now()
        for place, one in enumerate(order):
            since = ring.made.get(one)
            until = ring.made.get(order[place + 1]) if place + 1 < len(order) else None
            began_in_time = until is None or (letter.started_at is not None and letter.started_at <= until)
            if one in ids and began_in_time and (since is None or ended >= since):
                found.append(letter)
                break
    return found


def _named(letters: "list[Dispatch]") -> str:
    return ", ".join(dict.fromkeys(f"{one.publication} {one.number}" for one in letters))
