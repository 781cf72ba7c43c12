"""The report as a spreadsheet takes it: one number a row, and what it is in the columns before it."""

import csv
import io
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from pvd_mailer.database.states import RecipientState
from pvd_mailer.formulas import escape_formula
from pvd_mailer.i18n import _, language
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus
from pvd_mailer.report import labels
from pvd_mailer.report.model import IssueReport, OutcomeCounts

__all__ = ["report_csv"]

_BOM = "\ufeff"
_Row = tuple[str, str, str, str, str, int]


def report_csv(report: IssueReport) -> str:
    """The file's text: a mark by which Excel knows UTF-8, and between cells what Excel expects in that language.

    Counts alone, no shares: whole numbers are written alike in every country. No cell is taken for a formula.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";" if language() == "fr" else ",", lineterminator="\r\n")
    writer.writerow([_("issue"), _("table"), _("name"), _("detail"), _("from"), _("what"), _("count")])
    for number, (table, name, detail, start, measure, count) in _rows(report):
        cells = [table, name, detail, start, measure]
        writer.writerow([number, *map(escape_formula, cells), count])
    return _BOM + target.getvalue()


def _rows(report: IssueReport) -> Iterator[tuple[int, _Row]]:
    for row in _issue_rows(report):
        yield report.number, row
    for previous in report.peers:
        for measure, count in _outcome_rows(previous.outcome):
            yield previous.number, (_("earlier issue"), "", "", "", measure, count)


def _issue_rows(report: IssueReport) -> Iterator[_Row]:
    for state in RecipientState:
        yield _("audience"), "", "", "", labels.recipient_state_title(state), report.states[state]
    for measure, count in _outcome_rows(report.outcome):
        yield _("outcome"), "", "", "", measure, count
    for reason in report.reasons:
        measure = labels.delivery_status_label(reason.fate, short=True)
        yield _("reason"), reason.status, labels.enhanced_status_label(reason.status), "", measure, reason.count
    for domain in report.domains:
        for measure, count in _outcome_rows(domain.outcome):
            yield _("domain"), domain.name or _("other domains"), "", "", measure, count
    for period in report.periods:
        start = f"{period.start.astimezone(ZoneInfo(report.zone)):%Y-%m-%d %H:%M}"
        for measure, count in (
            (_("delivered"), period.delivered),
            (_("came back"), period.returned),
            (_("complaints"), period.complaints),
            (_("unsubscriptions"), period.unsubscribes),
        ):
            yield _("time"), "", "", start, measure, count


def _outcome_rows(outcome: OutcomeCounts) -> Iterator[tuple[str, int]]:
    for status in DeliveryStatus:
        yield labels.delivery_status_label(status, short=True), outcome.fates[status]
    yield _("complaints"), outcome.complaints
    yield _("unsubscriptions"), outcome.unsubscribes
