"""How the verdicts of an import read on a terminal, and as JSON; a million of them wait in a file, not in memory."""

import json
import tempfile
import textwrap
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import click

from pvd_mailer.audience.columns import Columns
from pvd_mailer.audience.entries import Why
from pvd_mailer.audience.intake import Fate, Plan, Verdict
from pvd_mailer.cli.roster import cut
from pvd_mailer.i18n import N_, NN_, _, ngettext

__all__ = ["Report", "why", "wrapped"]

_FATES = {
    Fate.ADDED: (N_("add"), "green"),
    Fate.UPDATED: (N_("update"), "cyan"),
    Fate.UNCHANGED: (N_("unchanged"), ""),
    Fate.OPPOSED: (N_("keep away"), "yellow"),
    Fate.HIDDEN: (N_("hidden"), ""),
    Fate.REFUSED: (N_("refuse"), "red"),
}
_COUNTS = {
    Fate.ADDED: NN_("{n} to add", "{n} to add"),
    Fate.UPDATED: NN_("{n} to update", "{n} to update"),
    Fate.UNCHANGED: NN_("{n} unchanged", "{n} unchanged"),
    Fate.OPPOSED: NN_("{n} to keep away", "{n} to keep away"),
    Fate.HIDDEN: NN_("{n} hidden, left aside", "{n} hidden, left aside"),
    Fate.REFUSED: NN_("{n} refused", "{n} refused"),
}
_DONE = {
    **_COUNTS,
    Fate.ADDED: NN_("{n} added", "{n} added"),
    Fate.UPDATED: NN_("{n} updated", "{n} updated"),
    Fate.OPPOSED: NN_("{n} kept away", "{n} kept away"),
}
_WHY = {
    Why.ADDRESS: N_("{detail}"),
    Why.DUPLICATE: N_("the same address as on row {detail}"),
    Why.CONTRADICTED: N_("the same address is on row {detail} as somebody who left, and that counts"),
    Why.UNSUBSCRIBED: N_("unsubscribed before: only their own sign-up brings them back"),
    Why.BOUNCED: N_("letters to this address came back in error"),
    Why.COMPLAINED: N_("reported the letter as unwanted: only their own sign-up brings them back"),
    Why.OPPOSED: N_("asked to be forgotten, or left, before: only their own sign-up brings them back"),
    Why.UNCONFIRMED: N_("had not confirmed where the list comes from: only their own sign-up counts"),
    Why.UNREADABLE: N_("characters that cannot be read: save the file again as “CSV UTF-8”"),
    Why.SEVERAL_LINES: N_("several lines in one cell, with addresses: a quotation mark too many joins rows"),
    Why.TOO_LONG: N_("a cell is longer than 500 characters"),
    Why.BASIS: N_("{detail}"),
    Why.DATE: N_("{detail}"),
    Why.HIDDEN: N_("the spreadsheet hides this row"),
    Why.LEFT: N_("the list says that they left: {detail}"),
    Why.RETURNED: N_("the list says that mail to them comes back: {detail}"),
    Why.OBJECTED: N_("the list says that they reported a letter as unwanted: {detail}"),
    Why.LEFT_ALREADY: N_("left, and is known here as somebody who left"),
    Why.ROLE: N_("an office’s address: several people may read it"),
    Why.PENDING: N_("has not confirmed yet: an import does not confirm"),
}
_GENERAL = {Why.ADDRESS: N_("not an e-mail address"), Why.BASIS: N_("not a legal basis"), Why.DATE: N_("not a date")}
"""What many rows have in common whose details differ."""
_FIELDS = {"first_name": N_("first name"), "last_name": N_("last name")}
_SHOWN = 300
"""Rows of a list that fit a person's patience."""
_WIDTH = 80
_ADDRESS = 34


def why(verdict: Verdict) -> str:
    """Why a row is refused or opposes, or what is noticed of it; nothing where there is nothing to say."""
    if verdict.why is not None:
        return _said(verdict.why, verdict.detail)
    if verdict.revision is None:
        return ""
    fields = ", ".join(_(_FIELDS.get(one, one)) for one in verdict.revision.fields)
    return _("changes: {fields}").format(fields=fields)


def _said(cause: Why, detail: str) -> str:
    shown = detail
    if cause in {Why.LEFT, Why.RETURNED, Why.OBJECTED} and not detail.startswith("--"):
        shown = _("column “{name}”").format(name=detail)
    return _(_WHY[cause]).format(detail=shown)


class Report:
    """What an import says. Verdicts are handed to `every` or to `some`, and printed once it is known that they hold."""

    def __init__(self, columns: Columns, file: str, *, applied: bool) -> None:
        self.columns = columns
        self.file = file
        self.applied = applied
        self.first: list[Verdict] = []
        self.telling: list[Verdict] = []
        self.spool = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by __exit__
        self.is_whole = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.close()

    def every(self, verdict: Verdict) -> None:
        """Keep a verdict, however many there are."""
        self.is_whole = True
        told = {
            "row": verdict.entry.row,
            "address": verdict.entry.written,
            "fate": str(verdict.fate),
            "why": str(verdict.why) if verdict.why else None,
            "message": why(verdict) or None,
        }
        self.spool.write(json.dumps(told, ensure_ascii=False) + "\n")

    def some(self, verdict: Verdict) -> None:
        """Keep the first verdicts, and the first of those that there is something to say of."""
        if len(self.first) < _SHOWN:
            self.first.append(verdict)
        if verdict.why is not None and len(self.telling) < _SHOWN:
            self.telling.append(verdict)

    def _kept(self) -> Iterator[str]:
        self.spool.seek(0)
        yield from self.spool

    def print_json(self, made: Plan) -> None:
        """Print all of it as one JSON object."""
        head = {
            "file": self.file,
            "format": self.columns.format.name or None if self.columns.format else None,
            "applied": self.applied,
            "rows": made.rows,
            "hidden": made.hidden,
            "counts": {str(fate): made.fates[fate] for fate in Fate},
            "header_row": self.columns.header or None,
            "columns_not_taken": list(self.columns.ignored),
        }
        text = json.dumps(head, ensure_ascii=False, indent=2)
        click.echo(text.removesuffix("\n}") + ',\n  "verdicts": [', nl=False)
        before = "\n    "
        for line in self._kept():
            click.echo(before + line.rstrip("\n"), nl=False)
            before = ",\n    "
        click.echo("\n  ]\n}" if made.rows else "]\n}")

    def print_text(self, made: Plan) -> None:
        """Print what becomes of the rows, and the sums."""
        self._print_head()
        left = self._print_rows(made)
        if made.rows:
            click.echo()
        self._print_sums(made, is_short=left > 0)
        if self.columns.ignored:
            names = ", ".join(_("“{name}”").format(name=name) for name in self.columns.ignored)
            wrapped(_("Columns not taken: {names}. To keep one: --map 'NAME=tag:KEY'").format(names=names))
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

    def _print_rows(self, made: Plan) -> int:
        """Print the rows, or those that there is something to say of; return how many were not printed."""
        if self.is_whole:
            for line in self._kept():
                told = json.loads(line)
                _print_row(told["row"], Fate(told["fate"]), told["address"], told["message"] or "", len(str(made.rows)))
            return 0
        printed = self.first if made.rows <= _SHOWN else self.telling
        for one in printed:
            _print_row(one.entry.row, one.fate, one.entry.written, why(one), len(str(printed[-1].entry.row)))
        left = made.rows - len(printed)
        told = sum(made.causes.values()) - len(printed) if made.rows > _SHOWN else 0
        if told > 0:
            said = ngettext(
                "… and {n} row more of which there is something to say; --all lists every row",
                "… and {n} rows more of which there is something to say; --all lists every row",
                told,
            )
            click.echo(click.style(said.format(n=told), dim=True))
        elif left:
            said = ngettext(
                "… and {n} row with nothing to say of it; --all lists every row",
                "… and {n} rows with nothing to say of them; --all lists every row",
                left,
            )
            click.echo(click.style(said.format(n=left), dim=True))
        return left

    def _print_sums(self, made: Plan, *, is_short: bool) -> None:
        words = _DONE if self.applied else _COUNTS
        rows = ngettext("{n} row", "{n} rows", made.rows).format(n=made.rows)
        parts = [ngettext(*words[one], made.fates[one]).format(n=made.fates[one]) for one in Fate if made.fates[one]]
        wrapped(_("{rows}: {parts}").format(rows=rows, parts=", ".join(parts)) if parts else rows)
        if made.hidden:
            said = ngettext(
                "{n} row is hidden in the spreadsheet: it adds nobody; that somebody left counts all the same",
                "{n} rows are hidden in the spreadsheet: they add nobody; that somebody left counts all the same",
                made.hidden,
            )
            wrapped(said.format(n=made.hidden))
        for fate, title in ((Fate.OPPOSED, _("Kept away:")), (Fate.REFUSED, _("Refused:"))):
            causes = [(n, cause, detail) for (of, cause, detail), n in made.causes.most_common() if of is fate]
            if not causes or not is_short:
                continue
            click.echo(title)
            for number, cause, detail in causes:
                said = _(_GENERAL[cause]) if cause in _GENERAL else _said(cause, detail or "…")
                wrapped(f"{number}  {said}", "  ")


def _print_row(row: int, fate: Fate, written: str, said: str, numbers: int) -> None:
    words, colour = _FATES[fate]
    verbs = max(len(_(words)) for words, _colour in _FATES.values())
    numbers = max(numbers, len(_("row")))
    address = cut(written, _ADDRESS)
    start = f"{row:>{numbers}}  {click.style(f'{_(words):<{verbs}}', fg=colour or None)}  "
    indent = numbers + verbs + 4
    room = _WIDTH - indent - _ADDRESS - 2
    if len(said) <= room:
        click.echo((start + f"{address:<{_ADDRESS}}  {said}") if said else start + address)
        return
    click.echo(start + address)
    wrapped(said, " " * (indent + 2))


def wrapped(text: str, indent: str = "") -> None:
    """Print `text` in lines that fit a terminal."""
    for line in textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False):
        click.echo(line)
