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

from pvd_mailer.online.model import Domain, Key, Record

__all__ = ["SELECTORS", "Registrar"]

SELECTORS = (
    "s1", "s2", "smtpapi", "default", "mail", "dkim", "email", "k1", "k2", "selector1", "selector2", "google",
    "mailjet", "brevo1", "brevo2", "sib", "mandrill", "pm", "key1", "dkim1", "2023", "2024", "2025", "2026",
)  # fmt: skip
"""What providers call their keys; which one a letter will be signed with is the provider's to say."""
PATIENCE = 5.0
MOST_LOOKUPS = 30
"""Of SPF's includes: ten are allowed, and what is beyond need not be counted to the end."""
_MECHANISM = re.compile(r"(?i)^[+?~-]?(include|a|mx|ptr|exists|redirect)(?:[:=/]|$)(.*)")


@dataclass(frozen=True)
class Registrar:
    """Asks the DNS.

    Attributes:
        nameservers: Which servers to ask, instead of the system's; for tests.
        port: Theirs.
        selectors: Of DKIM keys, to be tried.
    """

    nameservers: tuple[str, ...] = ()
    port: int = 53
    selectors: tuple[str, ...] = SELECTORS

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self.nameservers)
        if self.nameservers:
            resolver.nameservers = list(self.nameservers)
            resolver.port = self.port
        resolver.lifetime = PATIENCE
        return resolver

    def domain(self, name: str) -> Domain:
        """What is said of the domain called `name`."""
        try:
            resolver = self._resolver()
        except dns.exception.DNSException:
            return Domain(name, exists=None, spf=Record(told=False), dmarc=Record(told=False))
        exists = _exists(resolver, name)
        if exists is not True:
            told = exists is not None
            return Domain(name, exists=exists, spf=Record(told=told), dmarc=Record(told=told))
        spf = _texts(resolver, name, "v=spf1")
        asked = _lookups(resolver, spf.found) if len(spf.found) == 1 else iter(())
        lookups = sum(1 for _one in islice(asked, MOST_LOOKUPS))
        dmarc, policy_at = _policy(resolver, name)
        keys = tuple(key for selector in self.selectors for key in _key(resolver, name, selector))
        has_keys = True if keys else _exists(resolver, f"_domainkey.{name}")
        return Domain(name, True, spf, lookups, dmarc, policy_at, keys, has_keys, self.selectors)


def _exists(resolver: dns.resolver.Resolver, name: str) -> bool | None:
    """Whether `name`, or a name under it, is in the DNS (RFC 8020); None where nobody answers."""
    try:
        resolver.resolve(name, "TXT", search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return False
    except dns.exception.DNSException:
        return None
    return True


def _texts(resolver: dns.resolver.Resolver, name: str, begins: str) -> Record:
    """The TXT records at `name` that begin with `begins`."""
    try:
        answer = resolver.resolve(name, "TXT", search=False, raise_on_no_answer=False)
    except dns.resolver.NXDOMAIN:
        return Record()
    except dns.exception.DNSException:
        return Record(told=False)
    texts = [b"".join(one.strings).decode("utf-8", "replace") for one in answer.rrset or ()]
    # `v=spf10` is not `v=spf1`.
    wanted = re.compile(re.escape(begins) + r"(?=[\s;]|$)", re.IGNORECASE)
    return Record(tuple(text for text in texts if wanted.match(text)))


def _lookups(
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
                inner = _texts(resolver, target, "v=spf1").found[:1]
                yield from _lookups(resolver, inner, seen | {target})


def _policy(resolver: dns.resolver.Resolver, name: str) -> tuple[Record, str]:
    """DMARC of `name`, or of a name above it: up to the last but one."""
    labels = name.split(".")
    record = Record()
    for cut in range(len(labels) - 1):
        at = ".".join(labels[cut:])
        record = _texts(resolver, f"_dmarc.{at}", "v=DMARC1")
        if record.found or not record.told:
            return record, at
    return record, name


def _key(resolver: dns.resolver.Resolver, name: str, selector: str) -> Iterator[Key]:
    try:
        answer = resolver.resolve(f"{selector}._domainkey.{name}", "TXT", search=False)
    except dns.exception.DNSException:
        return
    for one in answer:
        text = b"".join(one.strings).decode("utf-8", "replace")
        tags = {
            key.strip(): value.strip() for key, sign, value in (tag.partition("=") for tag in text.split(";")) if sign
        }
        if "p" in tags and tags.get("v", "DKIM1") == "DKIM1":
            written = re.sub(r"\s+", "", tags["p"])
            yield Key(selector, _bits(written) if tags.get("k", "rsa") == "rsa" else None, revoked=not written)
            return


def _bits(written: str) -> int | None:
    try:
        key = load_der_public_key(base64.b64decode(written, validate=True))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, RSAPublicKey) else None
