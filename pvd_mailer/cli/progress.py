"""Follows a send: a bar on a terminal, the account at the end."""

import json
import sys
from collections.abc import Iterator

import click

from pvd_mailer.i18n import N_, _, ngettext
from pvd_mailer.send import Account
from pvd_mailer.send.channels import Outcome, Result

__all__ = ["follow"]

_WORDS = {
    Outcome.ACCEPTED: N_("accepted"),
    Outcome.ALREADY: N_("had it already"),
    Outcome.REFUSED: N_("refused"),
    Outcome.NOT_SENT: N_("not sent"),
    Outcome.UNKNOWN: N_("unknown"),
}


def follow(results: Iterator[Result], audience: int, form: str, where: str, left_out: int) -> Account:
    """Count `results` as they come, print the account with the `left_out` lines of the list, and return it."""
    account = Account(audience)
    try:
        with click.progressbar(
            results,
            length=audience,
            label=_("Sending"),
            show_pos=True,
            file=sys.stderr,
            hidden=form == "json" or not sys.stderr.isatty(),
        ) as bar:
            for result in bar:
                account.count(result)
    finally:
        _print(account, form, where, left_out)
    return account


def _print(account: Account, form: str, where: str, left_out: int) -> None:
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "audience": account.audience,
                    "outcomes": {str(outcome): account.outcomes[outcome] for outcome in Outcome},
                    "left_out": left_out,
                    "complete": account.is_complete,
                    "where": where,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    click.echo(ngettext("{n} recipient", "{n} recipients", account.audience).format(n=account.audience))
    for outcome, words in _WORDS.items():
        if account.outcomes[outcome]:
            click.echo(f"  {account.outcomes[outcome]:>6}  {_(words)}")
    pending = account.audience - account.outcomes.total()
    if pending:
        words = _("still to send")
        click.echo(f"  {pending:>6}  {words}")
    if left_out:
        said = ngettext("{n} line of the list was left out", "{n} lines of the list were left out", left_out)
        click.echo(said.format(n=left_out))
    for reason, count in account.reasons.most_common(5):
        click.echo(f"  {count:>6}  {reason}", err=True)
    click.echo(_("The letters are in {folder}").format(folder=where))
