"""What is to become of mail that only pretends to come from the sender's domain."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import SettingsValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import DomainRecords

__all__ = ["RULE"]

_POLICIES = ("none", "quarantine", "reject")


def _tags(record: str) -> dict[str, str]:
    parts = (tag.partition("=") for tag in record.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, sign, value in parts if sign}


def _check(context: CheckContext) -> Iterator[Violation]:
    domain = context.online.domain if context.online else None
    if domain is None or domain.exists is not True:
        return
    location = SettingsValue(("sender", "address"))
    if not domain.dmarc.is_answered:
        message = _("the DNS did not answer for {domain}: DMARC could not be looked at")
        yield Violation(message.format(domain=domain.name), location, _("Try again."))
        return
    fault = _fault_of(domain)
    if fault:
        yield Violation(fault.format(domain=domain.dmarc_at or domain.name, n=len(domain.dmarc.texts)), location)


def _fault_of(domain: DomainRecords) -> str | None:
    records = domain.dmarc.texts
    if not records:
        return _("{domain} has no DMARC record: Gmail, Yahoo and Outlook.com want one")
    if len(records) > 1:
        return _("{domain} has {n} DMARC records: then none of them counts")
    tags = _tags(records[0])
    policy = tags.get("p", "")
    if domain.dmarc_at != domain.name:
        policy = tags.get("sp", policy)  # what a domain above says of those below it
    if policy not in _POLICIES:
        return _("DMARC of {domain} has no policy (p=none, quarantine or reject)")
    if policy == "none" and "rua" not in tags:
        return _("DMARC of {domain} asks for nothing and tells nobody (p=none without rua)")
    return None


RULE = Rule(
    id="sender-dmarc",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A sender's domain without DMARC"),
    description=N_(
        "With `--online`: DMARC says what mailboxes do with mail that pretends to come from your domain, and is wanted of whoever writes "
        "to many. The record is looked for at the domain of the sender's address, then at those above it. `p=none` is enough "
        "to be delivered, if reports go to somebody (`rua`), and a beginning."
    ),
    hint=N_("Give this to those who look after the domain: _dmarc, TXT, v=DMARC1; p=none; rua=mailto:… to begin with."),
    check=_check,
    online=True,
)
