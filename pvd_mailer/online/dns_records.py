"""What the DNS says of the domain that a letter comes from: SPF, DKIM, DMARC."""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import dns.exception
import dns.resolver
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from pvd_mailer.online.results import DkimKey, DomainRecords, TxtRecords

__all__ = ["DKIM_SELECTORS", "DomainChecker"]

DKIM_SELECTORS = (
    "s1", "s2", "smtpapi", "default", "mail", "dkim", "email", "k1", "k2", "selector1", "selector2", "google",
    "mailjet", "brevo1", "brevo2", "sib", "mandrill", "pm", "key1", "dkim1", "2023", "2024", "2025", "2026",
)  # fmt: skip
"""What providers call their keys; which one a letter will be signed with is the provider's to say."""
DNS_TIMEOUT = 5.0
MAX_SPF_LOOKUPS = 30
"""Of SPF's includes: ten are allowed, and what is beyond need not be counted to the end."""
_MECHANISM = re.compile(r"(?i)^[+?~-]?(include|a|mx|ptr|exists|redirect)(?:[:=/]|$)(.*)")


@dataclass(frozen=True)
class DomainChecker:
    """Asks the DNS.

    Attributes:
        nameservers: Which servers to ask, instead of the system's; for tests.
        port: Theirs.
        selectors: Of DKIM keys, to be tried.
    """

    nameservers: tuple[str, ...] = ()
    port: int = 53
    selectors: tuple[str, ...] = DKIM_SELECTORS

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self.nameservers)
        if self.nameservers:
            resolver.nameservers = list(self.nameservers)
            resolver.port = self.port
        resolver.lifetime = DNS_TIMEOUT
        return resolver

    def check(self, name: str) -> DomainRecords:
        """What is said of the domain called `name`."""
        try:
            resolver = self._resolver()
        except dns.exception.DNSException:
            return DomainRecords(
                name, exists=None, spf=TxtRecords(is_answered=False), dmarc=TxtRecords(is_answered=False)
            )
        exists = _exists(resolver, name)
        if exists is not True:
            is_answered = exists is not None
            return DomainRecords(
                name, exists=exists, spf=TxtRecords(is_answered=is_answered), dmarc=TxtRecords(is_answered=is_answered)
            )
        spf = _txt_records(resolver, name, "v=spf1")
        lookups_made = _spf_lookups(resolver, spf.texts) if len(spf.texts) == 1 else iter(())
        lookups = sum(1 for _lookup in islice(lookups_made, MAX_SPF_LOOKUPS))
        dmarc, policy_at = _dmarc_policy(resolver, name)
        keys = tuple(key for selector in self.selectors for key in _dkim_keys(resolver, name, selector))
        has_keys = True if keys else _exists(resolver, f"_domainkey.{name}")
        return DomainRecords(name, True, spf, lookups, dmarc, policy_at, keys, has_keys, self.selectors)


def _exists(resolver: dns.resolver.Resolver, name: str) -> bool | None:
    """Whether `name`, or a name under it, is in the DNS (RFC 8020); None where nobody answers."""
    try:
        resolver.resolve(name, "TXT", search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    except dns.exception.DNSException:
        return None
    return True


def _txt_records(resolver: dns.resolver.Resolver, name: str, prefix: str) -> TxtRecords:
    """The TXT records at `name` that begin with `prefix`."""
    try:
        answer = resolver.resolve(name, "TXT", search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return TxtRecords()
    except dns.exception.DNSException:
        return TxtRecords(is_answered=False)
    texts = [b"".join(record.strings).decode("utf-8", "replace") for record in answer.rrset or ()]
    # `v=spf10` is not `v=spf1`.
    pattern = re.compile(re.escape(prefix) + r"(?=[\s;]|$)", re.IGNORECASE)
    return TxtRecords(tuple(text for text in texts if pattern.match(text)))


def _spf_lookups(
    resolver: dns.resolver.Resolver, texts: Sequence[str], seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """The questions that evaluating SPF asks, one after the other."""
    for text in texts:
        for term in text.split()[1:]:
            match = _MECHANISM.match(term)
            if match is None:
                continue
            yield match[0]
            target = match[2].strip().lower()
            if match[1].lower() in ("include", "redirect") and target and target not in seen and "%" not in target:
                inner = _txt_records(resolver, target, "v=spf1").texts[:1]
                yield from _spf_lookups(resolver, inner, seen | {target})


def _dmarc_policy(resolver: dns.resolver.Resolver, name: str) -> tuple[TxtRecords, str]:
    """DMARC of `name`, or of a name above it: up to the last but one."""
    labels = name.split(".")
    record = TxtRecords()
    for cut in range(len(labels) - 1):
        parent = ".".join(labels[cut:])
        record = _txt_records(resolver, f"_dmarc.{parent}", "v=DMARC1")
        if record.texts or not record.is_answered:
            return record, parent
    return record, name


def _dkim_keys(resolver: dns.resolver.Resolver, name: str, selector: str) -> Iterator[DkimKey]:
    try:
        answer = resolver.resolve(f"{selector}._domainkey.{name}", "TXT", search=False)
    except dns.exception.DNSException:
        return
    for record in answer:
        text = b"".join(record.strings).decode("utf-8", "replace")
        tags = {
            key.strip(): value.strip() for key, sign, value in (tag.partition("=") for tag in text.split(";")) if sign
        }
        if "p" in tags and tags.get("v", "DKIM1") == "DKIM1":
            public_key = re.sub(r"\s+", "", tags["p"])
            yield DkimKey(
                selector, _rsa_bits(public_key) if tags.get("k", "rsa") == "rsa" else None, revoked=not public_key
            )
            return


def _rsa_bits(public_key: str) -> int | None:
    try:
        key = load_der_public_key(base64.b64decode(public_key, validate=True))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, RSAPublicKey) else None
