"""Asks for a yes where something cannot be taken back; click's own question takes `y` alone, in every language."""

import click

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = ["DeclinedError", "confirm"]


class DeclinedError(PvdError):
    """Somebody was asked, and did not say yes."""

    exit_code = 130


def confirm(question: str) -> None:
    """Ask `question` at the terminal; anything but a yes, in the person's language or in English, is a no.

    Raises:
        DeclinedError: the answer is no.
    """
    yes, no = _("yes"), _("no")
    answer = click.prompt(f"{question} [{yes[0]}/{no[0].upper()}]", default="", show_default=False)
    if answer.strip().casefold() not in {yes, yes[0], "y", "yes"}:
        raise DeclinedError(_("you did not say yes"), _("Nothing was done."))
