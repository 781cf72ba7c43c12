"""What the sender's domain says of who may send for it."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import SettingsValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import DomainRecords

__all__ = ["RULE"]

_MAX_LOOKUPS = 10
"""Questions that evaluating SPF may ask (RFC 7208, 4.6.4)."""
_ALL = re.compile(r"(?i)(?:^|\s)([+?~-]?)all(?:\s|$)")


def _check(context: CheckContext) -> Iterator[Violation]:
    domain = context.online.domain if context.online else None
    if domain is None:
        return
    location = SettingsValue(("sender", "address"))
    if domain.exists is None or (domain.exists and not domain.spf.is_answered):
        message = _("the DNS did not answer for {domain}: SPF could not be looked at")
        yield Violation(message.format(domain=domain.name), location, _("Try again."), severity=Severity.ADVICE)
    elif domain.exists is False:
        yield Violation(_("there is no domain {domain}: mail from it is refused").format(domain=domain.name), location)
    else:
        fault = _fault_of(domain)
        if fault:
            yield Violation(
                fault.format(domain=domain.name, n=len(domain.spf.texts), lookups=domain.spf_lookups), location
            )


def _fault_of(domain: DomainRecords) -> str | None:
    records = domain.spf.texts
    if not records:
        return _("{domain} has no SPF record")
    if len(records) > 1:
        return _("{domain} has {n} SPF records: then none of them counts")
    if domain.spf_lookups > _MAX_LOOKUPS:
        return _("SPF of {domain} asks {lookups} further questions; ten are allowed, and beyond them it fails")
    all_mechanism = _ALL.search(records[0])
    if all_mechanism and all_mechanism[1] in ("", "+"):
        return _("SPF of {domain} allows everybody to send for it (+all)")
    if all_mechanism is None and "redirect=" not in records[0].lower():
        return _("SPF of {domain} says nothing of who may not send for it (~all or -all was expected)")
    return None


RULE = Rule(
    id="sender-spf",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A sender's domain without SPF"),
    description=N_(
        "With `--online`: the domain of the sender's address is asked for its SPF record, by which mailboxes know which servers may send "
        "for it; Gmail, Yahoo and Outlook.com want it of whoever writes to many. Some providers send under a domain of their "
        "own for which they have SPF; then DKIM counts. What stands here is for the people who look after your domain."
    ),
    hint=N_("Give this to those who look after the domain, with what your provider says of SPF."),
    check=_check,
    online=True,
)
