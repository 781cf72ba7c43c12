"""The account of a dispatch, as an editor reads it and as a program does."""

import shutil
import textwrap
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from pvd_mailer import clock
from pvd_mailer.cli import words
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal import Account, Dispatch
from pvd_mailer.observe.figures import number
from pvd_mailer.send.channels import Cause

__all__ = ["as_json", "go_on", "moment", "number", "print_account", "print_dispatch"]

_COLOURS = {State.ACCEPTED: "green", State.REFUSED: "red", State.UNKNOWN: "yellow"}
_SAY_ENOUGH = {Cause.NO_ANSWER, Cause.CUT, Cause.INTERRUPTED}
"""Their reason, which the channel words, says the same once more."""


def moment(at: datetime | None, zone: str) -> str:
    """`at` in the publication's zone, to the minute."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at else "–"


def print_dispatch(dispatch: Dispatch) -> None:
    """Which dispatch, of what, by which way, approved by whom."""
    state = click.style(words.dispatch_state(dispatch.state), bold=True)
    rehearsal = _(" (a rehearsal: nothing leaves)") if dispatch.seal.rehearsal else ""
    click.echo(
        _("Dispatch {id}: issue {number} by {channel}{rehearsal}, {state}").format(
            id=click.style(dispatch.id, bold=True),
            number=dispatch.number,
            channel=dispatch.seal.channel,
            rehearsal=rehearsal,
            state=state,
        )
    )
    if dispatch.seal.from_record:
        click.echo(_("  known from sent.json alone; nothing of it leaves any more"))
    else:
        click.echo(
            _("  approved by {name}, {moment}; audience: {audience}").format(
                name=dispatch.approved_by,
                moment=moment(dispatch.approved_at, dispatch.seal.zone),
                audience=dispatch.seal.audience,
            )
        )
    if dispatch.state is DispatchState.APPROVED and dispatch.start_at:
        click.echo(_("  set for {moment}").format(moment=moment(dispatch.start_at, dispatch.seal.zone)))
    if dispatch.state is DispatchState.RUNNING and dispatch.not_before and dispatch.not_before > clock.now():
        asked = moment(dispatch.not_before, dispatch.seal.zone)
        click.echo(_("  the provider asked to be left alone until {moment}").format(moment=asked))
    if dispatch.paused_why and dispatch.state is DispatchState.VOID:
        click.echo(f"  {dispatch.paused_why}")
    if dispatch.paused_why and dispatch.state is DispatchState.PAUSED:
        click.echo(click.style(_("  paused: "), fg="yellow") + words.why(dispatch.paused_why))


def print_account(dispatch: Dispatch, account: Account) -> None:
    """How many stand where, why, and what to do about it."""
    click.echo(
        ngettext("{n} recipient", "{n} recipients", account.audience)
        .format(n=account.audience)
        .replace(str(account.audience), number(account.audience), 1)
    )
    for state in (
        State.ACCEPTED,
        State.EXCLUDED,
        State.REFUSED,
        State.UNKNOWN,
        State.SENDING,
        State.PENDING,
        State.CANCELLED,
    ):
        count = account.states[state]
        if not count:
            continue
        click.echo(
            "  " + click.style(f"{number(count):>8}  {words.recipient_state(state, count)}", fg=_COLOURS.get(state))
        )
        for (cause, reason), many in _reasons(account, state).most_common(8):
            said = words.cause(cause) + (f" ({reason})" if reason and cause not in _SAY_ENOUGH else "")
            click.echo(f"  {number(many):>14}  {said}" if many != count else f"  {'':>8}  {said}")
    if dispatch.state is DispatchState.FINISHED and account.is_complete:
        click.echo("  " + click.style("✓ ", fg="green") + _("Complete: nobody is missing."))
    _advise(dispatch, account)


def _reasons(account: Account, wanted: State) -> Counter[tuple[str, str]]:
    return Counter(
        {(cause, reason): count for (state, cause, reason), count in account.reasons.items() if state is wanted}
    )


def go_on(dispatch: Dispatch) -> str:
    """The command that sends what is left of `dispatch`; empty where nothing of it leaves any more."""
    if dispatch.state in {DispatchState.RUNNING, DispatchState.PAUSED}:
        return f"pvd-mailer resume {dispatch.id}"
    return f"pvd-mailer send {dispatch.number}" if dispatch.state is DispatchState.APPROVED else ""


def _advise(dispatch: Dispatch, account: Account) -> None:
    arrow = "  " + click.style("→ ", fg="cyan")
    if dispatch.state is DispatchState.PAUSED and account.left:
        click.echo(arrow + _("When its reason is gone: {command}").format(command=go_on(dispatch)))
    if account.retryable:
        said = ngettext(
            "{n} of the refused may be tried again: pvd-mailer send {issue} --retry-refused",
            "{n} of the refused may be tried again: pvd-mailer send {issue} --retry-refused",
            account.retryable,
        )
        click.echo(arrow + said.format(n=number(account.retryable), issue=dispatch.number))
    causes = Counter[str]()
    for why, count in _reasons(account, State.UNKNOWN).items():
        causes[why[0]] += count
    for cause, count in causes.most_common():
        said = ngettext("{n} unknown: {cause}.", "{n} unknown: {cause}.", count).format(
            n=number(count), cause=words.cause(cause)
        )
        click.echo(arrow + _wrapped(f"{said} {words.advice(cause)}"))
        click.echo(_("    Who they are:"))
        click.echo(f"      pvd-mailer recipients {dispatch.id} --state unknown --cause {cause}")
        click.echo(_("    Then decide:"))
        for answer in ("--assume accepted", "--resend"):
            click.echo(f"      pvd-mailer resolve {dispatch.id} --cause {cause} {answer}")
    if dispatch.state is DispatchState.PAUSED and not account.left:
        click.echo(arrow + _("Then, to end it: {command}").format(command=go_on(dispatch)))


def _wrapped(text: str) -> str:
    """`text` in lines that fit the terminal, the second and later ones under the first; no option is broken."""
    width = min(shutil.get_terminal_size().columns, 100) - 4
    lines = textwrap.wrap(text, max(width, 40), break_on_hyphens=False, break_long_words=False)
    return "\n    ".join(lines)


def as_json(dispatch: Dispatch, account: Account) -> dict[str, object]:
    """The documented JSON object of a dispatch; it holds no address."""
    return {
        "dispatch": dispatch.id,
        "publication": dispatch.publication,
        "issue": dispatch.number,
        "state": str(dispatch.state),
        "channel": dispatch.seal.channel,
        "rehearsal": dispatch.seal.rehearsal,
        "audience_filter": dispatch.seal.audience,
        "letter": dispatch.letter,
        "approved_by": dispatch.approved_by,
        "approved_at": dispatch.approved_at.isoformat(),
        "start_at": dispatch.start_at.isoformat() if dispatch.start_at else None,
        "started_at": dispatch.started_at.isoformat() if dispatch.started_at else None,
        "ended_at": dispatch.ended_at.isoformat() if dispatch.ended_at else None,
        "paused_why": dispatch.paused_why,
        **account.as_json(),
        "advice": {
            cause: words.advice(cause)
            for (state, cause, _words), _count in account.reasons.items()
            if state is State.UNKNOWN
        },
    }
