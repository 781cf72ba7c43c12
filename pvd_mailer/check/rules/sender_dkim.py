"""The keys by which the sender's mail can be known for genuine."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import SettingsValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MIN_BITS = 1024
"""Bits of an RSA key: less is refused (RFC 8301)."""


def _check(context: CheckContext) -> Iterator[Violation]:
    domain = context.online.domain if context.online else None
    if domain is None or domain.exists is not True:
        return
    location = SettingsValue(("sender", "address"))
    if domain.has_dkim_keys is False:
        message = _("{domain} has no DKIM key at all: nobody can tell its mail from a forgery")
        yield Violation(message.format(domain=domain.name), location)
    elif domain.dkim_keys and all(key.revoked for key in domain.dkim_keys):
        selectors = ", ".join(key.selector for key in domain.dkim_keys)
        message = _("the DKIM keys of {domain} that were found are revoked ({selectors})")
        yield Violation(message.format(domain=domain.name, selectors=selectors), location)
    for key in domain.dkim_keys:
        if key.bits is not None and key.bits < _MIN_BITS:
            message = _("the DKIM key {selector} of {domain} has {bits} bits; at least {enough} were expected")
            values = {"selector": key.selector, "domain": domain.name, "bits": key.bits, "enough": _MIN_BITS}
            yield Violation(message.format(**values), location)


RULE = Rule(
    id="sender-dkim",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A sender's domain without a DKIM key"),
    description=N_(
        "With `--online`: mail is signed with a key that the DNS publishes under a name (the selector) which the provider chooses, and "
        "which nobody can ask for a list of. So what can be known is this: whether there are any keys at all, and whether those "
        "under the names that providers commonly use are in force and long enough. That nothing is said here does not prove "
        "that the letter will be signed: send a test to a mailbox of yours, and look for “dkim=pass” in its headers."
    ),
    hint=N_("Ask your provider for the DKIM records, and give them to those who look after the domain."),
    check=_check,
    online=True,
)
