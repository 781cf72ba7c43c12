"""The accessibility statement: what the publication says of its pages, and what may be said of them on a day.

Sources: article 47 of law 2005-102 of 11 February 2005, and decree 2019-768 of 24 July 2019 (three states; without an
audit that is valid, a site counts as not compliant), with the model of the RGAA (what a statement says, and that it is
made anew after three years at the latest).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from pvd_mailer.i18n import N_
from pvd_mailer.issue.base import Day, Email, StrictModel, Text, model_error, parse_number
from pvd_mailer.issue.urls import WebUrl

__all__ = ["STATEMENT_SLUG", "Accessibility", "AuditStatus", "Compliance"]

STATEMENT_SLUG: Final = "accessibility"
"""The last part of the statement's address, after the publication's."""
_PARTIAL_PERCENT: Final = 50
_FULL_PERCENT: Final = 100
_FEBRUARY = 2
_VALID_YEARS: Final = 3
"""Years that an audit is good."""


class Compliance(StrEnum):
    """What the law lets a statement say."""

    NONE = "non-compliant"
    PARTIAL = "partially-compliant"
    FULL = "compliant"

    @property
    def label(self) -> str:
        """What the foot of each page says, as the law words it; to be translated."""
        return _LABELS[self]


_LABELS: Final = {
    Compliance.NONE: N_("Accessibility: not compliant"),
    Compliance.PARTIAL: N_("Accessibility: partially compliant"),
    Compliance.FULL: N_("Accessibility: fully compliant"),
}


class AuditStatus(StrEnum):
    """Whether what a statement says of an audit holds."""

    AUDITED = "audited"
    NOT_AUDITED = "not-audited"
    OUT_OF_DATE = "out-of-date"


Percent = Annotated[int, Field(ge=0, le=_FULL_PERCENT), BeforeValidator(parse_number)]
Remarks = Annotated[tuple[Text, ...], Field(max_length=40, strict=False)]


class Accessibility(StrictModel):
    """What the publication states. Nothing is taken for granted: without an audit it says that there was none."""

    state: Literal["not-audited", "non-compliant", "partially-compliant", "compliant"] = "not-audited"
    """What an audit found."""
    day: Day
    """When the statement was drawn up, or last changed."""
    audited_on: Day | None = None
    """When the audit ended; with every state but `not-audited`."""
    auditor: Text | None = None
    """Who audited: a firm, or a team of the house."""
    criteria_met: Percent | None = None
    """How many of the RGAA's criteria are met, in percent."""
    shortcomings: Remarks = ()
    """What falls short, one thing each, and what to do instead where there is something."""
    burdens: Remarks = ()
    """What is left as it is because mending it would be a disproportionate burden, and why."""
    exempt: Remarks = ()
    """What the law does not reach, such as videos of before 23 September 2020."""
    plan_url: WebUrl | None = None
    """The page with the plan for the coming years (schéma pluriannuel)."""
    contact: Email | None = None
    """Where to write who cannot get at something; the colophon's address if not given."""

    @model_validator(mode="after")
    def _check_claims(self) -> "Accessibility":
        audited = self.state != "not-audited"
        if audited != (self.audited_on is not None):
            raise model_error("audit-without-day", field="audited_on" if self.audited_on else "state")
        if self.audited_on and self.day < self.audited_on:
            raise model_error("statement-before-audit", field="day")
        if self.state in {Compliance.NONE, Compliance.PARTIAL} and not self.shortcomings:
            raise model_error("shortcomings-missing", field="state")
        if self.criteria_met is not None and not self._matches_state(self.criteria_met):
            raise model_error("criteria-met", field="criteria_met", found=self.criteria_met)
        return self

    def _matches_state(self, percent: int) -> bool:
        if self.state == "not-audited":
            return False
        if Compliance(self.state) is Compliance.FULL:
            return percent == _FULL_PERCENT
        return (
            _PARTIAL_PERCENT <= percent < _FULL_PERCENT
            if Compliance(self.state) is Compliance.PARTIAL
            else percent < _PARTIAL_PERCENT
        )

    def audit_status(self, on: date) -> AuditStatus:
        """Whether what it says of an audit holds `on` that day."""
        if self.audited_on is None or self.audited_on > on:
            return AuditStatus.NOT_AUDITED
        audited_on = self.audited_on
        last_valid_day = date(
            audited_on.year + _VALID_YEARS,
            audited_on.month,
            min(audited_on.day, 28) if audited_on.month == _FEBRUARY else audited_on.day,
        )
        return AuditStatus.AUDITED if on <= last_valid_day else AuditStatus.OUT_OF_DATE

    def compliance(self, on: date) -> Compliance:
        """What its pages may be called `on` that day."""
        return Compliance(self.state) if self.audit_status(on) is AuditStatus.AUDITED else Compliance.NONE
