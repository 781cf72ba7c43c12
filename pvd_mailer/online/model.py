"""What was asked, and what came back: plain facts, without a judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Answer", "Answers", "Domain", "Fault", "Key", "Record"]


class Fault(StrEnum):
    """Why there is no answer."""

    NO_HOST = "no-host"
    """No such name."""
    PRIVATE = "private"
    """The name, or a redirect, leads into a private network."""
    REFUSED = "refused"
    """Nobody listens there."""
    CERTIFICATE = "certificate"
    TIMEOUT = "timeout"
    """No answer in time."""
    LOOP = "loop"
    """Redirects without an end."""
    SCHEME = "scheme"
    """A redirect to what is no page of the web."""
    BROKEN = "broken"
    """The connection broke, or what came was no HTTP."""
    NOT_ASKED = "not-asked"
    """There was no time left."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one address.

    Attributes:
        status: HTTP's, of the last page; None where there is a fault.
        final: The address that answered, after redirects.
        seconds: How long it took, waiting for our turn apart.
        size: Of a document, in bytes, as the server says.
        title: The page's, one line.
        anchor: Whether the page has the address's fragment; None where that was not asked, or cannot be told.
        secure: For an http address that stays http: whether https answers there as well.
    """

    status: int | None = None
    fault: Fault | None = None
    final: str = ""
    seconds: float = 0.0
    size: int | None = None
    title: str = ""
    anchor: bool | None = None
    secure: bool = False

    @property
    def is_good(self) -> bool:
        """Whether a page came."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own class of codes


@dataclass(frozen=True, slots=True)
class Record:
    """Records of one kind at one name.

    Attributes:
        found: Their texts; empty where there are none.
        told: Whether the DNS answered at all.
    """

    found: tuple[str, ...] = ()
    told: bool = True


@dataclass(frozen=True, slots=True)
class Key:
    """A DKIM key; `bits` is None where its size cannot be told."""

    selector: str
    bits: int | None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Domain:
    """What the DNS says of the sender's domain.

    Attributes:
        exists: False where there is no such name; None where the DNS did not answer.
        spf: TXT records that begin like SPF.
        lookups: How many further questions evaluating SPF takes (RFC 7208, 4.6.4).
        dmarc: TXT records that begin like DMARC, at `policy_at`.
        policy_at: The name that they stand at: the domain's, or one above.
        keys: DKIM keys at the selectors that were tried.
        has_keys: Whether any name stands under `_domainkey`; None where that cannot be told.
        tried: The selectors.
    """

    name: str
    exists: bool | None = True
    spf: Record = Record()
    lookups: int = 0
    dmarc: Record = Record()
    policy_at: str = ""
    keys: tuple[Key, ...] = ()
    has_keys: bool | None = None
    tried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was asked for one letter; pages by their address, as it is written."""

    pages: Mapping[str, Answer] = field(default_factory=dict)
    domain: Domain | None = None
