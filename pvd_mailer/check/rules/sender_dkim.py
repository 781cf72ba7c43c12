"""The keys by which the sender's mail can be known for genuine."""

from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InSettings, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.online import Answers, Domain, Key

__all__ = ["RULE"]

ENOUGH = 1024
"""Bits of an RSA key: less is refused (RFC 8301)."""


def _find(subject: Subject) -> Iterator[Found]:
    domain = subject.online.domain if subject.online else None
    if domain is None or domain.exists is not True:
        return
    at = InSettings(("sender", "address"))
    if domain.has_keys is False:
        message = _("{domain} has no DKIM key at all: nobody can tell its mail from a forgery")
        yield Found(message.format(domain=domain.name), at)
    elif domain.keys and all(key.revoked for key in domain.keys):
        selectors = ", ".join(key.selector for key in domain.keys)
        message = _("the DKIM keys of {domain} that were found are revoked ({selectors})")
        yield Found(message.format(domain=domain.name, selectors=selectors), at)
    for key in domain.keys:
        if key.bits is not None and key.bits < ENOUGH:
            message = _("the DKIM key {selector} of {domain} has {bits} bits; at least {enough} were expected")
            values = {"selector": key.selector, "domain": domain.name, "bits": key.bits, "enough": ENOUGH}
            yield Found(message.format(**values), at)


_NAME = "lettre.example.org"

RULE = Rule(
    id="sender-dkim",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A sender's domain without a DKIM key"),
    about=N_(
        "With `--online`: mail is signed with a key that the DNS publishes under a name (the selector) which the provider chooses, and "
        "which nobody can ask for a list of. So what can be known is this: whether there are any keys at all, and whether those "
        "under the names that providers commonly use are in force and long enough. That nothing is said here does not prove "
        "that the letter will be signed: send a test to a mailbox of yours, and look for “dkim=pass” in its headers."
    ),
    hint=N_("Ask your provider for the DKIM records, and give them to those who look after the domain."),
    failing=(
        Example(online=Answers(domain=Domain(_NAME, has_keys=False))),
        Example(online=Answers(domain=Domain(_NAME, has_keys=True, keys=(Key("s1", None, revoked=True),)))),
        Example(online=Answers(domain=Domain(_NAME, has_keys=True, keys=(Key("s1", 512),)))),
    ),
    passing=(
        Example(online=Answers(domain=Domain(_NAME, has_keys=True, keys=(Key("s1", 2048), Key("s2", None))))),
        Example(online=Answers(domain=Domain(_NAME, has_keys=True))),
        Example(online=Answers(domain=Domain(_NAME, has_keys=None))),
    ),
    find=_find,
    online=True,
)
