"""How the verdicts of an import read on a terminal, and as JSON; a million of them wait in a file, not in memory."""

import json
import tempfile
import textwrap
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import click

from pvd_mailer.cli.output.subscriber_list import printable
from pvd_mailer.i18n import N_, NN_, _, ngettext
from pvd_mailer.subscribers.importing.columns import ColumnMap
from pvd_mailer.subscribers.importing.decisions import ImportAction, RowDecision
from pvd_mailer.subscribers.importing.parsed_row import RowReason
from pvd_mailer.subscribers.importing.plan import ImportPlan

__all__ = ["ImportReport", "decision_reason", "print_wrapped"]

_ACTION_LABELS = {
    ImportAction.ADDED: (N_("add"), "green"),
    ImportAction.UPDATED: (N_("update"), "cyan"),
    ImportAction.UNCHANGED: (N_("unchanged"), ""),
    ImportAction.OPPOSED: (N_("keep away"), "yellow"),
    ImportAction.HIDDEN: (N_("hidden"), ""),
    ImportAction.REFUSED: (N_("refuse"), "red"),
}
_COUNT_LABELS = {
    ImportAction.ADDED: NN_("{n} to add", "{n} to add"),
    ImportAction.UPDATED: NN_("{n} to update", "{n} to update"),
    ImportAction.UNCHANGED: NN_("{n} unchanged", "{n} unchanged"),
    ImportAction.OPPOSED: NN_("{n} to keep away", "{n} to keep away"),
    ImportAction.HIDDEN: NN_("{n} hidden, left aside", "{n} hidden, left aside"),
    ImportAction.REFUSED: NN_("{n} refused", "{n} refused"),
}
_DONE_LABELS = {
    **_COUNT_LABELS,
    ImportAction.ADDED: NN_("{n} added", "{n} added"),
    ImportAction.UPDATED: NN_("{n} updated", "{n} updated"),
    ImportAction.OPPOSED: NN_("{n} kept away", "{n} kept away"),
}
_REASON_LABELS = {
    RowReason.ADDRESS: N_("{detail}"),
    RowReason.DUPLICATE: N_("the same address as on row {detail}"),
    RowReason.CONTRADICTED: N_("the same address is on row {detail} as somebody who left, and that counts"),
    RowReason.UNSUBSCRIBED: N_("unsubscribed before: only their own sign-up brings them back"),
    RowReason.BOUNCED: N_("letters to this address came back in error"),
    RowReason.COMPLAINED: N_("reported the letter as unwanted: only their own sign-up brings them back"),
    RowReason.OPPOSED: N_("asked to be forgotten, or left, before: only their own sign-up brings them back"),
    RowReason.UNCONFIRMED: N_("had not confirmed where the list comes from: only their own sign-up counts"),
    RowReason.UNREADABLE: N_("characters that cannot be read: save the file again as “CSV UTF-8”"),
    RowReason.SEVERAL_LINES: N_("several lines in one cell, with addresses: a quotation mark too many joins rows"),
    RowReason.TOO_LONG: N_("a cell is longer than 500 characters"),
    RowReason.BASIS: N_("{detail}"),
    RowReason.DATE: N_("{detail}"),
    RowReason.HIDDEN: N_("the spreadsheet hides this row"),
    RowReason.LEFT: N_("the list says that they left: {detail}"),
    RowReason.RETURNED: N_("the list says that mail to them comes back: {detail}"),
    RowReason.OBJECTED: N_("the list says that they reported a letter as unwanted: {detail}"),
    RowReason.LEFT_ALREADY: N_("left, and is known here as somebody who left"),
    RowReason.ROLE: N_("an office’s address: several people may read it"),
    RowReason.PENDING: N_("has not confirmed yet: an import does not confirm"),
}
_GENERAL_LABELS = {
    RowReason.ADDRESS: N_("not an e-mail address"),
    RowReason.BASIS: N_("not a legal basis"),
    RowReason.DATE: N_("not a date"),
}
"""What many rows have in common whose details differ."""
_FIELD_LABELS = {"first_name": N_("first name"), "last_name": N_("last name")}
_MAX_ROWS = 300
"""Rows of a list that fit a person's patience."""
_WIDTH = 80
_ADDRESS = 34


def decision_reason(verdict: RowDecision) -> str:
    """Why a row is refused or opposes, or what is noticed of it; nothing where there is nothing to say."""
    if verdict.reason is not None:
        return _reason_text(verdict.reason, verdict.detail)
    if verdict.update is None:
        return ""
    fields = ", ".join(_(_FIELD_LABELS.get(field, field)) for field in verdict.update.fields)
    return _("changes: {fields}").format(fields=fields)


def _reason_text(cause: RowReason, detail: str) -> str:
    value = detail
    if cause in {RowReason.LEFT, RowReason.RETURNED, RowReason.OBJECTED} and not detail.startswith("--"):
        value = _("column “{name}”").format(name=detail)
    return _(_REASON_LABELS[cause]).format(detail=value)


class ImportReport:
    """What an import says. `keep_all` or `keep_some` takes the decisions; they are printed once they hold."""

    def __init__(self, columns: ColumnMap, file: str, *, applied: bool) -> None:
        self.columns = columns
        self.file = file
        self.applied = applied
        self.first: list[RowDecision] = []
        self.noteworthy: list[RowDecision] = []
        self.spool = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by __exit__
        self.is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.close()

    def keep_all(self, verdict: RowDecision) -> None:
        """Keep a verdict, however many there are."""
        self.is_whole = True
        row = {
            "row": verdict.row.row_number,
            "address": verdict.row.address_as_written,
            "fate": str(verdict.action),
            "why": str(verdict.reason) if verdict.reason else None,
            "message": decision_reason(verdict) or None,
        }
        self.spool.write(json.dumps(row, ensure_ascii=False) + "\n")

    def keep_some(self, verdict: RowDecision) -> None:
        """Keep the first verdicts, and the first of those that there is something to say of."""
        if len(self.first) < _MAX_ROWS:
            self.first.append(verdict)
        if verdict.reason is not None and len(self.noteworthy) < _MAX_ROWS:
            self.noteworthy.append(verdict)

    def _spooled(self) -> Iterator[str]:
        self.spool.seek(0)
        yield from self.spool

    def print_json(self, plan: ImportPlan) -> None:
        """Print all of it as one JSON object."""
        head = {
            "file": self.file,
            "format": self.columns.format.name or None if self.columns.format else None,
            "applied": self.applied,
            "rows": plan.rows,
            "hidden": plan.hidden,
            "counts": {str(fate): plan.actions[fate] for fate in ImportAction},
            "header_row": self.columns.header or None,
            "columns_not_taken": list(self.columns.ignored),
        }
        text = json.dumps(head, ensure_ascii=False, indent=2)
        click.echo(text.removesuffix("\n}") + ',\n  "verdicts": [', nl=False)
        separator = "\n    "
        for line in self._spooled():
            click.echo(separator + line.rstrip("\n"), nl=False)
            separator = ",\n    "
        click.echo("\n  ]\n}" if plan.rows else "]\n}")

    def print_text(self, plan: ImportPlan) -> None:
        """Print what becomes of the rows, and the sums."""
        self._print_head()
        unprinted = self._print_rows(plan)
        if plan.rows:
            click.echo()
        self._print_sums(plan, is_short=unprinted > 0)
        if self.columns.ignored:
            names = ", ".join(_("“{name}”").format(name=name) for name in self.columns.ignored)
            print_wrapped(_("Columns not taken: {names}. To keep one: --map 'NAME=tag:KEY'").format(names=names))
        if not self.applied:
            click.echo(click.style(_("Simulation: nothing was written. Add --apply to do it."), bold=True))

    def _print_head(self) -> None:
        format_ = self.columns.format
        if format_ is not None and format_.name:
            click.echo(_("{file}: read as a list of {program}").format(file=self.file, program=format_.name))
        elif format_ is not None:
            click.echo(_("{file}: no names of columns, an address on each row").format(file=self.file))
        if self.columns.header > 1:
            click.echo(
                _("The columns are named on row {row}; what stands above is left aside.").format(
                    row=self.columns.header
                )
            )

    def _print_rows(self, plan: ImportPlan) -> int:
        """Print the rows, or those that there is something to say of; return how many were not printed."""
        if self.is_whole:
            self._print_spooled_rows(len(str(plan.rows)))
            return 0
        printed = self.first if plan.rows <= _MAX_ROWS else self.noteworthy
        for decision in printed:
            _print_row(
                decision.row.row_number,
                decision.action,
                decision.row.address_as_written,
                decision_reason(decision),
                len(str(printed[-1].row.row_number)),
            )
        unprinted = plan.rows - len(printed)
        noteworthy_left = sum(plan.reasons.values()) - len(printed) if plan.rows > _MAX_ROWS else 0
        if noteworthy_left > 0:
            text = ngettext(
                "… and {n} row more of which there is something to say; --all lists every row",
                "… and {n} rows more of which there is something to say; --all lists every row",
                noteworthy_left,
            )
            click.echo(click.style(text.format(n=noteworthy_left), dim=True))
        elif unprinted:
            text = ngettext(
                "… and {n} row with nothing to say of it; --all lists every row",
                "… and {n} rows with nothing to say of them; --all lists every row",
                unprinted,
            )
            click.echo(click.style(text.format(n=unprinted), dim=True))
        return unprinted

    def _print_spooled_rows(self, number_width: int) -> None:
        for line in self._spooled():
            row = json.loads(line)
            _print_row(row["row"], ImportAction(row["fate"]), row["address"], row["message"] or "", number_width)

    def _print_sums(self, plan: ImportPlan, *, is_short: bool) -> None:
        labels = _DONE_LABELS if self.applied else _COUNT_LABELS
        rows = ngettext("{n} row", "{n} rows", plan.rows).format(n=plan.rows)
        counts = [
            ngettext(*labels[action], plan.actions[action]).format(n=plan.actions[action])
            for action in ImportAction
            if plan.actions[action]
        ]
        print_wrapped(_("{rows}: {parts}").format(rows=rows, parts=", ".join(counts)) if counts else rows)
        if plan.hidden:
            text = ngettext(
                "{n} row is hidden in the spreadsheet: it adds nobody; that somebody left counts all the same",
                "{n} rows are hidden in the spreadsheet: they add nobody; that somebody left counts all the same",
                plan.hidden,
            )
            print_wrapped(text.format(n=plan.hidden))
        if is_short:  # where each row was printed, so was its reason
            _print_reasons(plan, ImportAction.OPPOSED, _("Kept away:"))
            _print_reasons(plan, ImportAction.REFUSED, _("Refused:"))


def _print_reasons(plan: ImportPlan, action: ImportAction, title: str) -> None:
    """Under `title`, why `action` befell rows, the most frequent reason first; nothing where it befell none."""
    reasons = [
        (cause, detail, count)
        for (row_action, cause, detail), count in plan.reasons.most_common()
        if row_action is action
    ]
    if reasons:
        click.echo(title)
    for cause, detail, count in reasons:
        text = _(_GENERAL_LABELS[cause]) if cause in _GENERAL_LABELS else _reason_text(cause, detail or "…")
        print_wrapped(f"{count}  {text}", "  ")


def _print_row(row: int, fate: ImportAction, written: str, reason: str, number_width: int) -> None:
    label, colour = _ACTION_LABELS[fate]
    label_width = max(len(_(label)) for label, _colour in _ACTION_LABELS.values())
    number_width = max(number_width, len(_("row")))
    address = printable(written, _ADDRESS)
    start = f"{row:>{number_width}}  {click.style(f'{_(label):<{label_width}}', fg=colour or None)}  "
    indent = number_width + label_width + 4
    room = _WIDTH - indent - _ADDRESS - 2
    if len(reason) <= room:
        click.echo((start + f"{address:<{_ADDRESS}}  {reason}") if reason else start + address)
        return
    click.echo(start + address)
    print_wrapped(reason, " " * (indent + 2))


def print_wrapped(text: str, indent: str = "") -> None:
    """Print `text` in lines that fit a terminal."""
    for line in textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False):
        click.echo(line)
