"""The account of a dispatch, as an editor reads it and as a program does."""

import shutil
import textwrap
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from pvd_mailer import clock
from pvd_mailer.cli.output import labels
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal import Dispatch, DispatchTotals
from pvd_mailer.report.numbers import format_number
from pvd_mailer.send.channels import FailureCause

__all__ = ["command_to_continue", "dispatch_json", "format_number", "local_time", "print_dispatch", "print_totals"]

_COLOURS = {RecipientState.ACCEPTED: "green", RecipientState.REFUSED: "red", RecipientState.UNKNOWN: "yellow"}
_SELF_EXPLANATORY = {FailureCause.NO_ANSWER, FailureCause.CUT, FailureCause.INTERRUPTED}
"""Their reason, which the channel words, says the same once more."""


def local_time(moment: datetime | None, zone: str) -> str:
    """`local_time` in the publication's zone, to the minute."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if moment else "–"


def print_dispatch(dispatch: Dispatch) -> None:
    """Which dispatch, of what, by which way, approved by whom."""
    state = click.style(labels.dispatch_state_label(dispatch.state), bold=True)
    rehearsal = _(" (a rehearsal: nothing leaves)") if dispatch.approval.rehearsal else ""
    click.echo(
        _("Dispatch {id}: issue {number} by {channel}{rehearsal}, {state}").format(
            id=click.style(dispatch.id, bold=True),
            number=dispatch.number,
            channel=dispatch.approval.channel,
            rehearsal=rehearsal,
            state=state,
        )
    )
    if dispatch.approval.from_record:
        click.echo(_("  known from sent.json alone; nothing of it leaves any more"))
    else:
        click.echo(
            _("  approved by {name}, {moment}; audience: {audience}").format(
                name=dispatch.approved_by,
                moment=local_time(dispatch.approved_at, dispatch.approval.zone),
                audience=dispatch.approval.audience,
            )
        )
    _print_waiting(dispatch)


def _print_waiting(dispatch: Dispatch) -> None:
    """What a dispatch waits for, or why it stands still."""
    zone = dispatch.approval.zone
    if dispatch.state is DispatchState.APPROVED and dispatch.start_at:
        click.echo(_("  set for {moment}").format(moment=local_time(dispatch.start_at, zone)))
    if dispatch.state is DispatchState.RUNNING and dispatch.not_before and dispatch.not_before > clock.now():
        retry_time = local_time(dispatch.not_before, zone)
        click.echo(_("  the provider asked to be left alone until {moment}").format(moment=retry_time))
    if dispatch.paused_why and dispatch.state is DispatchState.VOID:
        click.echo(f"  {dispatch.paused_why}")
    if dispatch.paused_why and dispatch.state is DispatchState.PAUSED:
        click.echo(click.style(_("  paused: "), fg="yellow") + labels.reason_label(dispatch.paused_why))


def print_totals(dispatch: Dispatch, totals: DispatchTotals) -> None:
    """How many stand where, why, and what to do about it."""
    click.echo(
        ngettext("{n} recipient", "{n} recipients", totals.audience)
        .format(n=totals.audience)
        .replace(str(totals.audience), format_number(totals.audience), 1)
    )
    for state in (
        RecipientState.ACCEPTED,
        RecipientState.EXCLUDED,
        RecipientState.REFUSED,
        RecipientState.UNKNOWN,
        RecipientState.SENDING,
        RecipientState.PENDING,
        RecipientState.CANCELLED,
    ):
        count = totals.states[state]
        if not count:
            continue
        click.echo(
            "  "
            + click.style(
                f"{format_number(count):>8}  {labels.recipient_state_label(state, count)}", fg=_COLOURS.get(state)
            )
        )
        for (cause, reason), cause_count in _reasons_of(totals, state).most_common(8):
            text = labels.cause_label(cause) + (f" ({reason})" if reason and cause not in _SELF_EXPLANATORY else "")
            click.echo(f"  {format_number(cause_count):>14}  {text}" if cause_count != count else f"  {'':>8}  {text}")
    if dispatch.state is DispatchState.FINISHED and totals.is_complete:
        click.echo("  " + click.style("✓ ", fg="green") + _("Complete: nobody is missing."))
    _print_advice(dispatch, totals)


def _reasons_of(totals: DispatchTotals, state: RecipientState) -> Counter[tuple[str, str]]:
    return Counter(
        {(cause, reason): count for (row_state, cause, reason), count in totals.reasons.items() if row_state is state}
    )


def command_to_continue(dispatch: Dispatch) -> str:
    """The command that sends what is left of `dispatch`; empty where nothing of it leaves any more."""
    if dispatch.state in {DispatchState.RUNNING, DispatchState.PAUSED}:
        return f"pvd-mailer resume {dispatch.id}"
    return f"pvd-mailer send {dispatch.number}" if dispatch.state is DispatchState.APPROVED else ""


def _print_advice(dispatch: Dispatch, totals: DispatchTotals) -> None:
    arrow = "  " + click.style("→ ", fg="cyan")
    if dispatch.state is DispatchState.PAUSED and totals.remaining:
        click.echo(arrow + _("When its reason is gone: {command}").format(command=command_to_continue(dispatch)))
    if totals.retryable:
        text = ngettext(
            "{n} of the refused may be tried again: pvd-mailer send {issue} --retry-refused",
            "{n} of the refused may be tried again: pvd-mailer send {issue} --retry-refused",
            totals.retryable,
        )
        click.echo(arrow + text.format(n=format_number(totals.retryable), issue=dispatch.number))
    causes = Counter[str]()
    for cause_and_reason, count in _reasons_of(totals, RecipientState.UNKNOWN).items():
        causes[cause_and_reason[0]] += count
    for cause, count in causes.most_common():
        text = ngettext("{n} unknown: {cause}.", "{n} unknown: {cause}.", count).format(
            n=format_number(count), cause=labels.cause_label(cause)
        )
        click.echo(arrow + _wrap(f"{text} {labels.advice_for_cause(cause)}"))
        click.echo(_("    Who they are:"))
        click.echo(f"      pvd-mailer recipients {dispatch.id} --state unknown --cause {cause}")
        click.echo(_("    Then decide:"))
        for option in ("--assume accepted", "--resend"):
            click.echo(f"      pvd-mailer resolve {dispatch.id} --cause {cause} {option}")
    if dispatch.state is DispatchState.PAUSED and not totals.remaining:
        click.echo(arrow + _("Then, to end it: {command}").format(command=command_to_continue(dispatch)))


def _wrap(text: str) -> str:
    """`text` in lines that fit the terminal, the second and later ones under the first; no option is broken."""
    width = min(shutil.get_terminal_size().columns, 100) - 4
    lines = textwrap.wrap(text, max(width, 40), break_on_hyphens=False, break_long_words=False)
    return "\n    ".join(lines)


def dispatch_json(dispatch: Dispatch, totals: DispatchTotals) -> dict[str, object]:
    """The documented JSON object of a dispatch; it holds no address."""
    return {
        "dispatch": dispatch.id,
        "publication": dispatch.publication,
        "issue": dispatch.number,
        "state": str(dispatch.state),
        "channel": dispatch.approval.channel,
        "rehearsal": dispatch.approval.rehearsal,
        "audience_filter": dispatch.approval.audience,
        "letter": dispatch.letter,
        "approved_by": dispatch.approved_by,
        "approved_at": dispatch.approved_at.isoformat(),
        "start_at": dispatch.start_at.isoformat() if dispatch.start_at else None,
        "started_at": dispatch.started_at.isoformat() if dispatch.started_at else None,
        "ended_at": dispatch.ended_at.isoformat() if dispatch.ended_at else None,
        "paused_why": dispatch.paused_why,
        **totals.as_json(),
        "advice": {
            cause: labels.advice_for_cause(cause)
            for (state, cause, _words), _count in totals.reasons.items()
            if state is RecipientState.UNKNOWN
        },
    }
