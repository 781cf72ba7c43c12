"""The report as a spreadsheet takes it: one number a row, and what it is in the columns before it."""

import csv
import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from pvd_mailer.database.states import State
from pvd_mailer.formulas import guarded
from pvd_mailer.i18n import _, language
from pvd_mailer.journal.fates import Fate
from pvd_mailer.observe import wording
from pvd_mailer.observe.report import Outcome, Report

__all__ = ["as_csv"]

BOM = "\ufeff"
_Row = tuple[str, str, str, str, str, int]


def as_csv(report: Report) -> str:
    """The file's text: a mark by which Excel knows UTF-8, and between cells what Excel expects in that language.

    Counts alone, no shares: whole numbers are written alike in every country. No cell is taken for a formula.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";" if language() == "fr" else ",", lineterminator="\r\n")
    writer.writerow([_("issue"), _("table"), _("name"), _("detail"), _("from"), _("what"), _("count")])
    for number, (table, name, detail, begin, what, count) in _rows(report):
        cells = [table, name, detail, begin, what]
        writer.writerow([number, *map(guarded, cells), count])
    return BOM + target.getvalue()


def _rows(report: Report) -> Iterator[tuple[int, _Row]]:
    for row in _own(report):
        yield report.number, row
    for peer in report.peers:
        for what, count in _counts(peer.outcome):
            yield peer.number, (_("earlier issue"), "", "", "", what, count)


def _own(report: Report) -> Iterator[_Row]:
    for state in State:
        yield _("audience"), "", "", "", wording.state(state), report.states[state]
    for what, count in _counts(report.outcome):
        yield _("outcome"), "", "", "", what, count
    for reason in report.reasons:
        what = wording.fate(reason.fate, short=True)
        yield _("reason"), reason.status, wording.status(reason.status), "", what, reason.count
    for domain in report.domains:
        for what, count in _counts(domain.outcome):
            yield _("domain"), domain.name or _("other domains"), "", "", what, count
    for period in report.periods:
        begin = f"{period.start.astimezone(ZoneInfo(report.zone)):%Y-%m-%d %H:%M}"
        for what, count in (
            (_("delivered"), period.delivered),
            (_("came back"), period.returned),
            (_("complaints"), period.complaints),
            (_("unsubscriptions"), period.unsubscribes),
        ):
            yield _("time"), "", "", begin, what, count


def _counts(outcome: Outcome) -> Iterator[tuple[str, int]]:
    for fate in Fate:
        yield wording.fate(fate, short=True), outcome.fates[fate]
    yield _("complaints"), outcome.complaints
    yield _("unsubscriptions"), outcome.unsubscribes
