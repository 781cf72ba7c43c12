"""What the sender's domain says of who may send for it."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InSettings, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answers, Domain, Record

__all__ = ["RULE"]

MOST = 10
"""Questions that evaluating SPF may ask (RFC 7208, 4.6.4)."""
_ALL = re.compile(r"(?i)(?:^|\s)([+?~-]?)all(?:\s|$)")


def _find(subject: Subject) -> Iterator[Found]:
    domain = subject.online.domain if subject.online else None
    if domain is None:
        return
    at = InSettings(("sender", "address"))
    if domain.exists is None or (domain.exists and not domain.spf.told):
        message = _("the DNS did not answer for {domain}: SPF could not be looked at")
        yield Found(message.format(domain=domain.name), at, _("Try again."), severity=Severity.ADVICE)
    elif domain.exists is False:
        yield Found(_("there is no domain {domain}: mail from it is refused").format(domain=domain.name), at)
    else:
        fault = _fault(domain)
        if fault:
            yield Found(fault.format(domain=domain.name, n=len(domain.spf.found), lookups=domain.lookups), at)


def _fault(domain: Domain) -> str | None:
    found = domain.spf.found
    if not found:
        return _("{domain} has no SPF record")
    if len(found) > 1:
        return _("{domain} has {n} SPF records: then none of them counts")
    if domain.lookups > MOST:
        return _("SPF of {domain} asks {lookups} further questions; ten are allowed, and beyond them it fails")
    all_ = _ALL.search(found[0])
    if all_ and all_[1] in ("", "+"):
        return _("SPF of {domain} allows everybody to send for it (+all)")
    if all_ is None and "redirect=" not in found[0].lower():
        return _("SPF of {domain} says nothing of who may not send for it (~all or -all was expected)")
    return None


_NAME = "lettre.example.org"

RULE = Rule(
    id="sender-spf",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A sender's domain without SPF"),
    about=N_(
        "With `--online`: the domain of the sender's address is asked for its SPF record, by which mailboxes know which servers may send "
        "for it; Gmail, Yahoo and Outlook.com want it of whoever writes to many. Some providers send under a domain of their "
        "own for which they have SPF; then DKIM counts. What stands here is for the people who look after your domain."
    ),
    hint=N_("Give this to those who look after the domain, with what your provider says of SPF."),
    failing=(
        Example(online=Answers(domain=Domain(_NAME))),
        Example(online=Answers(domain=Domain(_NAME, spf=Record(("v=spf1 -all", "v=spf1 +all"))))),
        Example(online=Answers(domain=Domain(_NAME, spf=Record(("v=spf1 mx +all",))))),
        Example(online=Answers(domain=Domain(_NAME, spf=Record(("v=spf1 mx",))))),
        Example(online=Answers(domain=Domain(_NAME, spf=Record(("v=spf1 include:a.example -all",)), lookups=12))),
        Example(online=Answers(domain=Domain(_NAME, exists=False))),
    ),
    passing=(
        Example(online=Answers(domain=Domain(_NAME, spf=Record(("v=spf1 include:sendgrid.net ~all",)), lookups=2))),
        Example(online=Answers(domain=Domain(_NAME, spf=Record(("v=spf1 redirect=_spf.example.org",))))),
    ),
    find=_find,
    online=True,
)
